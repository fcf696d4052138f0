// SPDX-License-Identifier: MIT
// `pwc --pwc-debug remote`: the reporter uploads what it did, and prints where that is read.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { Project, Recorded } from './project.mjs';

test('a debug log is read where the reporter says', async (t) => {
    const recorded = await Recorded.start(t);
    const specs = { 'a.spec.js': `test('passes', () => expect(1).toBe(1));` };
    const project = new Project(recorded, 'debugged', { config: { projects: [{ name: 'alpha' }] }, specs });
    const running = project.start('pwc', ['--pwc-debug', 'remote'], { CURRENTS_CI_BUILD_ID: 'debugged' });
    const { code } = await running.ended;
    const said = stripVTControlCharacters(running.stdout);
    assert.equal(code, 0, said);
    assert.equal((await recorded.find('debugged')).completionState, 'COMPLETE');
    const [, file] = /debug log written: (\S+)/.exec(said) ?? [];
    const [, url] = /debug log uploaded: (\S+)/.exec(said) ?? [];
    assert.ok(file && existsSync(file), said);
    assert.match(url ?? '', /^http/, said);
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    const log = await answer.text();
    // It writes on while it uploads.
    assert.ok(log.length > 0 && readFileSync(file, 'utf8').startsWith(log), `${log.length} bytes`);
});
