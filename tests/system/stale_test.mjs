// SPDX-License-Identifier: MIT
// Every way a run goes stale, through the real program: what GitHub says on one side, what the
// embedded Runs API holds on the other.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Api, instance, outcome, suite } from '../clients/recording.mjs';
import { Place, cancelled, deliver, until } from './program.mjs';

const later = () => new Date(Date.now() + 60_000).toISOString();

// The daemon with the embedded Runs API under a policy, and short words for both.
async function start(t, policy, args = []) {
    const api = new Api();
    const place = (api.place = await Place.embedded());
    t.after(() => place.leave());
    api.key = place.secrets.CURRENTS_API_KEY;
    const file = join(place.dir, 'policy.yml');
    writeFileSync(file, policy);
    const daemon = await place.serve(['--embedded', '--config', file, ...args]);
    const send = async (payload, event = 'workflow_run') => {
        const answer = await deliver(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, payload, { event });
        assert.equal(answer.status, 202, answer.body);
        return until('the delivery to be done', async () => {
            const shown = await place.data(['deliveries', 'show', answer.guid]);
            return shown.rule && shown.calls.every((call) => call.finishedAt) && shown;
        });
    };
    const state = async (runId) => (await api.run(runId)).completionState;
    return { api, place, daemon, send, state };
}

// A workflow_run event of a branch.
function event(runId, { action = 'in_progress', conclusion = null, attempt = 1, branch = 'feature', sha } = {}) {
    const payload = cancelled(runId, attempt);
    payload.action = action;
    Object.assign(payload.workflow_run, {
        status: action,
        conclusion,
        head_branch: branch,
        head_sha: sha ?? String(runId).padStart(40, '0'),
        run_started_at: later(),
    });
    return payload;
}

const ci = (runId, attempt = 1) => ({
    provider: 'githubActions',
    params: { githubActions: 'true', githubRunId: String(runId), githubRunAttempt: String(attempt) },
});
const buildId = (runId) => `octo/demo-${runId}-1`;

test('a newer push cancels what the older one recorded, and nothing else', async (t) => {
    const { api, send, state, daemon, place } = await start(t, 'defaults: {superseded: {enabled: true}}\n');
    const record = (runId) => api.halfARun({ ciBuildId: buildId(runId), ci: ci(runId) });
    const older = await record(2001);
    const elsewhere = await record(2002);
    const newer = await record(2003);
    await send(event(2001));
    await send(event(2002, { branch: 'feature-2' }));
    const decided = await send(event(2003, { action: 'requested' }));
    assert.equal(decided.rule, 'R4');
    assert.equal(await state(older.runId), 'CANCELED');
    assert.equal(await state(elsewhere.runId), 'IN_PROGRESS');
    assert.equal(await state(newer.runId), 'IN_PROGRESS');
    await daemon.stop();
    place.assertNoSecretShown();
});

test('a re-run that keeps its build id opens the failed specs again, once', async (t) => {
    const { api, send, state } = await start(t, 'defaults: {project_id: p1, ci_build_id: "${{ github.run_id }}"}\n');
    const run = { ciBuildId: '3001', ci: ci(3001) };
    await api.record({ ...run, fullTestSuite: suite({ 'a.spec.ts': ['t1'], 'b.spec.ts': ['t2'] }) });
    await api.record({ ...run, machineId: 'm1', instances: [instance('a.spec.ts', [outcome('t1', 'failed')])] });
    const { runId } = await api.record({
        ...run,
        machineId: 'm2',
        instances: [instance('b.spec.ts', [outcome('t2')])],
    });
    await send(event(3001, { action: 'completed', conclusion: 'failure' }));
    assert.equal(await state(runId), 'COMPLETE');

    const decided = await send(event(3001, { attempt: 2 }));
    assert.equal(decided.calls[0].operation, 'reset-run');
    assert.match(decided.calls[0].outcome, /^reset 1 machine of run /);
    assert.equal(await state(runId), 'IN_PROGRESS');
    const { specs } = await api.run(runId);
    assert.deepEqual(specs.map((spec) => spec.machineId), [null, 'm2']);
    assert.deepEqual((await send(event(3001, { attempt: 2 }))).calls, []);
});

test('what a run left in progress is swept after a while, and what ended is not', async (t) => {
    const { api, send, state } = await start(t, 'defaults: {sweep_orphans: {enabled: true, after: 0s}}\n');
    const orphan = await api.halfARun({ ciBuildId: buildId(4001), ci: ci(4001) });
    const whole = await api.wholeRun({ ciBuildId: buildId(4002), ci: ci(4002) });
    const decided = await send(event(4001, { action: 'completed', conclusion: 'failure' }));
    assert.equal(decided.rule, 'R2');
    await send(event(4002, { action: 'completed', conclusion: 'success' }));
    assert.equal(await state(orphan.runId), 'CANCELED');
    assert.equal(await state(whole.runId), 'COMPLETE');
});

test('the specs of a runner that died can be claimed by the others', async (t) => {
    const policy = 'defaults: {machine_id: "m${{ matrix.shard }}", jobs: "e2e (${{ matrix.shard }})"}\n';
    const { api, send } = await start(t, policy);
    const run = { ciBuildId: buildId(5001), ci: ci(5001) };
    const { runId } = await api.halfARun(run);
    const begun = { spec: 'b.spec.ts', groupId: 'chromium', startTime: new Date().toISOString() };
    await api.record({ ...run, machineId: 'm2', instances: [begun] });
    await send(event(5001));
    const job = (name, id) => ({
        action: 'completed',
        repository: { full_name: 'octo/demo' },
        workflow_job: {
            id,
            run_id: 5001,
            run_attempt: 1,
            name,
            runner_name: 'GitHub Actions 12',
            conclusion: 'failure',
            completed_at: later(),
        },
    });
    const lint = await send(job('lint (2)', 1), 'workflow_job');
    assert.deepEqual([lint.rule, lint.calls], ['R5', []]);
    const dead = await send(job('e2e (2)', 2), 'workflow_job');
    assert.equal(dead.rule, 'R6');
    assert.match(dead.calls[0].outcome, /^reset 1 machine of run /);
    const { completionState, specs } = await api.run(runId);
    assert.equal(completionState, 'IN_PROGRESS');
    assert.deepEqual(specs.map((spec) => [spec.spec, spec.machineId]), [
        ['a.spec.ts', 'm1'],
        ['b.spec.ts', null],
    ]);
});

test('a dry run does all but the calls', async (t) => {
    const { api, send, state } = await start(t, 'defaults: {project_id: p1}\n', ['--dry-run']);
    const { runId } = await api.halfARun({ ciBuildId: buildId(6001), ci: ci(6001) });
    const decided = await send(cancelled(6001));
    assert.equal(decided.rule, 'R1');
    assert.equal(decided.calls[0].outcome, 'dry run: cancel-ci was not sent');
    assert.equal(await state(runId), 'IN_PROGRESS');
});
