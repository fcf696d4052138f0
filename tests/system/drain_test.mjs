// SPDX-License-Identifier: MIT
// SIGTERM under load: the daemon finishes what it has begun, ends with 0 within its bound, and what
// it acknowledged is there at the next start.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Senders, countingRunsApi, missing } from './load.mjs';
import { Place, until } from './program.mjs';

const bound = 22_000; // as docs/operations.md says, and the embedded API's share

test('SIGTERM drains', async (t) => {
    const api = await countingRunsApi(20);
    const place = new Place({ CURRENTS_API_URL: api.url });
    const daemon = await place.serve();
    const senders = new Senders(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, 6);
    t.after(async () => {
        await senders.stop();
        await place.leave();
        api.close();
    });

    await until('deliveries to be acknowledged', () => senders.acknowledged.size > 300);
    const began = Date.now();
    await daemon.stop();
    const took = Date.now() - began;
    assert.ok(took < bound, `stopping took ${took} ms`);
    await senders.stop();

    const next = await place.serve();
    const lost = await missing(place, senders, api);
    assert.deepEqual(lost.deliveries, [], 'acknowledged, but not in the database');
    await until('every planned call', () => lost.calls().length === 0, 60_000);
    await next.stop();
    assert.deepEqual(senders.refused.filter((answer) => !answer.startsWith('503')), []);
});

test('an idle daemon stops at once', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const daemon = await place.serve(['--embedded']);
    const began = Date.now();
    await daemon.stop();
    assert.ok(Date.now() - began < 2_000);
});
