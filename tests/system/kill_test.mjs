// SPDX-License-Identifier: MIT
// kill -9 at any moment loses nothing that was acknowledged. The moments come from a seed, which is
// printed; SEED=… takes one again, ROUNDS=… sets how often.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Senders, countingRunsApi, missing } from './load.mjs';
import { Place, freePort, until } from './program.mjs';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const rounds = Number(process.env.ROUNDS ?? 50);

// mulberry32: small, and the same numbers for the same seed everywhere.
function randomFrom(state) {
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

test(`${rounds} times kill -9 under load (SEED=${seed})`, async (t) => {
    const random = randomFrom(seed);
    const api = await countingRunsApi();
    const address = `127.0.0.1:${await freePort()}`;
    const place = new Place({ RUNS_AGENT_LISTEN: address, CURRENTS_API_URL: api.url });
    const senders = new Senders(address, place.secrets.GITHUB_WEBHOOK_SECRET, 6);
    t.after(async () => {
        await senders.stop();
        await place.leave();
        api.close();
    });

    let roundsWithWork = 0;
    for (let round = 0; round < rounds; ++round) {
        const daemon = await place.serve();
        const before = senders.acknowledged.size;
        await sleep(random() * 200);
        assert.deepEqual(await daemon.end('SIGKILL'), { code: null, signal: 'SIGKILL' });
        if (senders.acknowledged.size > before) ++roundsWithWork;
    }
    const daemon = await place.serve();
    await senders.stop();

    const lost = await missing(place, senders, api);
    assert.deepEqual(lost.deliveries, [], 'acknowledged, but not in the database');
    await until('every planned call', () => lost.calls().length === 0, 60_000);
    assert.deepEqual(senders.refused, []);
    assert.ok(roundsWithWork > rounds / 2, `only ${roundsWithWork} rounds acknowledged anything`);
    await daemon.stop();

    const database = new DatabaseSync(join(place.env.RUNS_AGENT_STATE_DIR, 'runs-agent.db'));
    assert.equal(database.prepare('PRAGMA integrity_check').get().integrity_check, 'ok');
    database.close();
    t.diagnostic(`${senders.acknowledged.size} acknowledged, none lost`);
});
