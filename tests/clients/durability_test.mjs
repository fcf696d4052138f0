// SPDX-License-Identifier: MIT
// What the embedded Runs API acknowledged survives kill -9 and restarts, with many machines and other
// processes writing at once. The moments come from a seed, which is printed; SEED=… takes one again.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api, instance, outcome } from './recording.mjs';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const rounds = Number(process.env.ROUNDS ?? 10);
const machines = 6;

test(`${rounds} times kill -9 while ${machines} machines record (SEED=${seed})`, async (t) => {
    let state = seed;
    const random = () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 2 ** 31;
    const api = await Api.start(t);
    const acknowledged = new Set();
    const refused = [];
    let working = true;
    const record = async (machineId) => {
        for (let i = 0; working; ++i) {
            const spec = `${machineId}-${i}.spec.ts`;
            const answer = await api.post({ machineId, instances: [instance(spec, [outcome(spec)])] }).catch(() => null);
            if (answer === null) await sleep(5); // it is being started anew
            else if (answer.status === 200) acknowledged.add(spec);
            else refused.push(answer.body);
        }
    };
    // Every spec that is known has reported, so the run would be complete: one never does.
    await api.record({ fullTestSuite: [{ name: 'chromium', tags: [], tests: [{ spec: 'never', testId: 'x' }] }] });
    const recording = Array.from({ length: machines }, (_, i) => record(`m${i}`));

    const keys = [];
    for (let round = 0; round < rounds; ++round) {
        const { key } = await api.place.data(['keys', 'create', '--name', `round ${round}`]);
        keys.push(key);
        await sleep(random() * 150);
        assert.deepEqual(await api.server.end('SIGKILL'), { code: null, signal: 'SIGKILL' });
        api.server = await api.place.serveApi();
    }
    working = false;
    await Promise.all(recording);
    assert.deepEqual(refused, []);
    assert.ok(acknowledged.size > rounds, `only ${acknowledged.size} were acknowledged`);

    // On a slow machine it grows past what is sent uncompressed.
    const run = await api.data('GET', '/runs/find?projectId=p1&ciBuildId=build-1', {
        headers: { 'Accept-Encoding': 'gzip' },
    });
    const kept = new Map(run.specs.map((spec) => [spec.spec, spec]));
    const lost = [...acknowledged].filter((spec) => !kept.get(spec)?.completedAt);
    assert.deepEqual(lost, []);
    assert.equal(kept.size, run.specs.length, 'no spec is there twice');
    for (const key of keys) assert.equal((await api.get('/projects', { key })).status, 200);

    await api.server.stop();
    const database = new DatabaseSync(join(api.place.env.RUNS_AGENT_STATE_DIR, 'runs-api.db'));
    assert.equal(database.prepare('PRAGMA integrity_check').get().integrity_check, 'ok');
    assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), []);
    // Only hashes of keys are stored.
    const text = JSON.stringify(database.prepare('SELECT * FROM keys').all());
    for (const key of [...keys, ...Object.values(api.place.secrets)]) assert.ok(!text.includes(key));
    database.close();
    t.diagnostic(`${acknowledged.size} acknowledged, none lost`);
});
