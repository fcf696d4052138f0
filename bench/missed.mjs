// SPDX-License-Identifier: MIT
// See bench/missed, which calls this.
import assert from 'node:assert/strict';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { daemon } from './received/contenders.mjs';
import { examplePayload } from './received/deliveries.mjs';
import { machine } from './report.mjs';

const root = new URL('..', import.meta.url).pathname;
const { values: options } = parseArgs({ options: {
    missed: { type: 'string', default: '10000' }, answers: { type: 'string', default: '20' },
    program: { type: 'string', default: join(root, 'build/release/runs-agent') },
} });
const [missed, answers] = [options.missed, options.answers].map((text) => {
    assert.ok(/^\d{1,6}$/.test(text), '--missed and --answers take a number');
    return Number(text);
});

mkdirSync(join(root, 'build/bench'), { recursive: true });
const dir = mkdtempSync(join(root, 'build/bench/missed-'));
const secret = randomBytes(24).toString('hex');
let contender;
process.on('exit', () => {
    contender?.kill();
    rmSync(dir, { recursive: true, force: true });
});

// ---- GitHub, with one repository's webhook ----
const repository = examplePayload({}).repository.full_name;
const payloadOf = (id) => examplePayload({ id: 7_000_000 + id, run_number: id, status: 'completed', conclusion: 'success' });
const log = [];
const list = `/repos/${repository}/hooks/1/deliveries`;
let asked = 0;
const server = http.createServer((question, answer) => {
    ++asked;
    const url = new URL(question.url, 'http://github');
    const send = (status, body, headers = {}) => setTimeout(() => answer.writeHead(status, { 'Content-Type': 'application/json', ...headers })
        .end(JSON.stringify(body)), answers);
    const [, id] = /\/deliveries\/(\d+)$/.exec(url.pathname) ?? [];
    if (url.pathname.startsWith(list) && id) {
        const entry = log.find((one) => one.id === Number(id));
        return send(200, { ...entry, request: { headers: {}, payload: payloadOf(entry.id) }, response: { headers: {}, payload: '' } });
    }
    if (url.pathname !== list) return send(404, { message: 'Not Found' });
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const next = from + 100;
    return send(200, log.slice(from, next), next < log.length
        ? { Link: `<http://${question.headers.host}${list}?per_page=100&cursor=${next}>; rel="next"` } : {});
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const host = `127.0.0.1:${server.address().port}`;
const entryOf = (id, guid, status_code) => ({ id, guid, delivered_at: new Date(Date.now() - 1000).toISOString(), redelivery: false, duration: 1,
    status: status_code === 202 ? 'OK' : 'failed to connect to host', status_code, event: 'workflow_run', action: 'completed',
    installation_id: null, repository_id: 1 });
const serve = () => daemon('runs-agent', options.program, dir, secret, { GITHUB_TOKEN: 'bench', GITHUB_API_URL: `http://${host}` });

async function until(what, probe, bound) {
    for (const end = Date.now() + bound; ;) {
        const found = await probe();
        if (found) return found;
        assert.ok(Date.now() < end, `gave up waiting for: ${what}\n${contender.said().slice(-2000)}`);
        await pause(10);
    }
}

// Where webhooks come from is known from those that came.
contender = await serve();
const body = JSON.stringify(payloadOf(1));
const guid = randomUUID();
const came = await fetch(`http://127.0.0.1:${contender.port}/webhooks/github`, { method: 'POST', body, headers: {
    'Content-Type': 'application/json', 'X-GitHub-Event': 'workflow_run', 'X-GitHub-Delivery': guid,
    'X-GitHub-Hook-Installation-Target-Type': 'repository', 'X-GitHub-Hook-ID': '1', 'X-GitHub-Enterprise-Host': host,
    'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` } });
assert.equal(came.status, 202);
log.push(entryOf(1, guid, 202));
const ended = new Promise((done) => contender.process.on('exit', done));
contender.kill();
await ended;
for (let id = 2; id <= missed + 1; ++id) log.unshift(entryOf(id, randomUUID(), 0));

asked = 0;
contender = await serve();
const begun = process.hrtime.bigint();
const metric = async (name) => Number(new RegExp(`^runs_agent_${name} (\\d+)$`, 'm')
    .exec(await (await fetch(`http://127.0.0.1:${contender.port}/metrics`)).text())?.[1] ?? 0);
const before = contender.used();
await until('the round to end', async () => await metric('catch_up_rounds_total{result="whole"}'.replace(/[{}"]/g, '\\$&'))
    + await metric('catch_up_rounds_total{result="cut_short"}'.replace(/[{}"]/g, '\\$&')) > 0, 240_000);
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const after = contender.used();
const found = await metric('catch_up_deliveries_total');
assert.ok(found >= Math.min(missed, 100), `${found} were found`);
console.log(`${machine()}\n\nOf ${missed} missed deliveries the first round stored ${found}, by ${asked} requests, each answered after ${answers} ms, in ` +
    `${seconds.toFixed(2)} s (metrics are 0.2 s old at most);\n` +
    `${((after.seconds - before.seconds) / found * 1e6).toFixed(0)} us of core time for each, ${after.memory.toFixed(1)} MiB at the peak; ` +
    `all of them take ${Math.ceil(missed / found)} round${missed > found ? 's, one each five minutes' : ''}`);
process.exit();
