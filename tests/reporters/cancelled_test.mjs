// SPDX-License-Identifier: MIT
// A person cancels a workflow run on GitHub, and a Playwright that is running stops.
import assert from 'node:assert/strict';
import test from 'node:test';
import { deliver, cancelled as workflowCancelled, until } from '../system/program.mjs';
import { Project, Recorded, githubJob } from './project.mjs';

const slow = (count) =>
    Array.from(
        { length: count },
        (_, i) => `test('t${i}', async () => { await new Promise((done) => setTimeout(done, 400)); });`,
    ).join('\n');

const bound = 20_000; // of what takes one or two seconds on an idle machine

function ended(running) {
    return Promise.race([
        running.ended,
        new Promise((_, failed) => setTimeout(() => failed(new Error(running.stdout)), bound).unref()),
    ]);
}

test('a signed workflow_run that is cancelled ends a running Playwright', async (t) => {
    const recorded = await Recorded.start(t);
    const project = new Project(recorded, 'slow', {
        config: { projects: [{ name: 'alpha' }] },
        specs: { 'a.spec.js': slow(100) }, // one file: it stops between two of its tests
    });
    const env = githubJob(2002);
    const running = project.start('pwc', [], env);
    const find = () => recorded.find('octo/demo-2002-1');
    await until('a result', async () => {
        const run = await find();
        return run && run.groups[0].instances.claimed === 1;
    });
    const { status } = await deliver(
        recorded.daemon.address,
        recorded.place.secrets.GITHUB_WEBHOOK_SECRET,
        workflowCancelled(2002),
    );
    assert.equal(status, 202);
    const { code } = await ended(running);
    assert.equal(code, 1, running.stdout);
    assert.match(running.stdout + running.stderr, /Run is cancelled/);
    const run = await find();
    assert.equal(run.completionState, 'CANCELED');
    assert.equal(run.cancellation.reason, 'apiRequest');
    assert.ok(run.groups[0].tests.passes < 100);

    // A later report changes nothing, and ends at once.
    const again = await project.test(['--repeat-each=2'], env);
    assert.equal(again.code, 1);
    assert.match(again.stdout + again.stderr, /Run is cancelled/);
    assert.deepEqual(await find(), run);
});

test('as many failures as are allowed end it', async (t) => {
    const recorded = await Recorded.start(t);
    const failing = Array.from(
        { length: 40 },
        (_, i) => `test('t${i}', async () => {
            await new Promise((done) => setTimeout(done, 300));
            expect(1).toBe(2);
        });`,
    ).join('\n');
    const project = new Project(recorded, 'failing', {
        config: { projects: [{ name: 'alpha' }] },
        specs: { 'a.spec.js': failing },
    });
    const env = { CURRENTS_CI_BUILD_ID: 'failing' };
    const running = project.start('pwc', ['--pwc-cancel-after-failures', '3'], env);
    const { code } = await ended(running);
    assert.equal(code, 1, running.stdout);
    const run = await recorded.find('failing');
    assert.equal(run.completionState, 'CANCELED', running.stdout);
    assert.equal(run.cancellation.actor, 'failFast');
    assert.equal(run.status, 'FAILED');
    assert.ok(run.groups[0].tests.failures >= 3 && run.groups[0].tests.failures < 40);
});
