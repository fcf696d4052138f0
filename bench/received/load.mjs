// SPDX-License-Identifier: MIT
// wrk as bench/receiver has it: one thread, and what it took itself.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = new URL('deliveries.lua', import.meta.url).pathname;
let prefix = 0;

/** Loads a contender for so many seconds; returns the figures. Every request must be answered well. */
export async function load(contender, { deliveries, connections, closing, seconds }) {
    const before = contender.used();
    const { stdout } = await run('bash', ['-c', 'TIMEFORMAT="TOOK %U %S"; { time wrk "$@"; } 2>&1', 'wrk',
        '--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--timeout', '20s',
        '--script', script, `http://127.0.0.1:${contender.port}`],
    { env: { ...process.env, LC_ALL: 'C', DELIVERIES: deliveries, DELIVERY_PATH: contender.path, DELIVERY_CLOSING: closing ? '1' : '',
        DELIVERY_PREFIX: `00000000-0000-4000-8000-${process.pid % 10000}-${++prefix}` } });
    const after = contender.used();
    const [requests, micros, p50, p99, refused, broken] = /RESULT (.*)/.exec(stdout)[1].split(' ').map(Number);
    assert.equal(refused + broken, 0, `${contender.name}: ${refused} were refused, ${broken} connections broke:\n${contender.said()}`);
    assert.ok(requests > 0, `${contender.name} answered nothing:\n${stdout}`);
    const [user, system] = /TOOK (.*)/.exec(stdout)[1].split(' ').map(Number);
    return { requests, rate: requests / (micros / 1e6), p50: p50 / 1000, p99: p99 / 1000, memory: after.memory,
        own: (after.seconds - before.seconds) / requests * 1e6, generator: (user + system) / requests * 1e6 };
}
