// SPDX-License-Identifier: MIT
// A backup made under load is whole, and the daemon starts from it.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Api } from '../clients/recording.mjs';
import { Senders, countingRunsApi } from './load.mjs';
import { Place, cancelled, deliver, until } from './program.mjs';

test('what was acknowledged before a backup is in it, and it can be restored', async (t) => {
    const api = await countingRunsApi(1);
    const place = new Place({ CURRENTS_API_URL: api.url });
    const daemon = await place.serve();
    const senders = new Senders(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, 6);
    t.after(async () => {
        await senders.stop();
        await place.leave();
        api.close();
    });
    await until('deliveries', () => senders.acknowledged.size > 500);
    const before = new Set(senders.acknowledged.keys());
    const file = join(place.dir, 'copy.db');
    const { bytes, database } = await place.data(['backup', file]);
    await until('the work to have gone on', () => senders.acknowledged.size > before.size + 100);
    assert.equal(bytes, statSync(file).size);
    assert.equal(statSync(file).mode & 0o777, 0o600, 'for its owner alone');
    assert.deepEqual(readdirSync(place.dir).filter((name) => name.startsWith('copy.db')), ['copy.db'], 'nothing lies beside it');
    assert.ok(database.endsWith('/runs-agent.db'));

    await senders.stop();
    await daemon.end('SIGKILL');
    for (const end of ['', '-wal', '-shm']) rmSync(database + end, { force: true });
    copyFileSync(file, database);
    const again = await place.serve();
    const stored = new Set((await place.deliveries(['--limit', '100000'])).map(({ delivery }) => delivery));
    assert.deepEqual([...before].filter((guid) => !stored.has(guid)), [], 'acknowledged before the backup began');
    const { status } = await deliver(again.address, place.secrets.GITHUB_WEBHOOK_SECRET, cancelled(999_999));
    assert.equal(status, 202);
    await again.stop();
});

test('the embedded Runs API is backed up, too', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const daemon = await place.serve(['--embedded']);
    const api = new Api();
    api.place = place;
    api.key = place.secrets.CURRENTS_API_KEY;
    const { runId } = await api.halfARun({ ciBuildId: 'octo/demo-2-1' });
    const file = join(place.dir, 'api.db');
    assert.equal((await place.agent(['backup', '--api', file])).code, 0);
    await daemon.stop();
    const restored = join(place.dir, 'restored');
    mkdirSync(restored);
    copyFileSync(file, join(restored, 'runs-api.db'));
    const next = await place.serve(['--embedded', '--api-database', `sqlite:${restored}/runs-api.db`]);
    const found = await place.data(['runs', 'get', runId, '--api-url', place.env.CURRENTS_API_URL]);
    assert.equal((found.data ?? found).runId, runId);
    await next.stop();
});

test('a backup that cannot be made leaves nothing, and takes nothing away', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    const file = join(place.dir, 'copy.db');
    const ends = async (code, args, words) => {
        const ended = await place.agent(['backup', ...args]);
        assert.equal(ended.code, code, ended.stderr);
        assert.match(ended.stderr, words);
    };
    await ends(3, [file], /there is no database/);
    assert.ok(!existsSync(join(place.env.RUNS_AGENT_STATE_DIR, 'runs-agent.db')), 'nor is one made');
    await (await place.serve()).stop();
    writeFileSync(file, 'precious');
    await ends(1, [file], /is there already/);
    symlinkSync(join(place.dir, 'nowhere'), file + '.link');
    await ends(1, [file + '.link'], /is there already/);
    await ends(1, [join(place.dir, 'no', 'such', 'folder', 'copy.db')], /no backup was made/);
    assert.equal(statSync(file).size, 'precious'.length);
    writeFileSync(join(place.env.RUNS_AGENT_STATE_DIR, 'runs-agent.db'), 'this is no database, and long enough to be seen as none'.repeat(100));
    await ends(1, [file + '.2'], /no backup was made/);
    assert.deepEqual(readdirSync(place.dir).filter((name) => name.startsWith('copy.db')).sort(), ['copy.db', 'copy.db.link']);
});
