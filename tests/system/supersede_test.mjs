// SPDX-License-Identifier: MIT
// `command: supersede`, and a step that is told to stop: the real program as a runner starts it,
// against the embedded Runs API and a GitHub that holds three pushes to one branch.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { Api } from '../clients/recording.mjs';
import { Place, until } from './program.mjs';

const token = 'ghs_0123456789abcdef0123456789';

function githubRun(id, number, more = {}) {
    return {
        id,
        name: 'e2e',
        path: '.github/workflows/e2e.yml',
        run_number: number,
        run_attempt: 1,
        event: 'push',
        status: 'in_progress',
        conclusion: null,
        workflow_id: 77,
        head_branch: 'feature',
        head_sha: `c0ffee${id}`,
        head_repository: { full_name: 'octo/shop' },
        repository: { full_name: 'octo/shop' },
        created_at: new Date(Date.now() - (10 - number) * 60_000).toISOString(),
        run_started_at: new Date(Date.now() - (10 - number) * 60_000).toISOString(),
        ...more,
    };
}

// `github.runs`, which may be listed, looked at and cancelled.
async function fakeGitHub(t, runs) {
    const github = { runs, asked: [] };
    const server = http.createServer((question, answer) => {
        const { method, url, headers } = question;
        github.asked.push(`${method} ${url.split('?')[0]}`);
        const path = url.split('?')[0].replace('/repos/octo/shop', '');
        const [, id, cancel] = /^\/actions\/runs\/(\d+)(\/cancel)?$/.exec(path) ?? [];
        const run = runs.find((one) => one.id === Number(id));
        let [status, body] = [404, { message: 'Not Found' }];
        if (headers.authorization !== `Bearer ${token}`) [status, body] = [401, { message: 'Bad credentials' }];
        else if (path === '') [status, body] = [200, { full_name: 'octo/shop', default_branch: 'main' }];
        else if (path === '/actions/workflows/77/runs') [status, body] = [200, { workflow_runs: runs }];
        else if (run && cancel) [status, body] = [202, {}];
        else if (run) [status, body] = [200, run];
        answer.writeHead(status, { 'Content-Type': 'application/json' });
        answer.end(JSON.stringify(body));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => (server.closeAllConnections(), server.close()));
    github.url = `http://127.0.0.1:${server.address().port}`;
    return github;
}

test('what older pushes recorded is cancelled, nothing else', async (t) => {
    const api = await Api.start(t);
    const recorded = async (githubRunId) => {
        const ciBuildId = `octo/shop-${githubRunId}-1`;
        const params = { githubRunId: String(githubRunId), githubRunAttempt: '1' };
        const ci = { provider: 'githubActions', params, ciBuildId: { source: 'user', value: ciBuildId } };
        return (await api.halfARun({ ciBuildId, ci })).runId;
    };
    const runs = {};
    for (const id of [901, 902, 903, 1001, 1002]) runs[id] = await recorded(id);
    const github = await fakeGitHub(t, [
        githubRun(1002, 6),
        githubRun(1001, 5),
        githubRun(903, 4, { head_repository: { full_name: 'mona/shop' } }),
        githubRun(902, 3),
        githubRun(901, 2, { status: 'completed', conclusion: 'cancelled' }),
    ]);
    const env = {
        INPUT_COMMAND: 'supersede',
        'INPUT_GITHUB-TOKEN': token,
        'INPUT_CANCEL-WORKFLOW': 'true',
        GITHUB_API_URL: github.url,
        GITHUB_REPOSITORY: 'octo/shop',
        GITHUB_RUN_ID: '1001',
        GITHUB_RUN_ATTEMPT: '1',
    };
    const { code, stdout, stderr } = await api.place.agent(['action', '--json'], { env });
    assert.equal(code, 0, stderr);
    const outputs = JSON.parse(stdout);
    assert.equal(outputs.outcome, 'cancelled', stderr);
    assert.equal(outputs['run-id'], `${runs[902]},${runs[901]}`);
    assert.deepEqual(
        github.asked.filter((line) => line.startsWith('POST')),
        ['POST /repos/octo/shop/actions/runs/902/cancel'],
    );
    for (const [id, runId] of Object.entries(runs)) {
        const state = (await api.run(runId)).completionState;
        assert.equal(state, ['901', '902'].includes(id) ? 'CANCELED' : 'IN_PROGRESS', `run ${id}`);
    }
    assert.equal(stderr.split('\n')[0], `::add-mask::${token}`);
    assert.equal(stderr.split(token).length, 2, 'the token is shown');
    api.place.assertNoSecretShown();

    const refused = await api.place.agent(['action'], { env: { ...env, 'INPUT_GITHUB-TOKEN': 'other' } });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /401 Bad credentials; check github-token/);
});

test('a step that is told to stop brings its request to an end, but does not wait for ever', async (t) => {
    let answer = () => {};
    const server = http.createServer((question, response) => {
        answer = () => {
            response.writeHead(200, { 'Content-Type': 'application/json' });
            response.end(JSON.stringify({ status: 'OK', data: { runId: '4f2a' } }));
        };
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => (server.closeAllConnections(), server.close()));
    const place = new Place({ CURRENTS_API_URL: `http://127.0.0.1:${server.address().port}/v1` });
    t.after(() => place.leave());
    const start = async () => {
        answer = null;
        const env = { ...place.env, GITHUB_RUN_ID: '1001' };
        const running = place.launch(process.env.RUNS_AGENT_BINARY, ['action'], env);
        await until('the request', () => answer);
        running.child.kill('SIGINT');
        await until('the signal is seen', () => running.stdout.includes('SIGINT: asked to stop'));
        return running;
    };
    const good = await start();
    answer();
    assert.equal((await good.ended).code, 0, good.stdout);
    assert.match(good.stdout, /^::notice title=runs-agent::cancelled run 4f2a$/m);

    const began = Date.now();
    const hung = await start();
    assert.equal((await hung.ended).code, 1);
    assert.ok(Date.now() - began < 7_500, 'GitHub would have sent SIGTERM');
    assert.match(hung.stdout, /^::error title=runs-agent::stopped by SIGINT/m);

    const impatient = await start();
    impatient.child.kill('SIGTERM');
    assert.equal((await impatient.ended).signal, 'SIGTERM');
});
