// SPDX-License-Identifier: MIT
// See bench/replicas, which calls this.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDeliveries } from './received/deliveries.mjs';
import { machine, median, table } from './report.mjs';
import { Group } from './replicated/group.mjs';
import { grown } from './replicated/grown.mjs';
import { Server } from './replicated/server.mjs';

const root = new URL('..', import.meta.url).pathname;
const defaults = { rounds: '3', seconds: '5', connections: '64', replicas: '1,2,4', rows: '100000,1000000,10000000', days: '95' };
const { values } = parseArgs({ options: {
    program: { type: 'string', default: join(root, 'build/release/runs-agent') },
    ...Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }])),
} });
const numbers = (name) => (values[name] === 'none' ? [] : values[name].split(',')).map((text) => {
    const value = Number(text);
    assert.ok(Number.isInteger(value) && value > 0 && value <= 100_000_000, `--${name} takes numbers from 1 on, with commas between`);
    return value;
});
const [[rounds], [seconds], [connections], [days]] = ['rounds', 'seconds', 'connections', 'days'].map(numbers);

// In the build tree, which is on a disk: what is "stored" in memory would cost nothing.
mkdirSync(join(root, 'build/bench'), { recursive: true });
const dir = mkdtempSync(join(root, 'build/bench/replicas-'));
const secret = randomBytes(24).toString('hex');
const server = await Server.start(dir);
const groups = [];
let failed = true;
async function leave() {
    for (const group of groups) await group.stop().catch(() => {});
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
    process.exit(failed ? 1 : 0);
}
process.on('SIGINT', leave);
process.on('SIGTERM', leave);

const program = resolve(values.program);
const deliveries = join(dir, 'deliveries');
const runs = 1024;

/** Runs of many branches, as an organisation has them: those of one are decided one after the other. */
async function compare(counts) {
    const bytes = writeDeliveries(deliveries, secret, 17_000, runs, (number) => ({ head_branch: `topic-${number}` }));
    groups.push(await Group.onSqlite(program, dir, secret));
    for (const count of counts) {
        await server.sql('postgres', `CREATE DATABASE by_${count}`);
        groups.push(await Group.onPostgres(program, dir, secret, server, `by_${count}`, count));
    }
    for (let round = 0; round <= rounds; ++round)
        for (const group of groups) {
            const figures = await group.load({ deliveries, connections, seconds: round === 0 ? 1 : seconds });
            if (round > 0) group.figures.push(figures); // the first warms up
        }
    const of = (group, what) => median(group.figures.map((figure) => figure[what]));
    console.log(`\n${connections} connections, ${bytes} bytes a delivery, ${rounds} rounds of ${seconds} s by turns\n`);
    table([['', 'taken in/s', 'decided/s', 'of SQLite', 'p99', 'core time of ours', "the server's", 'its log', 'syncs', "wrk's"],
        ...groups.map((group) => [
            group.name, of(group, 'rate').toFixed(0), of(group, 'decided').toFixed(0),
            (of(group, 'decided') / of(groups[0], 'decided')).toFixed(2), `${of(group, 'p99').toFixed(0)} ms`, `${of(group, 'own').toFixed(0)} us`,
            ...group.server ? [`${of(group, 'servers').toFixed(0)} us`, `${(of(group, 'log') / 1000).toFixed(1)} KB`, of(group, 'syncs').toFixed(2)]
                : ['', '', ''],
            `${of(group, 'generator').toFixed(0)} us`])]);
    for (const group of groups) {
        const stored = await group.stored();
        assert.ok(stored >= group.answered, `${group.name}: ${group.answered} were answered, ${stored} stored`);
        await group.stop();
    }
    groups.length = 0;
    console.log('\nWhatever was answered is stored, and decided.');
    for (const count of counts) await server.sql('postgres', `DROP DATABASE by_${count}`);
}

try {
    console.log(`${machine()}; wrk, the replicas and the server share it`);
    if (numbers('replicas').length > 0) await compare(numbers('replicas'));
    if (numbers('rows').length > 0)
        await grown({ server, program, dir, secret, groups, seconds, days, sizes: numbers('rows') });
    failed = false;
} catch (error) {
    console.error(error);
}
await leave();
