// SPDX-License-Identifier: MIT
// The official command line, @currents/cmd, unchanged and pointed at the embedded Runs API.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { request } from '../system/program.mjs';
import { Api } from './recording.mjs';

const deps = createRequire(new URL('../.deps/package.json', import.meta.url));
const currents = join(dirname(deps.resolve('@currents/cmd')), 'bin/index.js');

const report = `<?xml version="1.0"?>
<testsuites name="shop">
  <testsuite name="checkout.spec.ts" file="checkout.spec.ts" tests="3" time="0.3" timestamp="2026-01-01T00:00:00">
    <testcase name="pays" classname="checkout" file="checkout.spec.ts" time="0.1"/>
    <testcase name="refunds" classname="checkout" file="checkout.spec.ts" time="0.1">
      <properties>
        <property name="currents.artifact.attempt.path" value="shot.png"/>
        <property name="currents.artifact.attempt.type" value="screenshot"/>
        <property name="currents.artifact.attempt.contentType" value="image/png"/>
      </properties>
      <failure message="expected 5">at refund</failure>
    </testcase>
    <testcase name="later" classname="checkout" file="checkout.spec.ts" time="0"><skipped/></testcase>
    <system-out>hello from the test</system-out>
  </testsuite>
  <testsuite name="search.spec.ts" file="search.spec.ts" tests="1" time="0.1" timestamp="2026-01-01T00:00:00">
    <testcase name="finds" classname="search" file="search.spec.ts" time="0.1"/>
  </testsuite>
</testsuites>`;

// A working copy with a report in it, and the client in it.
class Client {
    constructor(api) {
        this.api = api;
        this.dir = join(api.place.dir, 'shop');
        mkdirSync(this.dir);
        writeFileSync(join(this.dir, 'junit.xml'), report);
        writeFileSync(join(this.dir, 'shot.png'), 'not really a picture');
    }

    async call(...args) {
        const { CURRENTS_API_KEY, CURRENTS_RECORD_KEY } = this.api.place.secrets;
        const url = `http://${this.api.address}`;
        const env = {
            CURRENTS_API_URL: url,
            CURRENTS_REST_API_URL: url,
            CURRENTS_API_KEY,
            CURRENTS_RECORD_KEY,
            CURRENTS_PROJECT_ID: 'p1',
            GITHUB_ACTIONS: 'true',
            GITHUB_RUN_ID: '1001',
            GITHUB_RUN_ATTEMPT: '2',
            GITHUB_REPOSITORY: 'octo/shop',
            GITHUB_WORKFLOW: 'e2e',
            COMMIT_INFO_BRANCH: 'main',
            COMMIT_INFO_SHA: '0123456789abcdef0123456789abcdef01234567',
            COMMIT_INFO_MESSAGE: 'Sell more',
        };
        return this.api.place.run(process.execPath, [currents, ...args], { env, cwd: this.dir });
    }

    async succeed(...args) {
        const { code, stdout, stderr } = await this.call(...args);
        assert.equal(code, 0, `currents ${args.join(' ')}\n${stdout}\n${stderr}`);
        return stdout;
    }

    // One suite, of [name, whether it fails] each.
    async convertSuite(...cases) {
        const tests = cases.map(([name, fails]) =>
            `<testcase name="${name}" classname="c" file="c.spec.ts" time="0.1">${fails ? '<failure message="bad">x</failure>' : ''}</testcase>`);
        writeFileSync(join(this.dir, 'junit.xml'),
            `<testsuites name="shop"><testsuite name="c.spec.ts" file="c.spec.ts" tests="${cases.length}">${tests.join('')}</testsuite></testsuites>`);
        rmSync(join(this.dir, 'results'), { recursive: true, force: true });
        await this.convert();
    }

    async convert() {
        await this.succeed(
            ...['convert', '--input-format', 'junit', '--input-file', 'junit.xml', '--output-dir', 'results'],
            ...['--framework', 'node', '--framework-version', 'v22'],
        );
    }

    upload(buildId, ...more) {
        const args = ['--project-id', 'p1', '--ci-build-id', buildId, '--report-dir', 'results'];
        return this.succeed('upload', ...args, ...more);
    }

    async getRun(...args) {
        await this.succeed('api', 'get-run', '--project-id', 'p1', '--output', 'run.json', ...args);
        return JSON.parse(readFileSync(join(this.dir, 'run.json')));
    }
}

async function uploaded(t) {
    const api = await Api.start(t);
    const client = new Client(api);
    await client.convert();
    const said = await client.upload('build-1', '--tag', 'nightly', '--tag', 'smoke');
    assert.match(said, /Run created: http/);
    return { api, client };
}

test('convert and upload record a run, and get-run shows it by its build id', async (t) => {
    const { client } = await uploaded(t);
    const run = await client.getRun('--ci-build-id', 'build-1');
    assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'FAILED']);
    assert.deepEqual([...run.tags].sort(), ['nightly', 'smoke']);
    assert.equal(run.meta.commit.branch, 'main');
    assert.equal(run.groups.length, 1);
    const { overall, passes, failures, pending, skipped } = run.groups[0].tests;
    assert.deepEqual([overall, passes, failures, pending, skipped], [4, 2, 1, 1, 0]);
    assert.deepEqual(run.specs.map((spec) => spec.spec).sort(), ['checkout.spec.ts', 'search.spec.ts']);
});

test('without a build id, the requests of one upload are one run, which GitHub names', async (t) => {
    const api = await Api.start(t);
    const client = new Client(api);
    await client.convert();
    await client.succeed('upload', '--project-id', 'p1', '--report-dir', 'results');
    const run = await client.getRun('--ci-build-id', 'octo/shop-1001-2');
    assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'FAILED']);
    assert.equal(run.meta.ciBuildId, 'octo/shop-1001-2');
    assert.equal((await api.data('GET', '/projects/p1/runs')).length, 1);
});

test('a run that was recorded under another build id is found by what GitHub says of it', async (t) => {
    const { client } = await uploaded(t);
    const run = await client.getRun('--ci-build-id', 'octo/shop-1001-2');
    assert.equal(run.meta.ciBuildId, 'build-1');
});

test('what the client uploads can be read again', async (t) => {
    const { api, client } = await uploaded(t);
    const run = await client.getRun('--ci-build-id', 'build-1');
    const spec = run.specs.find((one) => one.spec === 'checkout.spec.ts');
    const read = async (url) => {
        const { host, pathname, search } = new URL(url);
        return (await request({ address: host, path: pathname + search })).body;
    };
    assert.equal(await read(spec.results.screenshots[0].screenshotURL), 'not really a picture');
    const { results } = await api.data('GET', `/instances/${spec.instanceId}`);
    const stdout = results.artifacts.find((one) => one.type === 'stdout');
    assert.match(await read(stdout.readUrl), /hello from the test/);
});

test('get-run: by branch and tags, and in the form of .last-run.json', async (t) => {
    const { client } = await uploaded(t);
    const byBranch = await client.getRun('--branch', 'main', '--tag', 'nightly', '--tag', 'smoke');
    assert.equal(byBranch.meta.ciBuildId, 'build-1');
    const lastRun = await client.getRun('--ci-build-id', 'build-1', '--pw-last-run');
    assert.equal(lastRun.status, 'failed');
    assert.equal(lastRun.failedTests.length, 1);
    const none = await client.call('api', 'get-run', '--project-id', 'p1', '--branch', 'other', '--output', 'x');
    assert.notEqual(none.code, 0);
});

test('cancel: by build id and by run id; nothing recorded is no failure', async (t) => {
    const { api, client } = await uploaded(t);
    const partial = async (buildId) => {
        await client.convert();
        const [first] = readdirSync(join(client.dir, 'results/instances'));
        rmSync(join(client.dir, 'results/instances', first));
        await client.upload(buildId);
        const run = await client.getRun('--ci-build-id', buildId);
        assert.equal(run.completionState, 'IN_PROGRESS');
        return run.runId;
    };
    const state = async (runId) => (await api.run(runId)).completionState;
    const second = await partial('build-2');
    await client.succeed('cancel', '--project-id', 'p1', '--ci-build-id', 'build-2');
    assert.equal(await state(second), 'CANCELED');
    await client.succeed('cancel', '--project-id', 'p1', '--ci-build-id', 'build-2');

    const third = await partial('build-3');
    await client.succeed('cancel', '--project-id', 'p1', '--run-id', third);
    assert.equal(await state(third), 'CANCELED');
    await client.succeed('cancel', '--project-id', 'p1', '--ci-build-id', 'never-recorded');

    // The same attempt on GitHub recorded all three; only the finished one is left to cancel.
    const answer = await api.put('/runs/cancel-ci/github', { githubRunId: '1001', githubRunAttempt: 2, ciBuildId: 'build-3' });
    assert.equal(answer.status, 422);
});

// Two systems upload the same suite under one build id; the second comes when the first is done.
test('upload: a suite that another machine has completed is taken, with its failures', async (t) => {
    const api = await Api.start(t);
    const client = new Client(api);
    await client.convertSuite(['pays', false], ['refunds', false]);
    await client.upload('build-1');
    assert.equal((await client.getRun('--ci-build-id', 'build-1')).status, 'PASSED');
    // As it went, once more: an all-green run that is run again.
    await client.convertSuite(['pays', false], ['refunds', false]);
    assert.match(await client.upload('build-1'), /Run created: http/);
    await client.convertSuite(['pays', false], ['refunds', true]);
    await client.upload('build-1');
    const run = await client.getRun('--ci-build-id', 'build-1');
    assert.deepEqual([run.completionState, run.status, run.groups[0].tests.failures], ['COMPLETE', 'FAILED', 1]);
    assert.equal((await client.getRun('--ci-build-id', 'build-1', '--pw-last-run')).failedTests.length, 1);
});

test('upload: tests of one name, of which one failed, after a reset', async (t) => {
    const api = await Api.start(t);
    const client = new Client(api);
    const again = async (...cases) => {
        await client.convertSuite(...cases);
        await client.upload('build-1');
        const { status } = await client.getRun('--ci-build-id', 'build-1');
        return status;
    };
    const reset = async () => {
        const { runId, specs } = await client.getRun('--ci-build-id', 'build-1');
        return (await api.put(`/runs/${runId}/reset`, { machineId: [specs[0].machineId] })).data.resetSpecs;
    };
    assert.equal(await again(['[1] v', false], ['[1] v', true]), 'FAILED');
    assert.equal(await reset(), 1);
    assert.equal(await again(['[1] v', false]), 'FAILED', 'which of the two has passed?');
    assert.equal(await reset(), 1);
    assert.equal(await again(['[1] v', false], ['[1] v', false]), 'PASSED');
});
