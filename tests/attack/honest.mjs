// SPDX-License-Identifier: MIT
// The honest sender: signed deliveries at a steady rate, whatever becomes of the ones before, each judged as
// GitHub does: it waits ten seconds and does not send again.
import { createHmac, randomUUID } from 'node:crypto';
import http from 'node:http';
import { createRequire } from 'node:module';

// https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
const githubsPatience = 10_000;

// What was asked, how long each answer took, and what went wrong.
export class Score {
    times = [];
    troubles = new Map();
    sent = 0;

    add(time, trouble) {
        this.times.push(time);
        if (trouble) this.troubles.set(trouble, (this.troubles.get(trouble) ?? 0) + 1);
    }

    get failures() {
        return [...this.troubles.values()].reduce((sum, count) => sum + count, 0);
    }

    // The time that `part` of them are answered in, ms. What failed has waited as long as its sender would.
    quantile(part) {
        const sorted = [...this.times].sort((a, b) => a - b);
        return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
    }
}

// Asks once; adds to `score` the time from before the connection was made until the answer was whole.
export function ask(score, { address, path, method = 'GET', headers = {}, body = '', agent, wanted }) {
    const [host, port] = address.split(':');
    const began = performance.now();
    score.sent++;
    return new Promise((done) => {
        let over = false;
        const end = (trouble) => {
            if (over) return;
            over = true;
            clearTimeout(timer);
            score.add(trouble ? githubsPatience : performance.now() - began, trouble);
            done();
        };
        const sent = http.request({ host, port, path, method, headers, agent: agent ?? false }, (answer) => {
            answer.on('data', () => {});
            answer.on('error', () => {});
            answer.on('aborted', () => end('cut in its answer'));
            answer.on('end', () => end(answer.statusCode === wanted ? '' : `status ${answer.statusCode}`));
        });
        const timer = setTimeout(() => {
            end(`no answer in ${githubsPatience / 1000} s`);
            sent.destroy();
        }, githubsPatience);
        sent.on('error', (error) => {
            const { code, message } = error;
            end(code === 'ECONNREFUSED' ? 'not connected' : `cut (${code ?? message}${sent.reusedSocket ? ', kept' : ''})`);
        });
        sent.end(body);
    });
}

// Does `what` so many times a second until it is stopped, and does not wait for one before the next.
export class Steady {
    under = new Set();

    constructor(rate, what) {
        let due = performance.now();
        this.timer = setInterval(() => {
            for (; due <= performance.now(); due += 1000 / rate) {
                const one = what().finally(() => this.under.delete(one));
                this.under.add(one);
            }
        }, 5);
    }

    async stop() {
        clearInterval(this.timer);
        await Promise.all(this.under);
    }
}

// GitHub's own example of a workflow run that went well, 17 KB: it asks for no call.
function examples() {
    const all = createRequire(new URL('../.deps/package.json', import.meta.url))('@octokit/webhooks-examples');
    const completed = (all.default ?? all).find(({ name }) => name === 'workflow_run').examples
        .find(({ action }) => action === 'completed');
    return Array.from({ length: 32 }, (_, number) => JSON.stringify({ ...completed, workflow_run: {
        ...completed.workflow_run, id: 1000 + number, status: 'completed', conclusion: 'success' } }));
}

// {deliveries on new connections, on kept ones, probes} to one address; stop() gives the scores.
export function sendHonestly({ webhooks, probes, secret, rate = 20 }) {
    const signed = examples().map((body) => ({ body, signature: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }));
    const kept = new http.Agent({ keepAlive: true });
    const scores = { 'new connections': new Score(), 'kept connections': new Score(), '/healthz': new Score(), '/readyz': new Score() };
    let next = 0;
    const deliver = (score, agent) => {
        const { body, signature } = signed[next++ % signed.length];
        return ask(score, { address: webhooks, path: '/webhooks/github', method: 'POST', body, agent, wanted: 202, headers: {
            'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body),
            'User-Agent': 'GitHub-Hookshot/044aadd', 'X-GitHub-Event': 'workflow_run',
            'X-GitHub-Delivery': randomUUID(), 'X-GitHub-Hook-ID': '1', 'X-Hub-Signature-256': signature,
        } });
    };
    const probe = (path) => ask(scores[path], { address: probes, path, wanted: 200 });
    const work = [
        new Steady(rate, () => deliver(scores['new connections'])),
        new Steady(rate, () => deliver(scores['kept connections'], kept)),
        new Steady(4, () => probe('/healthz')),
        new Steady(4, () => probe('/readyz')),
    ];
    return { scores, async stop() {
        await Promise.all(work.map((one) => one.stop()));
        kept.destroy();
    } };
}
