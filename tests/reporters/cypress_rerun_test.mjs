// SPDX-License-Identifier: MIT
// GitHub's webhooks and cypress-cloud: a machine that died gives its spec to the others, and a re-run
// runs what failed, and nothing else.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../system/program.mjs';
import { CypressProject, assertCounts, slow } from './cypress_project.mjs';
import { begun, decided, died, send } from './github.mjs';
import { Recorded, githubJob } from './project.mjs';

const dialects = { 'one by one': {}, 'in batches': { CURRENTS_ENFORCE_IS_CURRENTS: '1' } };

describe('cypress-cloud', { concurrency: true }, () => {
    for (const [name, dialect] of Object.entries(dialects))
        test(`a runner that died leaves its specs to another machine, ${name}`, async (t) => {
            const recorded = await Recorded.start(t);
            const names = ['a', 'b', 'c', 'd', 'e'];
            // The daemon waits ten seconds before it takes a runner for dead; the other is at work for longer.
            const project = new CypressProject(recorded, 'died', slow(names, 4_000), { batchSize: 1 });
            const env = { ...githubJob(9009), ...dialect };
            await send(recorded, begun(9009, 1));
            const [dying, other] = ['runner-1', 'runner-2'].map((machine) => project.start(machine, { env }));
            await until('both to be at work', () => new Set(project.begun().map((line) => line.split(' ')[0])).size === 2);
            dying.child.kill('SIGKILL');
            await dying.ended;
            const [lost] = project.begun().filter((line) => line.startsWith('runner-1'));
            const shown = await decided(recorded, await send(recorded, died(9009, 'runner-1'), 'workflow_job'));
            assert.equal(shown.rule, 'R6');
            assert.equal(await other.done, 0, other.stdout);
            // The lost one ran again, and all else once.
            assert.deepEqual(project.begun().sort(), [lost, ...names.map((spec) => `runner-2 ${spec}`)].sort());
            const run = await recorded.find('octo/demo-9009-1');
            assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'PASSED']);
            assertCounts(run, { overall: 5, passes: 5 });
            assert.ok(run.specs.every(({ machineId }) => machineId === 'runner-2'));
        });

    test('a re-run under a shared build id runs what failed', async (t) => {
        const recorded = await Recorded.start(t, { policy: 'defaults: {ci_build_id: "shop-${{ github.run_id }}"}\n' });
        const passes = slow(['a', 'b', 'c'], 0);
        const project = new CypressProject(recorded, 'rerun', { ...passes, b: [{ title: ['b'], attempts: ['failed'] }] });
        const env = (attempt) => ({ ...githubJob(9010, attempt), CURRENTS_CI_BUILD_ID: 'shop-9010' });
        const first = project.start('runner-1', { env: env(1), args: ['--parallel', '--ci-build-id', 'shop-9010'] });
        assert.equal(await first.done, 1, first.stdout);
        const failed = await recorded.find('shop-9010');
        assert.deepEqual([failed.completionState, failed.status], ['COMPLETE', 'FAILED']);
        await send(recorded, begun(9010, 1, { status: 'completed', conclusion: 'failure' }));

        const shown = await decided(recorded, await send(recorded, begun(9010, 2)));
        assert.equal(shown.rule, 'R3');
        assert.equal((await recorded.find('shop-9010')).completionState, 'IN_PROGRESS');
        writeFileSync(project.ran, '');
        writeFileSync(join(project.dir, 'cypress/e2e/b.cy.js'), `export default ${JSON.stringify(passes.b)};`);
        const second = project.start('runner-9', { env: env(2), args: ['--parallel', '--ci-build-id', 'shop-9010'] });
        assert.equal(await second.done, 0, second.stdout);
        assert.deepEqual(project.begun(), ['runner-9 b']);
        const run = await recorded.find('shop-9010');
        assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'PASSED']);
        assertCounts(run, { overall: 3, passes: 3, failures: 0 });
    });
});
