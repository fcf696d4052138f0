// SPDX-License-Identifier: MIT
// `doctor` on GitHub's side and on the way from outside: webhooks that are gone, never were or are an
// organization's, a GITHUB_API_URL that is not GitHub's, what passes by itself, and secrets in addresses.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, deliver, freePort } from './program.mjs';

const path = '/webhooks/github';
const notFound = { message: 'Not Found' };

// A server whose answers a test puts into `answers`: {PATH: body or [status, body]}.
async function playGitHub(t) {
    const github = { answers: { '/rate_limit': { resources: {} } }, asked: [] };
    const server = http.createServer((question, answer) => {
        const { pathname } = new URL(question.url, 'http://localhost');
        github.asked.push(pathname);
        const known = github.answers[pathname] ?? [404, notFound];
        const [status, body] = Array.isArray(known) && Number.isInteger(known[0]) ? known : [200, known];
        answer.writeHead(status, { 'Content-Type': 'application/json', ...github.headers });
        answer.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.closeAllConnections() ?? server.close());
    github.host = `127.0.0.1:${server.address().port}`;
    return github;
}

const hookOf = (url, more = {}) => ({
    id: 1, active: true, events: ['workflow_run'], config: { url, content_type: 'json', insecure_ssl: '0', secret: '********', ...more },
});

// A daemon to which webhook 1 of octo/demo has sent something, and its GitHub.
async function start(t, { tls = false } = {}) {
    const place = new Place();
    t.after(() => place.leave());
    const github = await playGitHub(t);
    const address = `127.0.0.1:${await freePort()}`;
    Object.assign(place.env, {
        GITHUB_TOKEN: 'token-of-the-test', GITHUB_API_URL: `http://${github.host}`, RUNS_AGENT_LISTEN: address,
        CURRENTS_API_URL: 'http://127.0.0.1:9/v1',
    });
    const url = `${tls ? 'https' : 'http'}://${address}${path}`;
    if (tls) {
        const [key, certificate] = ['own.key', 'own.pem'].map((name) => join(place.dir, name));
        execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out',
            certificate, '-days', '90', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
        Object.assign(place.env, { RUNS_AGENT_TLS_CERTIFICATE_FILE: certificate, RUNS_AGENT_TLS_KEY_FILE: key });
    }
    const daemon = await place.serve();
    const hear = async (kind = 'repository') => {
        const headers = { 'X-GitHub-Hook-Installation-Target-Type': kind, 'X-GitHub-Enterprise-Host': github.host };
        const payload = { ...cancelled(1), organization: { login: 'octo' } };
        const came = await deliver(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, payload, { headers });
        assert.equal(came.status, 202, came.body);
    };
    const doctor = async (args = [], env = {}) => {
        const asked = await place.agent(['doctor', '--json', ...args], { env });
        const { findings } = JSON.parse(asked.stdout);
        const of = (check) => findings.filter((one) => one.check === check);
        return { of, text: asked.stdout, code: asked.code };
    };
    return { place, github, url, hear, doctor };
}

const only = (findings, verdict, ...patterns) => {
    const text = JSON.stringify(findings);
    assert.deepEqual(findings.map((one) => one.verdict), [verdict], text);
    for (const pattern of patterns) assert.match(text, pattern);
};

test('a webhook that was deleted', async (t) => {
    const { github, url, hear, doctor } = await start(t);
    await hear();
    // Who may not read webhooks gets a 404 for the list, too.
    only((await doctor()).of('hook'), 'not_looked_at', /right to read webhooks/);
    github.answers['/repos/octo/demo/hooks'] = [];
    const gone = await doctor();
    only(gone.of('hook'), 'wrong', /webhook 1 of octo\/demo/, /it is gone/, /Where to put the webhook/);
    assert.equal(gone.code, 1);
    // It was made anew, and nothing has come from the new one.
    github.answers['/repos/octo/demo/hooks'] = [{ ...hookOf(url), id: 2 }];
    github.answers['/repos/octo/demo/hooks/2/deliveries'] = [];
    only((await doctor()).of('hook'), 'ok', /webhook 2 of octo\/demo/);
    assert.ok(github.asked.includes('/repos/octo/demo/hooks/2/deliveries'));
});

test('a repository from which nothing came, beside one from which something did', async (t) => {
    const { github, url, hear, doctor } = await start(t);
    await hear();
    github.answers['/repos/octo/demo/hooks/1'] = hookOf(url);
    github.answers['/repos/octo/new/hooks'] = [];
    const args = ['--repository', 'octo/new', '--url', url];
    const hooks = async () => Object.fromEntries((await doctor(args)).of('hook').map((one) => [one.of, one.verdict]));
    const heard = 'webhook 1 of octo/demo';
    assert.deepEqual(await hooks(), { [heard]: 'ok', 'octo/new': 'warning' }, 'its organization may have one');
    github.answers['/repos/octo/new'] = { full_name: 'octo/new', default_branch: 'main', owner: { login: 'octo', id: 1, type: 'User' } };
    assert.deepEqual(await hooks(), { [heard]: 'ok', 'octo/new': 'wrong' }, 'a person has no webhooks');
    github.answers['/orgs/octo/hooks'] = [];
    assert.deepEqual(await hooks(), { [heard]: 'ok', 'octo/new': 'wrong' });
    github.answers['/orgs/octo/hooks'] = [{ ...hookOf(url), id: 9 }];
    assert.deepEqual(await hooks(), { [heard]: 'ok', 'webhook 9 of octo': 'ok', 'octo/new': 'ok' });
    // Written otherwise, it is the same address.
    const [, host] = /^http:\/\/(.*)\/webhooks/.exec(url);
    github.answers['/repos/octo/new/hooks'] = [{ ...hookOf(`HTTP://${host}${path}`), id: 3 }];
    assert.deepEqual(await hooks(), { [heard]: 'ok', 'webhook 3 of octo/new': 'ok' });
});

test('an address that is not of GitHub', async (t) => {
    const { github, doctor } = await start(t);
    only((await doctor()).of('github'), 'ok');
    for (const answer of [[200, '<html>'], {}, [404, notFound]]) {
        github.answers['/rate_limit'] = answer;
        const found = await doctor();
        only(found.of('github'), 'wrong', /GITHUB_API_URL/);
    }
    github.answers['/rate_limit'] = [404, { message: 'Rate limiting is not enabled.' }];
    only((await doctor()).of('github'), 'ok', /takes the token/);
});

test('what passes by itself on GitHub', async (t) => {
    const { github, url, hear, doctor } = await start(t);
    await hear();
    for (const answer of [[503, 'Unicorn!'], [429, { message: 'Too many requests' }]]) {
        github.answers['/rate_limit'] = answer;
        only((await doctor()).of('github'), 'warning', /later/);
    }
    github.answers['/rate_limit'] = { resources: {} };
    github.answers['/repos/octo/demo/hooks/1'] = hookOf(url);
    github.answers['/repos/octo/demo/actions/runs'] = [403, { message: 'API rate limit exceeded for user ID 1.' }];
    github.headers = { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(Math.floor(Date.now() / 1000) + 600) };
    only((await doctor()).of('permissions'), 'not_looked_at', /later/);
});

test("an unreadable webhook secret keeps nobody from GitHub's side", async (t) => {
    const { place, github, url, hear, doctor } = await start(t);
    await hear();
    github.answers['/repos/octo/demo/hooks/1'] = hookOf(url);
    const found = await doctor([], { GITHUB_WEBHOOK_SECRET_FILE: join(place.dir, 'away') });
    assert.equal(found.of('settings')[0].verdict, 'wrong');
    only(found.of('github'), 'ok');
    only(found.of('hook'), 'ok');
    only((await doctor([], { GITHUB_TOKEN: '', GITHUB_TOKEN_FILE: join(place.dir, 'away') })).of('github'), 'not_looked_at');
});

test('passwords and tokens of a Payload URL are not shown', async (t) => {
    const { place, github, url, hear, doctor } = await start(t);
    await hear();
    const elsewhere = 'https://agent.invalid/webhooks/github';
    for (const given of [url.replace('http://', 'http://u:hidden-word@'), `${url}?token=hidden-word`]) {
        github.answers['/repos/octo/demo/hooks/1'] = hookOf(given);
        for (const args of [[], ['--url', elsewhere], ['--url', given]]) {
            const found = await doctor(args);
            assert.match(found.text, /\*\*\*/);
            assert.doesNotMatch(found.text, /hidden-word/);
        }
        assert.doesNotMatch((await place.agent(['doctor'])).stdout, /hidden-word/);
    }
    only((await doctor()).of('way'), 'ok'); // with its query
});

test('a certificate at which GitHub does not look', async (t) => {
    const { github, url, doctor } = await start(t, { tls: true });
    github.answers['/repos/octo/demo/hooks'] = [hookOf(url)];
    const args = ['--repository', 'octo/demo'];
    let found = await doctor(args);
    only(found.of('certificate'), 'wrong', /not trusted/);
    only(found.of('way'), 'not_looked_at');
    github.answers['/repos/octo/demo/hooks'] = [hookOf(url, { insecure_ssl: '1' })];
    found = await doctor(args);
    only(found.of('certificate'), 'warning', /SSL verification is off/);
    only(found.of('way'), 'ok');
});

test('a proxy of ours that is away', async (t) => {
    const { doctor } = await start(t);
    const found = await doctor(['--url', 'https://agent.invalid/webhooks/github'], { HTTPS_PROXY: `http://127.0.0.1:${await freePort()}` });
    for (const check of ['address', 'certificate', 'way']) only(found.of(check), 'not_looked_at', /HTTPS_PROXY/);
});

test('a quiet repository', async (t) => {
    const { github, url, hear, doctor } = await start(t);
    await hear();
    const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
    github.answers['/repos/octo/demo/hooks/1'] = hookOf(url);
    const run = (minutes) => {
        github.answers['/repos/octo/demo/actions/runs'] = {
            total_count: 1, workflow_runs: [{ ...cancelled(1).workflow_run, created_at: ago(minutes), run_started_at: null }],
        };
    };
    const entry = (event, minutes) => ({
        id: minutes, guid: `guid-${minutes}`, event, action: 'completed', delivered_at: ago(minutes), status: 'x', status_code: 202 });
    github.answers['/repos/octo/demo/hooks/1/deliveries'] = [];
    run(5 * 24 * 60);
    only((await doctor()).of('silence'), 'not_looked_at', /some days/);
    github.answers['/repos/octo/demo/hooks/1/deliveries'] = [entry('check_run', 2), entry('check_run', 40)];
    run(60);
    only((await doctor()).of('silence'), 'not_looked_at', /do not reach back/);
    github.answers['/repos/octo/demo/hooks/1/deliveries'].push(entry('workflow_run', 120));
    only((await doctor()).of('silence'), 'wrong', /GitHub sent nothing of it/);
});
