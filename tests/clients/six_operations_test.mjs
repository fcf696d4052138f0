// SPDX-License-Identifier: MIT
// The contract's six operations, field by field (docs/runs-api.md), asked over HTTP. That each answer
// fits the OpenAPI document is checked besides (checked_api.mjs).
import assert from 'node:assert/strict';
import test from 'node:test';
import { Api, instance, outcome, suite } from './recording.mjs';

const statusOf = (answer) => [answer.status, answer.error];

test('get: everything that was recorded, and what follows from it', async (t) => {
    const api = await Api.start(t);
    await api.record({
        fullTestSuite: suite({ 'a.spec.ts': ['t1', 't2', 't3', 't4', 't5'], 'b.spec.ts': ['t6'] }, { tags: ['ui'] }),
    });
    const tests = [
        outcome('t1'),
        outcome('t2', 'failed', ['failed', 'failed']),
        outcome('t3', 'pending', []),
        outcome('t4', 'skipped', []),
        outcome('t5', 'passed', ['failed', 'passed']),
    ];
    const worker = { workerIndex: 3, parallelIndex: 1 };
    const { runId } = await api.record({ instances: [instance('a.spec.ts', tests, { worker })] });
    const run = await api.run(runId);

    assert.equal(run.projectId, 'p1');
    assert.equal(run.completionState, 'IN_PROGRESS');
    assert.equal(run.status, 'FAILING');
    assert.equal(run.durationMs, null);
    assert.deepEqual(run.tags, ['nightly', 'smoke']);
    assert.deepEqual([run.previousRunId, run.deletedAt, run.cancellation], [null, null, null]);
    assert.deepEqual(run.timeout, { isTimeout: false, timeoutValueMs: null });
    assert.ok(Math.abs(Date.now() - Date.parse(run.createdAt)) < 60_000);
    assert.deepEqual(run.meta, {
        ciBuildId: 'build-1',
        commit: {
            sha: '0123456789abcdef0123456789abcdef01234567',
            branch: 'main',
            authorName: 'The Octocat',
            authorEmail: 'octocat@example.com',
            message: 'Sell more',
            remoteOrigin: null,
            defaultBranch: null,
        },
        framework: { type: 'playwright', version: '1.50.0', clientVersion: '1.0.0' },
    });
    assert.deepEqual(run.groups, [
        {
            groupId: 'chromium',
            environment: null,
            platform: { osName: 'linux', osVersion: '12', browserName: 'chromium', browserVersion: '130' },
            instances: { overall: 2, claimed: 1, complete: 1, passes: 0, failures: 1 },
            // What is pending or skipped has not failed; the unfinished spec's test counts as known.
            tests: { overall: 6, passes: 2, failures: 1, pending: 1, skipped: 1, flaky: 1, retries: 2 },
            tags: ['ui'],
        },
    ]);
    const [a, b] = run.specs;
    assert.deepEqual([a.spec, a.groupId, a.machineId], ['a.spec.ts', 'chromium', 'm1']);
    assert.deepEqual(a.tags, ['@t1', '@t2', '@t3', '@t4', '@t5']);
    assert.deepEqual(a.worker, worker);
    assert.ok(a.claimedAt && a.completedAt);
    assert.deepEqual(a.results, {
        flaky: 1,
        stats: {
            suites: 1,
            tests: 5,
            overall: 5,
            passes: 2,
            failures: 1,
            pending: 1,
            skipped: 1,
            flaky: 1,
            retries: 2,
            wallClockDuration: 1000,
            wallClockStartedAt: '2026-01-01T00:00:00.000Z',
            wallClockEndedAt: '2026-01-01T00:00:01.000Z',
        },
        exception: null,
        videoUrl: null,
        screenshots: [],
    });
    assert.deepEqual([b.spec, b.machineId, b.claimedAt, b.completedAt, b.results], ['b.spec.ts', null, null, null, null]);

    await api.record({ instances: [instance('b.spec.ts', [outcome('t6')])] });
    const after = await api.run(runId);
    assert.deepEqual([after.completionState, after.status], ['COMPLETE', 'FAILED']);
    assert.ok(after.durationMs >= 0);
    assert.deepEqual(statusOf(await api.get('/runs/no-such-run')), [404, 'Run not found']);
});

test('get: a run of 20,000 specs, packed where the client takes that', async (t) => {
    const api = await Api.start(t);
    const specs = Object.fromEntries(
        Array.from({ length: 20_000 }, (_, i) => [`tests/feature-${i}/checkout.spec.ts`, [`t${i}`]]),
    );
    const { runId } = await api.record({ fullTestSuite: suite(specs) });
    const instances = Object.entries(specs).map(([spec, [id]]) => instance(spec, [outcome(id)]));
    for (let i = 0; i < instances.length; i += 5_000)
        await api.record({ instances: instances.slice(i, i + 5_000) });

    const packed = await api.get(`/runs/${runId}`, { headers: { 'Accept-Encoding': 'gzip' } });
    assert.ok(packed.packed);
    assert.equal(packed.data.specs.length, 20_000);
    assert.equal(packed.data.completionState, 'COMPLETE');
    assert.deepEqual(packed.data.groups[0].instances.passes, 20_000);
    const plain = await api.get(`/runs/${runId}`);
    assert.ok(!plain.packed);
    assert.equal(plain.plain, packed.plain);
    assert.ok(packed.bytes.length * 5 < plain.bytes.length);

    // Over 1 MB, find answers only packed.
    const refused = await api.get('/runs/find?projectId=p1&ciBuildId=build-1');
    assert.equal(refused.status, 406);
    assert.match(refused.error, /1 MB.*Accept-Encoding: gzip/);
    const headers = { 'Accept-Encoding': 'gzip' };
    const found = await api.get('/runs/find?projectId=p1&ciBuildId=build-1', { headers });
    assert.equal(found.data.specs.length, 20_000);
});

test('find: by CI build id, in progress or not; else the newest complete run that fits', async (t) => {
    const api = await Api.start(t);
    const record = async (name, { branch = 'main', tags = [], whole = true }) => {
        const more = { ciBuildId: name, tags, commit: { branch } };
        return (await (whole ? api.wholeRun(more) : api.halfARun(more))).runId;
    };
    const runs = {
        old: await record('old', { tags: ['a', 'b'] }),
        release: await record('release', { branch: 'release/1.2', tags: ['a'] }),
        main: await record('main', { tags: ['a'] }),
        running: await record('running', { tags: ['a', 'b'], whole: false }),
    };
    const find = (query) => api.get(`/runs/find?projectId=p1&${query}`);
    const found = async (query) => (await find(query)).data?.runId;

    assert.equal(await found('ciBuildId=running'), runs.running);
    assert.equal(await found('ciBuildId=old&branch=release/*&tags[]=z'), runs.old, 'ciBuildId wins');
    assert.equal(await found(''), runs.main, 'the newest complete one');
    assert.equal(await found('branch=release/1.2'), runs.release);
    assert.equal(await found('branch=release/*'), runs.release);
    assert.equal(await found('branch=rel*'), runs.release);
    assert.equal(await found('branch=*'), undefined, 'the pattern wants a character before the *');
    assert.equal(await found('branch=mai'), undefined, 'a branch that is the beginning of another');
    for (const name of ['tags[]', 'tags%5B%5D', 'tag[]', 'tag%5B%5D', 'tag'])
        assert.equal(await found(`${name}=a&${name}=b`), runs.old, name);
    assert.equal(await found('tags[]=a&tags[]=c'), undefined, 'all tags must be there');
    assert.equal(await found('branch=main&tags[]=b'), runs.old);

    assert.deepEqual(statusOf(await api.get('/runs/find')), [400, 'projectId is required']);
    assert.equal((await api.get('/runs/find?projectId=nobody')).status, 404);
    assert.deepEqual(statusOf(await find('ciBuildId=never')), [404, 'Run not found']);
    const b250 = 'b'.repeat(250);
    assert.equal((await find(`branch=${b250}`)).status, 404);
    assert.match((await find(`branch=${b250}b`)).error, /^branch .*250/);
    for (const bad of ['a%20b', 'a*b', '**', 'caf%C3%A9']) {
        const answer = await find(`branch=${bad}`);
        assert.equal(answer.status, 400, bad);
        assert.match(answer.error, /^branch /);
    }
    assert.match((await find('pwLastRun=yes')).error, /^pwLastRun /);
});

test('find: pwLastRun is what .last-run.json needs', async (t) => {
    const api = await Api.start(t);
    await api.halfARun();
    const find = (more) => api.data('GET', `/runs/find?projectId=p1&ciBuildId=build-1${more}`);
    assert.deepEqual((await find('&pwLastRun=true')).pwLastRun, { status: 'failed', failedTests: ['t2'] });
    assert.equal((await find('')).pwLastRun, undefined);
    assert.equal((await find('&pwLastRun=false')).pwLastRun, undefined);
    await api.wholeRun({ ciBuildId: 'build-2' });
    await api.record({ ciBuildId: 'build-3', fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const open = await api.data('GET', '/runs/find?projectId=p1&ciBuildId=build-3&pwLastRun=true');
    assert.deepEqual(open.pwLastRun, { status: 'interrupted', failedTests: [] }, 'not run is not passed');
    const good = await api.data('GET', '/runs/find?projectId=p1&ciBuildId=build-2&pwLastRun=true');
    assert.deepEqual(good.pwLastRun, { status: 'passed', failedTests: [] });
});

test('cancel: once, for good, by the name of the key', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.halfARun();
    const cancelled = await api.data('PUT', `/runs/${runId}/cancel`);
    assert.equal(cancelled.runId, runId);
    assert.deepEqual([cancelled.actor, cancelled.reason], ['api:environment', 'apiRequest']);
    const run = await api.run(runId);
    assert.deepEqual([run.completionState, run.status], ['CANCELED', 'FAILED']);
    const { actor, canceledAt, reason } = cancelled;
    assert.deepEqual(run.cancellation, { actor, canceledAt, reason });
    assert.ok(run.durationMs >= 0);
    assert.deepEqual(run.groups[0].instances, { overall: 2, claimed: 1, complete: 1, passes: 0, failures: 1 });
    assert.deepEqual(statusOf(await api.put(`/runs/${runId}/cancel`)), [422, 'Run already cancelled']);
    assert.deepEqual((await api.run(runId)).cancellation, run.cancellation);
    assert.deepEqual(statusOf(await api.put('/runs/nobody/cancel')), [404, 'Run not found']);
});

test('cancel-ci: what a GitHub run and attempt recorded, narrowed by project and build id', async (t) => {
    const api = await Api.start(t);
    await api.place.agent(['projects', 'set', 'p2']);
    const ci = (githubRunId, githubRunAttempt) => ({
        provider: 'githubActions',
        params: { githubRunId, githubRunAttempt },
    });
    const record = async (name, projectId, run, attempt) =>
        (await api.halfARun({ ciBuildId: name, projectId, ci: ci(run, attempt) })).runId;
    const first = await record('one', 'p1', '8589934593', '1');
    const second = await record('two', 'p1', '8589934593', '2');
    const third = await record('three', 'p2', '8589934593', '2');
    const fourth = await record('four', 'p1', '8589934593', '2');
    const cancelCi = (body) => api.put('/runs/cancel-ci/github', body);
    const states = async () =>
        Promise.all([first, second, third, fourth].map(async (id) => (await api.run(id)).completionState));

    const gone = { githubRunId: '85899345', githubRunAttempt: 2 };
    assert.deepEqual(statusOf(await cancelCi(gone)), [404, 'Run not found']);
    const narrow = { githubRunId: '8589934593', githubRunAttempt: 2, projectId: 'p1', ciBuildId: 'two' };
    assert.equal((await cancelCi(narrow)).data.runId, second);
    assert.deepEqual(await states(), ['IN_PROGRESS', 'CANCELED', 'IN_PROGRESS', 'IN_PROGRESS']);
    assert.deepEqual(statusOf(await cancelCi(narrow)), [422, 'Run is cancelled']);
    const p2 = { githubRunId: '8589934593', githubRunAttempt: '2', projectId: 'p2', ciBuildId: null };
    assert.equal((await cancelCi(p2)).data.runId, third);
    assert.deepEqual(await states(), ['IN_PROGRESS', 'CANCELED', 'CANCELED', 'IN_PROGRESS']);
    const wide = { githubRunId: 8589934593, githubRunAttempt: '2' };
    assert.equal((await cancelCi(wide)).data.runId, fourth, 'what is left of the attempt');
    assert.deepEqual(await states(), ['IN_PROGRESS', 'CANCELED', 'CANCELED', 'CANCELED']);

    for (const [field, body] of [
        ['githubRunId', { githubRunAttempt: 1 }],
        ['githubRunId', { githubRunId: 'x', githubRunAttempt: 1 }],
        ['githubRunAttempt', { githubRunId: '1' }],
        ['githubRunAttempt', { githubRunId: '1', githubRunAttempt: 0 }],
        ['githubRunAttempt', { githubRunId: '1', githubRunAttempt: '1.5' }],
        ['projectId', { githubRunId: '1', githubRunAttempt: 1, projectId: 7 }],
        ['ciBuildId', { githubRunId: '1', githubRunAttempt: 1, ciBuildId: [] }],
        ['body', '{"githubRunId":'],
    ]) {
        const answer = await cancelCi(body);
        assert.equal(answer.status, 400, JSON.stringify(body));
        assert.match(answer.error, new RegExp(`\\b${field}\\b`));
    }
});

test('reset: failed and unfinished specs of those machines become claimable again', async (t) => {
    const api = await Api.start(t);
    const specs = { 'a.spec.ts': ['t1'], 'b.spec.ts': ['t2'], 'c.spec.ts': ['t3'], 'd.spec.ts': ['t4'] };
    await api.record({ fullTestSuite: suite(specs) });
    await api.record({ instances: [instance('a.spec.ts', [outcome('t1', 'failed')])] });
    await api.record({ instances: [instance('b.spec.ts', [outcome('t2')])] });
    await api.record({ machineId: 'm2', instances: [instance('c.spec.ts', [outcome('t3', 'failed')])] });
    const { runId } = await api.record({ machineId: 'm3', instances: [{ spec: 'd.spec.ts' }] });
    const spec = async (name) => (await api.run(runId)).specs.find((one) => one.spec === name);
    const counters = async () => (await api.run(runId)).groups[0];
    assert.deepEqual((await counters()).instances, { overall: 4, claimed: 4, complete: 3, passes: 1, failures: 2 });
    assert.equal((await spec('d.spec.ts')).machineId, 'm3');
    const before = await spec('a.spec.ts');

    const reset = (machineId, more) => api.put(`/runs/${runId}/reset`, { machineId, ...more });
    assert.equal((await reset(['m1', 'nobody'], { isBatchedOr8n: true })).data.resetSpecs, 1);
    const after = await spec('a.spec.ts');
    assert.equal(after.instanceId, before.instanceId);
    assert.deepEqual([after.machineId, after.claimedAt, after.completedAt, after.results], [null, null, null, null]);
    assert.ok((await spec('b.spec.ts')).completedAt, 'what passed stays');
    assert.ok((await spec('c.spec.ts')).completedAt, "another machine's spec stays");
    assert.deepEqual((await counters()).instances, { overall: 4, claimed: 3, complete: 2, passes: 1, failures: 1 });
    assert.deepEqual((await counters()).tests.overall, 4);

    assert.equal((await reset(['m2', 'm3'])).data.resetSpecs, 2);
    assert.deepEqual((await counters()).instances, { overall: 4, claimed: 1, complete: 1, passes: 1, failures: 0 });
    assert.equal((await api.run(runId)).status, 'RUNNING');
    const again = ['a', 'c', 'd'].map((name, i) => instance(`${name}.spec.ts`, [outcome(['t1', 't3', 't4'][i])]));
    await api.record({ machineId: 'm9', instances: again });
    const whole = await api.run(runId);
    assert.deepEqual([whole.completionState, whole.status], ['COMPLETE', 'PASSED']);

    const machines = Array.from({ length: 64 }, (_, i) => `m${i}`);
    assert.equal((await reset(machines.slice(1))).status, 200);
    for (const bad of [undefined, [], machines, 'm1', [''], [7]]) {
        const answer = await reset(bad);
        assert.equal(answer.status, 400, JSON.stringify(bad));
        assert.match(answer.error, /^machineId .*1 to 63/);
    }
    assert.match((await reset(['m1'], { isBatchedOr8n: 'yes' })).error, /^isBatchedOr8n /);
    assert.equal((await api.put('/runs/nobody/reset', { machineId: ['m1'] })).status, 404);
});

test('reset: a complete run goes on, a cancelled one does not', async (t) => {
    const api = await Api.start(t);
    const failed = instance('a.spec.ts', [outcome('t1', 'failed')]);
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const { runId } = await api.record({ instances: [failed] });
    assert.equal((await api.run(runId)).completionState, 'COMPLETE');
    const again = { machineId: 'm2', instances: [instance('a.spec.ts', [outcome('t1')], { startTime: '2026-01-02T00:00:00.000Z' })] };
    const refused = await api.post(again);
    assert.equal(refused.status, 422);
    assert.match(refused.error, /complete/);
    await api.put(`/runs/${runId}/reset`, { machineId: ['m1'] });
    assert.equal((await api.run(runId)).completionState, 'IN_PROGRESS');
    await api.record(again);
    assert.equal((await api.run(runId)).status, 'PASSED');
    await api.put(`/runs/${runId}/cancel`);
    const answer = await api.put(`/runs/${runId}/reset`, { machineId: ['m2'] });
    assert.deepEqual(statusOf(answer), [422, 'Run is cancelled']);
});

test('delete: the run and all that belongs to it', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.halfARun();
    const other = await api.wholeRun({ ciBuildId: 'other' });
    const { instanceId } = (await api.run(runId)).specs[0];
    assert.deepEqual(await api.data('DELETE', `/runs/${runId}`), { runId, actor: 'api:environment' });
    for (const path of [`/runs/${runId}`, `/instances/${instanceId}`, '/runs/find?projectId=p1&ciBuildId=build-1'])
        assert.equal((await api.get(path)).status, 404, path);
    assert.equal((await api.delete(`/runs/${runId}`)).status, 404);
    assert.equal((await api.run(other.runId)).completionState, 'COMPLETE');
    const anew = await api.halfARun();
    assert.notEqual(anew.runId, runId);
});

test('keys: 401 without one or with an unknown one, 403 for writing with one that reads', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.halfARun();
    const { key: reader } = await api.place.data(['keys', 'create', '--name', 'dashboard', '--read-only']);
    const { key: writer } = await api.place.data(['keys', 'create', '--name', 'robot']);
    const { key: recorder } = await api.place.data(['keys', 'create', '--name', 'ci', '--record']);

    for (const key of [null, '', 'unknown', recorder, api.place.secrets.CURRENTS_RECORD_KEY])
        assert.deepEqual(statusOf(await api.get(`/runs/${runId}`, { key })), [401, 'Invalid API key provided']);
    assert.equal((await api.get(`/runs/${runId}`, { key: reader })).status, 200);
    const writes = [
        ['PUT', `/runs/${runId}/cancel`],
        ['PUT', `/runs/${runId}/reset`, { machineId: ['m1'] }],
        ['PUT', '/runs/cancel-ci/github', { githubRunId: '1001', githubRunAttempt: 1 }],
        ['DELETE', `/runs/${runId}`],
    ];
    for (const [method, path, body] of writes) {
        const refused = await api.ask(method, path, { body, key: reader });
        assert.equal(refused.status, 403, path);
        assert.match(refused.error, /may only read/);
    }
    assert.equal((await api.run(runId)).completionState, 'IN_PROGRESS');
    const cancelled = await api.data('PUT', `/runs/${runId}/cancel`, { key: writer });
    assert.equal(cancelled.actor, 'api:robot');

    await api.record({ recordKey: recorder, ciBuildId: 'by-ci' });
    assert.equal((await api.post({ recordKey: writer })).status, 401);
    assert.equal((await api.post({ recordKey: '' })).status, 401);
    const listed = (await api.place.agent(['keys', 'list', '--json'])).stdout.trim().split('\n').map(JSON.parse);
    const id = (name) => String(listed.find((one) => one.name === name).id);
    for (const name of ['robot', 'ci']) await api.place.data(['keys', 'revoke', id(name)]);
    assert.equal((await api.get(`/runs/${runId}`, { key: writer })).status, 401);
    assert.equal((await api.post({ recordKey: recorder })).status, 401);
});

test('addresses that are not there are 404, wrong methods 405', async (t) => {
    const api = await Api.start(t);
    for (const path of ['/', '/nothing', '/runs/a/b/c', '/runs//cancel'])
        assert.equal((await api.put(path)).status, 404, path);
    const wrong = await api.ask('POST', '/projects');
    assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'GET']);
    assert.equal((await api.ask('PATCH', '/runs/x')).headers.allow, 'GET, DELETE');
});

test('a key of the environment that is replaced is valid no more', async (t) => {
    const api = await Api.start(t);
    const old = api.key;
    await api.server.stop();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(api.place.env.CURRENTS_API_KEY_FILE, 'the-next-key');
    api.server = await api.place.serveApi();
    assert.equal((await api.get('/projects', { key: old })).status, 401);
    assert.equal((await api.get('/projects', { key: 'the-next-key' })).status, 200);
});

test('keys that were made up are told even where the start then fails', async (t) => {
    const api = await Api.start(t); // it holds the port
    const place = api.place;
    const env = { RUNS_AGENT_STATE_DIR: `${place.dir}/other`, CURRENTS_API_KEY_FILE: '', RUNS_AGENT_API_LISTEN: place.api.target };
    const { code, stdout, stderr } = await place.agent(['api'], { env });
    assert.equal(code, 1);
    const { file } = JSON.parse(stderr.split('\n').find((line) => line.includes('"api.keys_made"')));
    assert.equal(file, `${place.dir}/other/runs-api.db.keys`);
    const { readFileSync, statSync } = await import('node:fs');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, 'utf8'), /\nexport CURRENTS_API_KEY=ra_api_/);
    assert.doesNotMatch(stdout + stderr, /ra_api_/);
});
