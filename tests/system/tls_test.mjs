// SPDX-License-Identifier: MIT
// TLS of its own: deliveries and the page over https, health asked of oneself, the certificate renewed while it runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, until } from './program.mjs';

function makeCertificate(place, days, key = join(place.dir, 'key.pem')) {
    const file = join(place.dir, 'certificate.pem');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', String(days),
        '-subj', '/CN=agent.example', '-addext', 'subjectAltName=DNS:agent.example', '-keyout', key, '-out', file], { stdio: 'ignore' });
    return { RUNS_AGENT_TLS_CERTIFICATE_FILE: file, RUNS_AGENT_TLS_KEY_FILE: key };
}

// The same, but that it ended yesterday.
function expire(place) {
    const [file, key] = [place.env.RUNS_AGENT_TLS_CERTIFICATE_FILE, place.env.RUNS_AGENT_TLS_KEY_FILE];
    const request = join(place.dir, 'request.pem');
    execFileSync('openssl', ['req', '-new', '-key', key, '-subj', '/CN=agent.example', '-out', request], { stdio: 'ignore' });
    execFileSync('openssl', ['x509', '-req', '-in', request, '-signkey', key, '-days', '-1', '-out', file], { stdio: 'ignore' });
}

async function start(t, days = 90) {
    const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_ADMIN_TOKEN: 'a-token-of-the-page', RUNS_AGENT_ADMIN_LISTEN: '127.0.0.1:0' });
    t.after(() => place.leave());
    Object.assign(place.env, makeCertificate(place, days));
    place.secrets.key = readFileSync(place.env.RUNS_AGENT_TLS_KEY_FILE, 'utf8').split('\n')[1];
    return { place, daemon: await place.serve() };
}

// Asks as who knows the host by its name; {status, body, headers, serial}.
function ask(place, address, { path = '/', method = 'GET', headers = {}, body = '' } = {}) {
    const [host, port] = address.split(':');
    const ca = readFileSync(place.env.RUNS_AGENT_TLS_CERTIFICATE_FILE);
    return new Promise((done, failed) => {
        const request = https.request({ host, port, path, method, headers, ca, servername: 'agent.example', agent: false }, (response) => {
            let text = '';
            const serial = response.socket.getPeerCertificate().serialNumber;
            response.setEncoding('utf8').on('data', (part) => (text += part));
            response.on('end', () => done({ status: response.statusCode, headers: response.headers, body: text, serial }));
        });
        request.on('error', failed);
        request.end(body);
    });
}

function deliver(place, daemon, payload) {
    const body = JSON.stringify(payload);
    const signature = 'sha256=' + createHmac('sha256', place.secrets.GITHUB_WEBHOOK_SECRET).update(body).digest('hex');
    const headers = { 'X-GitHub-Event': 'workflow_run', 'X-GitHub-Delivery': crypto.randomUUID(), 'X-Hub-Signature-256': signature, 'Content-Type': 'application/json' };
    return ask(place, daemon.address, { path: '/webhooks/github', method: 'POST', headers, body });
}

test('deliveries, the page and health go over https, and nothing over http', async (t) => {
    const { place, daemon } = await start(t);
    assert.equal((await deliver(place, daemon, cancelled(1))).status, 202);
    assert.equal((await ask(place, daemon.address, { path: '/healthz' })).status, 200);

    const form = { method: 'POST', path: '/sign-in', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
    const page = await ask(place, daemon.addresses.admin, { ...form, body: 'token=a-token-of-the-page' });
    assert.match(String(page.headers['set-cookie']), /; Secure/, JSON.stringify(page));

    // The port is the system's choice here, so the address is given as it would be by the settings.
    const asked = await place.agent(['health'], { env: { RUNS_AGENT_LISTEN: daemon.address } });
    assert.equal(asked.code, 0, asked.stderr);
    const by = await place.agent(['health', '--url', `https://${daemon.address}/healthz`]);
    assert.equal(by.code, 1, 'an address that was given is looked at');
    assert.match(by.stderr, /certificate/);

    await assert.rejects(fetch(`http://${daemon.address}/healthz`));
    const ofPlainHttp = () => daemon.events('webhooks.tls_failed').find(({ why }) => /plain http/.test(why));
    const line = await until('the log to say so', ofPlainHttp);
    assert.equal(line.peer, '127.0.0.1');
    assert.match(line.why, /https:\/\//);
    await daemon.stop();
    place.assertNoSecretShown();
});

test('a renewed certificate is shown after SIGHUP, and one that does not fit its key is not', async (t) => {
    const { place, daemon } = await start(t, 3);
    const [warned] = daemon.events('tls.certificate');
    assert.match(warned.note, /ends soon/);
    const ended = async () => Number(/^runs_agent_tls_certificate_not_after_timestamp_seconds (.*)$/m.exec((await ask(place, daemon.address, { path: '/metrics' })).body)[1]);
    const reload = async (event) => {
        const before = daemon.events(event).length;
        daemon.running.child.kill('SIGHUP');
        return (await until(event, () => daemon.events(event).length > before && daemon.events(event))).at(-1);
    };
    const { serial } = await ask(place, daemon.address, { path: '/healthz' });
    assert.ok(Math.abs((await ended()) - Date.now() / 1000 - 3 * 86400) < 120);

    makeCertificate(place, 90);
    await reload('config.reloaded');
    for (const address of [daemon.address, daemon.addresses.admin]) assert.notEqual((await ask(place, address, { path: '/healthz' })).serial, serial);
    await until('the metric to follow', async () => (await ended()) - Date.now() / 1000 > 80 * 86400);

    const now = readFileSync(place.env.RUNS_AGENT_TLS_CERTIFICATE_FILE);
    makeCertificate(place, 90);
    expire(place);
    assert.match((await reload('config.reload_failed')).error, /the certificate has ended at/);
    makeCertificate(place, 90, join(place.dir, 'another.pem'));
    const said = await reload('config.reload_failed');
    assert.match(said.error, /RUNS_AGENT_TLS_CERTIFICATE.*not that of the certificate/);
    writeFileSync(place.env.RUNS_AGENT_TLS_CERTIFICATE_FILE, now);
    assert.equal((await deliver(place, daemon, cancelled(1))).status, 202, 'the one before is still shown');
    await daemon.stop();
    place.assertNoSecretShown();
});

test('one without the other, or one that cannot be read, is a mistake that config check finds', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    const files = makeCertificate(place, 90);
    const check = (env) => place.agent(['config', 'check'], { env });
    assert.equal((await check(files)).code, 0);
    for (const name of Object.keys(files)) {
        const { code, stderr } = await check({ [name]: files[name] });
        assert.equal(code, 2);
        assert.match(stderr, /is set without RUNS_AGENT_TLS_/);
    }
    const swapped = await check({ RUNS_AGENT_TLS_CERTIFICATE_FILE: files.RUNS_AGENT_TLS_KEY_FILE, RUNS_AGENT_TLS_KEY_FILE: files.RUNS_AGENT_TLS_CERTIFICATE_FILE });
    assert.equal(swapped.code, 2);
    assert.match(swapped.stderr, /RUNS_AGENT_TLS_CERTIFICATE.*cannot be read.*PEM/);
});

test('commands that only look need no certificate, and a health check in front of silence ends in time', async (t) => {
    const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1' });
    t.after(() => place.leave());
    const daemon = await place.serve();
    await daemon.stop();
    Object.assign(place.env, { RUNS_AGENT_TLS_CERTIFICATE_FILE: '/nowhere', RUNS_AGENT_TLS_KEY_FILE: '/nowhere', RUNS_AGENT_ADMIN_TOKEN: 'short' });
    assert.deepEqual(await place.deliveries(), []);
    const { code, stderr } = await place.agent(['config', 'check']);
    assert.equal(code, 2);
    assert.match(stderr, /RUNS_AGENT_TLS_CERTIFICATE_FILE names \/nowhere/);

    const silent = createServer(() => {});
    await new Promise((done) => silent.listen(0, '127.0.0.1', done));
    t.after(() => silent.close());
    const began = Date.now();
    const asked = await place.agent(['health'], { env: { RUNS_AGENT_LISTEN: `127.0.0.1:${silent.address().port}` } });
    assert.equal(asked.code, 1);
    assert.match(asked.stderr, /TLS handshake within 1 s/);
    assert.ok(Date.now() - began < 5000, 'what the health checks of containers bear with');
});
