// SPDX-License-Identifier: MIT
// See bench/receiver, which calls this.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { daemon, peer, peerNames } from './received/contenders.mjs';
import { writeDeliveries } from './received/deliveries.mjs';
import { load } from './received/load.mjs';
import { machine, median, table } from './report.mjs';

const root = new URL('..', import.meta.url).pathname;
const { values: options } = parseArgs({ options: {
    rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '1,16,64' }, kilobytes: { type: 'string', default: '17' },
    closing: { type: 'boolean', default: false },
    program: { type: 'string', default: join(root, 'build/release/runs-agent') },
    other: { type: 'string' }, peers: { type: 'string', default: peerNames.join(',') },
    node: { type: 'string', default: process.execPath },
} });
const numbers = (name) => options[name].split(',').map((text) => {
    const value = Number(text);
    assert.ok(Number.isInteger(value) && value > 0 && value <= 20_000, `--${name} takes numbers from 1 on, with commas between`);
    return value;
});
const [rounds] = numbers('rounds');
const [seconds] = numbers('seconds');
const names = options.other ? [] : options.peers.split(',').filter(Boolean);
for (const name of names) assert.ok(peerNames.includes(name), `--peers takes ${peerNames.join(', ')}`);

// In the build tree, which is on a disk: what is "stored" in memory would cost nothing.
mkdirSync(join(root, 'build/bench'), { recursive: true });
const dir = mkdtempSync(join(root, 'build/bench/receiver-'));
const secret = randomBytes(24).toString('hex');
const contenders = [];
process.on('exit', () => {
    for (const contender of contenders) contender.kill();
    rmSync(dir, { recursive: true, force: true });
});

contenders.push(await daemon('runs-agent serve', options.program, dir, secret));
if (options.other) contenders.push(await daemon('the other build', options.other, dir, secret));
for (const name of names) contenders.push(await peer(name, dir, secret, { node: options.node, packages: join(root, 'build/bench/peer') }));
const sent = new Map(contenders.map((contender) => [contender, 0]));

async function compare(connections, kilobytes) {
    const deliveries = join(dir, `deliveries-${kilobytes}`);
    const bytes = writeDeliveries(deliveries, secret, kilobytes * 1000);
    for (const contender of contenders) contender.figures = [];
    for (let round = 0; round <= rounds; ++round)
        for (const contender of contenders) {
            const figures = await load(contender, { deliveries, connections, closing: options.closing, seconds: round === 0 ? 1 : seconds });
            sent.set(contender, sent.get(contender) + figures.requests);
            if (round > 0) contender.figures.push(figures); // the first warms up
        }
    const of = (contender, what) => median(contender.figures.map((figure) => figure[what]));
    console.log(`\n${connections} connection${connections > 1 ? 's' : ''}${options.closing ? ', each for one delivery' : ''}, ${bytes} bytes a delivery\n`);
    const ours = of(contenders[0], 'rate');
    table([['', 'deliveries/s', 'p50', 'p99', 'peak memory', 'its core time', "wrk's", 'ours is'], ...contenders.map((contender) => [
        contender.name, of(contender, 'rate').toFixed(0), `${of(contender, 'p50').toFixed(2)} ms`, `${of(contender, 'p99').toFixed(2)} ms`,
        `${of(contender, 'memory').toFixed(0)} MiB`, `${of(contender, 'own').toFixed(0)} us`, `${of(contender, 'generator').toFixed(0)} us`,
        contender === contenders[0] ? '' : `${(ours / of(contender, 'rate')).toFixed(2)} times`])]);
}

console.log(`${rounds} rounds of ${seconds} s by turns; ${machine()}; wrk and the receiver share it`);
for (const kilobytes of numbers('kilobytes')) for (const connections of numbers('connections')) await compare(connections, kilobytes);
for (const contender of contenders) {
    if (!contender.stored) continue;
    // What was under way when wrk stopped may have been stored unanswered; nothing answered may lack.
    const stored = await contender.stored();
    assert.ok(stored >= sent.get(contender), `${contender.name}: ${sent.get(contender)} were answered, ${stored} stored`);
}
console.log('\nWhatever was answered by those that store is stored.');
process.exit();
