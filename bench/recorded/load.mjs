// SPDX-License-Identifier: MIT
// Machines that record test by test, and GitHub's deliveries beside them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { announcement, beginning, specOf, suiteOf, testRecord, update, workflowRun } from './bodies.mjs';

const mainRun = 1000;
const testTakes = 0.8; // of the second that each test has
const pauses = [3000, 15_000, 30_000]; // of @currents/playwright 2.5.0, before it sends a request again
const cancelledEach = 10; // one delivery in so many is of a run that was cancelled

export class Load {
    // How long each request waited, in milliseconds, by kind. What is sent at its time counts from
    // there, also where the one that makes the load was late.
    waits = new Map();
    requests = 0;
    cancelled = [];

    constructor(served, { machines, workers, seconds, deliveries, started, ...rest }) {
        Object.assign(this, { served, machines, workers, seconds, deliveries, started, bytes: rest['record-bytes'], perSpec: rest['per-spec'] });
        // Whole specs for each worker.
        this.perWorker = Math.ceil(seconds / this.perSpec) * this.perSpec;
        this.tests = machines * workers * this.perWorker;
    }

    async #timed(kind, due, request) {
        const answer = await request();
        if (!this.waits.has(kind)) this.waits.set(kind, []);
        this.waits.get(kind).push(performance.now() - due);
        ++this.requests;
        return answer;
    }

    #own(machine) {
        const each = this.workers * this.perWorker;
        return Array.from({ length: each }, (_, n) => machine * each + n);
    }

    // The machines of a run are started within a few seconds, and each announces the whole suite.
    async announce() {
        const suite = suiteOf(this.tests, this.perSpec);
        this.agents = Array.from({ length: this.machines }, () => new http.Agent({ keepAlive: true }));
        const begin = performance.now();
        let bytes = 0;
        let retried = 0;
        let first;
        const announce = async (machine) => {
            const body = announcement({ key: this.served.keys.record, runId: mainRun, machineId: `machine-${machine}`,
                own: this.#own(machine), perSpec: this.perSpec, suite });
            bytes = body.length;
            const due = await this.#at(begin + (1000 * machine) / this.started);
            for (const wait of [...pauses, null])
                try {
                    const answer = await this.#timed('POST /runs/v1', due, () => this.served.report('POST', '/runs/v1', body, this.agents[machine]));
                    first ??= performance.now() - due;
                    return answer;
                } catch (error) {
                    if (wait === null) throw error;
                    ++retried;
                    await pause(wait);
                }
        };
        const answers = await Promise.all(this.agents.map((_, machine) => announce(machine)));
        this.runId = answers[0].runId;
        console.log(`${this.machines} machines, ${this.started} started a second, announced ${this.tests} tests each ` +
            `(${(bytes / 2 ** 20).toFixed(1)} MiB) in ${((performance.now() - begin) / 1000).toFixed(1)} s, the first in ${first.toFixed(0)} ms; ${retried} had to be sent again`);
        this.requests = 0;
    }

    async #at(due) {
        const left = due - performance.now();
        if (left > 0) await pause(left);
        return due;
    }

    async #worker(machine, worker, begin) {
        const agent = this.agents[machine];
        const machineId = `machine-${machine}`;
        const { runId, perSpec, served, bytes } = this;
        const first = (machine * this.workers + worker) * this.perWorker;
        let instanceId;
        for (let n = 0; n < this.perWorker; ++n) {
            const test = first + n;
            let due = await this.#at(begin + 1000 * n);
            if (n % perSpec === 0) {
                const body = beginning({ runId, machineId, spec: specOf(test, perSpec), worker });
                ({ instanceId } = await this.#timed('POST /runs/{id}/pw/instances/v1', due,
                    () => served.report('POST', `/runs/${runId}/pw/instances/v1`, body, agent)));
                due = performance.now();
            }
            const record = testRecord({ runId, instanceId, machineId, test, perSpec, worker, done: false, bytes: 0 });
            const { recordId } = await this.#timed('POST /test-record', due, () => served.report('POST', '/test-record', record, agent));
            due = await this.#at(Math.max(begin + 1000 * (n + testTakes), performance.now()));
            await this.#timed('PUT /test-record/{id}', due, () => served.report('PUT', `/test-record/${recordId}`, update(worker, bytes), agent));
        }
    }

    // GitHub's, at a steady pace. Some are of runs that another workflow has just begun to record.
    async #deliver(begin) {
        const sent = [];
        const one = async (n, due) => {
            const id = mainRun + 1 + n;
            const conclusion = n % cancelledEach === 0 ? 'cancelled' : 'success';
            if (conclusion === 'cancelled') {
                const body = announcement({ key: this.served.keys.record, runId: id, machineId: 'm', own: [0, 1], perSpec: 2, suite: suiteOf(2, 2) });
                await this.#timed('POST /runs/v1, a small one', due, () => this.served.report('POST', '/runs/v1', body));
                this.cancelled.push(id);
            }
            const body = workflowRun(id, conclusion);
            await this.#timed('POST /webhooks/github', Math.max(due, performance.now()), () => this.served.deliver('workflow_run', body));
        };
        for (let n = 0; n < this.deliveries * this.seconds; ++n) sent.push(one(n, await this.#at(begin + (1000 * n) / this.deliveries)));
        await Promise.all(sent);
    }

    // Returns how many seconds it took.
    async run() {
        const begin = performance.now() + 100;
        const all = [this.#deliver(begin)];
        // Nobody's workers keep step with another machine's.
        const count = this.machines * this.workers;
        for (let n = 0; n < count; ++n)
            all.push(this.#worker(Math.floor(n / this.workers), n % this.workers, begin + (1000 * ((n * 7919) % count)) / count));
        await Promise.all(all);
        return (performance.now() - begin) / 1000;
    }

    // Nothing of it was lost, and the deliveries did what they do.
    async check() {
        const run = await this.served.find(`octo/shop-${mainRun}-1`);
        assert.equal(run.completionState, 'COMPLETE');
        assert.equal(run.groups[0].tests.passes, this.tests);
        for (const id of this.cancelled)
            for (let tries = 0; ; ++tries) {
                const { completionState } = await this.served.find(`octo/shop-${id}-1`);
                if (completionState === 'CANCELED') break;
                assert.ok(tries < 200, `run ${id} is ${completionState}`);
                await pause(50);
            }
        for (const agent of this.agents) agent.destroy();
    }
}
