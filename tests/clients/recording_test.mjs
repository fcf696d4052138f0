// SPDX-License-Identifier: MIT
// What reporters need around the six operations: recording in batches from many machines, uploading
// artifacts, cancelling with a record key.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { request } from '../system/program.mjs';
import { Api, instance, outcome, suite } from './recording.mjs';

test('one project, build id and group are one run, from any number of machines at once', async (t) => {
    const api = await Api.start(t);
    const names = Array.from({ length: 24 }, (_, i) => `s${i}.spec.ts`);
    const fullTestSuite = suite(Object.fromEntries(names.map((name) => [name, [name]])));
    const machines = Array.from({ length: 8 }, (_, i) => `m${i}`);
    const announced = await Promise.all(machines.map((machineId) => api.record({ machineId, fullTestSuite })));
    const runId = announced[0].runId;
    assert.ok(announced.every((one) => one.runId === runId && one.ciBuildId === 'build-1'));
    assert.equal(announced.filter((one) => one.isNewRun).length, 1);
    assert.deepEqual(announced.map((one) => one.machineId), machines);
    await Promise.all(
        names.map((name, i) =>
            api.record({ machineId: machines[i % 8], instances: [instance(name, [outcome(name)])] }),
        ),
    );
    const run = await api.run(runId);
    assert.equal(run.completionState, 'COMPLETE');
    assert.deepEqual(run.groups[0].instances, { overall: 24, claimed: 24, complete: 24, passes: 24, failures: 0 });
    assert.equal(new Set(run.specs.map((spec) => spec.machineId)).size, 8);

    // A second group is work of its own; the same group again is not.
    const firefox = { group: 'firefox', fullTestSuite: suite({ 's0.spec.ts': ['s0'] }, { name: 'firefox' }) };
    assert.equal((await api.record(firefox)).runId, runId);
    assert.equal((await api.run(runId)).completionState, 'IN_PROGRESS');
    const groupId = 'firefox';
    await api.record({ group: groupId, instances: [instance('s0.spec.ts', [outcome('s0')], { groupId })] });
    assert.equal((await api.run(runId)).completionState, 'COMPLETE');
    assert.deepEqual((await api.run(runId)).groups.map((group) => group.groupId), ['chromium', 'firefox']);
    const late = await api.record({ machineId: 'm9', fullTestSuite });
    assert.match(late.warnings[0].message, /^Run is complete.*another CI build id$/);
    assert.equal((await api.run(runId)).completionState, 'COMPLETE');
    assert.notEqual((await api.record({ ciBuildId: 'build-2', fullTestSuite })).runId, runId);
});

test('a batch that is sent twice counts once, and changes nothing of a run that has ended', async (t) => {
    const api = await Api.start(t);
    const batch = { instances: [instance('a.spec.ts', [outcome('t1', 'failed')])] };
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const { runId } = await api.record(batch, { packed: false });
    const before = await api.run(runId);
    assert.deepEqual((await api.record(batch)).warnings, []);
    assert.deepEqual(await api.run(runId), before);
});

test('a spec that a machine has begun is claimed by it until it reports or is reset', async (t) => {
    const api = await Api.start(t);
    const begun = { spec: 'b.spec.ts', groupId: 'chromium', startTime: new Date().toISOString() };
    const { runId } = await api.halfARun();
    await api.record({ machineId: 'm2', instances: [begun] });
    const spec = async () => (await api.run(runId)).specs[1];
    assert.deepEqual([(await spec()).machineId, (await spec()).results], ['m2', null]);
    assert.ok((await spec()).claimedAt);
    const late = await api.record({ machineId: 'm3', instances: [begun] });
    assert.match(late.warnings[0].message, /b\.spec\.ts.*another machine/);
    assert.equal((await spec()).machineId, 'm2');
    await api.record({ machineId: 'm2', instances: [instance('b.spec.ts', [outcome('t3')])] });
    assert.equal((await api.run(runId)).completionState, 'COMPLETE');
});

test('a cancelled run takes the results of tests under way, and begins no other', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.halfARun();
    await api.put(`/runs/${runId}/cancel`);
    const refused = await api.post({ machineId: 'm2', instances: [{ spec: 'b.spec.ts' }] });
    assert.deepEqual([refused.status, refused.error], [422, 'Run is cancelled']);
    const taken = await api.record({ instances: [instance('b.spec.ts', [outcome('t3')])] });
    assert.equal(taken.cancellation.reason, 'apiRequest');
    const run = await api.run(runId);
    assert.equal(run.completionState, 'CANCELED');
    assert.equal(run.groups[0].instances.complete, 2);
    // A machine that joins late is told so.
    const joined = await api.record({ machineId: 'm9', fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    assert.ok(joined.cancellation.canceledAt);
});

test('what is wrong with a recording is said, with the field and its rule', async (t) => {
    const api = await Api.start(t);
    for (const [expected, recording] of [
        [/projectId is required/, { projectId: '' }],
        [/fullTestSuite must be a list/, { fullTestSuite: {} }],
        [/fullTestSuite\[\]\.tests must be a list/, { fullTestSuite: [{ name: 'x' }] }],
        [/fullTestSuite\[\]\.tests\[\]\.spec /, { fullTestSuite: [{ name: 'x', tests: [{}] }] }],
        [/instances must be a list/, { instances: 'x' }],
        [/instances\[\]\.spec /, { instances: [{}] }],
        [/instances\[\]\.results must be an object \(spec a\)/, { instances: [{ spec: 'a', results: [] }] }],
        [/instances\[\]\.results\.stats /, { instances: [{ spec: 'a', results: {} }] }],
        [/githubRunAttempt must be a number from 1/, { ci: { params: { githubRunAttempt: 'x' } } }],
    ]) {
        const answer = await api.post(recording);
        assert.equal(answer.status, 400, answer.body);
        assert.match(answer.error, expected);
    }
    assert.deepEqual([(await api.post({ projectId: 'nobody' })).status], [404]);
    const ask = (headers, body) => api.ask('POST', '/runs', { headers, body, key: null });
    assert.equal((await ask({}, '{"projectId":')).status, 400);
    assert.equal((await ask({ 'Content-Encoding': 'gzip' }, 'no gzip at all')).status, 400);
});

test('a run may take over from another, and knows its pull request', async (t) => {
    const api = await Api.start(t);
    const first = await api.halfARun();
    const commit = { branch: 'topic', ghaEventData: { htmlUrl: 'https://github.com/octo/shop/pull/12' } };
    const second = await api.halfARun({ ciBuildId: 'build-2', previousCiBuildId: 'build-1', commit });
    assert.equal((await api.run(second.runId)).previousRunId, first.runId);
    const { pr } = (await api.run(second.runId)).meta;
    assert.deepEqual(pr, { id: 'github:github.com/octo/shop#12' });
    assert.equal((await api.run(first.runId)).meta.pr, undefined);
    for (const asked of ['12', pr.id]) {
        const listed = await api.data('GET', `/projects/p1/runs?pr_id=${encodeURIComponent(asked)}`);
        assert.deepEqual(listed.map((run) => run.runId), [second.runId], asked);
    }
    await api.delete(`/runs/${first.runId}`);
    assert.equal((await api.run(second.runId)).previousRunId, null);
});

test('a run that nobody reports to any more times out, as every answer then shows', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.halfARun();
    // Half an hour passes, as far as the run can tell.
    const database = new DatabaseSync(join(api.place.env.RUNS_AGENT_STATE_DIR, 'runs-api.db'));
    database.exec('UPDATE runs SET active_at = active_at - 1800001, created_at = created_at - 1800001');
    database.close();
    const run = await api.run(runId);
    assert.deepEqual([run.completionState, run.status], ['TIMEOUT', 'FAILED']);
    assert.deepEqual(run.timeout, { isTimeout: true, timeoutValueMs: 1_800_000 });
    assert.ok(run.durationMs >= 1_800_000);
    const listed = await api.data('GET', '/projects/p1/runs?completion_state=TIMEOUT');
    assert.equal(listed[0].runId, runId);
    const lastRun = await api.data('GET', '/runs/find?projectId=p1&ciBuildId=build-1&pwLastRun=true');
    assert.equal(lastRun.pwLastRun.status, 'failed');
    const late = await api.post({ machineId: 'm2', instances: [instance('b.spec.ts', [outcome('t3')])] });
    assert.equal(late.status, 422);
    assert.match(late.error, /timed out/);
});

test('HEAD answers as GET does, without the body; more than 64 MiB is too large', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.halfARun();
    const ask = (method) =>
        request({
            address: api.address, path: `/v1/runs/${runId}`, method, headers: { Authorization: `Bearer ${api.key}` },
        });
    const [get, head] = [await ask('GET'), await ask('HEAD')];
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.equal(head.headers['content-length'], get.headers['content-length']);
    const body = Buffer.alloc(64 * 1024 * 1024 + 1, ' ');
    const large = await request({ address: api.address, path: '/v1/runs', method: 'POST', body });
    assert.equal(large.status, 413);
    assert.equal(JSON.parse(large.body).status, 'FAILED');
});

const png = randomBytes(50_000);

function withArtifacts() {
    const test = outcome('t1', 'failed');
    test.attempts[0].artifacts = [
        { path: 'artifacts/shot.png', type: 'screenshot', contentType: 'image/png', name: 'checkout' },
        { path: 'artifacts/trace.zip', type: 'trace', contentType: 'application/zip', name: 'trace' },
    ];
    test.artifacts = [{ path: 'artifacts/clip.webm', type: 'video', contentType: 'video/webm' }];
    const artifacts = [{ path: 'artifacts/out.txt', type: 'stdout', contentType: 'text/plain' }];
    return { instances: [instance('a.spec.ts', [test], { artifacts })] };
}

const put = (url, body, headers = { 'Content-Type': 'image/png' }) => {
    const { host, pathname, search } = new URL(url);
    return request({ address: host, path: pathname + search, method: 'PUT', headers, body });
};
const get = (url) => {
    const { host, pathname, search } = new URL(url);
    return request({ address: host, path: pathname + search });
};

test('artifacts are uploaded where the answer says, and read where the run says', async (t) => {
    const api = await Api.start(t);
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const { runId, artifactUploadUrls: urls } = await api.record(withArtifacts());
    assert.deepEqual(urls.map((one) => one.path), [
        'artifacts/out.txt', 'artifacts/clip.webm', 'artifacts/shot.png', 'artifacts/trace.zip',
    ]);
    const [out, clip, shot, trace] = urls;
    assert.equal((await get(shot.readUrl)).status, 404, 'not uploaded yet');
    assert.deepEqual((await api.run(runId)).specs[0].results.screenshots, []);
    for (const [one, type] of [[out, 'text/plain'], [clip, 'video/webm'], [trace, 'application/zip']])
        assert.equal((await put(one.uploadUrl, 'content', { 'Content-Type': type })).status, 200);
    assert.equal((await put(shot.uploadUrl, png)).status, 200);

    const { results, instanceId } = (await api.run(runId)).specs[0];
    assert.equal(results.screenshots.length, 1);
    const { name, testId, testAttemptIndex, screenshotURL } = results.screenshots[0];
    assert.deepEqual([name, testId, testAttemptIndex], ['checkout', 't1', 0]);
    const read = await get(screenshotURL);
    assert.equal(read.status, 200);
    assert.equal(read.headers['content-type'], 'image/png');
    assert.equal(read.headers['x-content-type-options'], 'nosniff');
    assert.ok(read.bytes.equals(png));
    assert.equal((await get(results.videoUrl)).body, 'content');

    const whole = await api.data('GET', `/instances/${instanceId}`);
    assert.equal(whole.results.artifacts.length, 4);
    assert.equal(whole.results.videos[0].testId, 't1');
    assert.equal((await get(whole.results.playwrightTraces[0].traceURL)).body, 'content');
    const stdout = whole.results.artifacts.find((one) => one.type === 'stdout');
    assert.deepEqual([stdout.level, stdout.testId, stdout.size], ['spec', null, 7]);

    // The same batch again names the same files.
    const again = (await api.record(withArtifacts())).artifactUploadUrls;
    assert.deepEqual(again.map((one) => one.artifactId), urls.map((one) => one.artifactId));
});

test("an artifact's URL is good for one use of one file, and not after it is changed", async (t) => {
    const api = await Api.start(t);
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const { artifactUploadUrls: [out, clip] } = await api.record(withArtifacts());
    const tampered = (url, change) => {
        const changed = new URL(url);
        change(changed);
        return changed.href;
    };
    const sets = (name, value) => (url) => url.searchParams.set(name, value);
    const later = String(Date.now() + 9e9);
    for (const url of [
        out.readUrl,
        tampered(out.uploadUrl, sets('signature', '0'.repeat(64))),
        tampered(out.uploadUrl, sets('expires', later)),
        tampered(out.uploadUrl, (one) => (one.search = '')),
        tampered(out.uploadUrl, (one) => (one.pathname = new URL(clip.uploadUrl).pathname)),
    ])
        assert.equal((await put(url, 'x')).status, 403, url);
    assert.equal((await put(out.uploadUrl, 'x')).status, 200);
    assert.equal((await get(out.uploadUrl)).status, 403);
    assert.equal((await get(tampered(out.readUrl, sets('expires', later)))).status, 403);
});

test('artifacts go with what they belong to', async (t) => {
    const api = await Api.start(t);
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const first = await api.record(withArtifacts());
    for (const { uploadUrl } of first.artifactUploadUrls) await put(uploadUrl, 'x');
    await api.put(`/runs/${first.runId}/reset`, { machineId: ['m1'] });
    assert.equal((await get(first.artifactUploadUrls[0].readUrl)).status, 404);
    assert.equal((await put(first.artifactUploadUrls[0].uploadUrl, 'x')).status, 404);

    const second = await api.record(withArtifacts());
    const { uploadUrl, readUrl } = second.artifactUploadUrls[0];
    await put(uploadUrl, 'x');
    assert.equal((await get(readUrl)).status, 200);
    await api.delete(`/runs/${first.runId}`);
    assert.equal((await get(readUrl)).status, 404);
});

test('POST /runs/cancel: with a record key, by run id or build id, as often as one likes', async (t) => {
    const api = await Api.start(t);
    const recordKey = api.place.secrets.CURRENTS_RECORD_KEY;
    const cancel = (body) =>
        api.ask('POST', '/runs/cancel', { key: null, body: { recordKey, projectId: 'p1', ...body } });
    const one = await api.halfARun();
    const two = await api.halfARun({ ciBuildId: 'build-2' });

    const first = (await cancel({ ciBuildId: 'build-1' })).data;
    assert.equal(first.runId, one.runId);
    assert.deepEqual(Object.keys(first.cancellation), ['actor', 'canceledAt', 'reason']);
    assert.equal((await api.run(one.runId)).completionState, 'CANCELED');
    assert.deepEqual((await cancel({ ciBuildId: 'build-1' })).data, first);
    assert.equal((await cancel({ ciBuildId: 'build-1', runId: two.runId })).data.runId, two.runId);
    assert.deepEqual((await cancel({ ciBuildId: 'never' })).data, { runId: null, cancellation: null });
    await api.place.agent(['projects', 'set', 'p2']);
    assert.equal((await cancel({ projectId: 'p2', runId: one.runId })).data.runId, null);

    assert.equal((await cancel({ ciBuildId: 'build-1', recordKey: 'wrong' })).status, 401);
    assert.equal((await cancel({})).status, 400);
    assert.equal((await cancel({ projectId: '', ciBuildId: 'build-1' })).status, 400);
});

test('shards that announce specs of their own are taken after others are complete', async (t) => {
    const api = await Api.start(t);
    const shard = async (machineId, spec, id) => {
        await api.record({ machineId, fullTestSuite: suite({ [spec]: [id] }) });
        return api.record({ machineId, instances: [instance(spec, [outcome(id)])] });
    };
    const { runId } = await shard('m1', 'a.spec.ts', 't1');
    assert.equal((await api.run(runId)).completionState, 'COMPLETE');
    await shard('m2', 'b.spec.ts', 't2');
    const run = await api.run(runId);
    assert.deepEqual([run.completionState, run.specs.length], ['COMPLETE', 2]);
    // A group that only the suite names is new work, too.
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'] }, { name: 'firefox' }) });
    assert.equal((await api.run(runId)).completionState, 'IN_PROGRESS');
});

test('no group is shown that nobody has recorded in', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.record({ group: '', fullTestSuite: suite({ 'a.spec.ts': ['t1'] }, { name: 'web' }) });
    await api.record({ group: '', instances: [instance('a.spec.ts', [outcome('t1')], { groupId: 'web' })] });
    assert.deepEqual((await api.run(runId)).groups.map((group) => group.groupId), ['web']);
});

test('results beside a claim are taken by a cancelled run', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.halfARun();
    await api.put(`/runs/${runId}/cancel`);
    const c = instance('c.spec.ts', [outcome('t9')]);
    const taken = await api.record({ instances: [c, { spec: 'b.spec.ts' }] });
    assert.match(taken.warnings[0].message, /b\.spec\.ts.*Run is cancelled/);
    const specs = (await api.run(runId)).specs;
    assert.ok(specs.find((spec) => spec.spec === 'c.spec.ts').completedAt);
    assert.equal(specs.find((spec) => spec.spec === 'b.spec.ts').claimedAt, null);
});

test('a spec that could not be run has failed, and runs again after a reset', async (t) => {
    const api = await Api.start(t);
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const crashed = instance('a.spec.ts', []);
    crashed.results.exception = { message: 'SyntaxError' };
    const { runId } = await api.record({ instances: [crashed] });
    const run = await api.run(runId);
    assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'FAILED']);
    assert.equal(run.groups[0].instances.failures, 1);
    assert.equal(run.specs[0].results.exception.message, 'SyntaxError');
    assert.equal((await api.put(`/runs/${runId}/reset`, { machineId: ['m1'] })).data.resetSpecs, 1);
});

test('hostile bodies are refused in no time and harm nothing', async (t) => {
    const api = await Api.start(t);
    const { runId } = await api.halfARun();
    const deep = '['.repeat(500_000) + ']'.repeat(500_000);
    const exception = `{"projectId":"p1","instances":[{"spec":"a","results":{"stats":{},"exception":${deep}}}]}`;
    const ask = (body, headers) => api.ask('POST', '/runs', { key: null, body, headers });
    assert.equal((await ask(exception)).status, 400);
    const bomb = gzipSync(Buffer.alloc(120 * 1024 * 1024, ' '));
    const sent = await request({
        address: api.address, path: '/v1/runs', method: 'POST', body: bomb, headers: { 'Content-Encoding': 'gzip' },
    });
    assert.equal(sent.status, 400);
    const huge = instance('z.spec.ts', [outcome('z')]);
    huge.results.stats.failures = Number.MAX_SAFE_INTEGER;
    await api.record({ instances: [huge, { ...huge, spec: 'y.spec.ts' }] });
    assert.equal((await api.run(runId)).groups[0].tests.failures, 2_000_000_001);
    assert.equal((await api.get('/projects/p1/runs')).status, 200);
    // Only recordings come packed.
    const packed = { headers: { 'Content-Encoding': 'gzip' } };
    assert.equal((await api.put('/runs/cancel-ci/github', '{}', packed)).status, 415);
});

test("an upload's media type cannot break what shows it", async (t) => {
    const api = await Api.start(t);
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    const { runId, artifactUploadUrls: [out] } = await api.record(withArtifacts());
    await put(out.uploadUrl, 'x', { 'Content-Type': 'image/\xff' });
    const { instanceId } = (await api.run(runId)).specs[0];
    const { results } = await api.data('GET', `/instances/${instanceId}`);
    assert.equal(results.artifacts[0].contentType, 'application/octet-stream');
});
