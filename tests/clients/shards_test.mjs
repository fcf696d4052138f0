// SPDX-License-Identifier: MIT
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
    const { warnings: [told] } = await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1', 't2'] }) });
    assert.match(told.message, /^Run is complete.*reset their machines first/);
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
    // To announce is refused to nobody; that there is nothing to do is said.
    const announce = async (machineId, id) => (await api.record({ machineId, fullTestSuite: suite({ 'a.spec.ts': [id] }) })).warnings.length;
    assert.equal(await announce('m1', 't1'), 1);
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
    assert.equal(await announce('m2', 't2'), 1);
    assert.equal(await announce('m1', 't1'), 0);
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

test('tests of one name are as many tests, and no failure of theirs is forgotten', async (t) => {
    const api = await Api.start(t);
    let second = 0;
    const report = (machineId, ...states) => api.record({
        machineId,
        instances: [instance('a.spec.ts', states.map((state) => outcome('v', state)), { startTime: `2026-01-01T00:00:0${++second}.000Z` })],
    });
    const shown = async (runId) => {
        const run = await api.run(runId);
        const { overall, passes, failures } = run.groups[0].tests;
        return [run.completionState, run.status, overall, passes, failures, (await find(api)).pwLastRun.failedTests.length];
    };
    const { runId } = await report('m1', 'passed', 'failed');
    assert.deepEqual(await shown(runId), ['COMPLETE', 'FAILED', 2, 1, 1, 1]);
    const reset = async () => (await api.put(`/runs/${runId}/reset`, { machineId: ['m1', 'm2'] })).data.resetSpecs;
    assert.equal(await reset(), 1);
    // Which of the two ran again? Nobody can tell.
    await report('m2', 'passed');
    assert.deepEqual(await shown(runId), ['COMPLETE', 'FAILED', 2, 1, 1, 1]);
    // Nor where one runs in another report: it may be the same.
    await report('m1', 'passed');
    assert.deepEqual(await shown(runId), ['COMPLETE', 'FAILED', 2, 1, 1, 1]);
    // They come in another order.
    assert.equal(await reset(), 1);
    await report('m1', 'failed', 'passed');
    assert.equal(await reset(), 1);
    await report('m1', 'passed');
    assert.deepEqual(await shown(runId), ['COMPLETE', 'FAILED', 2, 1, 1, 1]);
    assert.equal(await reset(), 1);
    await report('m1', 'passed', 'passed');
    assert.deepEqual(await shown(runId), ['COMPLETE', 'PASSED', 2, 2, 0, 0]);
    // One more than was known.
    await report('m2', 'passed', 'passed', 'failed');
    assert.deepEqual(await shown(runId), ['COMPLETE', 'FAILED', 3, 2, 1, 1]);
});

test("a report that comes again after a reset brings back no failure, and forgets none", async (t) => {
    const api = await Api.start(t);
    const batch = (machineId, state) => ({ machineId, instances: [instance('a.spec.ts', [outcome('t1', state)])] });
    const status = async () => {
        const run = await api.data('GET', '/runs/find?projectId=p1&ciBuildId=build-1');
        return `${run.completionState} ${run.status}`;
    };
    for (const machineId of ['linux', 'windows']) await api.record({ machineId, fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const { runId } = await api.record(batch('linux', 'failed'));
    await api.record(batch('windows', 'passed'));
    const reset = () => api.put(`/runs/${runId}/reset`, { machineId: ['linux'] });
    await reset();
    // Its answer was lost: it says nothing that it had not said before the reset.
    await api.record(batch('windows', 'passed'));
    assert.equal(await status(), 'COMPLETE FAILED');
    await api.record({ ...batch('linux', 'passed'), machineId: 'linux-2' });
    assert.equal(await status(), 'COMPLETE PASSED');
    await api.record(batch('linux', 'failed'));
    assert.equal(await status(), 'COMPLETE PASSED');
    // Whoever has begun it is waited for.
    await api.record({ machineId: 'linux', instances: [instance('a.spec.ts', [outcome('t1', 'failed')], { startTime: '2026-01-02T00:00:00.000Z' })] });
    await reset();
    await api.record({ machineId: 'linux-3', instances: [{ spec: 'a.spec.ts', groupId: 'chromium' }] });
    await api.record(batch('linux', 'failed'));
    assert.equal(await status(), 'IN_PROGRESS RUNNING');
    // It does not come: what failed before the reset has not run again.
    await api.put(`/runs/${runId}/cancel`);
    assert.equal(await status(), 'CANCELED FAILED');
    assert.deepEqual((await find(api)).pwLastRun, { status: 'failed', failedTests: ['t1'] });
});

test('a machine at work is not refused because others were first', async (t) => {
    const api = await Api.start(t);
    const fullTestSuite = suite({ 'a.spec.ts': ['t1'], 'b.spec.ts': ['t2'] });
    const batch = (machineId, spec, id, state) => ({
        machineId, instances: [instance(spec, [outcome(id, state)], { startTime: `2026-01-01T00:00:00.${machineId.length}00Z` })],
    });
    await api.record({ machineId: 'linux', fullTestSuite });
    await api.record(batch('linux', 'a.spec.ts', 't1'));
    const { runId } = await api.record(batch('linux', 'b.spec.ts', 't2'));
    await api.record({ machineId: 'windows', fullTestSuite });
    // The official client sends no more after a refusal.
    const { warnings } = await api.record(batch('windows', 'a.spec.ts', 't1'));
    assert.match(warnings[0].message, /a\.spec\.ts has results already, and has passed; .*another CI build id/);
    await api.record(batch('windows', 'b.spec.ts', 't2', 'failed'));
    assert.equal((await api.run(runId)).status, 'FAILED');
    // Who has announced nothing and has nothing new to tell gets advice that can be followed.
    const passed = await api.post(batch('stranger', 'a.spec.ts', 't1'));
    assert.deepEqual([passed.status, /reset/.test(passed.error)], [422, false]);
    assert.equal((await api.post({ ...batch('stranger', 'a.spec.ts', 't1'), ciBuildId: 'build-2' })).status, 200);
    const failed = await api.post(batch('stranger', 'b.spec.ts', 't2'));
    assert.equal(failed.status, 422);
    const [, machine] = failed.error.match(/reset machine (\S+) to run b\.spec\.ts again/);
    await api.put(`/runs/${runId}/reset`, { machineId: [machine] });
    await api.record(batch('stranger', 'b.spec.ts', 't2'));
    assert.equal((await api.run(runId)).status, 'PASSED');
});

test('what a failure kept from running is run again with it, and has not passed', async (t) => {
    const api = await Api.start(t);
    const report = (machineId, states, ciBuildId = 'build-1') => api.record({
        machineId, ciBuildId,
        instances: [instance('a.spec.ts', states.map((state, i) => outcome(`t${i}`, state)))],
    });
    const last = async (id = 'build-1') => (await api.data('GET', `/runs/find?projectId=p1&ciBuildId=${id}&pwLastRun=true`)).pwLastRun;
    await report('m1', ['failed', 'skipped', 'pending', 'passed']);
    assert.deepEqual(await last(), { status: 'failed', failedTests: ['t0', 't1'] });
    // A beforeAll that failed elsewhere: all of these did not run.
    await report('m1', ['skipped', 'skipped'], 'build-2');
    assert.deepEqual(await last('build-2'), { status: 'interrupted', failedTests: ['t0', 't1'] });
    assert.equal((await report('m2', ['passed', 'passed'], 'build-2')).warnings.length, 0);
    assert.deepEqual(await last('build-2'), { status: 'passed', failedTests: [] });
    await report('m1', ['pending'], 'build-3');
    assert.deepEqual(await last('build-3'), { status: 'passed', failedTests: [] });
    await report('m1', [], 'build-4');
    assert.deepEqual(await last('build-4'), { status: 'interrupted', failedTests: [] }, 'nothing ran');
});

test('a part that could not begin is not made good by the other parts', async (t) => {
    const api = await Api.start(t);
    const crashed = instance('a.spec.ts', []);
    crashed.results.exception = { message: 'SyntaxError' };
    const part = (id, startTime) => instance('a.spec.ts', [outcome(id)], { startTime });
    await api.record({ machineId: 'm1', instances: [crashed] });
    const { runId } = await api.record({ machineId: 'm2', instances: [part('t2', '2026-01-01')] });
    await api.put(`/runs/${runId}/reset`, { machineId: ['m1'] });
    await api.record({ machineId: 'm3', instances: [part('t2', '2026-01-02')] });
    let run = await api.run(runId);
    assert.deepEqual([run.status, run.specs[0].results.exception.message], ['FAILED', 'SyntaxError']);
    await api.record({ machineId: 'm4', instances: [part('t1', '2026-01-03')] });
    run = await api.run(runId);
    assert.deepEqual([run.status, run.specs[0].results.exception], ['PASSED', null]);
});
