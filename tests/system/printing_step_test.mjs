// SPDX-License-Identifier: MIT
// The step beside strangers: what a service answers, and what a job hands on of a pull request, is
// printed, written into the summary and handed to later steps, and can do nothing there.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { parseCommand, parsePairs } from '../step/runner_protocol.mjs';
import { assertInert, evil, evilLine, printed } from './hostile.mjs';
import { Place } from './program.mjs';

const ours = ['add-mask', 'debug', 'endgroup', 'error', 'group', 'notice', 'warning'];

// Is the line a command of ours, which carries nothing but inert text?
function isOurs(line) {
    const command = parseCommand(line);
    if (!command || !ours.includes(command.name)) return false;
    assert.deepEqual(Object.keys(command.properties).filter((name) => name !== 'title'), [], line);
    assert.ok(['runs-agent', undefined].includes(command.properties.title), line);
    assert.ok(!/[\r\n]/.test(command.data), line);
    assertInert(`. ${command.data}`, `::${command.name}::`);
    return true;
}

let steps = 0;

// Runs one step and looks at all that came of it; {code, outputs, summary, stdout, stderr}.
async function step(place, inputs, env = {}, args = []) {
    const [output, summary] = ['output', 'summary'].map((name) => join(place.dir, `${name}-${++steps}`));
    for (const file of [output, summary]) writeFileSync(file, '');
    const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
    const ended = await printed(place, ['action', ...args], {
        may: isOurs,
        env: {
            GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '1001', GITHUB_RUN_ATTEMPT: '2', GITHUB_REPOSITORY: 'octo/shop',
            GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, RUNNER_DEBUG: '1', ...Object.fromEntries(given), ...env,
        },
    });
    const outputs = parsePairs(readFileSync(output, 'utf8'));
    for (const [name, value] of Object.entries(outputs)) {
        assert.ok(!value.includes('\n'), name);
        assertInert(value, `the output ${name}`);
    }
    const page = readFileSync(summary, 'utf8');
    assertInert(page, 'the summary');
    // A heading, the table's head, one row for each thing that was asked: nothing of a stranger's.
    assert.match(page, /^### runs-agent: [^\n]+\n\n\| Asked \| Happened \| Run \|\n\| --- \| --- \| --- \|\n(\|[^|\n]*\|[^|\n]*\|[^|\n]*\|\n)+\n$/);
    assert.ok(!page.includes('<') && !page.includes('](j)'), page);
    return { ...ended, outputs, summary: page };
}

const data = {
    runId: evil, projectId: evil, createdAt: evil, completionState: 'COMPLETE', status: 'FAILED', tags: [evil],
    runUrl: evil, url: evil, actor: evil, canceledAt: evil, meta: { ciBuildId: evil, commit: { branch: evil } },
    groups: [{ groupId: evil }],
    specs: [{ spec: evil, groupId: evil, instanceId: evil, machineId: evil, claimedAt: evil,
        results: { stats: { failures: 1, tests: 2 }, tests: [{ testId: evil, title: [evil], state: 'failed' }] } }],
    pwLastRun: { status: 'failed', failedTests: [evil] },
};

// A place whose Runs API and GitHub answer everything with that.
async function answering(t, status, body) {
    const server = http.createServer((question, answer) => {
        question.resume().on('end', () => {
            answer.writeHead(status, { 'Content-Type': 'application/json' });
            answer.end(body);
        });
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => (server.closeAllConnections(), server.close()));
    const url = `http://127.0.0.1:${server.address().port}`;
    const place = new Place({ CURRENTS_API_URL: `${url}/v1`, GITHUB_API_URL: url, GITHUB_TOKEN: 'ghs_0123456789' });
    t.after(() => place.leave());
    return place;
}

// Side by side: some ask again after a pause.
test('a step prints, sums up and hands on nothing that acts', async (t) => {
    const commands = [
        { command: 'cancel', 'run-id': evilLine }, { command: 'cancel', 'ci-build-id': evilLine }, { command: 'cancel' },
        { command: 'find', 'ci-build-id': evilLine }, { command: 'find', branch: evilLine, tag: evilLine },
        { command: 'reset', 'run-id': evilLine, 'machine-id': evilLine }, { command: 'reset', 'run-id': 'x' },
        { command: 'find', 'ci-build-id': 'x', 'project-id': `${evilLine.replaceAll(',', '')},p2` },
        { command: 'supersede' },
    ];
    await Promise.all([
        [200, JSON.stringify({ status: 'OK', data })], [200, JSON.stringify({ status: 'OK', data: [data] })], [200, evil],
        [404, JSON.stringify({ error: evil })], [400, JSON.stringify({ message: evil })], [422, evil],
    ].map(async ([status, body]) => {
        const place = await answering(t, status, body);
        await Promise.all(commands.map((inputs) => step(place, inputs)));
        place.assertNoSecretShown();
    }));
    // What was found is handed on, in JSON, too.
    const place = await answering(t, 200, JSON.stringify({ status: 'OK', data }));
    const found = await step(place, { command: 'cancel', 'run-id': 'x' });
    assert.equal(found.code, 0, found.stdout);
    const json = await step(place, { command: 'cancel', 'run-id': 'x' }, {}, ['--json']);
    assert.equal(json.code, 0, json.stderr);
    assert.deepEqual(JSON.parse(json.stdout), found.outputs);
    place.assertNoSecretShown();
});

test('a step whose inputs are wrong repeats them harmlessly', async (t) => {
    const place = await answering(t, 400, '{}');
    await Promise.all([
        [{ command: evil }], [{ command: 'find', 'pw-last-run': evil }], [{ 'run-id': 'x', 'api-url': evil }],
        [{ command: 'find', 'ci-build-id': `\${{ ${evil} }}` }], [{ command: 'find', output: evil, branch: 'x' }],
        [{ command: 'supersede', 'cancel-workflow': evil }], [{ command: 'reset' }, { GITHUB_RUN_ATTEMPT: evil }],
        [{ 'run-id': 'x' }, { HTTPS_PROXY: evil, SSL_CERT_FILE: evil }], [{ 'run-id': 'x' }, { CURRENTS_API_KEY_FILE: evil }],
        [{ command: 'cancel', 'record-key': 'k', 'ci-build-id': 'x', 'director-url': evil }],
    ].map(async ([inputs, env]) => {
        const { code, stdout } = await step(place, inputs, env);
        assert.notEqual(code, 0, JSON.stringify(inputs));
        assert.match(stdout, /^::error title=runs-agent::/m);
    }));
    place.assertNoSecretShown();
});
