// SPDX-License-Identifier: MIT
// A very large run, and how long it takes to read.
import assert from 'node:assert/strict';
import { announcement, beginning, specOf, suiteOf, testRecord } from './bodies.mjs';

const atOnce = 24; // requests
const repeated = 9;
const bytes = 400; // of each test's steps

export class LargeRun {
    constructor(served, { specs, tests }) {
        assert.equal(tests % specs, 0, '--tests must be a multiple of --specs');
        Object.assign(this, { served, specs, tests, perSpec: tests / specs });
    }

    async #spec(n) {
        const { runId, perSpec, served } = this;
        const test = n * perSpec;
        const machineId = `machine-${n % 40}`;
        const { instanceId } = await served.report('POST', `/runs/${runId}/pw/instances/v1`,
            beginning({ runId, machineId, spec: specOf(test, perSpec), worker: 0 }));
        for (let more = 0; more < perSpec; ++more)
            await served.report('POST', '/test-record',
                testRecord({ runId, instanceId, machineId, test: test + more, perSpec, worker: 0, done: true, bytes }));
    }

    // Returns how many seconds that took.
    async record() {
        const begin = performance.now();
        const own = Array.from({ length: this.tests }, (_, test) => test);
        const body = announcement({ key: this.served.keys.record, runId: 1, machineId: 'machine-0', own, perSpec: this.perSpec,
            suite: suiteOf(this.tests, this.perSpec) });
        const announced = performance.now();
        this.runId = (await this.served.report('POST', '/runs/v1', body)).runId;
        console.log(`\nits announcement, ${(body.length / 2 ** 20).toFixed(1)} MiB, took ${((performance.now() - announced) / 1000).toFixed(1)} s`);
        let next = 0;
        await Promise.all(Array.from({ length: atOnce }, async () => {
            while (next < this.specs) await this.#spec(next++);
        }));
        return (performance.now() - begin) / 1000;
    }

    async read() {
        const query = new URLSearchParams({ projectId: 'bench', ciBuildId: 'octo/shop-1-1' });
        const run = await this.served.data(`/runs/${this.runId}`);
        assert.equal(run.completionState, 'COMPLETE');
        assert.equal(run.specs.length, this.specs);
        assert.equal(run.groups[0].tests.passes, this.tests);
        const found = [];
        for (const [name, path] of [
            ['GET /runs/{id}', `/runs/${this.runId}`],
            ['GET /runs/find', `/runs/find?${query}`],
            ['GET /runs/find, pwLastRun', `/runs/find?${query}&pwLastRun=true`],
            ['GET /projects/{id}/runs', '/projects/bench/runs'],
            ['GET /instances/{id}', `/instances/${run.specs[this.specs >> 1].instanceId}`],
        ]) {
            const times = [];
            let length = 0;
            for (let time = 0; time < repeated; ++time) {
                const begin = performance.now();
                length = (await this.served.read(path)).bytes.length;
                times.push(performance.now() - begin);
            }
            found.push({ name, bytes: length, times });
        }
        return found;
    }
}
