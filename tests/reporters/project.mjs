// SPDX-License-Identifier: MIT
// A Playwright project of a test's own, recorded by the packages from npm, unchanged, against the real
// program: what the tests of this folder share. Pure assertions, so that no browser is needed.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Place, request } from '../system/program.mjs';

const modules = fileURLToPath(new URL('../.deps/node_modules', import.meta.url));

// The embedded Runs API, beside the webhook daemon, and what a test asks of it.
export class Recorded {
    static async start(t, { policy = '' } = {}) {
        const recorded = new Recorded();
        recorded.place = await Place.embedded();
        t.after(() => recorded.place.leave());
        const file = join(recorded.place.dir, 'policy.yml');
        writeFileSync(file, policy || 'defaults: {project_id: p1}\n');
        recorded.serve = () => recorded.place.serve(['--embedded', '--config', file]);
        recorded.daemon = await recorded.serve();
        return recorded;
    }

    // Ends the program as a power cut does, and starts it again at the same address.
    async restart() {
        await this.daemon.end('SIGKILL');
        this.daemon = await this.serve();
    }

    get address() {
        return this.daemon.addresses.api;
    }

    async ask(method, path, body) {
        const answer = await request({
            address: this.address,
            path: `/v1${path}`,
            method,
            headers: { Authorization: `Bearer ${this.place.secrets.CURRENTS_API_KEY}` },
            body: body && JSON.stringify(body),
        });
        const packed = answer.headers['content-encoding'] === 'gzip';
        return { ...answer, json: JSON.parse(packed ? gunzipSync(answer.bytes) : answer.body) };
    }

    async data(method, path, body) {
        const { status, json } = await this.ask(method, path, body);
        assert.equal(status, 200, `${method} ${path}: ${JSON.stringify(json)}`);
        return json.data;
    }

    // The run of a build id; null where there is none.
    async find(ciBuildId, more = '') {
        const id = encodeURIComponent(ciBuildId);
        const { status, json } = await this.ask('GET', `/runs/find?projectId=p1&ciBuildId=${id}${more}`);
        return status === 404 ? null : json.data;
    }

    // The tests of a run, each with its group and spec.
    async tests(run) {
        const tests = [];
        for (const { instanceId, groupId, spec } of run.specs) {
            const { results } = await this.data('GET', `/instances/${instanceId}`);
            for (const one of results?.tests ?? []) tests.push({ ...one, groupId, spec });
        }
        return tests;
    }
}

// Spec files and a configuration in a folder of their own.
export class Project {
    constructor(recorded, name, { config = {}, specs }) {
        this.recorded = recorded;
        this.dir = join(recorded.place.dir, name);
        mkdirSync(join(this.dir, 'tests'), { recursive: true });
        symlinkSync(modules, join(this.dir, 'node_modules'));
        writeFileSync(join(this.dir, 'package.json'), '{"type":"module"}');
        const whole = { testDir: 'tests', workers: 1, timeout: 20_000, ...config };
        writeFileSync(join(this.dir, 'playwright.config.js'), `export default ${JSON.stringify(whole)};`);
        for (const [file, text] of Object.entries(specs))
            writeFileSync(
                join(this.dir, 'tests', file),
                `import { test, expect } from '@playwright/test';\n${text}`,
            );
    }

    // As a job's environment is: nothing of this machine's, unless a test names it.
    env(more) {
        const { place, address } = this.recorded;
        return {
            PATH: `${dirname(process.execPath)}:${join(modules, '.bin')}:${process.env.PATH}`,
            HOME: place.dir,
            TMPDIR: place.dir,
            CURRENTS_API_URL: `http://${address}`,
            CURRENTS_RECORD_KEY: place.secrets.CURRENTS_RECORD_KEY,
            CURRENTS_PROJECT_ID: 'p1',
            ...more,
        };
    }

    // Starts a program of the packages; its `ended` is a promise of {code, signal}.
    start(program, args, env = {}) {
        const file = join(modules, '.bin', program);
        const running = this.recorded.place.launch(process.execPath, [file, ...args], this.env(env), this.dir);
        running.child.stdin.end();
        return running;
    }

    // Runs `playwright test` to its end, with Playwright's own JSON report beside ours.
    async test(args = [], env = {}) {
        const report = join(this.dir, `report-${Math.random().toString(36).slice(2)}.json`);
        const running = this.start('playwright', ['test', '--reporter=@currents/playwright,json', ...args], {
            PLAYWRIGHT_JSON_OUTPUT_FILE: report,
            ...env,
        });
        const { code } = await running.ended;
        return { ...running, code, report: () => JSON.parse(readFileSync(report)) };
    }
}

// What GitHub Actions sets in every job.
export const githubJob = (runId, attempt = 1, more = {}) => ({
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_RUN_ID: String(runId),
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_REPOSITORY: 'octo/demo',
    GITHUB_WORKFLOW: 'e2e',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_REF_NAME: 'main',
    ...more,
});

// Every test of Playwright's JSON report, with its title and file. (Its ids are those of one project.)
export function testsOf(report) {
    const found = [];
    const walk = (suite) => {
        for (const child of suite.suites ?? []) walk(child);
        for (const spec of suite.specs ?? [])
            for (const test of spec.tests) found.push({ ...test, title: spec.title, file: spec.file });
    };
    report.suites.forEach(walk);
    return found;
}
