// SPDX-License-Identifier: MIT
// See bench/recording, which calls this.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LargeRun } from './recorded/large_run.mjs';
import { Load } from './recorded/load.mjs';
import { Served } from './recorded/served.mjs';
import { machine, quantile, table } from './report.mjs';

const root = new URL('..', import.meta.url).pathname;
const defaults = {
    machines: '40', started: '4', workers: '8', seconds: '60', 'record-bytes': '10240', 'per-spec': '5', deliveries: '20',
    specs: '20000', tests: '100000',
};
const { values } = parseArgs({ options: {
    program: { type: 'string', default: join(root, 'build/release/runs-agent') },
    ...Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }])),
} });
const wanted = Object.fromEntries(Object.keys(defaults).map((name) => {
    const value = Number(values[name]);
    assert.ok(Number.isInteger(value) && value >= 0 && value <= 1_000_000, `--${name} takes a number`);
    return [name, value];
}));

// In the build tree, which is on a disk: what is "stored" in memory would cost nothing.
mkdirSync(join(root, 'build/bench'), { recursive: true });
const dir = mkdtempSync(join(root, 'build/bench/recording-'));
let served;
process.on('exit', () => {
    served?.kill();
    rmSync(dir, { recursive: true, force: true });
});

const milliseconds = (value) => `${value.toFixed(1)} ms`;

function show(waits) {
    const rows = [['request', 'count', 'p50', 'p99', 'max']];
    for (const [kind, values] of waits)
        rows.push([kind, values.length, ...[quantile(values, 0.5), quantile(values, 0.99), Math.max(...values)].map(milliseconds)]);
    const all = [...waits.values()].flat();
    rows.push(['all', all.length, ...[quantile(all, 0.5), quantile(all, 0.99), all.reduce((most, one) => Math.max(most, one), 0)].map(milliseconds)]);
    table(rows);
}

console.log(`${machine()}; what makes the load shares it`);
if (wanted.seconds > 0) {
    served = await Served.start(values.program, join(dir, 'load'));
    const load = new Load(served, wanted);
    await load.announce();
    const before = served.cpu();
    const seconds = await load.run();
    const used = (served.cpu() - before) / seconds;
    await load.check();
    console.log(`\n${wanted.machines} machines of ${wanted.workers} workers, a test a second each, ${wanted['record-bytes']} bytes a ` +
        `result, for ${seconds.toFixed(0)} s: ${(load.requests / seconds).toFixed(0)} requests/s with ${wanted.deliveries} deliveries/s\n`);
    show(load.waits);
    console.log(`\npeak memory ${served.peakMiB().toFixed(0)} MiB; ${(100 * used).toFixed(0)} % of a core; ` +
        `${(statSync(served.database).size / 2 ** 20).toFixed(0)} MiB of database`);
    await served.stop();
}
if (wanted.tests > 0) {
    served = await Served.start(values.program, join(dir, 'large'));
    const large = new LargeRun(served, wanted);
    const seconds = await large.record();
    console.log(`\na run of ${wanted.specs} specs with ${wanted.tests} tests, recorded in ${seconds.toFixed(0)} s ` +
        `(${served.peakMiB().toFixed(0)} MiB at its peak)\n`);
    await served.restart(); // so that the peak is that of reading
    table([['read', 'bytes', 'median', 'max'], ...(await large.read()).map(({ name, bytes, times }) =>
        [name, bytes, milliseconds(quantile(times, 0.5)), milliseconds(Math.max(...times))])]);
    console.log(`\npeak memory ${served.peakMiB().toFixed(0)} MiB`);
    await served.stop();
}
process.exit();
