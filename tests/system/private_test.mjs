// SPDX-License-Identifier: MIT
// What the program keeps to itself, whoever started it and whatever the umask: its files and its memory.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Api } from '../clients/recording.mjs';
import { Place, cancelled, deliver } from './program.mjs';

process.umask(0);
const mode = (path) => (statSync(path).mode & 0o777).toString(8);
const limits = (daemon) => readFileSync(`/proc/${daemon.running.child.pid}/limits`, 'latin1');

test('the files of the daemon are its own, in a folder that anybody may read', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const state = place.env.RUNS_AGENT_STATE_DIR;
    mkdirSync(state, { mode: 0o777 });
    const daemon = await place.serve(['--embedded']);
    await deliver(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, cancelled(1));
    const files = readdirSync(state);
    for (const name of ['runs-agent.db', 'runs-agent.db-wal', 'runs-api.db']) assert.ok(files.includes(name), name);
    for (const name of files) assert.equal(mode(join(state, name)), '600', name);
    assert.match(limits(daemon), /^Max core file size +0 +0 /m);
    await daemon.stop();
    for (const kind of ['deliveries', 'keys']) {
        const { code, stderr } = await place.agent([kind, 'list']);
        assert.equal(code, 0, stderr);
    }
    for (const name of readdirSync(state)) assert.equal(mode(join(state, name)), '600', name);
});

test('what is asked for by name has the mode that its caller wants', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const api = await place.serveApi();
    assert.match(limits(api), /^Max core file size +0 +0 /m);
    place.env.CURRENTS_API_URL = `http://${api.addresses.api}/v1`;
    const reporter = Object.assign(new Api(), { place });
    const { runId } = await reporter.wholeRun();
    const output = join(place.dir, 'run.json');
    const found = await place.agent(['runs', 'find', '--ci-build-id', 'build-1', '--output', output]);
    assert.equal(found.code, 0, found.stderr);
    assert.equal(JSON.parse(readFileSync(output, 'utf8')).runId, runId);
    assert.equal(mode(output), '666');
});
