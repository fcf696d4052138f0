// SPDX-License-Identifier: MIT
// What bench/replicas measures with more and more rows: one replica takes in deliveries of cancelled runs, decides them
// and makes their calls, while it prunes what is too old. The server says what each kind of statement costs it.
import { execFile } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeDeliveries } from '../received/deliveries.mjs';
import { median, table } from '../report.mjs';
import { Group, until } from './group.mjs';

const run = promisify(execFile);
const database = 'grown';
const fill = new URL('fill.sql', import.meta.url).pathname;

/** Answers each call well, at once. */
function runsApi() {
    return new Promise((done) => {
        const api = http.createServer((asked, answer) => asked.resume().on('end', () => answer
            .writeHead(200, { 'Content-Type': 'application/json' })
            .end('{"status":"OK","data":{"actorId":"a","runId":"r","canceledAt":"2026-01-01T00:00:00.000Z","reason":"x"}}')));
        api.unref().listen(0, '127.0.0.1', () => done(api));
    });
}

const kinds = {
    accept: "query LIKE 'WITH stored AS (INSERT INTO deliveries%'",
    choose: "query LIKE 'SELECT id, run_lane, group_lane FROM deliveries%'",
    claim: "query LIKE 'SELECT c.id, c.lane FROM calls%' OR query LIKE '%FOR UPDATE OF c SKIP LOCKED%' OR query LIKE '%c.leased = 0 AND c.due_at <= %'",
    prune: "query LIKE 'DELETE FROM deliveries%' OR query LIKE 'DELETE FROM attempts%' OR query LIKE 'DELETE FROM bodies%'"
        + " OR query LIKE 'SELECT id FROM deliveries WHERE has_body%' OR query LIKE 'UPDATE deliveries SET has_body%'",
};

/** Milliseconds of the server for one statement of each kind; of pruning and claiming, for one round of its statements. */
async function costs(server) {
    const found = {};
    for (const [kind, which] of Object.entries(kinds)) {
        const [[total, rounds]] = await server.sql('postgres', `SELECT coalesce(sum(total_exec_time), 0), coalesce(max(calls), 0)
            FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid WHERE datname = '${database}' AND (${which})`);
        found[kind] = Number(rounds) > 0 ? `${(Number(total) / Number(rounds)).toFixed(3)} ms` : '';
    }
    const all = await server.number('postgres', `SELECT sum(total_exec_time) FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid
        WHERE datname = '${database}'`);
    const slowest = await server.sql('postgres', `SELECT round(mean_exec_time::numeric, 1), calls, left(regexp_replace(query, '\\s+', ' ', 'g'), 100)
        FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid WHERE datname = '${database}' ORDER BY mean_exec_time DESC LIMIT 4`);
    return { ...found, all, slowest };
}

async function listing(program, server, dir) {
    const took = [];
    for (let round = 0; round < 5; ++round) {
        const begun = process.hrtime.bigint();
        await run(program, ['deliveries', 'list', '--limit', '50'],
            { env: { RUNS_AGENT_DATABASE: server.url(database), RUNS_AGENT_STATE_DIR: dir, RUNS_AGENT_SERVICE: '' } });
        took.push(Number(process.hrtime.bigint() - begun) / 1e6);
    }
    return median(took);
}

async function sizes(server) {
    const rows = await server.sql(database, `SELECT relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
        WHERE relkind = 'r' AND relname IN ('deliveries', 'bodies', 'attempts', 'calls', 'tries') AND reltuples > 0 ORDER BY 3 DESC`);
    console.log();
    table([['table', 'rows', 'bytes a row', 'its indexes'],
        ...rows.map(([name, count, bytes, indexes]) => [name, count, Math.round(bytes / count), Math.round(indexes / count)])]);
}

/** Fills the database to each size in turn, and measures. */
export async function grown({ server, program, dir, secret, groups, seconds, days, sizes: wanted }) {
    const deliveries = join(dir, 'cancelled');
    const runs = 4096;
    // Other runs each time: a call is planned once.
    const write = (time) => writeDeliveries(deliveries, secret, 17_000, runs, (number) => (
        { id: 5_000_000 + time * runs + number, conclusion: 'cancelled', head_branch: `topic-${number}` }));
    write(0);
    const api = await runsApi();
    await server.sql('postgres', `CREATE DATABASE ${database}`);
    const begin = async () => {
        const begun = process.hrtime.bigint();
        const group = await Group.onPostgres(program, dir, secret, server, database, 1,
            { CURRENTS_API_URL: `http://127.0.0.1:${api.address().port}/v1`, CURRENTS_PROJECT_ID: 'p1' });
        groups.push(group);
        return [group, Number(process.hrtime.bigint() - begun) / 1e6];
    };
    const end = async (group) => {
        await group.stop();
        groups.length = 0;
    };
    const [first] = await begin(); // makes the tables, and what the rows are made like
    await first.load({ deliveries, connections: 1, seconds: 1 });
    await end(first);
    const lines = [['rows', 'deliveries/s', 'p99', 'start', 'accept', 'choose', 'claim', 'prune', 'all, a delivery', 'list of 50']];
    let slow;
    for (const size of wanted) {
        const there = await server.number(database, 'SELECT count(*) FROM deliveries');
        if (size > there)
            await server.execute(database, fill, { rows: size - there, days, now: Date.now() });
        if (size === wanted.at(-1)) await sizes(server);
        await server.sql('postgres', 'SELECT pg_stat_statements_reset()');
        write(wanted.indexOf(size) + 1);
        const [group, start] = await begin();
        const figures = await group.load({ deliveries, connections: 16, seconds });
        const { all, slowest, ...each } = await costs(server);
        slow = slowest;
        await end(group);
        lines.push([size, figures.decided.toFixed(0), `${figures.p99.toFixed(0)} ms`, `${start.toFixed(0)} ms`, ...Object.values(each),
            `${(all / figures.requests).toFixed(2)} ms`, `${(await listing(program, server, dir)).toFixed(0)} ms`]);
    }
    console.log('\nOne replica, cancelled runs, 16 connections; the server\'s time for one statement, or a round of them\n');
    table(lines);
    console.log(`\nIts slowest statements with the most rows:\n${slow.map(([mean, count, text]) => `  ${mean} ms, ${count} times: ${text}`).join('\n')}`);
    await until('no call to wait', () => server.number(database, "SELECT (count(*) = 0)::int FROM calls WHERE state = 'pending'"));
}
