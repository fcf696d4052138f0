// SPDX-License-Identifier: MIT
// See bench/receiver, which calls this.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { machine, median, table } from './report.mjs';

const root = new URL('..', import.meta.url).pathname;
const { values: options } = parseArgs({ options: {
    rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '16' },
    program: { type: 'string', default: join(root, 'build/release/runs-agent') },
    other: { type: 'string' },
    node: { type: 'string', default: process.execPath },
} });
const [rounds, seconds, connections] = ['rounds', 'seconds', 'connections'].map((name) => {
    const value = Number(options[name]);
    assert.ok(Number.isInteger(value) && value > 0 && value <= 256, `--${name} takes 1 to 256`);
    return value;
});

// In the build tree, which is on a disk: what is "stored" in memory would cost nothing.
mkdirSync(join(root, 'build/bench'), { recursive: true });
const dir = mkdtempSync(join(root, 'build/bench/receiver-'));
const secret = randomBytes(24).toString('hex');
const children = [];
process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
});

// GitHub's own example of a workflow run that went well: the most common delivery, and one that asks
// for no call. 64 of them, of different runs.
const examples = createRequire(new URL('../tests/.deps/package.json', import.meta.url))('@octokit/webhooks-examples');
const all = examples.default ?? examples;
const example = all.find(({ name }) => name === 'workflow_run').examples.find(({ action }) => action === 'completed');
const lines = Array.from({ length: 64 }, (_, number) => {
    const body = JSON.stringify({ ...example, workflow_run: { ...example.workflow_run,
        id: 1000 + number, status: 'completed', conclusion: 'success' } });
    return `sha256=${createHmac('sha256', secret).update(body).digest('hex')} ${body}\n`;
});
writeFileSync(join(dir, 'deliveries'), lines.join(''));
const bytes = Math.round(lines.join('').length / lines.length);

// Its output goes to a file, as under a supervisor, and costs the receiver alone.
async function start(command, env, listening) {
    const file = join(dir, `log${children.length}`);
    const log = openSync(file, 'w');
    const child = spawn(command[0], command.slice(1), { env: { PATH: process.env.PATH, GITHUB_WEBHOOK_SECRET: secret, ...env },
        stdio: ['ignore', log, log] });
    children.push(child);
    child.log = () => readFileSync(file, 'utf8').slice(-65536);
    for (let tries = 0; tries < 200; ++tries) {
        const found = listening.exec(child.log());
        if (found) return Object.assign(child, { port: Number(found[1]) });
        if (child.exitCode !== null) break;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`${command.join(' ')} did not start:\n${child.log()}`);
}

async function daemon(program, state) {
    return {
        server: await start([resolve(program), 'serve', '--log-format', 'json', '--listen', '127.0.0.1:0'],
            { RUNS_AGENT_STATE_DIR: join(dir, state), CURRENTS_API_KEY: 'none', CURRENTS_API_URL: 'http://127.0.0.1:9/v1' },
            /"event":"webhooks\.listening".*?"address":"[^"]*:(\d+)"/),
        async stored(server) {
            const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
            return [...metrics.matchAll(/^runs_agent_deliveries_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
        },
    };
}

const contenders = { 'runs-agent serve': await daemon(options.program, 'state') };
if (options.other) contenders['the other build'] = await daemon(options.other, 'other');
else
    contenders['Octokit and node:sqlite'] = {
        server: await start([options.node, '--no-warnings', join(root, 'build/bench/peer/peer.mjs')],
            { PEER_DATABASE: join(dir, 'peer.db') }, /listening on (\d+)/),
        async stored(server) {
            server.kill('SIGTERM');
            await new Promise((done) => server.on('exit', done));
            return Number(/stored (\d+)/.exec(server.log())[1]);
        },
    };

const wrk = promisify(execFile);
let prefix = 0;
async function load({ server, figures }, time) {
    const { stdout } = await wrk('wrk', ['--threads', '1', '--connections', String(connections), '--duration', `${time}s`, '--timeout', '10s',
        '--script', join(root, 'bench/deliveries.lua'), `http://127.0.0.1:${server.port}`],
    { env: { ...process.env, DELIVERIES: join(dir, 'deliveries'), DELIVERY_PREFIX: `00000000-0000-4000-8000-${++prefix}` } });
    const [requests, micros, p50, p99, refused, broken] = /RESULT (.*)/.exec(stdout)[1].split(' ').map(Number);
    assert.equal(refused + broken, 0, `${refused} were refused, ${broken} connections broke:\n${server.log()}`);
    figures.push({ requests, rate: requests / (micros / 1e6), p50: p50 / 1000, p99: p99 / 1000 });
}

for (const each of Object.values(contenders)) each.figures = [];
for (let round = 0; round <= rounds; ++round)
    for (const each of Object.values(contenders)) await load(each, round === 0 ? 1 : seconds); // the first warms up

console.log(`${rounds} rounds of ${seconds} s by turns, ${connections} connections, ${bytes} bytes a delivery; ${machine()}; ` +
    `wrk and the receiver share it\n`);
const rows = [['', 'deliveries/s', 'p50', 'p99', 'peak memory']];
const result = {};
for (const [name, each] of Object.entries(contenders)) {
    const memory = Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${each.server.pid}/status`, 'utf8'))[1]) / 1024;
    const sent = each.figures.reduce((sum, { requests }) => sum + requests, 0);
    const stored = await each.stored(each.server);
    // What was under way when wrk stopped may have been stored unanswered; nothing answered may lack.
    assert.ok(stored >= sent, `${name}: ${sent} were answered, ${stored} stored`);
    const of = (what) => median(each.figures.slice(1).map((figure) => figure[what]));
    result[name] = { rate: of('rate'), p99: of('p99'), memory };
    rows.push([name, of('rate').toFixed(0), `${of('p50').toFixed(2)} ms`, `${of('p99').toFixed(2)} ms`, `${memory.toFixed(0)} MiB`]);
}
table(rows);
const [ours, peer] = Object.values(result);
console.log(`\n${(ours.rate / peer.rate).toFixed(1)} times the deliveries, ${(peer.p99 / ours.p99).toFixed(1)} times shorter p99, ` +
    `${(peer.memory / ours.memory).toFixed(1)} times less memory`);
process.exit();
