// Several machines report parts of one spec, as Playwright's `fullyParallel` with `--shard` makes them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Api, instance, outcome, suite } from './recording.mjs';

const find = (api) => api.data('GET', '/runs/find?projectId=p1&ciBuildId=build-1&pwLastRun=true');
const tests = async (api, run) => {
    const { results } = await api.data('GET', `/instances/${run.specs[0].instanceId}`);
    return results.tests.map((one) => `${one.testId} ${one.state}`).sort();
};

test("a shard's failed tests count, however late they come", async (t) => {
    const api = await Api.start(t);
    const whole = suite({ 'a.spec.ts': ['t1', 't2'], 'b.spec.ts': ['t3'] });
    const first = { machineId: 'm1', instances: [instance('a.spec.ts', [outcome('t1')])] };
    const second = {
        machineId: 'm2',
        instances: [instance('a.spec.ts', [outcome('t2', 'failed')]), instance('b.spec.ts', [outcome('t3')])],
    };
    await api.record({ fullTestSuite: whole });
    const { runId } = await api.record(first);
    assert.deepEqual((await api.record(second)).warnings, []);
    const run = await api.run(runId);
    assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'FAILED']);
    assert.equal(run.specs[0].machineId, 'm1');
    assert.deepEqual(run.groups[0].instances, { overall: 2, claimed: 2, complete: 2, passes: 1, failures: 1 });
    assert.deepEqual(run.groups[0].tests, {
        overall: 3, passes: 2, failures: 1, pending: 0, skipped: 0, flaky: 0, retries: 0,
    });
    assert.equal(run.specs[0].results.stats.failures, 1);
    assert.deepEqual(await tests(api, run), ['t1 passed', 't2 failed']);
    assert.deepEqual((await find(api)).pwLastRun, { status: 'failed', failedTests: ['t2'] });

    // Either machine's batch, sent again, changes nothing.
    for (const batch of [first, second, first]) assert.deepEqual((await api.record(batch)).warnings, []);
    assert.deepEqual(await api.run(runId), run);
});

test('a complete run takes parts of its specs that it does not know, and no others', async (t) => {
    const api = await Api.start(t);
    const setup = (machineId, state, startTime) => [
        instance('setup.ts', [outcome('s', state)], { startTime: `2026-01-01T00:00:0${startTime}.000Z` }),
    ];
    const { runId } = await api.record({ machineId: 'm1', instances: setup('m1', 'passed', 1) });
    assert.equal((await api.run(runId)).completionState, 'COMPLETE');
    // Every shard runs the same set-up, and something of its own.
    const second = { machineId: 'm2', instances: [...setup('m2', 'passed', 2), instance('a.spec.ts', [outcome('t1')])] };
    const { warnings } = await api.record(second);
    assert.deepEqual(warnings.map((one) => one.message.split(' ')[0]), ['setup.ts']);
    assert.equal((await api.record(second)).runId, runId, 'an answer that was lost');
    const third = { machineId: 'm3', instances: [instance('a.spec.ts', [outcome('t2', 'failed')])] };
    await api.record({ machineId: 'm3', fullTestSuite: suite({ 'a.spec.ts': ['t2'] }) });
    await api.record(third);
    assert.deepEqual((await find(api)).pwLastRun.failedTests, ['t2']);
    const again = { machineId: 'm4', instances: [instance('a.spec.ts', [outcome('t2')])] };
    assert.equal((await api.post(again)).status, 422);
    assert.equal((await api.post({ fullTestSuite: suite({ 'a.spec.ts': ['t1', 't2'] }) })).status, 422);
    // A failure is never turned away.
    await api.record({ machineId: 'm4', instances: setup('m4', 'failed', 4) });
    assert.deepEqual((await find(api)).pwLastRun.failedTests, ['s', 't2']);
});

test('a spec of several machines is reset by any of them, and forgets no failure', async (t) => {
    const api = await Api.start(t);
    const part = (machineId, id, state) => api.record({ machineId, instances: [instance('a.spec.ts', [outcome(id, state)])] });
    await part('m1', 't1', 'failed');
    await part('m2', 't2', 'failed');
    const { runId } = await part('m3', 't3', 'passed');
    const reset = async (machineId) => (await api.put(`/runs/${runId}/reset`, { machineId })).data.resetSpecs;
    assert.equal(await reset(['nobody']), 0);
    const announce = async (machineId, id) => (await api.post({ machineId, fullTestSuite: suite({ 'a.spec.ts': [id] }) })).status;
    assert.equal(await announce('m1', 't1'), 422);
    assert.equal(await reset(['m2', 'm1']), 1);
    assert.equal(await reset(['m2', 'm1']), 0);
    let run = await api.run(runId);
    assert.deepEqual([run.completionState, run.specs[0].results], ['IN_PROGRESS', null]);
    assert.deepEqual((await find(api)).pwLastRun.failedTests, []);

    await part('m9', 't2', 'passed');
    run = await api.run(runId);
    assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'FAILED'], 't1 has not passed yet');
    assert.deepEqual((await find(api)).pwLastRun.failedTests, ['t1']);
    assert.deepEqual(await tests(api, run), ['t1 failed', 't2 passed', 't3 passed']);
    // The other one, which is slower.
    assert.equal(await announce('m2', 't2'), 422);
    assert.equal(await announce('m1', 't1'), 200);
    assert.equal(await reset(['m1']), 1);
    await part('m9', 't2', 'passed');
    await part('m8', 't1', 'passed');
    run = await api.run(runId);
    assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'PASSED']);
    assert.equal(run.groups[0].tests.passes, 3);
    assert.deepEqual((await find(api)).pwLastRun, { status: 'passed', failedTests: [] });
});

test('a test that failed has failed, whatever the counters say', async (t) => {
    const api = await Api.start(t);
    const spec = instance('a.spec.ts', [outcome('t1', 'failed')]);
    spec.results.stats.failures = 0;
    const { runId } = await api.record({ instances: [spec] });
    assert.equal((await api.run(runId)).status, 'FAILED');
    assert.deepEqual((await find(api)).pwLastRun, { status: 'failed', failedTests: ['t1'] });
});

test('of a file that each machine makes for a spec, each has its own', async (t) => {
    const api = await Api.start(t);
    const ids = [];
    for (const machineId of ['m1', 'm2', 'm1']) {
        const artifacts = [{ path: 'artifacts/out.txt', type: 'stdout', contentType: 'text/plain' }];
        const part = instance('a.spec.ts', [outcome(`of ${machineId}`)], { artifacts });
        const { artifactUploadUrls } = await api.record({ machineId, instances: [part] });
        ids.push(artifactUploadUrls[0].artifactId);
    }
    assert.notEqual(ids[0], ids[1]);
    assert.equal(ids[0], ids[2], 'a batch that is sent again');
});
