// SPDX-License-Identifier: MIT
// What strangers write is printed one way, wherever it is printed: the log, every command and its
// errors. It is the same value in JSON, and can do nothing.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { assertInert, evil, evilLine, printed, says } from './hostile.mjs';
import { Place, cancelled, deliver, request, sign, until } from './program.mjs';

// A server that answers everything with that; {address, body}.
async function fake(t, status, body) {
    const server = { status, body };
    const listening = http.createServer((question, answer) => {
        question.resume().on('end', () => {
            answer.writeHead(server.status, { 'Content-Type': 'application/json' });
            answer.end(server.body);
        });
    });
    await new Promise((done) => listening.listen(0, '127.0.0.1', done));
    t.after(() => (listening.closeAllConnections(), listening.close()));
    return Object.assign(server, { address: `127.0.0.1:${listening.address().port}` });
}

const hostileRun = () => {
    const payload = cancelled(1001, 1, evil);
    Object.assign(payload.workflow_run, { name: evil, path: evil, head_branch: evil, event: evil, head_sha: evil });
    payload.workflow_run.head_repository.full_name = `${evil}/fork`;
    payload.workflow_run.actor.login = payload.workflow_run.triggering_actor.login = evil;
    return payload;
};

const hostileJob = () => ({
    action: 'completed',
    workflow_job: {
        id: 7, run_id: 1001, run_attempt: 1, name: evil, workflow_name: evil, runner_name: evil, runner_id: 3,
        head_branch: evil, status: 'completed', conclusion: evil, labels: [evil], steps: [],
        started_at: '2026-01-01T00:00:00Z', completed_at: '2026-01-01T00:01:00Z',
    },
    repository: { full_name: evil, default_branch: evil },
});

test('deliveries and the log, in both formats', async (t) => {
    for (const format of ['json', 'text']) {
        const place = new Place({ RUNS_AGENT_LOG_FORMAT: format, RUNS_AGENT_LOG: 'debug' });
        t.after(() => place.leave());
        const daemon = place.launch(process.env.RUNS_AGENT_BINARY, ['serve', '--dry-run']);
        const [, address] = await until('the daemon', () =>
            /webhooks\.listening.*?(127\.0\.0\.1:\d+)/.exec(daemon.stderr));
        const secret = place.secrets.GITHUB_WEBHOOK_SECRET;
        const { guid } = await deliver(address, secret, hostileRun());
        const job = await deliver(address, secret, hostileJob(), { event: 'workflow_job' });
        const odd = { action: evil, repository: { full_name: evil } };
        await deliver(address, secret, odd, { event: 'push' });
        await deliver(address, secret, { ...hostileRun(), action: evil });
        // Refused, signed and not: what they say of themselves is logged, or not, but never raw.
        const wrong = Buffer.from(`{"a":"${evil}`);
        const headers = { 'Content-Type': 'application/json', 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': 'x' };
        for (const signature of [sign(secret, wrong), 'sha256=00', '##[error]x'])
            await request({
                address, path: '/webhooks/github', method: 'POST', body: wrong,
                headers: { ...headers, 'X-Hub-Signature-256': signature, 'X-Forwarded-For': '##[error]y' },
            });
        await until('the log of it all', () =>
            [...daemon.stderr.matchAll(/delivery\.decided/g)].length >= 2 &&
            [...daemon.stderr.matchAll(/delivery\.refused/g)].length >= 3);

        const list = await says(place, 0, ['deliveries', 'list']);
        assert.equal(list.stdout.trimEnd().split('\n').length, 4, list.stdout);
        const lines = (await says(place, 0, ['deliveries', 'list', '--json'])).stdout.trimEnd().split('\n');
        assert.equal(lines.length, 4);
        for (const line of lines) assert.equal(JSON.parse(line).repository, evil);
        for (const id of [guid, job.guid]) {
            await says(place, 0, ['deliveries', 'show', id]);
            const shown = JSON.parse((await says(place, 0, ['deliveries', 'show', id, '--json'])).stdout);
            assert.equal(id === guid ? shown.workflow : shown.job, evil);
        }
        await says(place, 0, ['deliveries', 'list', '--repository', evil]);
        for (const operation of ['show', 'replay', 'drop']) await says(place, 3, ['deliveries', operation, evil]);
        daemon.child.kill('SIGTERM');
        assert.deepEqual(await daemon.ended, { code: 0, signal: null }, daemon.stderr);
        assertInert(daemon.stderr, `the log as ${format}`);
        const entries = daemon.stderr.trimEnd().split('\n');
        for (const line of entries)
            if (format === 'json') assert.ok(JSON.parse(line).event);
            else assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info |warn |error) [a-z_]+\.[a-z_]+( |$)/);
        assert.equal(daemon.stdout, '');
        place.assertNoSecretShown();
    }
});

test('explain and send', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    const line = (payload, event) => JSON.stringify({ event, delivery: evil, host: evilLine, payload });
    const input = [line(hostileRun(), 'workflow_run'), line(hostileJob(), 'workflow_job'), line({}, evil)].join('\n');
    const text = await says(place, 0, ['explain', '--event', '-'], { input });
    assert.equal([...text.stdout.matchAll(/^\S.*$/gm)].length, 3, text.stdout);
    const { stdout } = await says(place, 0, ['explain', '--event', '-', '--json'], { input });
    for (const told of stdout.trimEnd().split('\n')) assert.equal(JSON.parse(told).delivery, evil);
    await says(place, 0, ['explain', '--event', '-'], { input: JSON.stringify(hostileRun()) });
    await says(place, 2, ['explain', '--event', '-'], { input: evil });
    await says(place, 2, ['explain', '--event', evil]);

    const made = ['send', '--print', '--branch', evil, '--workflow', evil, '--repository', evil, '--actor', evil];
    const payload = JSON.parse((await says(place, 0, made)).stdout);
    assert.equal(payload.workflow_run.head_branch, evil);
    await says(place, 0, ['send', '--print', '--file', '-'], { input: `${evil}\n`, alone: true });
    await says(place, 2, ['send', '--url', evil]);
    await says(place, 2, ['send', '--file', evil]);

    for (const body of [evil, JSON.stringify({ status: evil }), Buffer.from('\x9b\xff\n::error::x', 'latin1')]) {
        const server = await fake(t, 200, body);
        const url = `http://${server.address}/webhooks/github`;
        for (const [args, env] of [[['send', '--url', url]], [['health', '--url', url]],
            [['health'], { RUNS_AGENT_LISTEN: server.address }]]) {
            const said = await says(place, 0, args, { env });
            assert.equal(said.stdout.trimEnd().split('\n').length, 1, said.stdout);
            const json = await says(place, 0, [...args, '--json'], { env, alone: true });
            if (String(body).startsWith('{')) assert.equal(JSON.parse(json.stdout).status, evil);
        }
        // A doctor finds all of that wrong, in lines of its own.
        const env = { RUNS_AGENT_LISTEN: server.address, CURRENTS_API_URL: `http://${server.address}/v1`, GITHUB_API_URL: `http://${server.address}`, GITHUB_TOKEN: 'ghp_x' };
        const said = await says(place, 1, ['doctor', '--url', url], { env, may: () => false });
        for (const line of said.stdout.split('\n').filter(Boolean))
            assert.match(line, /^(wrong  |warning |ok  |not looked at  | {15}(why|cure) |\d+ wrong, )/);
        const json = await says(place, 1, ['doctor', '--url', url, '--repository', 'o/r', '--json'], { env, may: () => false });
        assert.equal(JSON.parse(json.stdout).verdict, 'wrong');
        server.status = 500;
        await says(place, 1, ['health', '--url', url]);
        await says(place, 1, ['send', '--url', url]);
    }
    place.assertNoSecretShown();
});

test('keys and projects', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    await says(place, 0, ['keys', 'create', '--name', evil]);
    await says(place, 0, ['projects', 'set', evil, '--name', evil, '--default-branch', evil]);
    for (const [what, name] of [['keys', 'name'], ['projects', 'name']]) {
        const list = await says(place, 0, [what, 'list']);
        assert.equal(list.stdout.trimEnd().split('\n').length, 1, list.stdout);
        const { stdout } = await says(place, 0, [what, 'list', '--json']);
        assert.equal(JSON.parse(stdout)[name], evil);
    }
    await says(place, 2, ['keys', 'revoke', evil]);
    await says(place, 2, ['projects', 'set', evil, '--inactivity-timeout', evil]);
});

const hostileData = {
    runId: evil, projectId: evil, createdAt: evil, cursor: evil, durationMs: 5, tags: [evil, evil],
    completionState: 'CANCELED', status: evil, actor: evil, canceledAt: evil, [evil]: evil,
    cancellation: { actor: evil, canceledAt: evil, reason: evil },
    meta: { ciBuildId: evil, commit: { branch: evil, sha: evil } },
    specs: [{ spec: evil, groupId: evil, instanceId: evil, machineId: evil, claimedAt: evil, completedAt: evil }],
    pwLastRun: { status: 'failed', failedTests: [evil] },
};

const runs = (id) => [
    ['runs', 'get', id], ['runs', 'find', '--ci-build-id', id], ['runs', 'list'], ['runs', 'cancel', id],
    ['runs', 'cancel-ci', '--github-run-id', '1', '--github-run-attempt', '1'],
    ['runs', 'reset', id, '--machine-id', id], ['runs', 'delete', id, '--yes'],
];

test('runs, from a service that says what it likes', async (t) => {
    const server = await fake(t, 200, JSON.stringify({ status: 'OK', data: hostileData }));
    const place = new Place({ CURRENTS_API_URL: `http://${server.address}/v1`, RUNS_AGENT_LOG: 'debug' });
    t.after(() => place.leave());
    for (const args of runs(evilLine)) {
        if (args[1] !== 'list') await says(place, 0, args);
        const { stdout } = await says(place, 0, [...args, '--json']);
        assert.deepEqual(JSON.parse(stdout), hostileData);
    }
    // A file is data: there it stays what came.
    const output = join(place.dir, 'last-run.json');
    await says(place, 0, ['runs', 'find', '--ci-build-id', 'x', '--output', output]);
    const kept = readFileSync(output, 'utf8');
    assert.deepEqual(JSON.parse(kept), hostileData);
    assert.ok(kept.includes('\u202e') && kept.includes('##[error]'), 'the file was cleaned');
    await says(place, 0, ['runs', 'find', '--ci-build-id', 'x', '--pw-last-run', '--output', evilLine.replaceAll('/', '')]);

    const list = { status: 'OK', has_more: true, data: [hostileData, hostileData] };
    server.body = JSON.stringify(list);
    assert.equal((await says(place, 0, ['runs', 'list'])).stdout.trimEnd().split('\n').length, 4);
    assert.deepEqual(JSON.parse((await says(place, 0, ['runs', 'list', '--json'])).stdout), list.data);

    const bytes = Buffer.from(JSON.stringify({ data: { ...hostileData, runId: '@@' } }));
    bytes.fill(0xff, bytes.indexOf('@@'), bytes.indexOf('@@') + 2); // no UTF-8
    server.body = bytes;
    JSON.parse((await says(place, 0, ['runs', 'get', 'x', '--json'])).stdout);
    await says(place, 0, ['runs', 'get', 'x']);

    for (const [status, body] of [[422, { error: evil }], [500, { message: evil }], [404, { error: { message: evil } }]]) {
        Object.assign(server, { status, body: JSON.stringify(body) });
        for (const args of runs('x')) await says(place, status === 404 ? 3 : 1, args);
    }
    for (const body of [evil, `{"data":${evil}`, `<html>\n${evil}`]) {
        Object.assign(server, { status: 200, body });
        for (const args of runs('x')) await says(place, 1, args);
    }
    place.assertNoSecretShown();
});

test('errors of the command line and of the configuration', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    for (const args of [
        [evil], ['runs', evil], [`--${evil}`], ['serve', `--${evil}`], ['version', evil], ['runs', 'list', '--limit', evil],
        ['deliveries', 'list', '--limit', evil], ['deliveries', 'list', '--run-id', evil], ['runs', 'get', 'x', '--api-url', evil],
        ['config', 'check', '--config', evil], ['config', 'print', '--config', evil], ['config', 'check', '--repository', evil],
        ['config', 'check', '--repository', 'a/b', '--workflow', evil, '--workflow', evil],
        ['serve', '--listen', evil], ['serve', '--database', evil], ['serve', '--log-level', evil],
        ['api', '--api-listen', evil], ['api', '--log-format', evil],
    ]) await says(place, 2, args);
    for (const [name, value] of [
        ['CURRENTS_API_URL', evil], ['CURRENTS_API_URL', `http://x/${evil}`], ['RUNS_AGENT_LOG', evil], ['RUNS_AGENT_LISTEN', evil],
        ['RUNS_AGENT_LISTEN', `${evil}:80`], ['RUNS_AGENT_API_LISTEN', evil], ['RUNS_AGENT_CONFIG', evil],
        ['CURRENTS_CI_BUILD_ID', `\${{ ${evil} }}`], ['GITHUB_WEBHOOK_SECRET_FILE', evil], ['HTTPS_PROXY', evil],
        ['SSL_CERT_FILE', evil], ['GITHUB_API_URL', evil], ['GITHUB_APP_ID', evil], ['RUNS_AGENT_DATABASE', evil],
        ['RUNS_AGENT_DATABASE', `postgres://${evil}`],
    ]) {
        for (const command of [['serve'], ['config', 'check']]) await says(place, 2, command, { env: { [name]: value } });
        const { stdout } = await printed(place, ['config', 'check', '--json'], { env: { [name]: value } });
        assert.equal(JSON.parse(stdout).ok, false);
    }
    // What is no mistake is shown.
    const calm = { CURRENTS_PROJECT_ID: evil, RUNS_AGENT_STATE_DIR: join(place.dir, evilLine.replaceAll('/', '')) };
    await says(place, 0, ['config', 'print'], { env: calm });
    const { settings } = JSON.parse((await says(place, 0, ['config', 'print', '--json'], { env: calm })).stdout);
    assert.equal(settings.CURRENTS_PROJECT_ID, evil);

    const policy = join(place.dir, `${evilLine.replaceAll('/', '')}.yml`);
    const check = ['config', 'check', '--config', policy, '--repository', 'octo/shop'];
    const value = JSON.stringify(evil).replaceAll('\u007f', '\\x7f').replaceAll('/', '\\/');
    const plain = '"a\u202e\u200b##[error]b"';
    for (const [expected, text] of [
        [0, `rules:\n- workflow: ${plain}\n  branch: ${plain}\n  project_id: ${plain}\n`],
        [2, `${value}: 1\n`], [2, `rules:\n- repository: ${value}\n`], [2, `defaults:\n  cancel_on: [${value}]\n`],
        [2, `defaults:\n  ci_build_id: ${value}\n  ${value}: 2\n  sweep_orphans: ${value}\n`], [2, `a: b: ${plain}\n`],
        [2, `defaults:\n  machine_id: "\${{ matrix.${evilLine.replaceAll(/["\\]/g, '')} }}"\n`], [2, evil],
    ]) {
        writeFileSync(policy, text);
        await says(place, expected, check);
        JSON.parse((await printed(place, [...check, '--json'])).stdout);
        if (expected !== 0) continue;
        const print = ['config', 'print', '--config', policy];
        const { stdout } = await says(place, 0, print);
        writeFileSync(policy, stdout.slice(stdout.indexOf('defaults:')));
        const again = await says(place, 0, [...print, '--json']);
        assert.equal(JSON.parse(again.stdout).policy.rules[0].branch[0], 'a\u202e\u200b##[error]b');
    }
    const folder = join(place.dir, evilLine.replaceAll('/', ''));
    mkdirSync(folder);
    for (const args of [['deliveries', 'list'], ['keys', 'list', '--api-database', `sqlite:${folder}`]])
        assert.notEqual((await printed(place, args, { env: { RUNS_AGENT_STATE_DIR: join(folder, 'x') } })).code, 0);
    place.assertNoSecretShown();
});

test('a flood of refusals is a few lines a second and their count', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const daemon = await place.serve(['--embedded'], { RUNS_AGENT_LOG: 'debug' });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    t.after(() => agent.destroy());
    const count = 600;
    const refuse = () => request({ address: daemon.address, path: '/webhooks/github', method: 'POST', body: '{}', agent });
    const ask = () => request({ address: daemon.addresses.api, path: '/v1/projects', agent });
    const began = Date.now();
    await Promise.all(Array.from({ length: count }, refuse));
    await Promise.all(Array.from({ length: 50 }, ask));
    const lines = (event) => daemon.events(event).filter((line) => line.event === event);
    const counted = (of) => daemon.events('log.suppressed').filter((line) => line.of === of)
        .reduce((sum, line) => sum + line.count, 0);
    // Nothing comes after it, and yet it is told of.
    await until('the count', () => counted('delivery.refused') + lines('delivery.refused').length === count);
    const seconds = Math.ceil((Date.now() - began) / 1000) + 1;
    assert.ok(lines('delivery.refused').length <= 5 * seconds, `${seconds} s`);
    assert.ok(counted('delivery.refused') > 0);
    await until('the count of the API', () => counted('api.answered') > 0);
    // An honest delivery is logged, and the metric has counted each.
    const { guid } = await deliver(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, cancelled(5));
    await until('its line', () => daemon.events('delivery.received').some((line) => line.delivery === guid));
    const line = `{event="unverified",outcome="unsigned",code="401"} ${count}\n`;
    await until('the count of all', async () => (await daemon.get('/metrics')).body.includes(line));
    await Promise.all(Array.from({ length: 20 }, refuse));
    await daemon.stop();
    assert.equal(counted('delivery.refused') + lines('delivery.refused').length, count + 20);
});
