// SPDX-License-Identifier: MIT
// The shipped Caddyfile, with a real Caddy before the real daemon: deliveries pass, and nothing else does.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Place, cancelled, deliver, freePort, request, sign, until } from '../system/program.mjs';

const unpacked = fileURLToPath(new URL('../.deps/caddy/usr/bin/caddy', import.meta.url));
const caddy = existsSync(unpacked) ? unpacked : 'caddy';
const file = fileURLToPath(new URL('../../packaging/caddy/Caddyfile', import.meta.url));

test('Caddy understands the Caddyfile as it is, and would not format it otherwise', () => {
    const adapted = spawnSync(caddy, ['adapt', '--config', file, '--adapter', 'caddyfile'], { encoding: 'utf8' });
    assert.equal(adapted.status, 0, adapted.stderr);
    assert.match(adapted.stdout, /agent\.example\.com/);
    assert.match(adapted.stdout, /127\.0\.0\.1:8080/);
    const formatted = spawnSync(caddy, ['fmt', file], { encoding: 'utf8' });
    assert.equal(formatted.status, 0, formatted.stdout);
});

test('deliveries pass through Caddy byte for byte, and nothing else does', async (t) => {
    const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1' });
    const daemon = await place.serve();
    const home = mkdtempSync(join(tmpdir(), 'runs-agent-caddy-'));
    const address = `127.0.0.1:${await freePort()}`;
    const running = spawn(caddy, ['run', '--config', file, '--adapter', 'caddyfile'], {
        // Without TLS, whose certificates the Internet would have to vouch for.
        env: { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home, CADDY_ADMIN: 'off',
            RUNS_AGENT_HOST: `http://${address}`, RUNS_AGENT_UPSTREAM: daemon.address },
        stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    running.stderr.on('data', (text) => (said += text));
    const ended = new Promise((done) => running.on('close', done).on('error', done));
    t.after(async () => {
        running.kill('SIGKILL');
        await ended;
        rmSync(home, { recursive: true, force: true });
        await place.leave();
    });
    await until('Caddy', () => request({ address, path: '/' }).then(() => true, () => false));

    const secret = place.secrets.GITHUB_WEBHOOK_SECRET;
    assert.equal((await deliver(address, secret, cancelled(1))).status, 202, said);
    assert.equal((await deliver(address, 'another', cancelled(1))).status, 401);
    const large = { ...cancelled(2), padding: 'ü'.repeat(4_000_000) };
    assert.equal((await deliver(address, secret, large)).status, 202);
    // A body whose length is not told beforehand.
    const body = JSON.stringify(cancelled(3));
    const [host, port] = address.split(':');
    const status = await new Promise((done, failed) => {
        const sent = http.request({ host, port, path: '/webhooks/github', method: 'POST', headers: {
            'Content-Type': 'application/json', 'X-GitHub-Event': 'workflow_run', 'X-GitHub-Delivery': 'chunked-1',
            'X-Hub-Signature-256': sign(secret, body), 'Transfer-Encoding': 'chunked' } }, (answer) => done(answer.resume().statusCode));
        sent.on('error', failed);
        for (const piece of body.match(/.{1,100}/g)) sent.write(piece);
        sent.end();
    });
    assert.equal(status, 202);
    for (const path of ['/', '/metrics', '/healthz', '/readyz', '/api/deliveries', '/webhooks/github/', '/webhooks/../metrics', '/webhooks/github/../../metrics', '//metrics'])
        assert.notEqual((await request({ address, path })).status, 200, path);
    assert.equal((await request({ address, path: '/metrics' })).status, 404);
    await until('three deliveries', async () => (await place.deliveries()).length === 3);
});
