// SPDX-License-Identifier: MIT
// Honest clients of the embedded Runs API: a reporter at a steady rate, and one whose line is slow.
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { gzipSync } from 'node:zlib';
import { instance, outcome } from '../clients/recording.mjs';
import { request } from '../system/program.mjs';
import { Score, Steady, ask } from './honest.mjs';

// What a reporter sends of one machine, packed.
function recording(recordKey, machineId, more) {
    return gzipSync(JSON.stringify({
        recordKey, projectId: 'p1', ciBuildId: 'build', group: 'chromium', machineId,
        ci: { provider: 'githubActions', params: { githubRunId: '1001', githubRunAttempt: '1' }, ciBuildId: { source: 'user', value: 'b' } },
        commit: { branch: 'main', sha: '0123456789abcdef0123456789abcdef01234567', authorName: 'The Octocat',
            authorEmail: 'octocat@example.com', message: 'Sell more', remoteOrigin: null },
        framework: { type: 'playwright', version: '1.50.0', clientVersion: '1.0.0' },
        platform: { osName: 'linux', osVersion: '12', browserName: 'chromium', browserVersion: '130' },
        tags: [], config: {}, fullTestSuite: [], instances: [], ...more,
    }));
}

const headers = (body) => ({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Content-Length': body.length });

// A spec's results, on new and on kept connections; stop() ends it.
export function reportHonestly({ api, recordKey, rate = 5 }) {
    const kept = new http.Agent({ keepAlive: true });
    const scores = { 'reports, new': new Score(), 'reports, kept': new Score() };
    let next = 0;
    const report = (score, agent) => {
        const number = next++;
        const tests = Array.from({ length: 20 }, (_, test) => outcome(`t${number}-${test}`));
        const body = recording(recordKey, `m${number}`, { ciBuildId: `build-${number % 7}`, instances: [instance(`${number}.spec.ts`, tests)] });
        return ask(score, { address: api, path: '/v1/runs', method: 'POST', body, agent, wanted: 200, headers: headers(body) });
    };
    const work = [
        new Steady(rate, () => report(scores['reports, new'])),
        new Steady(rate, () => report(scores['reports, kept'], kept)),
    ];
    return { scores, async stop() {
        await Promise.all(work.map((one) => one.stop()));
        kept.destroy();
    } };
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// The status of the answer to `bytes`, which are sent evenly over so many `seconds`.
function putSlowly(url, bytes, seconds) {
    return new Promise((done, failed) => {
        const sent = http.request(url, { method: 'PUT', agent: false, headers: { 'Content-Type': 'application/zip', 'Content-Length': bytes.length } });
        const piece = Math.ceil(bytes.length / (seconds * 4));
        let at = 0;
        const timer = setInterval(() => {
            sent.write(bytes.subarray(at, (at += piece)));
            if (at < bytes.length) return;
            clearInterval(timer);
            sent.end();
        }, 250);
        sent.on('error', (error) => (clearInterval(timer), failed(error)));
        sent.on('response', (answer) => done((answer.resume(), answer.statusCode)));
    });
}

// The bytes at `url`, of which no more are read in a second than take them so many `seconds` as a whole.
function getSlowly(url, size, seconds) {
    return new Promise((done, failed) => {
        const chunks = [];
        http.get(url, { agent: false }, (answer) => {
            answer.on('data', (chunk) => {
                chunks.push(chunk);
                answer.pause();
                setTimeout(() => answer.resume(), (chunk.length / size) * seconds * 1000);
            });
            answer.on('end', () => done(Buffer.concat(chunks)));
            answer.on('error', failed);
        }).on('error', failed);
    });
}

// An artifact of 64 MiB over a slow line, there and back, each longer than any time-out; its score.
export async function slowFile({ api, recordKey, seconds = 45 }) {
    const score = new Score();
    const tests = [outcome('t1')];
    tests[0].artifacts = [{ path: 'artifacts/trace.zip', type: 'trace', contentType: 'application/zip', name: 'trace' }];
    const body = recording(recordKey, 'slow', { ciBuildId: 'slow', instances: [instance('slow.spec.ts', tests)] });
    const bytes = randomBytes(64 * 1024 * 1024);
    const trouble = async (what) => {
        score.sent++;
        score.add(0, await what().catch((error) => error.message));
    };
    await trouble(async () => {
        const told = await request({ address: api, path: '/v1/runs', method: 'POST', body, headers: headers(body) });
        const [{ uploadUrl, readUrl }] = JSON.parse(told.body).artifactUploadUrls;
        const status = await putSlowly(uploadUrl, bytes, seconds);
        if (status !== 200) return `an upload was answered ${status}`;
        await trouble(async () => {
            const read = await getSlowly(readUrl, bytes.length, seconds);
            return sha256(read) === sha256(bytes) ? '' : `${read.length} bytes came back`;
        });
    });
    return score;
}
