// SPDX-License-Identifier: MIT
// What @currents/playwright recorded, count by count and test by test beside Playwright's own report.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { Project, Recorded, githubJob, testsOf } from './project.mjs';

const outcomes = `
test('passes @smoke', async () => {
    test.info().annotations.push({ type: 'owner', description: 'shop' });
    console.log('hello');
    await test.info().attach('note', { body: 'a note', contentType: 'text/plain' });
    await test.step('a step', () => expect(1).toBe(1));
});
test('fails', () => expect(1).toBe(2));
test('is flaky', () => expect(test.info().retry).toBe(1));
test.skip('is skipped', () => {});
test.fixme('is to be fixed', () => {});
test('skips itself', () => test.skip(true, 'not today'));
test('fails as expected', () => { test.fail(); expect(1).toBe(2); });
test('passes unexpectedly', () => test.fail());
test('shows a picture and prints a lot', async () => {
    await test.info().attach('shot', { body: Buffer.from('89504e470d0a1a0a', 'hex'), contentType: 'image/png' });
    console.log('x'.repeat(2_000_000)); // so that its report comes packed
});
test('takes too long', async () => { test.setTimeout(200); await new Promise(() => {}); });
`;
const hooks = `
test.describe('hooks', () => {
    test.beforeAll(() => { throw new Error('no'); });
    test('one', () => {});
    test('two', () => {});
});
test.describe.serial('serial', () => {
    test('first', () => {});
    test('second fails', () => expect(1).toBe(2));
    test('third', () => {});
    test('fourth', () => {});
});
`;
const onPurpose = new Set(['is skipped', 'is to be fixed', 'skips itself']);

// How Playwright's report has it, in the words of the Runs API.
function expected({ status, title, results }) {
    const ran = results.filter((result) => result.workerIndex >= 0).length;
    const state = { expected: 'passed', flaky: 'passed', unexpected: 'failed' }[status];
    return {
        state: state ?? (onPurpose.has(title) ? 'pending' : 'skipped'),
        isFlaky: status === 'flaky',
        retries: Math.max(ran - 1, 0),
    };
}

function count(tests) {
    const of = (state) => tests.filter((one) => one.state === state).length;
    return {
        overall: tests.length,
        passes: of('passed'),
        failures: of('failed'),
        pending: of('pending'),
        skipped: of('skipped'),
        flaky: tests.filter((one) => one.isFlaky).length,
        retries: tests.reduce((sum, one) => sum + one.retries, 0),
    };
}

// Holds a run against the reports of all processes that recorded it.
async function compare(recorded, run, reports) {
    const wanted = reports.flatMap(testsOf);
    const list = (lines) => lines.sort();
    const shown = await recorded.tests(run);
    assert.deepEqual(
        list(shown.map((one) => `${one.groupId} ${one.spec} ${one.title.at(-1)}: ${one.state} ${one.isFlaky}`)),
        list(
            wanted.map((one) => {
                const { state, isFlaky } = expected(one);
                return `${one.projectName} ${one.file} ${one.title}: ${state} ${isFlaky}`;
            }),
        ),
    );
    for (const group of run.groups) {
        const own = wanted.filter((one) => one.projectName === group.groupId);
        assert.deepEqual(group.tests, count(own.map(expected)), group.groupId);
    }
    const sum = (name) => reports.reduce((total, { stats }) => total + stats[name], 0);
    const all = (name) => run.groups.reduce((total, { tests }) => total + tests[name], 0);
    assert.equal(all('passes'), sum('expected') + sum('flaky'));
    assert.equal(all('failures'), sum('unexpected'));
    assert.equal(all('pending') + all('skipped'), sum('skipped'));
    const open = shown.filter(({ state }) => ['failed', 'skipped'].includes(state));
    const { pwLastRun } = await recorded.find(run.meta.ciBuildId, '&pwLastRun=true');
    assert.deepEqual(pwLastRun, { status: 'failed', failedTests: list(open.map(({ testId }) => testId)) });
}

// At once: they wait for timers more than they compute.
describe('recorded', { concurrency: true }, () => {
    test('every outcome, in two projects of one process, with retries', async (t) => {
        const recorded = await Recorded.start(t);
        const projects = [{ name: 'alpha', use: { trace: 'on' } }, { name: 'beta', retries: 1 }];
        const project = new Project(recorded, 'matrix', {
            config: { workers: 2, projects },
            specs: { 'a.spec.js': outcomes, 'b.spec.js': hooks },
        });
        // No build id is given: the server makes it of GitHub's.
        const { code, report } = await project.test([], githubJob(1001, 2));
        assert.equal(code, 1);
        const run = await recorded.find('octo/demo-1001-2');
        assert.equal(run.completionState, 'COMPLETE');
        assert.equal(run.status, 'FAILED');
        assert.equal(run.meta.framework.type, 'playwright');
        assert.deepEqual(run.groups.map(({ groupId }) => groupId), ['alpha', 'beta']);
        // Both requests of the process are of one machine.
        assert.equal(new Set(run.specs.map(({ machineId }) => machineId)).size, 1);
        await compare(recorded, run, [report()]);
        // What Playwright keeps for its next --last-failed is what is told of the run.
        const { pwLastRun } = await recorded.find('octo/demo-1001-2', '&pwLastRun=true');
        const lastRun = JSON.parse(readFileSync(join(project.dir, 'test-results', '.last-run.json')));
        assert.deepEqual({ ...lastRun, failedTests: lastRun.failedTests.sort() }, pwLastRun);

        const tests = await recorded.tests(run);
        const passes = tests.find(({ title, groupId }) => title[0] === 'passes @smoke' && groupId === 'alpha');
        assert.deepEqual(passes.annotations.map(({ type, description }) => [type, description]), [['owner', 'shop']]);
        assert.deepEqual(passes.tags, ['smoke']);
        assert.deepEqual(passes.attempts[0].stdout, ['hello\n']);
        assert.ok(JSON.stringify(passes.attempts[0].steps).includes('a step'));
        const fails = tests.find(({ title }) => title[0] === 'fails');
        assert.match(stripVTControlCharacters(fails.displayError), /Expected: 2/);

        // Files: what was attached, and what was printed, which comes packed.
        const { instanceId } = run.specs.find(({ spec, groupId }) => spec === 'a.spec.js' && groupId === 'alpha');
        const { results } = await recorded.data('GET', `/instances/${instanceId}`);
        const read = async (fits) => (await fetch(results.artifacts.find(fits).readUrl)).text();
        assert.equal(await read(({ name }) => name === 'note'), 'a note');
        assert.match(await read(({ type }) => type === 'stdout'), /starting test attempt/);
        assert.deepEqual(results.screenshots.map(({ name }) => name), ['shot']);
        const ran = results.tests.filter(({ title }) => !/^is (skipped|to be fixed)/.test(title[0]));
        assert.equal(results.playwrightTraces.length, ran.length);
        const trace = await fetch(results.playwrightTraces[0].traceURL);
        assert.equal(Buffer.from(await trace.arrayBuffer()).toString('latin1', 0, 2), 'PK');
        const prints = results.tests.find(({ title }) => title[0].startsWith('shows'));
        assert.equal(prints.attempts[0].stdout.join('').length, 2_000_001);
    });

    test('shards of one file, and tests that are repeated', async (t) => {
        const recorded = await Recorded.start(t);
        const config = { fullyParallel: true, projects: [{ name: 'alpha', retries: 1, repeatEach: 2 }] };
        const project = new Project(recorded, 'shards', { config, specs: { 'a.spec.js': outcomes } });
        const env = { CURRENTS_CI_BUILD_ID: 'sharded' };
        const first = await project.test(['--shard=1/2', '--output=one'], env);
        const half = await recorded.find('sharded');
        assert.equal(half.completionState, 'IN_PROGRESS'); // the other shard's tests are awaited
        assert.equal(half.groups[0].tests.overall, 20);
        const second = await project.test(['--shard=2/2', '--output=two'], env);
        const run = await recorded.find('sharded');
        assert.equal(run.completionState, 'COMPLETE');
        await compare(recorded, run, [first.report(), second.report()]);
    });

    test('tests that did not run as the run was stopped', async (t) => {
        const recorded = await Recorded.start(t);
        const specs = {
            'a.spec.js': `test('waits', async () => { await new Promise((done) => setTimeout(done, 15_000)); });`,
            'b.spec.js': `
                test('fails', async () => { await new Promise((done) => setTimeout(done, 1_000)); expect(1).toBe(2); });
                test('comes after it', () => {});`,
        };
        const config = { workers: 2, maxFailures: 1, projects: [{ name: 'alpha' }] };
        const project = new Project(recorded, 'stopped', { config, specs });
        const { code, report } = await project.test([], { CURRENTS_CI_BUILD_ID: 'stopped' });
        assert.equal(code, 1);
        const run = await recorded.find('stopped');
        assert.equal(run.completionState, 'COMPLETE');
        assert.equal(run.groups[0].tests.skipped, 2); // one interrupted, one never begun
        await compare(recorded, run, [report()]);
    });
});
