// SPDX-License-Identifier: MIT
// See bench/calls, which calls this.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createServer, connect } from 'node:net';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { examplePayload } from './received/deliveries.mjs';
import { machine, median, quantile, table } from './report.mjs';

const root = new URL('..', import.meta.url).pathname;
const defaults = { deliveries: '500', waiting: '100000', drained: '10000', away: '15', answers: '20' };
const { values } = parseArgs({ options: {
    program: { type: 'string', default: join(root, 'build/release/runs-agent') },
    ...Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }])),
} });
const wanted = Object.fromEntries(Object.keys(defaults).map((name) => {
    const value = Number(values[name]);
    assert.ok(Number.isInteger(value) && value >= 0 && value <= 1_000_000, `--${name} takes a number`);
    return [name, value];
}));

mkdirSync(join(root, 'build/bench'), { recursive: true });
const dir = mkdtempSync(join(root, 'build/bench/calls-'));
const secret = randomBytes(24).toString('hex');
let child;
process.on('exit', () => {
    child?.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
});

// ---- the Runs API ----
let delay = 0;
let onFirstByte = () => {};
let calls = 0;
const api = http.createServer((asked, answer) => {
    ++calls;
    asked.resume().on('end', () => setTimeout(() => answer.writeHead(200, { 'Content-Type': 'application/json' })
        .end('{"status":"OK","data":{"actorId":"a","runId":"r","canceledAt":"2026-01-01T00:00:00.000Z","reason":"x"}}'), delay));
}).on('connection', (socket) => socket.prependListener('data', () => onFirstByte(process.hrtime.bigint())));
await new Promise((done) => api.listen(0, '127.0.0.1', done));

async function until(what, probe, bound = 120_000) {
    for (const end = Date.now() + bound; ;) {
        const found = await probe();
        if (found) return found;
        assert.ok(Date.now() < end, `gave up waiting for: ${what}\n${readFileSync(join(dir, 'log'), 'utf8').slice(-2000)}`);
        await pause(5);
    }
}

/** Starts the daemon; resolves to its port and how long it took to listen, in ms. */
async function serve(port = api.address().port) {
    const log = join(dir, 'log');
    const output = openSync(log, 'w');
    const begun = process.hrtime.bigint();
    child = spawn(resolve(values.program), ['serve', '--log-format', 'json', '--log-level', 'info', '--listen', '127.0.0.1:0'], {
        stdio: ['ignore', output, output],
        env: { PATH: process.env.PATH, GITHUB_WEBHOOK_SECRET: secret, RUNS_AGENT_STATE_DIR: join(dir, 'state'), CURRENTS_API_KEY: 'none',
            CURRENTS_API_URL: `http://127.0.0.1:${port}/v1`, CURRENTS_PROJECT_ID: 'p1' } });
    const listening = await until('the daemon', () => /"event":"webhooks\.listening".*?"address":"[^"]*:(\d+)"/.exec(readFileSync(log, 'utf8')));
    return { port: Number(listening[1]), took: Number(process.hrtime.bigint() - begun) / 1e6 };
}

async function stop() {
    const ended = new Promise((done) => child.on('exit', done));
    child.kill('SIGTERM');
    await ended;
}

const memory = (name) => (Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024).toFixed(1);

// ---- the delivery's last byte to the call's first ----
async function latency() {
    const { port } = await serve();
    await pause(500);
    const idle = memory('VmRSS');
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await new Promise((done) => socket.on('connect', done));
    const waits = [];
    for (let number = 0; number < wanted.deliveries + 20; ++number) {
        const body = JSON.stringify(examplePayload({ id: 5_000_000 + number, status: 'completed', conclusion: 'cancelled', run_number: number }));
        const head = ['POST /webhooks/github HTTP/1.1', 'Host: bench', 'Content-Type: application/json', 'X-GitHub-Event: workflow_run',
            `X-GitHub-Delivery: ${randomUUID()}`, `Content-Length: ${Buffer.byteLength(body)}`,
            `X-Hub-Signature-256: sha256=${createHmac('sha256', secret).update(body).digest('hex')}`, '', ''].join('\r\n');
        const answered = new Promise((done) => socket.once('data', done));
        const called = new Promise((done) => { onFirstByte = done; });
        let sent;
        socket.write(head + body, () => {});
        sent = process.hrtime.bigint(); // the system has it: it is written at once where there is room
        const first = await called;
        assert.match(String(await answered), /^HTTP\/1\.1 202 /);
        waits.push(Number(first - sent) / 1e6);
        await pause(3);
    }
    socket.destroy();
    onFirstByte = () => {};
    await stop();
    const measured = waits.slice(20);
    console.log(`\nAn idle daemon (${idle} MiB), ${measured.length} deliveries one after another, from the delivery's last byte to its call's first:`);
    table([['', 'p50', 'p99', 'max'], ['', ...[0.5, 0.99, 1].map((part) => `${quantile(measured, part).toFixed(2)} ms`)]]);
}

// ---- calls that wait ----
function makeWait(count, due) {
    const database = new DatabaseSync(join(dir, 'state', 'runs-agent.db'));
    database.exec('BEGIN');
    const first = database.prepare('SELECT coalesce(max(id), 0) + 1 AS id FROM deliveries').get().id;
    const delivery = database.prepare(`INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at, run_id, facts,
        decided_at, rule, reason) VALUES(?, ?, 'workflow_run', 'completed', 'github.com', '', 'octo/demo', ?, ?, '{}', ?, 'R1', 'bench')`);
    const call = database.prepare(`INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation, rule, project_id,
        ci_build_id, only_if_in_progress, reason, state, planned_at, due_at)
        VALUES(?, ?, 'github.com', ?, 1, 'octo/demo', 'cancel-ci', 'R1', 'p1', '', 0, 'bench', 'pending', ?, ?)`);
    for (let id = first; id < first + count; ++id) {
        delivery.run(id, randomUUID(), due, 9_000_000 + id, due);
        call.run(`bench/${id}`, id, 9_000_000 + id, due, due);
    }
    database.exec('COMMIT');
    database.close();
}

async function waiting() {
    makeWait(wanted.waiting, Date.now() + 3_600_000);
    const took = [];
    for (let round = 0; round < 5; ++round) {
        took.push((await serve()).took);
        await stop();
    }
    console.log(`\nStart with ${wanted.waiting} waiting calls: listens after ${median(took).toFixed(0)} ms (slowest of five ${Math.max(...took).toFixed(0)} ms)`);
    const database = new DatabaseSync(join(dir, 'state', 'runs-agent.db'));
    database.exec('DELETE FROM calls; DELETE FROM deliveries');
    database.close();
}

function allAreDone() {
    const database = new DatabaseSync(join(dir, 'state', 'runs-agent.db'));
    assert.equal(database.prepare("SELECT count(*) AS open FROM calls WHERE state <> 'succeeded'").get().open, 0, 'every call is done');
    const { tries } = database.prepare('SELECT count(*) AS tries FROM tries').get();
    database.exec('DELETE FROM tries; DELETE FROM calls; DELETE FROM deliveries');
    database.close();
    return tries;
}

async function drain() {
    makeWait(wanted.drained, Date.now() - 1000);
    delay = wanted.answers;
    calls = 0;
    const begun = process.hrtime.bigint();
    await serve();
    await until('all calls', () => calls >= wanted.drained);
    const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
    console.log(`\n${wanted.drained} waiting calls, each answered after ${wanted.answers} ms: made in ${seconds.toFixed(1)} s, ` +
        `${(wanted.drained / seconds).toFixed(0)} a second; peak memory ${memory('VmHWM')} MiB`);
    await stop();
    allAreDone();
}

// ---- the Runs API is away, and comes back ----
async function comeBack() {
    const { port } = api.address();
    makeWait(wanted.drained, Date.now() - 1000);
    delay = wanted.answers;
    calls = 0;
    const ended = new Promise((done) => api.close(done));
    api.closeAllConnections();
    await ended;
    await serve(port);
    await pause(wanted.away * 1000);
    const begun = process.hrtime.bigint();
    await new Promise((done) => api.listen(port, '127.0.0.1', done));
    const since = () => Number(process.hrtime.bigint() - begun) / 1e9;
    const times = [];
    await until('all calls', () => {
        while (times.length < 3 && calls >= wanted.drained * [0.5, 0.9, 1][times.length]) times.push(since());
        return times.length === 3;
    }, 600_000);
    console.log(`\n${wanted.drained} calls wait for a Runs API that nobody reaches for ${wanted.away} s: half of them were made ${times[0].toFixed(1)} s after it was ` +
        `back, nine in ten after ${times[1].toFixed(1)} s, all after ${times[2].toFixed(1)} s; peak memory ${memory('VmHWM')} MiB`);
    await stop();
    console.log(`tries in all: ${allAreDone()}`);
}

console.log(machine());
await latency();
if (wanted.waiting > 0) await waiting();
if (wanted.drained > 0) await drain();
if (wanted.drained > 0 && wanted.away > 0) await comeBack();
process.exit();
