// SPDX-License-Identifier: MIT
// What the documents say that `explain` says, it says: each console block that needs no daemon is run, with the
// policy that stands before it under the same heading, and prints what stands there.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Place } from '../system/program.mjs';
import { documents, root } from './documents.mjs';
import { ourCalls } from './shell.mjs';

const place = new Place({ GITHUB_TOKEN: 'none', CURRENTS_PROJECT_ID: '' });
const dir = mkdtempSync(join(tmpdir(), 'runs-agent-recipes-'));
symlinkSync(join(root, 'docs'), join(dir, 'docs'));
symlinkSync(process.env.RUNS_AGENT_BINARY, join(dir, 'runs-agent'));
test.after(async () => {
    rmSync(dir, { recursive: true });
    await place.leave();
});

const offline = ([first, ...rest]) => first === 'explain' || (first === 'send' && rest.includes('--print'));

// The console blocks of a document that can be run, each with the heading that it is under and its policy.
function shown(document) {
    const { blocks } = document;
    const heading = (line) => document.prose.split('\n').slice(0, line).findLastIndex((text) => /^##+ /.test(text));
    return blocks.flatMap(({ language, text, line }, at) => {
        const [, command, printed] = /^\$ ([^\n]*(?:\\\n[^\n]*)*)\n(.*)$/s.exec(text) ?? [];
        if (language !== 'console' || !command || printed.includes('\n$ ')) return [];
        const calls = ourCalls(command);
        if (calls.length === 0 || !calls.every(offline)) return [];
        const policy = blocks.slice(0, at).find((one) => one.language === 'yaml' && /^(defaults|rules):/.test(one.text) && heading(one.line) === heading(line));
        return [{ command, printed, where: document.at(line), policy: policy?.text, under: heading(line) }];
    });
}

async function prints({ command, policy }) {
    writeFileSync(join(dir, 'policy.yml'), policy ?? '');
    const { code, stdout, stderr } = await place.run('/bin/bash', ['-c', command], { cwd: dir, env: { PATH: `${dir}:${process.env.PATH}` } });
    assert.equal(code, 0, `${command}: ${stderr}`);
    return stdout;
}

test('what the documents say that explain says, it says', async () => {
    const all = documents().flatMap(shown);
    assert.ok(all.some(({ where }) => where.startsWith('docs/rules.md')), 'docs/rules.md shows none');
    for (const one of all) assert.equal(await prints(one), one.printed, one.where);
});

test('each recipe has a policy and a story, and each story a recipe', async () => {
    const page = documents().find(({ name }) => name === 'docs/recipes.md');
    const recipes = [...page.prose.matchAll(/^## .*$/gm)].map((found) => page.lineOf(found.index) - 1);
    const told = shown(page);
    assert.deepEqual(told.map(({ under }) => under), recipes, 'a recipe without a story, or with two');
    for (const { where, policy, printed } of told) {
        assert.ok(policy, `${where} has no policy`);
        assert.match(printed, / R[12346] /, `in ${where} no rule fires`);
    }
    const files = told.map(({ command }) => /docs\/recipes\/([\w-]+\.jsonl)/.exec(command)[1]);
    assert.deepEqual(files.sort(), readdirSync(join(root, 'docs/recipes')).sort());
});

// A recipe whose policy does nothing would tell the same story without it.
test('each policy of a recipe makes a difference', async () => {
    const page = documents().find(({ name }) => name === 'docs/recipes.md');
    const same = [];
    for (const one of shown(page)) if ((await prints({ ...one, policy: '' })) === one.printed) same.push(one.command);
    // The merge queue's policy shows what it leaves alone.
    assert.deepEqual(same, ['runs-agent explain --event docs/recipes/merge-queue.jsonl --config policy.yml']);
});
