// SPDX-License-Identifier: MIT
// docs/quick-start.md, word by word: each of its commands is run, in its order, and prints what stands there.
// Who presses the buttons on GitHub, and the service that the run was recorded at, are played by the test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { cancelled, deliver, request, until } from '../system/program.mjs';
import { documents, root } from './documents.mjs';
import { Machine, follow as followBlocks } from './machine.mjs';

const page = documents().find(({ name }) => name === 'docs/quick-start.md');
const step = (number) => {
    const from = page.text.indexOf(`\n## ${number}. `);
    assert.ok(from > 0, `there is no step ${number}`);
    const line = page.lineOf(from + 1);
    const next = page.text.indexOf('\n## ', from + 1);
    return page.blocks.filter((block) => block.line > line && block.line < page.lineOf(next));
};

const follow = (machine, number, id) => followBlocks(machine, page, step(number), id);

test('the quick start leads from the package to a cancelled run', async (t) => {
    const machine = await Machine.bare(t);
    for (const number of [1, 2, 3, 4]) await follow(machine, number);
    assert.equal((await machine.type('stat -c %a /etc/runs-agent/webhook-secret /etc/runs-agent/api-key')).stdout, '600\n600\n');

    // GitHub's ping, as the form of step 5 makes it.
    const field = (name) => new RegExp(`^\\| ${name} \\| (.*) \\|$`, 'm').exec(page.text)[1];
    assert.equal(field('Payload URL'), '`https://agent.example.com/webhooks/github`');
    const [, typed] = /`(sudo cat [^`]*)`/.exec(field('Secret'));
    const secret = (await machine.type(typed)).stdout.trim();
    assert.equal((await deliver(machine.front, secret, { zen: 'x', hook_id: 1, repository: { full_name: 'octo/shop', default_branch: 'main' } }, { event: 'ping' })).status, 200);
    await follow(machine, 5);

    // The workflow records, and is cancelled.
    const recording = readFileSync(join(root, 'script/demo-run.json'), 'utf8').replace('"demo"', '"abc123"')
        .replace('@RECORD_KEY@', machine.recorder.secrets.CURRENTS_RECORD_KEY);
    const recorded = await request({ address: machine.api, path: '/v1/runs', method: 'POST', body: recording, headers: { 'Content-Type': 'application/json' } });
    assert.equal(recorded.status, 200, recorded.body);
    const guid = (await deliver(machine.front, secret, cancelled(1001, 1, 'octo/shop'))).guid;
    await until('the call', async () => /succeeded/.test((await machine.type(`sudo runs-agent deliveries show ${guid}`)).stdout), 20_000);
    await follow(machine, 6, guid.slice(0, 8));
});
