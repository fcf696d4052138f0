// SPDX-License-Identifier: MIT
// What release.yml hands out, what the workflows build in, and what they may.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { parse } from '../.deps/node_modules/yaml/dist/index.js';

const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const { jobs } = parse(read('.github/workflows/release.yml'));
const steps = Object.entries(jobs).flatMap(([job, { steps }]) => steps.map((step) => ({ job, ...step })));

test('one Debian: the workflows have the digest of the Dockerfile, which Dependabot keeps', () => {
    const [, base] = /^FROM (debian:[\w-]+@sha256:[0-9a-f]{64}) AS base$/m.exec(read('Dockerfile'));
    const files = readdirSync(new URL('../../.github/workflows', import.meta.url));
    const named = files.flatMap((name) => [...read(`.github/workflows/${name}`).matchAll(/debian:[\w-]+@\S*/g)].map(([image]) => image));
    assert.ok(named.length >= 3, `found only ${named}`);
    for (const image of named) assert.equal(image, base);
    assert.equal(jobs.build.container, base);
});

test('a token is in the environment of our own scripts alone', () => {
    for (const [name, { env = {} }] of Object.entries(jobs))
        assert.doesNotMatch(JSON.stringify(env), /github\.token|secrets\./, `job ${name}`);
    for (const { job, uses, env = {} } of steps)
        if (uses) assert.doesNotMatch(JSON.stringify(env), /github\.token|secrets\./, `${uses} in job ${job}`);
    const scripts = steps.filter(({ env }) => env?.GH_TOKEN).map(({ run }) => /^script\/releasing\/(\w+) /.exec(run)?.[1]);
    assert.deepEqual(scripts, ['check', 'tested', 'tag', 'publish', 'image', 'move']);
});

test('a job that attests may write what the action writes', () => {
    const attesting = steps.filter(({ uses }) => uses?.startsWith('actions/attest-build-provenance@'));
    assert.equal(attesting.length, 2);
    for (const { job, with: inputs } of attesting) {
        const needed = ['attestations', 'id-token'];
        // Source: github.com/actions/attest, README: a push to the registry also makes a storage record.
        if (inputs['push-to-registry']) needed.push('packages', 'artifact-metadata');
        for (const permission of needed) assert.equal(jobs[job].permissions[permission], 'write', `${job}: ${permission}`);
    }
});

test('every action is pinned by its commit, by the same one in each workflow', () => {
    const files = readdirSync(new URL('../../.github/workflows', import.meta.url));
    const pins = new Map();
    for (const file of files)
        for (const [, action, pin] of read(`.github/workflows/${file}`).matchAll(/uses: ([^@\s]+)(@.*)?/g)) {
            assert.match(pin ?? '', /^@[0-9a-f]{40} # v[\d.]+$/, `${action} in ${file}`);
            assert.equal(pin, pins.get(action) ?? pin, `${action} in ${file}`);
            pins.set(action, pin);
        }
    assert.ok(pins.has('actions/checkout'));
});

test('what script/nightly knows is done nightly, with no token and from no cache', () => {
    const text = read('.github/workflows/nightly.yml');
    const { on, permissions, jobs: { nightly } } = parse(text);
    assert.equal(on.schedule.length, 1);
    assert.deepEqual(permissions, { contents: 'read' });
    assert.doesNotMatch(text, /actions\/cache|github\.token|secrets\./);
    const [, parts] = /^parts=\(([\w ]+)\)$/m.exec(read('script/nightly'));
    assert.deepEqual([...new Set(nightly.strategy.matrix.include.map(({ part }) => part))], parts.split(' '));
    assert.equal(nightly.steps.at(-1).run, 'script/nightly ${{ matrix.part }}');
});

test('the lint in CI sees the commit that it compares with; what it found and what was built is kept', () => {
    const { jobs: { test: { env, steps } } } = parse(read('.github/workflows/ci.yml'));
    assert.equal(steps.find(({ uses }) => uses?.startsWith('actions/checkout@')).with['fetch-depth'], 0);
    const kept = steps.find(({ uses }) => uses?.startsWith('actions/cache@')).with.path.trim().split('\n');
    for (const variable of ['CCACHE_DIR', 'RUNS_AGENT_TIDY_CACHE', 'RUNS_AGENT_LIBPQ_CACHE'])
        assert.ok(kept.some((path) => env[variable] === `\${{ github.workspace }}/${path}`), variable);
});
