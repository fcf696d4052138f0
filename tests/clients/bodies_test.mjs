// SPDX-License-Identifier: MIT
// Bodies that are broken, or made to do harm, by strangers and by reporters.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { request } from '../system/program.mjs';
import { Api, instance, outcome } from './recording.mjs';

const send = (api, body, headers = {}, path = '/v1/runs') =>
    request({ address: api.address, path, method: 'POST', body, headers }).then((answer) => ({
        status: answer.status,
        error: JSON.parse(answer.body).error,
    }));
const packed = { 'Content-Encoding': 'gzip' };

test('a text that was cut inside a character costs that character alone', async (t) => {
    const api = await Api.start(t);
    const failed = outcome('t1', 'failed');
    failed.attempts[0].errors[0].message = '😀 cut: 😀'.slice(0, -1);
    assert.match(JSON.stringify(failed), /\\ud83d"/, 'as Node writes it');
    const { runId } = await api.record({ instances: [instance('a.spec.ts', [failed])] });
    const { instanceId } = (await api.run(runId)).specs[0];
    const { results } = await api.data('GET', `/instances/${instanceId}`);
    assert.equal(results.tests[0].attempts[0].error.message, '😀 cut: \ufffd');
});

test('a refused body is told what is wrong with it, and where', async (t) => {
    const api = await Api.start(t);
    const recordKey = api.place.secrets.CURRENTS_RECORD_KEY;
    const { status, error } = await send(api, `{"recordKey":"${recordKey}","projectId":"p1",}`);
    assert.equal(status, 400);
    assert.match(error, /^the body must be a JSON object: .*name.*At byte \d+\.$/);
    const cancel = await send(api, '{"recordKey":', {}, '/v1/runs/cancel');
    assert.match(cancel.error, /Invalid value.*At byte 13/);
    const reset = await api.put('/runs/x/reset', '{"machineId":["m"');
    assert.match(reset.error, /At byte 17/);
});

test("a stranger's body takes neither the database's time nor much memory", async (t) => {
    const api = await Api.start(t);
    const most = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${api.server.running.child.pid}/status`, 'latin1'))[1]);
    const { runId } = await api.halfARun();
    const values = (rest) => gzipSync(`{"a":[0${',0'.repeat(20_000_000)}]${rest}}`, { level: 1 });
    const before = most();
    const bombs = [values(''), values(',"recordKey":"no"')];
    const answers = await Promise.all(bombs.map((bomb) => send(api, bomb, packed)));
    for (const { status, error } of answers) {
        assert.equal(status, 400);
        assert.match(error, /more than 4,000,000 values/);
    }
    const first = gzipSync(`{"recordKey":"no","a":"${' '.repeat(90_000_000)}"}`, { level: 1 });
    assert.deepEqual(await send(api, first, packed), { status: 401, error: 'Invalid record key provided' });
    // Nor is a text that stands before the key.
    const last = gzipSync(`{"a":"${' '.repeat(90_000_000)}","recordKey":"no"}`, { level: 1 });
    assert.deepEqual(await send(api, last, packed), { status: 401, error: 'Invalid record key provided' });
    // A key that is none is not kept until the database has time.
    const long = gzipSync(`{"recordKey":"${'a'.repeat(30_000_000)}"}`, { level: 1 });
    for (const { status } of await Promise.all(Array.from({ length: 4 }, () => send(api, long, packed))))
        assert.equal(status, 401);
    t.diagnostic(`${most() - before} kB more`);
    // Unpacked, each of them takes more, and the address sanitizer keeps what was freed.
    assert.ok(most() - before < 60_000, `${most() - before} kB more`);
    assert.equal((await api.run(runId)).status, 'FAILING');
});
