// SPDX-License-Identifier: MIT
// What every command promises to scripts and to people: help with an example, exit codes, one line
// of error that says what to do, JSON where asked, and never a secret.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, deliver, freePort, request, until } from './program.mjs';

const commands = [
    'serve', 'api', 'action', 'runs get', 'runs find', 'runs list', 'runs cancel', 'runs cancel-ci',
    'runs reset', 'runs delete', 'deliveries list', 'deliveries show', 'deliveries replay', 'deliveries drop', 'deliveries acts', 'explain',
    'doctor', 'health', 'keys create', 'keys list', 'keys revoke', 'store copy', 'projects list', 'projects set', 'send', 'config check', 'config print', 'version',
];

test('each command has a help with an example', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    for (const command of commands) {
        const { code, stdout } = await place.agent([...command.split(' '), '--help']);
        assert.equal(code, 0, command);
        assert.match(stdout, /Example:\n +.*runs-agent /, command);
        assert.ok(stdout.includes(command), `the example of ${command} does not show it`);
    }
    const { code, stdout } = await place.agent(['--help']);
    assert.equal(code, 0);
    for (const command of commands) assert.ok(stdout.includes(command.split(' ')[0]), command);
});

test('wrong usage and wrong configuration are 2, in one line that says how to mend it', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    const policy = join(place.dir, 'policy.yml');
    writeFileSync(policy, 'defaults:\n  cancel_onn: [cancelled]\n');
    const wrong = [
        [[], {}],
        [['no-such-command'], {}],
        [['runs', 'get'], {}],
        [['runs', 'list', '--limit', 'many'], {}],
        [['runs', 'list'], { CURRENTS_API_URL: 'ftp://example.com' }],
        [['runs', 'list'], { CURRENTS_API_KEY_FILE: '/nowhere/key' }],
        [['serve'], { GITHUB_WEBHOOK_SECRET_FILE: '' }],
        [['serve'], { RUNS_AGENT_LISTEN: 'everywhere' }],
        [['serve', '--config', policy], {}],
        [['config', 'check', '--config', policy], {}],
        [['explain', '--event', '-'], { input: 'not JSON' }],
        [['health'], { RUNS_AGENT_LISTEN: 'everywhere' }],
        [['health'], { RUNS_AGENT_LISTEN: '127.0.0.1:0' }],
        [['health', '--url', 'ftp://example.com'], {}],
        [['send'], { GITHUB_WEBHOOK_SECRET_FILE: '' }],
    ];
    for (const [args, { input, ...env }] of wrong) {
        const { code, stdout, stderr } = await place.agent(args, { env, input });
        assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
        assert.equal(stdout, '', args.join(' '));
        assert.match(stderr, /^runs-agent: [^\n]{15,}\n$/, args.join(' '));
    }
    const { stderr } = await place.agent(['config', 'check', '--config', policy]);
    assert.match(stderr, /policy\.yml:2:3: /);
    assert.match(stderr, /cancel_on\b/, 'it does not say what was meant');
});

test('what failed is 1, what is not there is 3', async (t) => {
    const nobody = await freePort();
    const place = await Place.embedded();
    t.after(() => place.leave());
    const url = `http://127.0.0.1:${nobody}`;
    const ends = async (expected, args, options) => {
        const { code, stderr } = await place.agent(args, options);
        assert.equal(code, expected, `${args.join(' ')}: ${stderr}`);
        if (expected !== 0) assert.match(stderr, /^runs-agent: [^\n]{15,}\n$/);
    };
    await ends(1, ['runs', 'get', 'x', '--api-url', `${url}/v1`]);
    await ends(1, ['send', '--url', `${url}/webhooks/github`]);
    await ends(3, ['deliveries', 'list']); // there is no database yet

    const daemon = await place.serve(['--embedded']);
    await ends(3, ['runs', 'get', 'no-such-run']);
    await ends(3, ['runs', 'find', '--ci-build-id', 'no-such-build']);
    await ends(3, ['runs', 'cancel', 'no-such-run']);
    await ends(3, ['deliveries', 'show', 'ffffffff']);
    await ends(3, ['deliveries', 'replay', 'ffffffff']);
    await ends(3, ['deliveries', 'drop', 'ffffffff']);
    await ends(3, ['keys', 'revoke', '999']);
    await ends(1, ['serve']); // another daemon works on this database
    await ends(1, ['runs', 'list'], { env: { CURRENTS_API_KEY_FILE: '', CURRENTS_API_KEY: 'wrong' } });
    await ends(0, ['runs', 'list']);
    await ends(0, ['config', 'check']);
    await daemon.stop();
});

test('data is printed as JSON where asked', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const daemon = await place.serve(['--embedded']);
    const address = `http://${daemon.address}/webhooks/github`;
    const sent = await place.data(['send', '--url', address, '--event', 'ping']);
    assert.equal(sent.status, 'pong');
    const again = await place.data(['send', '--url', address, '--run-id', '8589934593']);
    assert.equal(again.status, 'accepted');

    const shown = await until('the delivery to be decided', async () => {
        const delivery = await place.data(['deliveries', 'show', again.delivery]);
        return delivery.rule && delivery;
    });
    assert.equal(shown.githubRunId, '8589934593');
    assert.equal(shown.calls.length, 1);
    assert.equal((await place.data(['version'])).version.split('.').length, 3);
    await place.data(['config', 'print']);
    await place.data(['runs', 'list']);
    const { stdout } = await place.agent(['keys', 'list', '--json']);
    for (const line of stdout.trim().split('\n')) JSON.parse(line);

    const { stdout: payload } = await place.agent(['send', '--print', '--conclusion', 'timed_out']);
    const explained = await place.agent(['explain', '--event', '-', '--json'], { input: payload });
    const { rule, calls, reason } = JSON.parse(explained.stdout);
    assert.equal(rule, 'R1');
    assert.equal(calls[0].operation, 'cancel-ci');
    assert.ok(reason.length > 10);
    await daemon.stop();
});

test('the daemon answers each request as promised, and says how it is', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const daemon = await place.serve(['--embedded']);
    const { address } = daemon;
    const secret = place.secrets.GITHUB_WEBHOOK_SECRET;

    const first = await deliver(address, secret, cancelled(5));
    assert.equal(first.status, 202);
    const twice = await deliver(address, secret, cancelled(5), { guid: first.guid });
    assert.deepEqual([twice.status, JSON.parse(twice.body).status], [200, 'duplicate']);
    assert.equal((await deliver(address, 'wrong', cancelled(6))).status, 401);

    const post = (headers, body = '{}') =>
        request({ address, path: '/webhooks/github', method: 'POST', headers, body });
    const sha1 = 'sha1=' + createHmac('sha1', secret).update('{}').digest('hex');
    const json = { 'Content-Type': 'application/json', 'X-GitHub-Event': 'ping' };
    assert.equal((await post({ ...json, 'X-GitHub-Delivery': 'a' })).status, 401);
    assert.equal((await post({ ...json, 'X-Hub-Signature': sha1 })).status, 401);
    assert.equal((await request({ address, path: '/webhooks/github' })).status, 405);
    assert.equal((await request({ address, path: '/elsewhere' })).status, 404);

    assert.equal((await daemon.get('/healthz')).status, 200);
    assert.equal((await daemon.get('/readyz')).status, 200);
    assert.match((await daemon.get('/metrics')).body, /^runs_agent_store_up 1$/m);
    await daemon.stop();
});

test('secrets are never printed', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const loud = { RUNS_AGENT_LOG: 'debug' };
    const daemon = await place.serve(['--embedded'], loud);
    const run = cancelled(7);
    const { guid } = await deliver(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, run);
    await deliver(daemon.address, 'wrong', run);
    const everything = [
        ['config', 'print'], ['config', 'print', '--json'], ['config', 'check'], ['keys', 'list'],
        ['runs', 'list'], ['runs', 'get', 'x'], ['deliveries', 'list'], ['deliveries', 'show', guid],
        ['send', '--print'], ['send', '--url', `http://${daemon.address}/webhooks/github`], ['version'],
    ];
    for (const args of everything) await place.agent(args, { env: loud });
    await daemon.stop();
    place.assertNoSecretShown();
    assert.ok(place.output.includes('delivery'), 'nothing was looked at');
});

test('health says whether the daemon of the same environment is well', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const port = await freePort();
    const env = { RUNS_AGENT_LISTEN: `0.0.0.0:${port}` };
    const before = await place.agent(['health'], { env });
    assert.equal(before.code, 1);
    assert.match(before.stderr, /^runs-agent: [^\n]*127\.0\.0\.1[^\n]*\n$/);

    place.env.RUNS_AGENT_LISTEN = env.RUNS_AGENT_LISTEN;
    await place.serve(['--embedded']);
    // Nothing but the address is read: a daemon does not fall ill of what its next start would refuse.
    const broken = { RUNS_AGENT_CONFIG: '/nowhere/policy.yml', CURRENTS_API_KEY_FILE: '/nowhere/key' };
    const alive = await place.agent(['health'], { env: broken });
    assert.equal(alive.code, 0, alive.stderr);
    assert.match(alive.stdout, /^200 \{"status":"ok"/);
    const ready = await place.agent(['health', '--ready', '--json']);
    assert.equal(ready.code, 0, ready.stderr);
    assert.equal(JSON.parse(ready.stdout).status, 'ready');
    const elsewhere = await place.agent(['health', '--url', `http://127.0.0.1:${port}/nothing`]);
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stderr, /answered 404/);
});
