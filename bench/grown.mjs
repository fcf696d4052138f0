// SPDX-License-Identifier: MIT
// See bench/grown, which calls this.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs, promisify } from 'node:util';
import { daemon } from './received/contenders.mjs';
import { writeDeliveries } from './received/deliveries.mjs';
import { load } from './received/load.mjs';
import { machine, median, table } from './report.mjs';

const run = promisify(execFile);
const root = new URL('..', import.meta.url).pathname;
const { values: options } = parseArgs({ options: {
    rows: { type: 'string', default: '0,100000,1000000' }, groups: { type: 'string', default: 'one,many' },
    connections: { type: 'string', default: '16' }, rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' },
    program: { type: 'string', default: join(root, 'build/release/runs-agent') },
} });
const number = (text) => {
    assert.ok(/^\d{1,8}$/.test(text), `${text} is not a number of rows, connections, rounds or seconds`);
    return Number(text);
};
const sizes = options.rows.split(',').map(number);
const [connections, rounds, seconds] = [options.connections, options.rounds, options.seconds].map(number);
const kinds = options.groups.split(',');
for (const kind of kinds) assert.ok(['one', 'many'].includes(kind), '--groups takes one, many');

// In the build tree, which is on a disk.
mkdirSync(join(root, 'build/bench'), { recursive: true });
const dir = mkdtempSync(join(root, 'build/bench/grown-'));
const secret = randomBytes(24).toString('hex');
const policy = join(dir, 'policy.yml');
writeFileSync(policy, 'defaults:\n  superseded: {enabled: true}\n');
const deliveries = join(dir, 'deliveries');
writeDeliveries(deliveries, secret, 17_000, 64, (of) => ({ run_number: 10_000_000 + of, head_branch: 'topic' }));
const serve = (name) => daemon(name, options.program, dir, secret, { RUNS_AGENT_CONFIG: policy });
const stores = [];
process.on('exit', () => {
    for (const store of stores) store.contender?.kill();
    rmSync(dir, { recursive: true, force: true });
});

async function stop(contender) {
    const ended = new Promise((done) => contender.process.on('exit', done));
    contender.kill();
    await ended;
}

/** So many deliveries of the last 90 days, three of each run, like the first that came; a hundredth of them with a body. */
function fill(file, rows, kind) {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
    const { group } = database.prepare('SELECT run_group AS "group" FROM attempts LIMIT 1').get();
    assert.ok(group.includes('topic'), 'the load is of the group that the rows are of');
    const like = (name, changed) => {
        const names = database.prepare(`SELECT name FROM pragma_table_info('${name}')`).all().map((column) => column.name);
        return `INSERT INTO ${name}(${names.join(', ')}) SELECT ${names.map((column) => changed[column] ?? `t.${column}`).join(', ')}`;
    };
    const numbers = `(WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n WHERE g < ${rows}) SELECT g FROM n)`;
    const at = `${Date.now()} - (90 * 86400000 / ${rows}) * (${rows} - g)`;
    database.exec('BEGIN');
    database.exec(`${like('deliveries', { id: '1000000 + g', guid: 'lower(hex(randomblob(16)))', run_id: '900000000 + g / 3',
        received_at: at, decided_at: at, has_body: 'g % 100 = 0' })} FROM ${numbers}, deliveries t WHERE t.id = 1`);
    database.exec(`INSERT INTO bodies SELECT d.id, b.gzip FROM deliveries d, bodies b WHERE b.delivery_id = 1 AND d.id > 1000000 AND d.has_body = 1`);
    database.exec(`${like('attempts', { run_id: '900000000 + g / 3', run_number: 'g / 3', heard_at: at,
        head_sha: "printf('%040d', g / 3)", run_group: kind === 'one' ? 't.run_group' : "t.run_group || printf('-%d', g / 3 % 50000)" })}
        FROM ${numbers}, (SELECT * FROM attempts LIMIT 1) t WHERE g % 3 = 0`);
    database.exec('COMMIT; ANALYZE');
    database.close();
    return statSync(file).size;
}

async function make(rows, kind) {
    const name = `${rows} ${kind}`;
    const first = await serve(name); // makes the tables, and what the rows are made like
    await load(first, { deliveries, connections: 1, seconds: 1 });
    await stop(first);
    const file = join(dir, name.replaceAll(/\W+/g, '-'), 'runs-agent.db');
    const bytes = rows > 0 ? fill(file, rows, kind) : 0;
    const starts = [];
    for (let round = 0; round < 3; ++round) {
        const begun = process.hrtime.bigint();
        const contender = await serve(name);
        starts.push(Number(process.hrtime.bigint() - begun) / 1e6);
        await stop(contender);
    }
    return { name, rows, kind, bytes, start: median(starts), contender: await serve(name), figures: [] };
}

async function listing(store) {
    const took = [];
    for (let round = 0; round < 5; ++round) {
        const begun = process.hrtime.bigint();
        await run(options.program, ['deliveries', 'list', '--limit', '50'],
            { env: { RUNS_AGENT_STATE_DIR: join(dir, store.name.replaceAll(/\W+/g, '-')), RUNS_AGENT_SERVICE: '' } });
        took.push(Number(process.hrtime.bigint() - begun) / 1e6);
    }
    return median(took);
}

console.log(`${rounds} rounds of ${seconds} s by turns, ${connections} connections; ${machine()}; wrk and the daemon share it\n`);
for (const rows of sizes) for (const kind of rows > 0 ? kinds : ['one']) stores.push(await make(rows, kind));
for (let round = 0; round <= rounds; ++round)
    for (const store of stores) {
        const figures = await load(store.contender, { deliveries, connections, closing: false, seconds: round === 0 ? 1 : seconds });
        if (round > 0) store.figures.push(figures); // the first warms up
    }
const of = (store, what) => median(store.figures.map((figure) => figure[what]));
const lines = [['rows', 'groups', 'deliveries/s', 'of the first', 'p99', 'core time', 'peak memory', 'start', 'list of 50', 'database']];
for (const store of stores)
    lines.push([store.rows, store.rows > 0 ? store.kind : '', of(store, 'rate').toFixed(0), (of(store, 'rate') / of(stores[0], 'rate')).toFixed(2),
        `${of(store, 'p99').toFixed(1)} ms`, `${of(store, 'own').toFixed(0)} us`, `${of(store, 'memory').toFixed(0)} MiB`,
        `${store.start.toFixed(0)} ms`, `${(await listing(store)).toFixed(0)} ms`, `${(store.bytes / 2 ** 20).toFixed(0)} MiB`]);
table(lines);
process.exit();
