// SPDX-License-Identifier: MIT
// What reporters send, in the form of the official ones, and a plain client for the API's addresses.
import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Place, request } from '../system/program.mjs';

// One test's result. `state` is its outcome against expectation.
export function outcome(testId, state = 'passed', attempts = [state]) {
    return {
        testId,
        title: [testId],
        state,
        isFlaky: state === 'passed' && attempts.length > 1,
        expectedStatus: 'passed',
        timeout: 30000,
        location: { file: 'x', line: 1, column: 1 },
        retries: attempts.length - 1,
        attempts: attempts.map((status, attempt) => ({
            attempt,
            status,
            startTime: '2026-01-01T00:00:00.000Z',
            duration: 100,
            steps: [],
            stdout: [],
            stderr: [],
            errors: status === 'failed' ? [{ message: 'expected 5', stack: 'at refund' }] : [],
        })),
    };
}

// One spec's results, with the counters that a reporter makes of its tests.
export function instance(spec, tests, more = {}) {
    const count = (state) => tests.filter((test) => test.state === state).length;
    return {
        groupId: 'chromium',
        spec,
        startTime: '2026-01-01T00:00:00.000Z',
        artifacts: [],
        results: {
            stats: {
                suites: 1,
                tests: tests.length,
                passes: count('passed'),
                failures: count('failed'),
                pending: count('pending'),
                skipped: count('skipped'),
                flaky: tests.filter((test) => test.isFlaky).length,
                wallClockStartedAt: '2026-01-01T00:00:00.000Z',
                wallClockEndedAt: '2026-01-01T00:00:01.000Z',
                wallClockDuration: 1000,
            },
            tests,
        },
        ...more,
    };
}

// {spec: [testId, …]} as the full test suite of one group.
export function suite(specs, { name = 'chromium', tags = [] } = {}) {
    const tests = Object.entries(specs).flatMap(([spec, ids]) =>
        ids.map((testId) => ({ spec, testId, title: [testId], tags: [`@${testId}`] })),
    );
    return [{ name, tags, tests }];
}

// The embedded Runs API by itself, with what tests ask of it.
export class Api {
    static async start(t) {
        const place = await Place.embedded();
        t.after(() => place.leave());
        const api = new Api();
        api.place = place;
        api.key = place.secrets.CURRENTS_API_KEY;
        api.server = await place.serveApi();
        return api;
    }

    get address() {
        return this.place.api.address;
    }

    async ask(method, path, { body, key = this.key, headers = {}, base = '/v1' } = {}) {
        const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
        const answer = await request({
            address: this.address,
            path: `${base}${path}`,
            method,
            headers: {
                ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
                ...(text === undefined ? {} : { 'Content-Type': 'application/json' }),
                ...headers,
            },
            body: text,
        });
        const packed = answer.headers['content-encoding'] === 'gzip';
        const plain = packed ? gunzipSync(answer.bytes).toString() : answer.body;
        const { data, error, has_more: hasMore } = JSON.parse(plain);
        return { ...answer, packed, plain, data, error, hasMore };
    }

    get = (path, options) => this.ask('GET', path, options);
    put = (path, body, options) => this.ask('PUT', path, { ...options, body });
    delete = (path, options) => this.ask('DELETE', path, options);

    // The data of an answer that must be good.
    async data(method, path, options) {
        const { status, data, plain } = await this.ask(method, path, options);
        assert.equal(status, 200, `${method} ${path}: ${plain}`);
        return data;
    }

    run = (runId) => this.data('GET', `/runs/${runId}`);

    // POST /runs as a reporter sends it; the whole answer.
    post(recording, { packed = true } = {}) {
        const body = JSON.stringify({
            recordKey: this.place.secrets.CURRENTS_RECORD_KEY,
            projectId: 'p1',
            ciBuildId: 'build-1',
            group: 'chromium',
            machineId: 'm1',
            ci: {
                provider: 'githubActions',
                params: { githubActions: 'true', githubRunId: '1001', githubRunAttempt: '1' },
                ciBuildId: { source: 'user', value: 'build-1' },
            },
            commit: {
                branch: 'main',
                sha: '0123456789abcdef0123456789abcdef01234567',
                authorName: 'The Octocat',
                authorEmail: 'octocat@example.com',
                message: 'Sell more',
                remoteOrigin: null,
            },
            framework: { type: 'playwright', version: '1.50.0', clientVersion: '1.0.0' },
            platform: { osName: 'linux', osVersion: '12', browserName: 'chromium', browserVersion: '130' },
            tags: ['nightly', 'smoke'],
            config: {},
            fullTestSuite: [],
            instances: [],
            ...recording,
        });
        return request({
            address: this.address,
            path: '/v1/runs',
            method: 'POST',
            headers: {
                'Content-Type': 'application/json',
                ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
            },
            body: packed ? gzipSync(body) : body,
        }).then((answer) => {
            const data = JSON.parse(answer.body); // in no envelope
            return { ...answer, data, error: data.error };
        });
    }

    // The same where it must be taken; its data.
    async record(recording, options) {
        const answer = await this.post(recording, options);
        assert.equal(answer.status, 200, answer.body);
        return answer.data;
    }

    // A run of two specs: a.spec.ts reported, with a failure; b.spec.ts did not.
    async halfARun(recording = {}) {
        const specs = { 'a.spec.ts': ['t1', 't2'], 'b.spec.ts': ['t3'] };
        await this.record({ ...recording, fullTestSuite: suite(specs) });
        const tests = [outcome('t1'), outcome('t2', 'failed')];
        return this.record({ ...recording, instances: [instance('a.spec.ts', tests)] });
    }

    // A run of one spec that passed.
    async wholeRun(recording = {}) {
        await this.record({ ...recording, fullTestSuite: suite({ 'a.spec.ts': ['t1'] }) });
        return this.record({ ...recording, instances: [instance('a.spec.ts', [outcome('t1')])] });
    }
}
