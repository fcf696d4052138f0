// SPDX-License-Identifier: MIT
// A person is told by RUNS_AGENT_NOTIFY_URL when work waits for them, and when it does no more.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, deliver, until } from './program.mjs';

test('held calls are told of once, and their end once; the address is told nowhere', async (t) => {
    const told = [];
    let takes = false; // at first nobody takes it
    const server = http.createServer((question, answer) => {
        let body = '';
        question.on('data', (piece) => (body += piece));
        question.on('end', () => {
            if (question.url.startsWith('/v1/')) {
                answer.writeHead(server.refuses ? 403 : 200, { 'Content-Type': 'application/json' });
                answer.end(JSON.stringify(server.refuses ? { status: 'FAILED', error: 'read-only <!channel>' } : { status: 'OK', data: { runId: 'r' } }));
                return;
            }
            if (takes) told.push({ url: question.url, type: question.headers['content-type'], ...JSON.parse(body) });
            answer.writeHead(takes ? 200 : 500).end('no');
        });
    });
    server.refuses = true;
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close() && server.closeAllConnections());
    const address = `http://127.0.0.1:${server.address().port}`;
    const place = new Place({ CURRENTS_API_URL: `${address}/v1` });
    t.after(() => place.leave());
    place.secrets.NOTIFY = 'T000-B000-secret';
    const file = join(place.dir, 'notify-url');
    writeFileSync(file, `${address}/services/${place.secrets.NOTIFY}\n`);
    const daemon = await place.serve([], { RUNS_AGENT_NOTIFY_URL_FILE: file });

    const secret = place.secrets.GITHUB_WEBHOOK_SECRET;
    assert.equal((await deliver(daemon.address, secret, cancelled(1))).status, 202);
    await until('a message that nobody took', () => daemon.events('notify.failed').length > 0, 120_000);
    takes = true;
    await until('the message', () => told.length > 0, 60_000);
    assert.equal(told[0].url, `/services/${place.secrets.NOTIFY}`);
    assert.equal(told[0].type, 'application/json');
    assert.match(told[0].text, /^\[trouble\] runs-agent \(.+\): 1 call waits for a working API key/);
    assert.ok(!told[0].text.includes('<'), 'it mentions nobody');

    server.refuses = false;
    await deliver(daemon.address, secret, cancelled(2)); // lets the other go on
    await until('the end', () => told.length > 1, 150_000);
    assert.match(told[1].text, /^\[recovered\]/);
    await daemon.stop();
    assert.equal(told.length, 2, 'each once');
    place.assertNoSecretShown();
});

test('an address that is none is a mistake of the configuration, and is not repeated', async (t) => {
    const place = new Place({ RUNS_AGENT_NOTIFY_URL: 'hooks.slack.com/T000-B000-secret' });
    t.after(() => place.leave());
    place.secrets.NOTIFY = 'T000-B000-secret';
    const { code, stderr } = await place.agent(['config', 'check']);
    assert.equal(code, 2);
    assert.match(stderr, /RUNS_AGENT_NOTIFY_URL must be an https/);
    place.assertNoSecretShown();
});
