// SPDX-License-Identifier: MIT
// The webhooks of the embedded Runs API, with the real program and a receiver on this machine: each event, a
// receiver that is down, a program that is killed, and an address that is not allowed.
import assert from 'node:assert/strict';
import http from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { Place, freePort, until } from './program.mjs';

// Keeps what it is sent; answers what `answer` says.
class Receiver {
    requests = [];
    connections = 0;
    answer = 200;

    static async start(t, port = 0) {
        const receiver = new Receiver();
        receiver.server = http.createServer((question, answer) => {
            let body = '';
            question.setEncoding('utf8').on('data', (text) => (body += text));
            question.on('end', () => {
                const { headers, url } = question;
                const told = JSON.parse(body);
                receiver.requests.push({ headers, url, told, ...told, answered: receiver.answer });
                answer.writeHead(receiver.answer).end();
            });
        });
        receiver.server.on('connection', () => ++receiver.connections);
        await new Promise((done) => receiver.server.listen(port, '127.0.0.1', done));
        receiver.port = receiver.server.address().port;
        t.after(() => {
            receiver.server.closeAllConnections();
            receiver.server.close();
        });
        return receiver;
    }

    // What it took, of one build or of all.
    events(build) {
        return this.requests
            .filter(({ buildId, answered }) => answered === 200 && (!build || buildId === build))
            .map(({ event }) => event);
    }

    async expect(build, ...events) {
        await until(`${events} of ${build}`, () => this.events(build).length >= events.length);
        assert.deepEqual(this.events(build), events);
    }
}

class Api {
    static async start(t, variables) {
        const api = new Api();
        api.place = await Place.embedded();
        Object.assign(api.place.env, variables);
        t.after(() => api.place.leave());
        api.server = await api.place.serveApi();
        return api;
    }

    async ask(method, path, body) {
        const answer = await fetch(`http://${this.server.addresses.api}/v1${path}`, {
            method,
            headers: { Authorization: `Bearer ${this.place.secrets.CURRENTS_API_KEY}` },
            body: body && JSON.stringify(body),
        });
        return { ...(await answer.json()), status: answer.status };
    }

    async hook(members) {
        const made = await this.ask('POST', '/webhooks?projectId=p1', members);
        assert.equal(made.status, 201, made.error);
        return made.data;
    }

    async record(ciBuildId, members) {
        const recordKey = this.place.secrets.CURRENTS_RECORD_KEY;
        const answer = await this.ask('POST', '/runs', { recordKey, projectId: 'p1', machineId: 'm', ciBuildId, ...members });
        assert.equal(answer.status, 200, answer.error);
        return answer.runId;
    }

    begin(build) {
        return this.record(build, { fullTestSuite: [{ name: 'g', tests: [{ spec: 'a.spec.ts' }] }] });
    }

    finish(build) {
        const stats = { tests: 2, passes: 1, failures: 1 };
        return this.record(build, { group: 'g', instances: [{ groupId: 'g', spec: 'a.spec.ts', results: { stats } }] });
    }

    change(sql) {
        const database = new DatabaseSync(join(this.place.env.RUNS_AGENT_STATE_DIR, 'runs-api.db'));
        database.exec('PRAGMA busy_timeout = 10000');
        database.exec(sql);
        database.close();
    }
}

const allowed = { RUNS_AGENT_API_WEBHOOKS_ALLOW: '127.0.0.1' };

test('a run that begins, finishes, is cancelled or times out is told of', async (t) => {
    const receiver = await Receiver.start(t);
    const api = await Api.start(t, allowed);
    api.place.secrets.hook = 'a-secret-of-the-receiver';
    const url = `http://127.0.0.1:${receiver.port}/in?from=runs`;
    const headers = JSON.stringify({ 'X-Key': api.place.secrets.hook });
    const { hookId, headers: shown } = await api.hook({ url, headers, label: 'test' });
    assert.equal(shown, '{"X-Key":"********"}');

    const runId = await api.begin('finishes');
    await api.finish('finishes');
    await receiver.expect('finishes', 'RUN_START', 'RUN_FINISH');
    const [start, finish] = receiver.requests;
    assert.equal(start.url, '/in?from=runs');
    assert.equal(start.headers['x-key'], api.place.secrets.hook);
    assert.equal(start.headers['content-type'], 'application/json');
    assert.ok(Math.abs(Date.now() - Number(start.headers['x-timestamp'])) < 60_000);
    assert.notEqual(start.headers['x-runs-agent-delivery'], finish.headers['x-runs-agent-delivery']);
    assert.equal(start.overall, 1);
    assert.equal(finish.overall, 2);
    assert.equal(finish.failures, 1);
    assert.ok(finish.runUrl.endsWith(`/v1/runs/${runId}`), finish.runUrl);
    assert.equal(finish.runUrl, start.runUrl);

    const cancelled = await api.begin('cancelled');
    assert.equal((await api.ask('PUT', `/runs/${cancelled}/cancel`)).status, 200);
    await receiver.expect('cancelled', 'RUN_START', 'RUN_CANCELED');

    // What can be set is three minutes at least.
    api.change('UPDATE projects SET inactivity = 1000');
    await api.begin('times out');
    await receiver.expect('times out', 'RUN_START', 'RUN_TIMEOUT');

    const changed = await api.ask('PUT', `/webhooks/${hookId}`, { hookEvents: ['RUN_FINISH'] });
    assert.deepEqual(changed.data.hookEvents, ['RUN_FINISH']);
    api.change('UPDATE projects SET inactivity = 1800000');
    await api.begin('again');
    await api.finish('again');
    await receiver.expect('again', 'RUN_FINISH');
    for (const { told } of receiver.requests) assert.equal(await api.place.api.misfitOf('RunEvent', told), '');
    assert.equal((await api.ask('DELETE', `/webhooks/${hookId}`)).status, 200);
    assert.deepEqual((await api.ask('GET', '/webhooks?projectId=p1')).data, []);
    await api.server.stop();
    api.place.assertNoSecretShown();
});

test('a receiver that is down gets all of it, in its order, when it is up', async (t) => {
    const port = await freePort();
    const api = await Api.start(t, allowed);
    await api.hook({ url: `http://127.0.0.1:${port}/` });
    await api.begin('b1');
    await api.finish('b1');
    await until('a try in vain', () => api.server.events('hooks.not_delivered').length > 0);
    const receiver = await Receiver.start(t, port);
    await receiver.expect('b1', 'RUN_START', 'RUN_FINISH');
    await api.server.stop();
});

test('what was not delivered when the program was killed is delivered by the next', async (t) => {
    const receiver = await Receiver.start(t);
    const api = await Api.start(t, allowed);
    await api.hook({ url: `http://127.0.0.1:${receiver.port}/` });
    receiver.answer = 503;
    await api.begin('b1');
    await api.finish('b1');
    await until('a try in vain', () => receiver.requests.length > 0);
    // This one at once, before anything of it can be sent.
    await api.begin('b2');
    await api.server.end('SIGKILL');
    receiver.answer = 200;
    api.server = await api.place.serveApi();
    await receiver.expect('b1', 'RUN_START', 'RUN_FINISH');
    await receiver.expect('b2', 'RUN_START');
    await api.server.stop();
});

test('an address of this machine that is not allowed is not connected to', async (t) => {
    const receiver = await Receiver.start(t);
    const url = `http://127.0.0.1:${receiver.port}/`;
    const api = await Api.start(t, allowed);
    await api.hook({ url });
    await api.server.stop();
    delete api.place.env.RUNS_AGENT_API_WEBHOOKS_ALLOW;
    api.server = await api.place.serveApi();
    const refused = await api.ask('POST', '/webhooks?projectId=p1', { url });
    assert.equal(refused.status, 400);
    assert.match(refused.error, /RUNS_AGENT_API_WEBHOOKS_ALLOW/);
    await api.begin('b1');
    const [line] = await until('the refusal in the log', () => {
        const lines = api.server.events('hooks.not_delivered');
        return lines.length > 0 && lines;
    });
    assert.match(line.error, /127\.0\.0\.1 is not connected to.*RUNS_AGENT_API_WEBHOOKS_ALLOW/);
    assert.equal(receiver.connections, 0);
    await api.server.stop();
});
