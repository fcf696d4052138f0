// SPDX-License-Identifier: MIT
// SIGHUP: what the daemon works by is read anew, or stays what it was.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, deliver, until } from './program.mjs';

async function start(t, policy) {
    const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1' });
    t.after(() => place.leave());
    place.policy = place.env.RUNS_AGENT_CONFIG = join(place.dir, 'policy.yml');
    writeFileSync(place.policy, policy);
    return { place, daemon: await place.serve() };
}

async function reload(daemon, event) {
    const before = daemon.events(event).length;
    daemon.running.child.kill('SIGHUP');
    const lines = await until(event, () => daemon.events(event).length > before && daemon.events(event));
    return lines.at(-1);
}

const ruleOf = (daemon, guid) =>
    until('its decision', () => daemon.events('delivery.decided').find(({ delivery }) => delivery === guid)?.rule);
const send = (place, daemon, run) => deliver(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, cancelled(run));
const gauge = (daemon, value) =>
    until(`the gauge to be ${value}`, async () => (await daemon.get('/metrics')).body.includes(`\nruns_agent_config_last_reload_successful ${value}\n`));

test('a new policy is in force after SIGHUP, and one with mistakes is not', async (t) => {
    const { place, daemon } = await start(t, '');
    const process = daemon.running.child.pid;
    assert.equal(await ruleOf(daemon, (await send(place, daemon, 1)).guid), 'R1');

    writeFileSync(place.policy, 'rules: [{repository: octo/*, ignore: true}]\n');
    await reload(daemon, 'config.reloaded');
    assert.equal(await ruleOf(daemon, (await send(place, daemon, 2)).guid), 'R5');
    await gauge(daemon, 1);

    writeFileSync(place.policy, 'rules: [{repositories: octo/*}]\n');
    const said = await reload(daemon, 'config.reload_failed');
    assert.match(said.error, /repositories/);
    assert.match(said.error, new RegExp(`${place.policy}:1:`), 'where the mistake is');
    await gauge(daemon, 0);
    assert.equal(await ruleOf(daemon, (await send(place, daemon, 3)).guid), 'R5', 'the one before stays in force');

    writeFileSync(place.policy, '');
    await reload(daemon, 'config.reloaded');
    await gauge(daemon, 1);
    assert.equal(await ruleOf(daemon, (await send(place, daemon, 4)).guid), 'R1');
    assert.equal(daemon.running.child.pid, process);
    await daemon.stop();
    place.assertNoSecretShown();
});

test('a secret that is rotated in its file is taken after SIGHUP, and none at all is a mistake', async (t) => {
    const { place, daemon } = await start(t, '');
    const file = place.env.GITHUB_WEBHOOK_SECRET_FILE;
    const old = place.secrets.GITHUB_WEBHOOK_SECRET;
    assert.equal((await deliver(daemon.address, 'new-secret', cancelled(1))).status, 401);
    writeFileSync(file, `${old},new-secret`);
    await reload(daemon, 'config.reloaded');
    for (const secret of [old, 'new-secret']) assert.equal((await deliver(daemon.address, secret, cancelled(1))).status, 202);
    writeFileSync(file, 'new-secret');
    await reload(daemon, 'config.reloaded');
    assert.equal((await deliver(daemon.address, old, cancelled(1))).status, 401);
    writeFileSync(file, '');
    await reload(daemon, 'config.reload_failed');
    assert.equal((await deliver(daemon.address, 'new-secret', cancelled(1))).status, 202);
    await daemon.stop();
});

test('the tokens of the page are taken after SIGHUP, and who signed in by the old one does so again', async (t) => {
    const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_ADMIN_LISTEN: '127.0.0.1:0' });
    t.after(() => place.leave());
    const file = (place.env.RUNS_AGENT_ADMIN_TOKEN_FILE = join(place.dir, 'admin'));
    writeFileSync(file, 'the-first-token-of-all');
    const daemon = await place.serve();
    const page = await until('the page', () => daemon.events('admin.listening')[0]?.address);
    const ask = async (headers) => (await fetch(`http://${page}/api/deliveries`, { headers })).status;
    const by = (token) => ask({ Authorization: `Bearer ${token}` });
    const signIn = await fetch(`http://${page}/sign-in`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token: 'the-first-token-of-all' }) });
    const cookie = { Cookie: signIn.headers.get('set-cookie').split(';')[0] };
    assert.deepEqual([await by('the-first-token-of-all'), await ask(cookie)], [200, 200]);

    writeFileSync(file, 'another-token-than-that');
    await reload(daemon, 'config.reloaded');
    assert.deepEqual([await by('another-token-than-that'), await by('the-first-token-of-all'), await ask(cookie)], [200, 401, 401]);
    writeFileSync(file, 'short');
    const said = await reload(daemon, 'config.reload_failed');
    assert.match(said.error, /RUNS_AGENT_ADMIN_TOKEN is shorter/);
    assert.equal(await by('another-token-than-that'), 200);
    await daemon.stop();
});

test('signals that come faster than files are read do no harm, nor do they at the stop', async (t) => {
    const { place, daemon } = await start(t, '');
    const kill = (signal) => daemon.running.child.kill(signal);
    for (let i = 0; i < 200; ++i) kill('SIGHUP');
    await until('one to be taken', () => daemon.events('config.reloaded').length > 0);
    assert.equal((await send(place, daemon, 1)).status, 202);
    kill('SIGTERM');
    for (let i = 0; i < 20; ++i) kill('SIGHUP');
    assert.deepEqual(await daemon.running.ended, { code: 0, signal: null });
});
