// SPDX-License-Identifier: MIT
// @currents/nx, from npm and unchanged: `nx run shop-e2e:currents` in a workspace, as its documents set it up.
// It calls cypress-cloud, which starts the stand-in for the cypress program.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../system/program.mjs';
import { CypressProject, assertCounts, countsOf, slow } from './cypress_project.mjs';
import { Recorded, githubJob } from './project.mjs';

const nx = fileURLToPath(new URL('../.deps/node_modules/.bin/nx', import.meta.url));

// The Cypress project is a workspace of its own, with the target of the package's README.
function workspace(project) {
    const write = (file, value) => writeFileSync(join(project.dir, file), JSON.stringify(value));
    write('package.json', { name: 'shop', private: true, type: 'module' });
    write('nx.json', {});
    write('project.json', {
        name: 'shop-e2e',
        targets: {
            currents: {
                executor: '@currents/nx:currents',
                options: { record: true, parallel: true, cypressConfig: 'cypress.config.js', testingType: 'e2e' },
            },
        },
    });
}

// No daemon of nx's outlives the test, and nothing of it is told to anybody.
const quiet = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', DO_NOT_TRACK: '1' };

const run = (project, machine, { args = [], env = {} }) =>
    project.start(machine, { program: nx, args: ['run', 'shop-e2e:currents', ...args], env: { ...quiet, ...env } });

test('an nx target records its specs', async (t) => {
    const recorded = await Recorded.start(t);
    const outcomes = {
        a: [{ title: ['cart', 'adds'] }, { title: ['cart', 'removes'], attempts: ['failed', 'passed'] }],
        b: [{ title: ['pay'], attempts: ['failed'] }, { title: ['pay', 'later'], attempts: ['pending'] }],
    };
    const project = new CypressProject(recorded, 'workspace', outcomes);
    workspace(project);
    const running = run(project, 'runner-1', { args: ['--group', 'e2e', '--tag', 'nightly'], env: githubJob(4040) });
    assert.equal(await running.done, 1, running.stdout);
    assert.deepEqual(project.begun().sort(), ['runner-1 a', 'runner-1 b'], running.stdout);
    const found = await recorded.find('octo/demo-4040-1');
    assert.deepEqual([found?.completionState, found?.status], ['COMPLETE', 'FAILED'], running.stdout);
    assert.deepEqual([found.groups[0].groupId, found.tags], ['e2e', ['nightly']]);
    assertCounts(found, countsOf(outcomes));
});

test('a run that is cancelled stops it', async (t) => {
    const recorded = await Recorded.start(t);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const project = new CypressProject(recorded, 'stopped', slow(names, 700), { batchSize: 1 });
    workspace(project);
    const running = run(project, 'runner-1', { args: ['--ci-build-id', 'stopped'] });
    await until('it to run its second spec', () => project.begun().length === 2);
    const { runId } = await recorded.find('stopped');
    await recorded.data('PUT', `/runs/${runId}/cancel`);
    await running.done;
    assert.match(running.stdout + running.stderr, /Run cancelled: .*Waiting for uploads|Run is cancelled/);
    assert.ok(project.begun().length <= 3, project.begun().join());
    assert.equal((await recorded.find('stopped')).completionState, 'CANCELED');
});
