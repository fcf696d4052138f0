// SPDX-License-Identifier: MIT
// See run, which calls this. Every scenario has a daemon of its own; beside the attack honest senders and
// probes go on, and what became of them is held against the bounds below.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { table } from '../../bench/report.mjs';
import { Attacked } from './daemon.mjs';
import { sendHonestly } from './honest.mjs';
import { Proxy } from './nginx.mjs';
import { reportHonestly, slowFile } from './reporter.mjs';
import { scenarios } from './scenarios.mjs';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' }, // one kind of a scenario's attackers
    list: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    afterwards: { type: 'string' },
} });
const { short } = options;
const seconds = Number(options.seconds ?? (short ? 3 : 30));
// A sanitizer keeps memory of its own, and takes a multiple of the time.
const sanitized = Boolean(process.env.RUNS_AGENT_SANITIZE);
const optimised = /\/release\//.test(process.env.RUNS_AGENT_BINARY);
// The second is a release's: without an optimiser all takes several times as long, and only what GitHub's
// patience holds is asked.
const bounds = { p99: optimised ? 1000 : 10_000, memory: sanitized ? Infinity : 256, afterwards: 32 };
const graceAfter = Number(options.afterwards ?? (short ? 2 : 60)) * 1000;

// MiB that the kernel holds for the sockets of this machine.
function kernelMemory() {
    const pages = /^TCP: .* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'latin1'))?.[1];
    return Number(pages) / 256;
}

class Attackers {
    constructor(wanted, ports) {
        this.processes = wanted.filter(({ kind }) => !options.only || kind === options.only).map((attacker) => {
            const [host, port] = ports[attacker.port ?? 'webhooks'].split(':');
            const child = fork(new URL('attacker.mjs', import.meta.url), { execArgv: ['--no-warnings'] });
            const count = attacker.count[short ? 0 : 1];
            const begun = new Promise((done, failed) => {
                child.once('message', done);
                child.once('close', () => failed(new Error(`an attacker of kind ${attacker.kind} has ended`)));
            });
            child.send({ ...attacker, host, port: Number(port), count });
            return { child, begun, attacker: { ...attacker, count } };
        });
    }

    begun() {
        return Promise.all(this.processes.map(({ begun }) => begun));
    }

    // What each has done: {kind, count, connected, cut}.
    stop() {
        return Promise.all(this.processes.map(({ child, attacker: { kind, count } }) => new Promise((done) => {
            let told = { connected: NaN, cut: NaN };
            child.on('message', (message) => (told = message));
            child.on('close', () => done({ kind, count, ...told }));
            child.send('stop', () => {});
            setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
        })));
    }
}

// Waits until the daemon has given its memory back, with a bound; MiB then.
async function afterwards(daemon) {
    const end = Date.now() + graceAfter;
    while (daemon.memory() >= bounds.afterwards && Date.now() < end) await sleep(100);
    return daemon.memory();
}

async function play(scenario) {
    const daemon = await Attacked.start(scenario);
    let proxy, attackers;
    try {
        if (scenario.through) proxy = await Proxy.start(daemon.place, daemon.webhooks);
        const webhooks = proxy?.address ?? daemon.webhooks;
        const { GITHUB_WEBHOOK_SECRET: secret, CURRENTS_RECORD_KEY: recordKey } = daemon.place.secrets;
        const before = kernelMemory();
        attackers = new Attackers(scenario.attackers, { webhooks, api: daemon.api });
        await attackers.begun();
        const honest = [sendHonestly({ webhooks, probes: daemon.webhooks, secret })];
        if (scenario.embedded) honest.push(reportHonestly({ api: daemon.api, recordKey }));
        const file = scenario.file && slowFile({ api: daemon.api, recordKey });
        let kernel = 0;
        const idle = daemon.processor();
        const began = performance.now();
        for (const end = Date.now() + seconds * 1000; Date.now() < end && !daemon.end; await sleep(100))
            kernel = Math.max(kernel, kernelMemory() - before);
        const slow = file ? { 'a file of 64 MiB, slowly': await file } : {};
        await Promise.all(honest.map((one) => one.stop()));
        const busy = daemon.processor();
        for (const part of ['own', 'kernel']) busy[part] = ((busy[part] - idle[part]) * 1e5) / (performance.now() - began);
        const done = await attackers.stop();
        attackers = undefined;
        assert.equal(daemon.end, undefined, `the daemon ended: ${JSON.stringify(daemon.end)}`);
        const most = daemon.memory('VmHWM');
        const after = await afterwards(daemon);
        const stopped = await daemon.stop();
        return { scores: Object.assign(slow, ...honest.map(({ scores }) => scores)), most, after, kernel, busy, done, stopped, logged: daemon.logged };
    } finally {
        await attackers?.stop();
        await proxy?.stop();
        await daemon.leave();
    }
}

// What does not hold, in words. `late` alone may be the machine's fault, so it is told apart.
function judge({ scores, most, after, stopped }) {
    const late = [];
    const broken = [];
    for (const [what, score] of Object.entries(scores)) {
        if (score.failures) broken.push(`${what}: ${[...score.troubles].map(([why, count]) => `${count} × ${why}`).join(', ')} of ${score.sent}`);
        else if (!(score.quantile(0.99) < bounds.p99)) late.push(`${what}: p99 is ${score.quantile(0.99).toFixed(0)} ms`);
    }
    if (most >= bounds.memory) broken.push(`${most.toFixed(0)} MiB of memory at most`);
    if (!short && optimised && after >= bounds.afterwards) broken.push(`${after.toFixed(0)} MiB are left afterwards`);
    if (stopped.code !== 0) broken.push(`it did not stop in an orderly way: ${JSON.stringify(stopped)}`);
    return { late, broken };
}

function show(name, { scores, most, after, kernel, busy, done, logged }) {
    console.log(`\n${name}`);
    for (const { kind, count, connected, cut } of done)
        console.log(`  ${count} × ${kind}: connected ${connected} times, cut ${cut}`);
    const ms = (time) => time.toFixed(time < 10 ? 1 : 0);
    table([['  honest', 'sent', 'failed', 'p50 ms', 'p99 ms', 'max ms'], ...Object.entries(scores).map(([what, score]) =>
        [`  ${what}`, score.sent, score.failures, ms(score.quantile(0.5)), ms(score.quantile(0.99)), ms(score.quantile(1))])]);
    console.log(`  memory ${most.toFixed(0)} MiB at most, ${after.toFixed(0)} afterwards; the kernel's for sockets ${kernel.toFixed(0)}; log ${logged.toFixed(1)}; processor ${busy.own.toFixed(0)} % and ${busy.kernel.toFixed(0)} % in the kernel`);
}

const wanted = scenarios.filter(({ name, wholeOnly }) =>
    positionals.length ? positionals.some((part) => name.includes(part)) : !(short && wholeOnly));
if (options.list || wanted.length === 0) {
    for (const { name } of scenarios) console.log(name);
    process.exit(options.list ? 0 : 2);
}
const faults = [];
for (const scenario of wanted) {
    let result = await play(scenario);
    let { late, broken } = judge(result);
    show(scenario.name, result);
    if (late.length && !broken.length) {
        console.log(`  once more, as the machine may have been busy: ${late.join('; ')}`);
        result = await play(scenario);
        ({ late, broken } = judge(result));
        show(scenario.name, result);
    }
    for (const fault of [...broken, ...late]) {
        console.log(`  DOES NOT HOLD: ${fault}`);
        faults.push(`${scenario.name}: ${fault}`);
    }
}
console.log(faults.length ? `\n${faults.length} things do not hold:\n${faults.join('\n')}` : '\nAll of it holds.');
process.exit(faults.length ? 1 : 0);
