// SPDX-License-Identifier: MIT
// `runs-agent action` as a step of a workflow: the real program with a runner's environment, against
// the embedded Runs API and against services that behave badly.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { Api, instance, outcome, suite } from '../clients/recording.mjs';
import { Place, freePort } from './program.mjs';

// What a runner reads from GITHUB_OUTPUT.
function parseOutputs(text) {
    const outputs = {};
    const lines = text.split('\n');
    for (let i = 0; i < lines.length - 1; ++i) {
        const [, name, delimiter] = /^([\w-]+)<<(\S+)$/.exec(lines[i]) ?? [];
        assert.ok(name, `no output begins with ${lines[i]}`);
        const end = lines.indexOf(delimiter, i + 1);
        assert.ok(end > i, `${name} does not end`);
        outputs[name] = lines.slice(i + 1, end).join('\n');
        i = end;
    }
    return outputs;
}

let steps = 0;

// Runs one step; {code, stdout, stderr, outputs, summary, commands}.
async function step(place, inputs = {}, env = {}, args = []) {
    const [output, summary] = ['output', 'summary'].map((name) => join(place.dir, `${name}-${++steps}`));
    for (const file of [output, summary]) writeFileSync(file, '');
    const given = Object.entries(inputs).map(([name, value]) => [
        `INPUT_${name.toUpperCase()}`,
        value,
    ]);
    const ended = await place.agent(['action', ...args], {
        cwd: place.dir,
        env: {
            GITHUB_ACTIONS: 'true',
            GITHUB_RUN_ID: '1001',
            GITHUB_RUN_ATTEMPT: '1',
            GITHUB_REPOSITORY: 'octo/shop',
            GITHUB_OUTPUT: output,
            GITHUB_STEP_SUMMARY: summary,
            ...Object.fromEntries(given),
            ...env,
        },
    });
    return {
        ...ended,
        outputs: parseOutputs(readFileSync(output, 'utf8')),
        summary: readFileSync(summary, 'utf8'),
        commands: ended.stdout.split('\n').filter((line) => line.startsWith('::')),
    };
}

// A step that must end well, with that outcome.
async function good(expected, ...args) {
    const ended = await step(...args);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.equal(ended.outputs.outcome, expected, ended.stdout);
    return ended;
}

// Only the record key, as most jobs have it.
const noApiKey = { CURRENTS_API_KEY_FILE: '' };

// A service that gives `answers` one after the other, the last one for ever.
async function fakeService(t, ...answers) {
    const service = { asked: [] };
    const server = http.createServer(async (question, answer) => {
        let body = '';
        for await (const part of question) body += part;
        const { method, url, headers } = question;
        service.asked.push({ method, url, headers, body, at: Date.now() });
        const next = answers[Math.min(service.asked.length, answers.length) - 1];
        if (next === 'break') return question.socket.destroy();
        const { status, headers: more = {}, error, data } = next;
        answer.writeHead(status, { 'Content-Type': 'application/json', ...more });
        answer.end(JSON.stringify(error ? { status: 'FAILED', error } : { status: 'OK', data }));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => (server.closeAllConnections(), server.close()));
    const place = new Place({ CURRENTS_API_URL: `http://127.0.0.1:${server.address().port}/v1` });
    t.after(() => place.leave());
    return Object.assign(service, { place });
}

test('cancel: by run id, by GitHub run, and again', async (t) => {
    const api = await Api.start(t);
    const { place } = api;
    const first = await api.halfARun();
    const noRecordKey = { CURRENTS_RECORD_KEY_FILE: '' };
    const byId = await good('cancelled', place, { 'run-id': first.runId }, noRecordKey);
    assert.equal(byId.outputs['run-id'], first.runId);
    assert.equal(byId.outputs['run-url'], first.runUrl);
    assert.equal(byId.outputs.status, 'CANCELED');
    assert.equal(byId.outputs['extra-pw-flags'], '');
    assert.equal((await api.run(first.runId)).completionState, 'CANCELED');
    assert.match(byId.summary, /^### runs-agent: cancel\n\n\| Asked \| Happened \| Run \|\n/);
    assert.ok(byId.summary.includes(`[${first.runId}](${first.runUrl})`), byId.summary);
    assert.match(byId.commands[0], /^::group::/);
    assert.ok(byId.commands.includes('::endgroup::'));
    assert.match(byId.commands.at(-1), /^::notice title=runs-agent::cancelled run /);
    assert.match(byId.stdout, /^took [\d.]+ m?s$/m);
    assert.equal(byId.stderr, '');
    const again = await good('already-cancelled', place, { 'run-id': first.runId }, noRecordKey);
    assert.equal(again.outputs['run-id'], first.runId);

    const params = { githubRunId: '8589934593', githubRunAttempt: '2' };
    const second = await api.halfARun({
        ciBuildId: 'build-2',
        ci: { provider: 'githubActions', params, ciBuildId: { source: 'user', value: 'build-2' } },
    });
    const github = { GITHUB_RUN_ID: '8589934593', GITHUB_RUN_ATTEMPT: '2' };
    await good('nothing-to-cancel', place, {}, { ...github, GITHUB_RUN_ATTEMPT: '1' });
    await good('nothing-to-cancel', place, { 'ci-build-id': 'other' }, { ...github, ...noRecordKey });
    await good('nothing-to-cancel', place, { 'project-id': 'other' }, github);
    const byRun = await good('cancelled', place, {}, github);
    assert.equal(byRun.outputs['run-id'], second.runId);
    await good('already-cancelled', place, {
        'github-run-id': '8589934593',
        'github-run-attempt': '2',
    });
    const none = await good('nothing-to-cancel', place, { 'run-id': 'nobody' }, noRecordKey);
    assert.match(none.commands.at(-1), /^::warning /);
    place.assertNoSecretShown();
});

test('cancel: with a record key alone', async (t) => {
    const api = await Api.start(t);
    const { place } = api;
    const { runId } = await api.halfARun({ ciBuildId: 'octo/shop-1001-1' });
    const build = { 'ci-build-id': 'octo/shop-1001-1' };
    await good('nothing-to-cancel', place, { 'ci-build-id': 'other' }, noApiKey);
    const ended = await good('cancelled', place, build, noApiKey);
    assert.equal(ended.outputs['run-id'], runId);
    assert.equal((await api.run(runId)).cancellation.actor, 'reporter');
    await good('cancelled', place, build, noApiKey); // the service does not tell the two apart

    const other = await api.halfARun({ ciBuildId: 'b2' });
    await good('cancelled', place, { 'run-id': other.runId }, noApiKey);
    assert.equal((await api.run(other.runId)).completionState, 'CANCELED');
    const third = await api.halfARun({ ciBuildId: 'octo/shop/1001' });
    const template = { CURRENTS_CI_BUILD_ID: '${{ github.repository }}/${{ github.run_id }}' };
    const rendered = await good('cancelled', place, {}, { ...noApiKey, ...template });
    assert.equal(rendered.outputs['run-id'], third.runId);
    place.assertNoSecretShown();
});

test('cancel: with both keys in the environment, of which one may only read', async (t) => {
    const api = await Api.start(t);
    const { place } = api;
    const made = await place.agent(['keys', 'create', '--read-only', '--name', 'reader', '--json']);
    assert.equal(made.code, 0, made.stderr);
    const readOnly = { CURRENTS_API_KEY_FILE: '', CURRENTS_API_KEY: JSON.parse(made.stdout).key };
    const { runId } = await api.halfARun({ ciBuildId: 'b1' });
    const refused = await step(place, {}, readOnly);
    assert.match(refused.stderr, /403/);
    const ended = await good('cancelled', place, {}, { ...readOnly, CURRENTS_CI_BUILD_ID: 'b1' });
    assert.equal(ended.outputs['run-id'], runId);
    assert.equal((await api.run(runId)).cancellation.actor, 'reporter');
});

test('secrets that come as inputs are masked before anything else, and shown nowhere else', async (t) => {
    const api = await Api.start(t);
    const { place } = api;
    const { CURRENTS_API_KEY: key, CURRENTS_RECORD_KEY: record } = place.secrets;
    const { runId } = await api.halfARun();
    const loud = { ...noApiKey, RUNNER_DEBUG: '1' };
    const shown = async (ended) => {
        const lines = ended.stdout.split('\n').filter((line) => line.includes(key) || line.includes(record));
        const others = ended.stderr + ended.summary + JSON.stringify(ended.outputs);
        for (const secret of [key, record]) assert.ok(!others.includes(secret));
        return lines;
    };
    const first = await good('cancelled', place, { 'run-id': runId, 'api-token': key }, loud);
    assert.equal(first.stdout.split('\n')[0], `::add-mask::${key}`);
    assert.deepEqual(await shown(first), [`::add-mask::${key}`]);
    assert.match(first.stdout, /^::debug::/m);

    // A composite action passes them by env:, where dashes are underscores.
    const both = { api_token: key, record_key: record, run_id: runId };
    const second = await good('cancelled', place, both, loud);
    assert.deepEqual(await shown(second), [`::add-mask::${key}`, `::add-mask::${record}`]);
    assert.deepEqual(second.stdout.split('\n').slice(0, 2), await shown(second));
    const wrong = await step(place, { command: 'supersede', 'api-token': key }, loud);
    assert.deepEqual(await shown(wrong), [`::add-mask::${key}`]);
});

test('what goes wrong for a while is tried again, what is refused is not', async (t) => {
    const busy = { status: 503, error: 'busy', headers: { 'Retry-After': '1' } };
    const done = { status: 200, data: { runId: '4f2a', actor: 'api:k', canceledAt: 'x', reason: 'y' } };
    const shaky = await fakeService(t, busy, 'break', done);
    const ended = await good('cancelled', shaky.place);
    assert.equal(ended.outputs['run-id'], '4f2a');
    assert.ok(shaky.asked.length >= 3, `${shaky.asked.length} requests`);
    assert.ok(shaky.asked[1].at - shaky.asked[0].at >= 950, 'Retry-After was not obeyed');
    assert.match(ended.stdout, /503 busy; again in 1 s/);

    const record = await fakeService(t, { status: 502, error: 'x' }, { status: 200, data: { runId: null } });
    await good('nothing-to-cancel', record.place, { 'ci-build-id': 'b' }, noApiKey);
    assert.deepEqual(
        record.asked.map(({ method, url, headers }) => [method, url, headers.authorization]),
        Array(2).fill(['POST', '/v1/runs/cancel', undefined]),
    );

    const strict = await fakeService(t, { status: 400, error: 'must be a number' }, done);
    await good('cancelled', strict.place);
    assert.deepEqual(
        strict.asked.map(({ body }) => JSON.parse(body).githubRunAttempt),
        ['1', 1],
    );

    const refusing = await fakeService(t, { status: 401, error: 'Invalid API key provided' });
    const refused = await step(refusing.place);
    assert.equal(refused.code, 1);
    assert.equal(refusing.asked.length, 1);
    assert.equal(refused.outputs.outcome, 'failed');
    assert.match(refused.commands.at(-1), /^::error title=runs-agent::.*401.*CURRENTS_API_KEY/);
    assert.match(refused.stderr, /^runs-agent: [^\n]+\n$/);
    assert.match(refused.summary, /401/);
});

test('a service that stays down ends the step within its time', async (t) => {
    const place = new Place({ CURRENTS_API_URL: `http://127.0.0.1:${await freePort()}/v1` });
    t.after(() => place.leave());
    const began = Date.now();
    const ended = await step(place);
    assert.equal(ended.code, 1);
    assert.ok(Date.now() - began < 27_000, `it took ${Date.now() - began} ms`);
    assert.equal(ended.outputs.outcome, 'failed');
});

test('text from outside starts no command, output, table cell or HTML', async (t) => {
    const evil = '::error::a ##[add-mask]b\r\n::stop-commands::x | <img src=x> %0A';
    const service = await fakeService(t, { status: 409, error: evil });
    const build = '::warning::x\n::error::y ##[group]z|<b>';
    const ended = await step(service.place, { 'ci-build-id': build });
    assert.equal(ended.code, 1);
    for (const line of (ended.stdout + ended.stderr).split('\n')) {
        assert.ok(!line.includes('##['), line);
        assert.match(line.trim(), /^(|::(group|endgroup|error title=runs-agent)::.*|[^:].*)$/);
    }
    assert.equal(ended.commands.length, 3, ended.stdout);
    assert.ok(!ended.summary.includes('<'), ended.summary);
    assert.equal(ended.summary.split('\n').length, 7, ended.summary);
});

test('reset: the machines that need it, or those that are named', async (t) => {
    const api = await Api.start(t);
    const { place } = api;
    const specs = { 'a.spec.ts': ['t1'], 'b.spec.ts': ['t2'], 'c.spec.ts': ['t3'], 'd.spec.ts': ['t4'] };
    await api.record({ fullTestSuite: suite(specs) });
    await api.record({ instances: [instance('a.spec.ts', [outcome('t1')])] });
    await api.record({ machineId: 'm2', instances: [instance('b.spec.ts', [outcome('t2', 'failed')])] });
    await api.record({ machineId: 'm3', instances: [instance('c.spec.ts', [outcome('t3', 'failed')])] });
    const { runId } = await api.record({ machineId: 'm4', instances: [{ spec: 'd.spec.ts' }] });
    const claimed = async () =>
        (await api.run(runId)).specs.filter((spec) => spec.machineId).map((spec) => spec.spec);

    const named = { command: 'reset', 'run-id': runId, 'machine-id': 'm2, nobody' };
    const first = await good('reset', place, named);
    assert.equal(first.outputs['run-id'], runId);
    assert.deepEqual(await claimed(), ['a.spec.ts', 'c.spec.ts', 'd.spec.ts']);
    const found = { command: 'reset', 'ci-build-id': 'build-1' };
    await good('reset', place, found);
    assert.deepEqual(await claimed(), ['a.spec.ts']);
    await good('nothing-to-reset', place, found);
    await good('nothing-to-reset', place, { command: 'reset', 'ci-build-id': 'nobody' });

    await api.put(`/runs/${runId}/cancel`);
    const late = await step(place, named);
    assert.equal(late.code, 1);
    assert.match(late.stdout, /^::error .*cancelled run cannot be reset/m);
});

test('find: what failed is left for Playwright, and a re-run is told to use it', async (t) => {
    const api = await Api.start(t);
    const { place } = api;
    const tests = [outcome('t1'), outcome('t2', 'failed')];
    await api.record({ ciBuildId: 'octo/shop-1001-1', fullTestSuite: suite({ 'a.spec.ts': ['t1', 't2'] }) });
    const { runId } = await api.record({ ciBuildId: 'octo/shop-1001-1', instances: [instance('a.spec.ts', tests)] });
    const file = join(place.dir, 'test-results/.last-run.json');
    const find = { command: 'find' };
    const rerun = { GITHUB_RUN_ATTEMPT: '2' };

    const again = await good('found', place, find, rerun);
    assert.equal(again.outputs['extra-pw-flags'], '--last-failed');
    assert.equal(again.outputs['extra-discovery-flags'], '--last-failed');
    assert.equal(again.outputs['run-id'], runId);
    assert.equal(again.outputs.status, 'FAILED');
    const query = '/runs/find?projectId=p1&ciBuildId=octo/shop-1001-1&pwLastRun=true';
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), (await api.data('GET', query)).pwLastRun);
    rmSync(file);
    const rendered = { ...rerun, CURRENTS_CI_BUILD_ID: 'octo/shop-1001-2' };
    await good('found', place, find, rendered);
    assert.ok(existsSync(file));
    // As the official action's users write the attempt before.
    const sum = { ...find, 'previous-ci-build-id': 'octo/shop-1001-<%= 2 - 1 %>' };
    assert.equal((await good('found', place, sum, rerun)).outputs['run-id'], runId);

    const output = join(place.dir, 'deep/er/last.json');
    const first = await good('found', place, { ...find, branch: 'main', tag: 'nightly\nsmoke', output });
    assert.equal(first.outputs['extra-pw-flags'], '');
    assert.ok(existsSync(output));
    rmSync(file);
    await good('nothing-found', place, { ...find, branch: 'other' }, rerun);
    await good('found', place, { ...find, branch: 'ma*', 'pw-last-run': 'false' }, rerun);
    assert.ok(!existsSync(file));

    await api.wholeRun({ ciBuildId: 'octo/shop-1002-1' });
    const passed = await good('found', place, find, { ...rerun, GITHUB_RUN_ID: '1002' });
    assert.equal(passed.outputs['extra-pw-flags'], '');
    assert.equal(passed.outputs.status, 'PASSED');
    const blocked = await step(place, { ...find, branch: 'main', output: join(output, 'below') });
    assert.equal(blocked.code, 1);
    place.assertNoSecretShown();
});

test('by hand: without a runner, and as JSON', async (t) => {
    const api = await Api.start(t);
    const { runId, runUrl } = await api.halfARun();
    const { place } = api;
    const env = { INPUT_RUN_ID: runId, CURRENTS_RECORD_KEY_FILE: '' };
    const { code, stdout, stderr } = await place.agent(['action', '--json'], { env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
        outcome: 'cancelled',
        'run-id': runId,
        'run-url': runUrl,
        status: 'CANCELED',
        'extra-pw-flags': '',
        'extra-discovery-flags': '',
    });
    const plain = await place.agent(['action'], { env });
    assert.equal(plain.code, 0);
    assert.match(plain.stdout, /was cancelled already/);
});

test('wrong inputs are 2, and say how to mend it', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    for (const [inputs, env, expected] of [
        [{ command: 'supersede' }, {}, /set github-token \(GITHUB_TOKEN\)/],
        [{ command: 'stop' }, {}, /use cancel, reset, find or supersede/],
        [{}, { ...noApiKey, CURRENTS_RECORD_KEY_FILE: '' }, /api-token/],
        [{ 'github-run-id': 'x' }, {}, /decimal number/],
        [{ 'github-run-attempt': '0' }, {}, /github-run-attempt/],
        [{ 'api-url': 'ftp://x' }, {}, /api-url/],
        [{ command: 'find', branch: 'a b' }, {}, /branch/],
        [{ command: 'find', 'previous-ci-build-id': '<%= x %>' }, {}, /only whole numbers/],
        [{ command: 'reset' }, noApiKey, /API key/],
    ]) {
        const ended = await step(place, inputs, env);
        assert.equal(ended.code, 2, ended.stdout);
        assert.match(ended.stderr, /^runs-agent: [^\n]+\n$/);
        assert.match(ended.stderr, expected);
        assert.match(ended.stdout, /^::error title=runs-agent::/m);
        assert.equal(ended.outputs.outcome, 'failed');
    }
});
