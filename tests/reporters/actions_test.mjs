// SPDX-License-Identifier: MIT
// A Playwright that is running, and a step that cancels: the official cancel action's request and our
// action's step leave the same run behind. RUNS_AGENT_OFFICIAL_ACTION may name a checkout of the official
// action (bench/step says where it is); then its own program is run, else its request is sent.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Runner } from '../step/runner.mjs';
import { until } from '../system/program.mjs';
import { Project, Recorded, githubJob } from './project.mjs';

const checkout = process.env.RUNS_AGENT_OFFICIAL_ACTION;
const ours = fileURLToPath(new URL('../..', import.meta.url));
const count = 60;
const slow = Array.from(
    { length: count },
    (_, i) => `test('t${i}', async () => { await new Promise((done) => setTimeout(done, 300)); ${i === 0 ? 'expect(1).toBe(2);' : ''} });`,
).join('\n');

// Its program, with the inputs that its workflow gives it. It says by its exit code whether it went well.
function runOfficial(recorded, runId) {
    const child = spawn(process.execPath, [resolve(checkout, 'dist/index.js')], {
        env: {
            PATH: process.env.PATH, 'INPUT_API-URL': `http://${recorded.address}/v1`, 'INPUT_API-TOKEN': recorded.place.secrets.CURRENTS_API_KEY,
            'INPUT_GITHUB-RUN-ID': String(runId), 'INPUT_GITHUB-RUN-ATTEMPT': '1',
        },
        stdio: 'ignore',
    });
    return new Promise((done) => child.on('exit', done));
}

// Source: github.com/currents-dev/cancel-run-gh-action, src/main.ts: both ids as texts.
async function official(recorded, runId) {
    if (checkout) return runOfficial(recorded, runId);
    const body = { githubRunId: String(runId), githubRunAttempt: '1' };
    const { status } = await recorded.ask('PUT', '/runs/cancel-ci/github', body);
    return status === 200 ? 0 : 1;
}

async function ourStep(t, recorded, runId, repository) {
    const runner = new Runner(t);
    const { CURRENTS_API_KEY: key } = recorded.place.secrets;
    const job = runner.job({ github: { run_id: String(runId), repository }, secrets: { key } });
    const result = await job.use(ours, {
        with: { 'api-token': key, 'api-url': `http://${recorded.address}/v1`, binary: process.env.RUNS_AGENT_BINARY },
    });
    return { ...result, outcome: result.outputs.outcome };
}

// A run in the middle, whose first test has failed.
async function inMidRun(recorded, runId) {
    const project = new Project(recorded, `run-${runId}`, { config: { projects: [{ name: 'alpha' }] }, specs: { 'a.spec.js': slow } });
    const running = project.start('pwc', [], githubJob(runId));
    const find = () => recorded.find(`octo/demo-${runId}-1`);
    await until('a failure', async () => (await find())?.groups[0].tests.failures === 1);
    return { running, find };
}

// What does not depend on which run it is, and how far it came.
function shape(run) {
    const { completionState, status, cancellation, groups, specs } = run;
    return {
        completionState,
        status,
        cancellation: { actor: cancellation.actor, reason: cancellation.reason },
        failures: groups[0].tests.failures,
        instances: groups[0].instances,
        complete: specs.map(({ completedAt }) => completedAt !== null),
    };
}

test('the official cancel action and ours leave the same run', async (t) => {
    const recorded = await Recorded.start(t);
    const ways = {
        3030: async () => assert.equal(await official(recorded, 3030), 0),
        3031: async () => assert.equal((await ourStep(t, recorded, 3031, 'octo/demo')).outcome, 'cancelled'),
    };
    const shown = await Promise.all(
        Object.entries(ways).map(async ([runId, cancel]) => {
            const { running, find } = await inMidRun(recorded, runId);
            await cancel();
            const { code } = await running.ended;
            assert.equal(code, 1, running.stdout);
            assert.match(running.stdout + running.stderr, /Run is cancelled/);
            const run = await find();
            assert.ok(run.groups[0].tests.passes < count - 1, `${runId} ran to its end`);
            return run;
        }),
    );
    assert.deepEqual(shape(shown[0]), shape(shown[1]));
    assert.deepEqual([shown[0].completionState, shown[0].status], ['CANCELED', 'FAILED']);

    // Each on the run that the other has cancelled: ours says so, the official one fails, and neither changes anything.
    const again = await ourStep(t, recorded, 3030, 'octo/demo');
    assert.equal(again.code, 0, again.text);
    assert.equal(again.outcome, 'already-cancelled', again.text);
    assert.equal(await official(recorded, 3031), 1);
    for (const run of shown) assert.deepEqual(await recorded.data('GET', `/runs/${run.runId}`), run);
});
