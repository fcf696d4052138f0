// SPDX-License-Identifier: MIT
// What a daemon under load needs around it: senders that keep score of what was acknowledged, and a
// Runs API that keeps score of what was asked of it.
import http from 'node:http';
import { cancelled, deliver } from './program.mjs';

// A Runs API that cancels whatever it is asked to, after `delay` ms, and remembers the run ids.
export async function countingRunsApi(delay = 0) {
    const cancelledRuns = new Set();
    const server = http.createServer((question, answer) => {
        const chunks = [];
        question.on('data', (chunk) => chunks.push(chunk));
        question.on('end', () => {
            const asked = question.method === 'PUT' && question.url === '/v1/runs/cancel-ci/github';
            const status = asked ? 200 : 404;
            let body = { status: 'FAILED', error: 'Run not found' };
            if (asked) {
                const { githubRunId } = JSON.parse(Buffer.concat(chunks));
                cancelledRuns.add(githubRunId);
                const runId = `run-${githubRunId}`;
                const canceledAt = new Date().toISOString();
                body = { status: 'OK', data: { runId, actor: 'api:test', canceledAt, reason: 'apiRequest' } };
            }
            setTimeout(() => {
                answer.writeHead(status, { 'Content-Type': 'application/json' });
                answer.end(JSON.stringify(body));
            }, delay);
        });
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return {
        cancelledRuns,
        url: `http://127.0.0.1:${server.address().port}/v1`,
        close() {
            server.closeAllConnections();
            server.close();
        },
    };
}

// Senders, each on a kept connection, that post cancellations of ever new runs until stopped.
export class Senders {
    acknowledged = new Map(); // GUID -> run id
    refused = []; // answers that are neither 202 nor a broken connection

    constructor(address, secret, count) {
        this.address = address;
        this.secret = secret;
        this.nextRun = 1n << 33n; // ids are past 32 bits at GitHub
        this.going = true;
        this.loops = Array.from({ length: count }, () => this.#loop());
    }

    async #loop() {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        while (this.going) {
            const run = this.nextRun++;
            try {
                const { status, body, guid } = await deliver(
                    this.address, this.secret, cancelled(Number(run)), { agent });
                if (status === 202) this.acknowledged.set(guid, String(run));
                else this.refused.push(`${status} ${body}`);
            } catch {
                // Nobody is there: not acknowledged, so nothing was promised. Let it come back.
                await new Promise((done) => setTimeout(done, 5));
            }
        }
        agent.destroy();
    }

    async stop() {
        this.going = false;
        await Promise.all(this.loops);
    }
}

// Every acknowledged delivery is in the database, and its call was made.
export async function missing(place, senders, api) {
    const { stdout } = await place.agent(['deliveries', 'list', '--json', '--limit', '100000']);
    const stored = new Set(stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).delivery));
    const guids = [...senders.acknowledged.keys()];
    const runs = [...senders.acknowledged.values()];
    return {
        deliveries: guids.filter((guid) => !stored.has(guid)),
        calls: () => runs.filter((run) => !api.cancelledRuns.has(run)),
    };
}
