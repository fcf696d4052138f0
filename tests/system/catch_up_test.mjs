// SPDX-License-Identifier: MIT
// What GitHub sent while the daemon was away is found in the webhook's log, and acted on.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import test from 'node:test';
import { Api } from '../clients/recording.mjs';
import { Place, cancelled, deliver, until } from './program.mjs';

// GitHub's API for one repository's webhook; everything else is not found.
async function startGitHub(t, token) {
    const github = { log: [], asked: [] };
    const server = http.createServer((question, answer) => {
        const { pathname } = new URL(question.url, 'http://localhost');
        github.asked.push(`${question.method} ${pathname}`);
        const send = (status, body) => {
            answer.writeHead(status, { 'Content-Type': 'application/json' });
            answer.end(JSON.stringify(body));
        };
        if (question.headers.authorization !== `Bearer ${token}`) return send(401, { message: 'Bad credentials' });
        const [, list, id] = /^(\/repos\/octo\/demo\/hooks\/1\/deliveries)(?:\/(\d+))?$/.exec(pathname) ?? [];
        if (!list || question.method !== 'GET') return send(404, { message: 'Not Found' });
        if (!id) return send(200, github.log.map(({ request, ...entry }) => entry));
        const entry = github.log.find((one) => one.id === Number(id));
        return entry ? send(200, entry) : send(404, { message: 'Not Found' });
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close() && server.closeAllConnections());
    github.host = `127.0.0.1:${server.address().port}`;
    github.add = (id, guid, status_code, payload) =>
        github.log.unshift({
            id,
            guid,
            delivered_at: new Date().toISOString(),
            redelivery: false,
            duration: 1,
            status: status_code === 202 ? 'OK' : 'failed to connect to host',
            status_code,
            event: 'workflow_run',
            action: payload.action,
            installation_id: null,
            repository_id: 1,
            request: { headers: {}, payload },
        });
    return github;
}

test('a cancellation that was sent while the daemon was away is caught up with', async (t) => {
    const token = randomBytes(16).toString('hex');
    const github = await startGitHub(t, token);
    const api = new Api();
    const place = (api.place = await Place.embedded());
    t.after(() => place.leave());
    api.key = place.secrets.CURRENTS_API_KEY;
    place.secrets.GITHUB_TOKEN = token; // it must be shown nowhere, either
    Object.assign(place.env, { GITHUB_TOKEN: token, GITHUB_API_URL: `http://${github.host}` });
    const headers = {
        'X-GitHub-Hook-Installation-Target-Type': 'repository',
        'X-GitHub-Enterprise-Host': github.host,
    };

    // Where webhooks come from is known from those that came.
    const first = await place.serve(['--embedded']);
    const came = await deliver(first.address, place.secrets.GITHUB_WEBHOOK_SECRET, cancelled(1), { headers });
    assert.equal(came.status, 202, came.body);
    github.add(1, came.guid, 202, cancelled(1));
    const ci = (run) => ({ provider: 'githubActions', params: { githubActions: 'true', githubRunId: run, githubRunAttempt: '1' } });
    const { runId } = await api.halfARun({ ciBuildId: 'octo/demo-2-1', ci: ci('2') });
    await first.stop();

    github.add(2, 'missed', 0, cancelled(2));
    const second = await place.serve(['--embedded']);
    await until('the run to be cancelled', async () => (await api.run(runId)).completionState === 'CANCELED');
    const { rule } = await place.data(['deliveries', 'show', 'missed']);
    assert.equal(rule, 'R1');
    assert.equal(second.events('catch_up.accepted').length, 1);
    const counted = /^runs_agent_catch_up_deliveries_total 1$/m;
    await until('the round to be counted', async () => counted.test((await second.get('/metrics')).body));
    assert.deepEqual(github.asked.filter((one) => one.endsWith('/deliveries/1')), [], 'what came is not asked for');
    await second.stop();
    place.assertNoSecretShown();
});
