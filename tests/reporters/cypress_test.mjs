// SPDX-License-Identifier: MIT
// cypress-cloud, in both of its dialects: recorded count by count, on several machines at once, with
// their files; stopped when the run is cancelled; and a machine that dies leaves its specs to others.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { cancelled as workflowCancelled, deliver, request, until } from '../system/program.mjs';
import { CypressProject, assertCounts, countsOf, slow } from './cypress_project.mjs';
import { Recorded, githubJob } from './project.mjs';

const dialects = {
    'one by one': {},
    'in batches': { CURRENTS_ENFORCE_IS_CURRENTS: '1' },
};

const outcomes = {
    a: [{ title: ['cart', 'adds'] }, { title: ['cart', 'removes'], attempts: ['failed', 'passed'], screenshots: 1 }],
    b: [{ title: ['pay', 'by card'], attempts: ['failed', 'failed'], screenshots: 2 }, { title: ['pay', 'later'], attempts: ['pending'] }],
    c: [{ title: ['ship'], attempts: ['failed'] }, { title: ['ship', 'abroad'], attempts: ['skipped'] }],
    d: [{ title: ['a name twice'] }, { title: ['a name twice'] }],
};

const file = async (recorded, url) => {
    const { pathname, search } = new URL(url);
    return request({ address: recorded.address, path: pathname + search });
};

for (const [name, env] of Object.entries(dialects)) {
    test(`two machines record each spec once, with its files, ${name}`, async (t) => {
        const recorded = await Recorded.start(t);
        const project = new CypressProject(recorded, 'outcomes', outcomes, { video: true, batchSize: 1 });
        const job = { ...githubJob(6006), ...env };
        const machines = ['m1', 'm2'].map((machine) => project.start(machine, { env: job, args: ['--parallel', '--group', 'e2e', '--tag', 'nightly'] }));
        for (const machine of machines) assert.equal(typeof (await machine.done), 'number', machine.stdout);
        const said = machines.map(({ stdout }) => stdout).join('');
        assert.deepEqual(project.begun().map((line) => line.split(' ')[1]).sort(), ['a', 'b', 'c', 'd'], said);

        const run = await recorded.find('octo/demo-6006-1');
        assert.equal(run.completionState, 'COMPLETE', said);
        assert.equal(run.status, 'FAILED');
        assert.deepEqual(run.tags, ['nightly']);
        assert.equal(run.groups[0].groupId, 'e2e');
        assertCounts(run, countsOf(outcomes));
        const codes = await Promise.all(machines.map(({ done }) => done));
        assert.equal(codes.reduce((sum, code) => sum + code, 0), 3, 'what they say failed or was skipped');
        for (const { spec, machineId, results } of run.specs) {
            const short = spec.replace('cypress/e2e/', '').replace('.cy.js', '');
            assert.ok(project.begun().includes(`${machineId} ${short}`), `${machineId} ${spec}`);
            const wanted = countsOf({ [short]: outcomes[short] });
            for (const counter of ['passes', 'failures', 'pending', 'skipped', 'flaky', 'retries'])
                assert.equal(results.stats[counter], wanted[counter], `${counter} of ${spec}`);
        }

        const { instanceId } = run.specs.find(({ spec }) => spec.endsWith('b.cy.js'));
        const { results, framework, platform } = await recorded.data('GET', `/instances/${instanceId}`);
        assert.deepEqual(framework, { type: 'cypress', version: '13.6.0', clientVersion: '1.13.1' });
        assert.equal(platform.browserName, 'Electron');
        assert.deepEqual(results.tests.map(({ title, state }) => [title, state]), [[['pay', 'by card'], 'failed'], [['pay', 'later'], 'pending']]);
        assert.match(results.tests[0].displayError, /expected 1 to equal 2/);
        assert.equal(results.tests[0].attempts[1].error.name, 'AssertionError');
        assert.deepEqual(results.screenshots.map(({ testId, testAttemptIndex }) => [testId, testAttemptIndex]), [0, 1].map((attempt) => [results.tests[0].testId, attempt]));
        const picture = await file(recorded, results.screenshots[1].screenshotURL);
        assert.equal(picture.headers['content-type'], 'image/png');
        assert.equal(picture.bytes.subarray(1, 4).toString(), 'PNG');
        assert.equal((await file(recorded, results.videoUrl)).body, 'a video of cypress/e2e/b.cy.js');
        const printed = results.artifacts.find(({ type }) => type === 'stdout');
        assert.match((await file(recorded, printed.readUrl)).body, /Running:\s+cypress\/e2e\/b\.cy\.js/);

        // Who comes when all is done runs nothing, and is told why.
        const late = project.start('m3', { env: job, args: ['--parallel', '--group', 'e2e'] });
        assert.equal(await late.done, 0, late.stdout);
        assert.match(late.stdout, /all specs of group e2e have results/);
        assert.equal(project.begun().length, 4);
    });
}

test('a wrong key and an unknown project are told, and record nothing', async (t) => {
    const recorded = await Recorded.start(t);
    const project = new CypressProject(recorded, 'refused', slow(['a'], 0));
    const args = ['--ci-build-id', 'refused'];
    const [wrong, unknown] = [{ CURRENTS_RECORD_KEY: 'nobodys' }, { CURRENTS_PROJECT_ID: 'nothing' }].map((env) => project.start('m1', { args, env }));
    assert.equal(await wrong.done, 1);
    assert.match(wrong.stdout, /401 Unauthorized/);
    assert.equal(await unknown.done, 1);
    assert.match(unknown.stdout, /Project not found/);
    assert.deepEqual(project.begun(), []);
});

// Starts a machine whose specs take their time, and waits until it is in the middle of the second.
async function inMidRun(project, options) {
    const running = project.start('m1', options);
    await until('it to run its second spec', () => project.begun().length === 2);
    return running;
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

for (const [name, dialect] of Object.entries(dialects)) {
    test(`a run that is cancelled stops its machines, ${name}`, async (t) => {
        const recorded = await Recorded.start(t);
        const project = new CypressProject(recorded, 'stopped', slow(names, 700), { batchSize: 1 });
        const running = await inMidRun(project, { env: dialect, args: ['--parallel', '--ci-build-id', 'stopped'] });
        const { runId } = await recorded.find('stopped');
        await recorded.data('PUT', `/runs/${runId}/cancel`);
        await running.done;
        assert.match(running.stdout, /Run cancelled: .*Waiting for uploads|Run is cancelled/);
        assert.ok(project.begun().length <= 3, project.begun().join());
        const run = await recorded.find('stopped');
        assert.equal(run.completionState, 'CANCELED');
        // What was under way is there, and nobody can join any more.
        assert.ok(run.groups[0].tests.passes >= 2, running.stdout);
        const late = project.start('m2', { env: dialect, args: ['--parallel', '--ci-build-id', 'stopped'] });
        assert.equal(await late.done, 1);
        assert.match(late.stdout, /Run is cancelled/);
        assert.deepEqual(await recorded.find('stopped'), run);
    });
}

test('a workflow that is cancelled on GitHub stops it', async (t) => {
    const recorded = await Recorded.start(t);
    const project = new CypressProject(recorded, 'workflow', slow(names, 700));
    const running = await inMidRun(project, { env: githubJob(7007) });
    const secret = recorded.place.secrets.GITHUB_WEBHOOK_SECRET;
    const { status } = await deliver(recorded.daemon.address, secret, workflowCancelled(7007));
    assert.equal(status, 202);
    await running.done;
    assert.match(running.stdout, /Run cancelled: .*Waiting for uploads|Run is cancelled/);
    assert.ok(project.begun().length < names.length, project.begun().join());
    assert.equal((await recorded.find('octo/demo-7007-1')).completionState, 'CANCELED');
});

test('a machine that dies leaves its spec to the others, also when the server dies', async (t) => {
    const recorded = await Recorded.start(t);
    const project = new CypressProject(recorded, 'killed', slow(['a', 'b', 'c'], 1_500));
    const args = ['--parallel', '--ci-build-id', 'killed'];
    const dying = project.start('m1', { args });
    await until('it to be at work', () => project.begun().length === 1);
    dying.child.kill('SIGKILL');
    await dying.ended;
    const other = project.start('m2', { args });
    await until('the other to be at work', () => project.begun().length === 2);
    await recorded.daemon.end('SIGKILL');
    recorded.daemon = await recorded.place.serve(['--embedded']);
    const { runId } = await recorded.find('killed');
    const { resetSpecs } = await recorded.data('PUT', `/runs/${runId}/reset`, { machineId: ['m1'] });
    assert.equal(resetSpecs, 1);
    assert.equal(await other.done, 0, other.stdout);
    assert.deepEqual(project.begun().sort(), ['m1 a', 'm2 a', 'm2 b', 'm2 c']);
    const run = await recorded.find('killed');
    assert.equal(run.completionState, 'COMPLETE');
    assertCounts(run, { overall: 3, passes: 3, failures: 0 });
    assert.ok(run.specs.every(({ machineId }) => machineId === 'm2'));
});

// Passes everything on, and loses the answer to the first request for a spec.
async function losingAnswers(t, address) {
    const [host, port] = address.split(':');
    let lost = 0;
    const server = http.createServer((question, answer) => {
        const { method, url: path, headers } = question;
        const passed = http.request({ host, port, method, path, headers }, (response) => {
            if (path.endsWith('/instances') && lost++ === 0) {
                response.resume();
                return answer.writeHead(502).end();
            }
            answer.writeHead(response.statusCode, response.rawHeaders);
            response.pipe(answer);
        });
        question.pipe(passed);
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close());
    return `127.0.0.1:${server.address().port}`;
}

test('a spec whose answer was lost is given to the same machine again', async (t) => {
    const recorded = await Recorded.start(t);
    const project = new CypressProject(recorded, 'lost', slow(['a', 'b'], 0));
    const address = await losingAnswers(t, recorded.address);
    const running = project.start('m1', { args: ['--ci-build-id', 'lost'], address });
    assert.equal(await running.done, 0, running.stdout);
    assert.match(running.stdout, /Next attempt is in 5s/);
    assert.deepEqual(project.begun(), ['m1 a', 'm1 b']);
    const run = await recorded.find('lost');
    assert.equal(run.completionState, 'COMPLETE');
    assertCounts(run, { overall: 2, passes: 2 });
});
