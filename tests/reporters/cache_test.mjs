// SPDX-License-Identifier: MIT
// `currents cache`, as the action playwright-last-failed uses it in its default mode: what failed in one
// attempt of a job is what the next one runs.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Recorded, githubJob } from './project.mjs';

const program = fileURLToPath(new URL('../.deps/node_modules/.bin/currents', import.meta.url));

async function cache(recorded, dir, args, env, more = {}) {
    const { place, address } = recorded;
    const running = place.launch(
        process.execPath,
        [program, 'cache', ...args],
        {
            PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
            HOME: place.dir,
            CURRENTS_API_URL: `http://${address}`,
            CURRENTS_RECORD_KEY: place.secrets.CURRENTS_RECORD_KEY,
            ...env,
            ...more,
        },
        dir,
    );
    running.child.stdin.end();
    const { code } = await running.ended;
    return { code, said: running.stdout + running.stderr };
}

function checkout(recorded, name) {
    const dir = join(recorded.place.dir, name);
    mkdirSync(dir, { recursive: true });
    return dir;
}

const lastRun = (dir) => join(dir, 'test-results/.last-run.json');
const failedIn = (dir, tests) => {
    mkdirSync(join(dir, 'test-results'), { recursive: true });
    writeFileSync(lastRun(dir), JSON.stringify({ status: 'failed', failedTests: tests }));
};

const preset = ['--preset', 'last-run'];
const part = (index) => [...preset, '--matrix-index', String(index), '--matrix-total', '2'];

test('what failed last in a job is what its next attempt finds, each part its own', async (t) => {
    const recorded = await Recorded.start(t);
    const env = (attempt) => ({ ...githubJob(8008, attempt), GITHUB_JOB: 'e2e' });
    for (const index of [1, 2]) {
        const dir = checkout(recorded, `first-${index}`);
        const none = await cache(recorded, dir, ['get', ...part(index), '--continue'], env(1));
        assert.equal(none.code, 0, none.said);
        assert.match(none.said, /not found/);
        assert.equal(readFileSync(join(dir, '.currents_env'), 'utf8').trim(), `--shard=${index}/2`);
        failedIn(dir, [`test ${index}`]);
        const kept = await cache(recorded, dir, ['set', ...part(index)], env(1));
        assert.equal(kept.code, 0, kept.said);
        assert.match(kept.said, /Cache uploaded/);
    }
    for (const index of [1, 2]) {
        const dir = checkout(recorded, `second-${index}`);
        const found = await cache(recorded, dir, ['get', ...part(index)], env(2));
        assert.equal(found.code, 0, found.said);
        assert.match(found.said, /Cache restored/);
        assert.deepEqual(JSON.parse(readFileSync(lastRun(dir))).failedTests, [`test ${index}`]);
        assert.equal(readFileSync(join(dir, '.currents_env'), 'utf8').trim(), '--last-failed --shard=1/1');
    }
    // Another run has nothing of it.
    const dir = checkout(recorded, 'other');
    const other = await cache(recorded, dir, ['get', ...part(1)], { ...githubJob(8009, 2), GITHUB_JOB: 'e2e' });
    assert.equal(other.code, 1, other.said);
    assert.match(other.said, /not found/);
});

test('files are kept by an id, and the last ones count', async (t) => {
    const recorded = await Recorded.start(t);
    const dir = checkout(recorded, 'files');
    for (const text of ['one', 'two']) {
        writeFileSync(join(dir, 'kept.txt'), text.repeat(10_000));
        const kept = await cache(recorded, dir, ['set', '--id', 'mine', '--path', 'kept.txt'], {});
        assert.equal(kept.code, 0, kept.said);
    }
    const fresh = checkout(recorded, 'fresh');
    const found = await cache(recorded, fresh, ['get', '--id', 'mine'], {});
    assert.equal(found.code, 0, found.said);
    assert.equal(readFileSync(join(fresh, 'kept.txt'), 'utf8'), 'two'.repeat(10_000));

    const none = await cache(recorded, fresh, ['get', '--id', 'yours'], {});
    assert.equal(none.code, 1);
    assert.match(none.said, /not found/);
    const unnamed = await cache(recorded, fresh, ['get'], {});
    assert.equal(unnamed.code, 1);
    assert.match(unnamed.said, /pass --id/);
    const stranger = await cache(recorded, fresh, ['get', '--id', 'mine'], {}, { CURRENTS_RECORD_KEY: 'nobodys' });
    assert.equal(stranger.code, 1);
    assert.match(stranger.said, /401/);
});
