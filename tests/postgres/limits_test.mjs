// SPDX-License-Identifier: MIT
// Two replicas: one is told by the Runs API to wait (429 with Retry-After), and neither asks it anything
// until then.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Place, cancelled, deliver, until } from '../system/program.mjs';

const run = promisify(execFile);
const server = join(dirname(fileURLToPath(import.meta.url)), 'server');
const seconds = 5;

// Answers the first request 429, all others well; notes when each came.
async function runsApi(t) {
    const asked = [];
    const service = http.createServer((question, answer) => {
        question.resume();
        question.on('end', () => {
            asked.push({ at: Date.now() });
            if (asked.length === 1) {
                answer.writeHead(429, { 'Content-Type': 'application/json', 'Retry-After': String(seconds) });
                return answer.end(JSON.stringify({ status: 'FAILED', error: 'Too many requests' }));
            }
            answer.writeHead(200, { 'Content-Type': 'application/json' });
            answer.end(JSON.stringify({
                status: 'OK',
                data: { runId: 'r', actor: 'api:test', canceledAt: new Date().toISOString(), reason: 'apiRequest' },
            }));
        });
    });
    await new Promise((done) => service.listen(0, '127.0.0.1', done));
    t.after(() => service.closeAllConnections() ?? service.close());
    return { asked, url: `http://127.0.0.1:${service.address().port}/v1` };
}

test('what one is told both heed', async (t) => {
    const place = new Place();
    const file = join(place.dir, 'postgres.url');
    t.after(async () => {
        await run(server, ['stop', file]);
        await place.leave();
    });
    await run(server, ['start', file]);
    place.env.RUNS_AGENT_DATABASE = readFileSync(file, 'utf8').trim();
    const { asked, url } = await runsApi(t);
    const daemons = [];
    for (let i = 0; i < 2; ++i) daemons.push(await place.serve([], { CURRENTS_API_URL: url }));
    const send = (i, id) => deliver(daemons[i].address, place.secrets.GITHUB_WEBHOOK_SECRET, cancelled(id));

    await send(0, 1001);
    await until('one of them to be told', () => daemons.some((daemon) => daemon.events('calls.paused').length > 0));
    const told = asked[0];
    for (let i = 0; i < 10; ++i) await send(i % 2, 2001 + i);
    const waiting = async () => (await daemons[1].get('/metrics')).body;
    await until('all to be decided', async () => /^runs_agent_calls\{state="pending"\} 11$/m.test(await waiting()));
    assert.equal(asked.length, 1, 'nothing was asked meanwhile');
    await until('all to be done', async () => /^runs_agent_calls\{state="pending"\} 0$/m.test(await waiting()));
    const early = asked.slice(1).filter(({ at }) => at - told.at < seconds * 1000);
    assert.deepEqual(early, []);
    assert.equal(asked.length, 12);
    // Its commits are measured, too.
    assert.match(await waiting(), /^runs_agent_store_commit_duration_seconds_count [1-9]/m);
    assert.match(await waiting(), /^runs_agent_store_commit_jobs_sum [1-9]/m);
    for (const daemon of daemons) await daemon.stop();
});
