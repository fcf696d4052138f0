// SPDX-License-Identifier: MIT
// The action in a job, end to end: the released program, from the tool cache, against the embedded
// Runs API.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Api, instance, outcome, suite } from '../clients/recording.mjs';
import { Server, asset, checkOut, pathOf, realArchive, scriptArchive, version } from './release.mjs';
import { Runner, said } from './runner.mjs';

// A runner that has the program, and the Runs API with its keys.
async function scene(t) {
    const api = await Api.start(t);
    const runner = new Runner(t);
    const server = await Server.start(t);
    server.answers[pathOf()] = realArchive();
    const folder = checkOut(runner.actionFolder(), { [asset]: realArchive() });
    const early = await runner.job({ github: { server_url: server.url } }).use(folder, { with: { command: 'install' } });
    assert.equal(early.code, 0, early.text);
    server.stop();
    const { CURRENTS_API_KEY: key, CURRENTS_RECORD_KEY: record } = api.place.secrets;
    const url = api.place.env.CURRENTS_API_URL;
    const keys = { CURRENTS_API_KEY: key, CURRENTS_API_URL: url, CURRENTS_PROJECT_ID: 'p1' };
    const all = { api, runner, folder, key, record, url, keys };
    // One step of a job of its own, after which no secret may be seen anywhere.
    all.step = async (inputs = {}, { env = keys, debug = true, github = {}, job } = {}) => {
        const one = job ?? runner.job({ env, debug, github, secrets: { key, record } });
        const result = await one.use(folder, { with: inputs });
        const masks = result.raw.filter((line) => /^::add-mask::/.test(line));
        const rest = result.raw.filter((line) => !masks.includes(line)).join('\n');
        for (const secret of [key, record, one.github.token]) {
            for (const text of [rest, result.text, result.rawSummary, JSON.stringify(result.outputs)])
                assert.ok(!text.includes(secret), `a secret was shown: ${text.replaceAll(secret, '<here>')}`);
        }
        return Object.assign(result, { job: one });
    };
    all.good = async (expected, ...args) => {
        const result = await all.step(...args);
        assert.equal(result.code, 0, result.text);
        assert.equal(result.outputs.outcome, expected, result.text);
        return result;
    };
    return all;
}

test('cancel: with the inputs alone', async (t) => {
    const { api, good, key, url } = await scene(t);
    const { runId, runUrl } = await api.halfARun();
    const inputs = { 'api-token': key, 'api-url': url, 'github-run-id': '1001', 'github-run-attempt': 1 };
    const result = await good('cancelled', inputs, { env: {} });
    assert.deepEqual(result.outputs, {
        outcome: 'cancelled', 'run-id': runId, 'run-url': runUrl, status: 'CANCELED', 'extra-pw-flags': '',
        'extra-discovery-flags': '', reason: '',
    });
    assert.equal((await api.run(runId)).completionState, 'CANCELED');
    assert.equal(result.raw[0], `::add-mask::${key}`);
    assert.match(result.summary, /^### runs-agent: cancel\n\n\| Asked \| Happened \| Run \|\n/);
    assert.ok(result.summary.includes(`[${runId}](${runUrl})`), result.summary);
    assert.match(said(result, 'notice')[0], /^cancelled run /);
    assert.deepEqual(result.commands.filter(({ name }) => /group/.test(name)).map(({ name }) => name), ['group', 'endgroup']);
    assert.match(result.text, /^took [\d.]+ m?s$/m);
    assert.ok(result.commands.some(({ name }) => name === 'debug'));
});

test('cancel: with the environment of the job alone, again, and where nothing was recorded', async (t) => {
    const { api, good, keys } = await scene(t);
    const none = await good('nothing-to-cancel');
    assert.equal(said(none, 'warning').length, 1);
    const { runId } = await api.halfARun();
    assert.equal((await good('cancelled')).outputs['run-id'], runId);
    await good('already-cancelled');
    assert.equal((await good('already-cancelled', { 'run-id': runId })).outputs['run-id'], runId);

    const second = await api.halfARun({ ciBuildId: 'b2' });
    const env = { ...keys, CURRENTS_RUN_ID: second.runId };
    assert.equal((await good('cancelled', {}, { env })).outputs['run-id'], second.runId);
});

test('an input that is empty counts as one that is not given', async (t) => {
    const { api, good, folder, keys } = await scene(t);
    const { runId } = await api.halfARun();
    const names = [...readFileSync(join(folder, 'action.yml'), 'utf8').matchAll(/^  ([\w-]+):\n    description/gm)];
    const empty = Object.fromEntries(names.map(([, name]) => [name, '']));
    assert.ok('api-token' in empty && 'mirror' in empty);
    const result = await good('cancelled', empty, { env: keys });
    assert.equal(result.outputs['run-id'], runId);
});

test('a drop-in for the official cancel action', async (t) => {
    const { api, good, step, record, key, url } = await scene(t);
    const { runId } = await api.halfARun({ ciBuildId: 'octo/shop-1001-1' });
    // Each example of its documentation, against an address of our own.
    const byRecordKey = { 'record-key': record, 'project-id': 'p1', 'director-url': url.replace(/\/v1$/, '') };
    const result = await good('cancelled', { ...byRecordKey, 'ci-build-id': 'octo/shop-1001-1' }, { env: {} });
    assert.equal(result.outputs['run-id'], runId);
    await good('nothing-to-cancel', { ...byRecordKey, 'ci-build-id': 'other' }, { env: {} });

    const second = await api.halfARun({ ciBuildId: 'b2' });
    await good('cancelled', { ...byRecordKey, 'run-id': second.runId, 'ci-build-id': 'other' }, { env: {} });
    assert.equal((await api.run(second.runId)).completionState, 'CANCELED');

    const third = await api.halfARun({ ciBuildId: 'b3' });
    const jobs = { CURRENTS_RECORD_KEY: record, CURRENTS_PROJECT_ID: 'p1', CURRENTS_CI_BUILD_ID: 'b3' };
    // A key for the job's other steps, which the official action does not read.
    await good('cancelled', { 'director-url': url }, { env: { ...jobs, CURRENTS_API_KEY: 'of-something-else' } });
    assert.equal((await api.run(third.runId)).completionState, 'CANCELED');

    const params = { githubRunId: '1001', githubRunAttempt: '2' };
    const fourth = await api.halfARun({
        ciBuildId: 'b4',
        ci: { provider: 'githubActions', params, ciBuildId: { source: 'user', value: 'b4' } },
    });
    const byToken = { 'api-token': key, 'api-url': url };
    const github = { run_attempt: '2' };
    await good('nothing-to-cancel', { ...byToken, 'project-id': 'p1', 'ci-build-id': 'other' }, { env: {}, github });
    // The record key of the job is not used where the step has a token, nor what the job says of its run.
    const ofJob = { CURRENTS_RECORD_KEY: record, CURRENTS_PROJECT_ID: 'other', CURRENTS_RUN_ID: third.runId };
    const token = await good('cancelled', byToken, { env: ofJob, github });
    assert.equal(token.outputs['run-id'], fourth.runId);

    // All of its inputs at once: the record key goes before the token.
    const fifth = await api.halfARun({ ciBuildId: 'b5' });
    const both = { ...byToken, ...byRecordKey, 'ci-build-id': 'b5', 'github-run-id': '1', 'github-run-attempt': '1' };
    assert.equal((await good('cancelled', both, { env: {} })).outputs['run-id'], fifth.runId);
    assert.equal((await api.run(fifth.runId)).cancellation.actor, 'reporter');

    const refused = await step({ ...byToken, 'api-token': 'wrong' }, { env: {} });
    assert.equal(refused.code, 1);
    assert.match(said(refused)[0], /401/);
    assert.equal(refused.outputs.outcome, 'failed');
});

test('reset', async (t) => {
    const { api, good } = await scene(t);
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1'], 'b.spec.ts': ['t2'] }) });
    await api.record({ instances: [instance('a.spec.ts', [outcome('t1')])] });
    const { runId } = await api.record({ machineId: 'm2', instances: [instance('b.spec.ts', [outcome('t2', 'failed')])] });
    const claimed = async () =>
        (await api.run(runId)).specs.filter((spec) => spec.machineId).map(({ spec }) => spec);
    const result = await good('reset', { command: 'reset', 'ci-build-id': 'build-1', 'machine-id': 'nobody\nm2' });
    assert.equal(result.outputs['run-id'], runId);
    assert.deepEqual(await claimed(), ['a.spec.ts']);
    await good('nothing-to-reset', { command: 'reset', 'ci-build-id': 'build-1' });
});

test('find: a drop-in for the API mode of the official last-failed action', async (t) => {
    const { api, good, keys } = await scene(t);
    const tests = [outcome('t1'), outcome('t2', 'failed')];
    const recording = { ciBuildId: 'octo/shop-1001-1' };
    await api.record({ ...recording, fullTestSuite: suite({ 'a.spec.ts': ['t1', 't2'] }) });
    const { runId } = await api.record({ ...recording, instances: [instance('a.spec.ts', tests)] });
    const rerun = { github: { run_attempt: '2' } };

    // Nothing came before a first attempt, but what is named is found.
    const first = await good('nothing-found', { command: 'find', or8n: true });
    assert.equal(first.outputs['extra-pw-flags'], '');
    const by = await good('found', { command: 'find', 'ci-build-id': recording.ciBuildId });
    assert.equal(by.outputs['extra-pw-flags'], '');
    const again = await good('found', { command: 'find', or8n: true, 'use-api': true }, rerun);
    assert.equal(again.outputs['extra-pw-flags'], '--last-failed');
    assert.equal(again.outputs['extra-discovery-flags'], '--last-failed');
    assert.deepEqual([again.outputs['run-id'], again.outputs.status], [runId, 'FAILED']);
    assert.deepEqual(said(again, 'warning'), []);
    const read = (result, name) => JSON.parse(readFileSync(join(result.job.workspace, name), 'utf8'));
    const { pwLastRun } = await api.data('GET', `/runs/find?projectId=p1&ciBuildId=octo/shop-1001-1&pwLastRun=true`);
    assert.deepEqual(read(again, 'test-results/.last-run.json'), pwLastRun);
    assert.deepEqual(pwLastRun.failedTests, ['t2']);

    // Every input that it has.
    const inputs = {
        command: 'find', 'use-api': true, or8n: false, debug: false, key: 'k', id: 'i', path: 'p', 'output-dir': 'o',
        'pw-output-dir': 'elsewhere', 'matrix-index': 1, 'matrix-total': 2,
        'api-key': keys.CURRENTS_API_KEY, 'project-id': 'p1', 'previous-ci-build-id': 'octo/shop-1001-<%= 2 - 1 %>',
    };
    const { CURRENTS_API_URL } = keys;
    const full = await good('found', inputs, { env: { CURRENTS_API_URL }, ...rerun });
    assert.equal(full.outputs['extra-pw-flags'], '--last-failed');
    assert.deepEqual(read(full, 'elsewhere/.last-run.json'), pwLastRun);
    assert.deepEqual(said(full, 'warning').map((text) => text.split(' ')[0]), ['key', 'id', 'path', 'output-dir']);

    const none = await good('nothing-found', { command: 'find', branch: 'other' }, rerun);
    assert.equal(none.outputs['extra-pw-flags'], '');
    assert.ok(!existsSync(join(none.job.workspace, 'test-results')));
    const noFile = await good('found', { command: 'find', branch: 'ma*', tag: 'nightly\nsmoke', 'pw-last-run': false }, rerun);
    assert.ok(!existsSync(join(noFile.job.workspace, 'test-results')));
    const named = await good('found', { command: 'find', output: 'deep/er.json' }, rerun);
    assert.deepEqual(read(named, 'deep/er.json'), pwLastRun);
});

test('find: a re-run is narrowed only where it is known what did not pass', async (t) => {
    const all = await scene(t);
    const { api, good } = all;
    const find = { command: 'find' };
    const file = 'test-results/.last-run.json';
    // Attempt 2 of a run, with what another run left in its folder.
    const rerun = async (id, inputs = find) => {
        const { key, record } = all;
        const job = all.runner.job({ env: all.keys, github: { run_id: id, run_attempt: '2' }, secrets: { key, record } });
        mkdirSync(join(job.workspace, 'test-results'), { recursive: true });
        writeFileSync(join(job.workspace, file), '{"status":"failed","failedTests":["old"]}');
        const result = await good('found', inputs, { job });
        const path = join(job.workspace, file);
        return Object.assign(result, { list: existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined });
    };
    const record = (id, recording) => api.record({ ciBuildId: `octo/shop-${id}-1`, ...recording });
    const two = suite({ 'a.spec.ts': ['t1', 't2'], 'b.spec.ts': ['t3'] });
    const a = instance('a.spec.ts', [outcome('t1', 'failed'), outcome('t2')]);

    // One shard failed t1, another claimed b.spec.ts and died.
    await record(2001, { fullTestSuite: two });
    const { runId } = await record(2001, { instances: [a] });
    const died = await rerun('2001');
    assert.equal(died.outputs['extra-pw-flags'], '');
    assert.equal(died.outputs['extra-discovery-flags'], '');
    assert.equal(died.outputs.status, 'FAILING');
    assert.equal(died.outputs.reason, 'it is still in progress');
    assert.equal(died.list, undefined);
    assert.match(died.text, /^removed test-results\/\.last-run\.json, /m);
    assert.match(said(died, 'notice')[0], /all tests are to be run, .*: it is still in progress$/);
    assert.match(died.summary, /all tests are to be run/);
    await api.data('PUT', `/runs/${runId}/cancel`);
    const cancelled = await rerun('2001');
    assert.deepEqual([cancelled.outputs.status, cancelled.outputs['extra-pw-flags']], ['CANCELED', '']);
    assert.equal(cancelled.outputs.reason, 'it was cancelled before its end');
    assert.equal(cancelled.list, undefined);

    // Cancelled before anything ran: the service calls it PASSED.
    const empty = await record(2002, { fullTestSuite: two });
    await api.data('PUT', `/runs/${empty.runId}/cancel`);
    assert.equal((await api.run(empty.runId)).status, 'PASSED');
    assert.equal((await rerun('2002')).outputs.status, 'CANCELED');

    // beforeAll failed: t2 did not run because of t1, t4 is skipped on purpose.
    await record(2003, { fullTestSuite: suite({ 'a.spec.ts': ['t1', 't2', 't4'] }) });
    const tests = [outcome('t1', 'failed'), outcome('t2', 'skipped'), outcome('t4', 'pending')];
    await record(2003, { instances: [instance('a.spec.ts', tests)] });
    const skipped = await rerun('2003');
    assert.equal(skipped.outputs['extra-pw-flags'], '--last-failed', skipped.text);
    assert.equal(skipped.outputs.reason, '');
    assert.deepEqual(skipped.list.failedTests.toSorted(), ['t1', 't2']);
    assert.equal(skipped.list.status, 'failed');

    // All of them skipped is not passed.
    await record(2004, { fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
    await record(2004, { instances: [instance('a.spec.ts', [outcome('t1', 'skipped')])] });
    const none = await rerun('2004');
    assert.notEqual(none.outputs.status, 'PASSED');
    assert.equal(none.outputs['extra-pw-flags'], '');
    assert.equal(none.list, undefined);

    // Where no list is asked for, none is touched.
    const untouched = await rerun('2004', { ...find, 'pw-last-run': false });
    assert.deepEqual(untouched.list.failedTests, ['old']);

    // The names of specs are anybody's, and one may hold what must not be shown.
    const named = `${all.key}.spec.ts`;
    await record(2005, { fullTestSuite: suite({ [named]: ['t1'] }) });
    const broken = instance(named, [outcome('t1', 'failed')]);
    broken.results.exception = 'SyntaxError';
    await record(2005, { instances: [broken] });
    const hidden = await rerun('2005');
    assert.match(hidden.outputs.reason, /^spec .*\.spec\.ts ended with an exception/);
    assert.ok(!hidden.outputs.reason.includes(all.key), hidden.outputs.reason);
});

test('find: a first attempt needs no key, as of a fork; a re-run does', async (t) => {
    const { step, good, runner } = await scene(t);
    const empty = { 'api-token': '', 'project-id': '', 'api-url': 'https:///v1' };
    const first = await good('nothing-found', { command: 'find', ...empty }, { env: {} });
    assert.equal(first.outputs['extra-pw-flags'], '');
    assert.equal(first.outputs.reason, 'this is the first attempt');
    // What another run left is not used where the job goes on after the failure.
    const job = runner.job({ github: { run_attempt: '2' } });
    writeFileSync(join(job.workspace, 'last.json'), '{"status":"failed","failedTests":["old"]}');
    const again = await step({ command: 'find', output: 'last.json' }, { job });
    assert.equal(again.code, 2);
    assert.ok(!existsSync(join(job.workspace, 'last.json')));
    assert.match(said(again)[0], /set api-token \(CURRENTS_API_KEY\).*id-token: write/);
    // One that cannot be removed is told of; nobody may remove this one, root included.
    const stuck = await step({ command: 'find', output: '/proc/self/status' }, { env: {} });
    assert.equal(stuck.outputs.outcome, 'failed', stuck.text);
    assert.match(said(stuck)[0], /cannot remove \/proc\/self\/status/);
});

test('install early, cancel late, and the program is on the path of the steps between', async (t) => {
    const { api, good, runner, keys, key, record } = await scene(t);
    const { runId } = await api.halfARun();
    const job = runner.job({ env: keys, secrets: { key, record } });
    await good('installed', { command: 'install' }, { job });
    assert.ok(existsSync(join(job.path[0], 'runs-agent')));
    const late = await good('cancelled', {}, { job });
    assert.equal(late.outputs['run-id'], runId);
});

test('what an input holds is read as text, not as a program, a command or an output', async (t) => {
    const { step } = await scene(t);
    const evil = '"; touch pwned; echo "$(touch pwned)`touch pwned`\n::error::x\n##[error]y\noutcome=cancelled';
    const inputs = ['run-id', 'ci-build-id', 'project-id', 'branch', 'tag', 'machine-id', 'output', 'command', 'api-url'];
    for (const name of inputs) {
        const command = ['branch', 'tag', 'output'].includes(name) ? 'find' : 'cancel';
        const result = await step({ command, [name]: evil });
        assert.deepEqual(readdirSync(result.job.workspace).filter((file) => file.includes('pwned')), [], name);
        assert.ok(!said(result).some((text) => /^[xy]/.test(text)), `${name}: ${result.text}`);
        assert.notEqual(result.outputs.outcome, 'cancelled', name);
    }
});

test('a key that comes from elsewhere is masked from the first line of the program on', async (t) => {
    const { api, runner, folder, url } = await scene(t);
    await api.halfARun();
    const key = api.place.secrets.CURRENTS_API_KEY;
    const result = await runner.job().use(folder, { with: { 'api-token': key, 'api-url': url } });
    assert.equal(result.outputs.outcome, 'cancelled');
    const afterEnv = result.log.slice(result.log.indexOf('##[endgroup]')).join('\n');
    assert.ok(!afterEnv.includes(key));
    assert.equal(result.raw[0], `::add-mask::${key}`);
});

test('the token for GitHub goes to the command that has a use for it', async (t) => {
    const runner = new Runner(t);
    const archive = scriptArchive(`if [ "$1" = --version ]; then echo runs-agent ${version}; exit; fi
        if [ "$INPUT_GITHUB_TOKEN" = "$EXPECTED" ]; then echo it is; else exit 7; fi`);
    const server = await Server.start(t);
    server.answers[pathOf()] = archive;
    const folder = checkOut(runner.actionFolder(), { [asset]: archive });
    const job = runner.job({ github: { server_url: server.url } });
    for (const [inputs, expected] of [
        [{}, ''],
        [{ command: 'find' }, ''],
        [{ command: 'supersede' }, job.github.token],
        [{ command: 'reset' }, job.github.token],
        [{ command: 'supersede', 'github-token': 'ghp_own' }, 'ghp_own'],
        [{ command: 'supersede', 'github-token': '' }, ''],
    ]) {
        job.env.EXPECTED = expected;
        const result = await job.use(folder, { with: inputs });
        assert.equal(result.code, 0, result.text);
    }
});
