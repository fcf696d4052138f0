// SPDX-License-Identifier: MIT
// Every snippet of a document is right: policies pass `config check`, workflows GitHub's own parser and the
// schemas, with inputs that their actions have, and JSON can be read. What a snippet is, its keys say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { parseAllDocuments } from '../.deps/node_modules/yaml/dist/index.js';
import { readWorkflow } from '../step/github_parser.mjs';
import { Place } from '../system/program.mjs';
import { documents, root } from './documents.mjs';

const here = documents();
const place = new Place();
const dir = mkdtempSync(join(tmpdir(), 'runs-agent-snippets-'));
test.after(async () => {
    rmSync(dir, { recursive: true });
    await place.leave();
});
const snippets = (language) => here.flatMap((document) => document.blocks.filter((block) => block.language === language)
    .map(({ text, line }) => ({ text, where: document.at(line) })));

const settings = ['ignore', 'project_id', 'ci_build_id', 'cancel_on', 'rerun', 'superseded', 'sweep_orphans', 'machine_id', 'jobs'];
const some = (value, names) => Object.keys(value ?? {}).some((name) => names.includes(name));

// What a YAML snippet is: a policy or a part of one, a workflow or a part of one, or something for a deployment
// ('values' of the Helm chart, by their first line); undefined where it cannot be told.
function kindOf(text) {
    const [first] = parseAllDocuments(text).map((one) => one.toJS());
    if (Array.isArray(first)) return some(first[0], ['uses', 'run', 'if']) ? 'steps' : some(first[0], ['repository', 'workflow', 'branch', ...settings]) ? 'rules' : undefined;
    if (/^# values\b/.test(text)) return 'values';
    if (some(first, ['apiVersion'])) return 'manifest';
    if (some(first, ['services'])) return 'compose';
    if (some(first, ['steps'])) return 'job';
    if (some(first, ['on', 'jobs']) && !Array.isArray(first.jobs)) return 'workflow';
    if (some(first, ['defaults', 'rules'])) return 'policy';
    return some(first, settings) ? 'settings' : undefined;
}
const indented = (text, by) => text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
const asPolicy = { policy: (text) => text, rules: (text) => `rules:\n${indented(text, 2)}`, settings: (text) => `defaults:\n${indented(text, 2)}` };
const job = (text) => `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n${indented(text, 4)}`;
const asWorkflow = { workflow: (text) => (/^on:/m.test(text) ? text : `on: push\n${text}`), job, steps: (text) => job(`steps:\n${indented(text, 2)}`) };

async function policyFaults(policy) {
    const path = join(dir, 'policy.yml');
    writeFileSync(path, policy);
    const { code, stderr } = await place.agent(['config', 'check', '--config', path], { env: { GITHUB_TOKEN: 'none' } });
    return code === 0 ? [] : [stderr];
}

// The inputs of actions that documents show beside ours. Source: their action.yml.
const others = {
    'currents-dev/cancel-run-gh-action': ['record-key', 'api-token', 'project-id', 'ci-build-id', 'run-id', 'github-run-id',
        'github-run-attempt', 'director-url', 'api-url'],
    'styfle/cancel-workflow-action': ['access_token', 'workflow_id', 'all_but_latest', 'ignore_sha', 'only_status'],
};
const ourInputs = Object.keys(parseAllDocuments(readFileSync(join(root, 'action.yml'), 'utf8'))[0].toJS().inputs);

function stepFaults({ uses = '', with: inputs = {} }) {
    const [action, version] = uses.split('@');
    if (/\/runs-agent$/.test(action)) {
        const unknown = Object.keys(inputs).filter((name) => !ourInputs.includes(name)).map((name) => `${name} is no input of ours`);
        return /^(v1|v\d+\.\d+\.\d+|[0-9a-f]{40})$/.test(version) ? unknown : [...unknown, `${uses} names no release`];
    }
    if (!(action in others)) return [];
    return Object.keys(inputs).filter((name) => !others[action].includes(name)).map((name) => `${name} is no input of ${action}`);
}

const cli = join(root, 'tests/.deps/node_modules/@action-validator/cli/cli.mjs');
async function workflowFaults(shown) {
    const content = shown.replaceAll('OWNER/', 'octo/');
    const { errors } = await readWorkflow('shown.yml', content);
    const path = join(dir, 'shown.yml');
    writeFileSync(path, content);
    const validated = spawnSync(process.execPath, [cli, path], { encoding: 'utf8' });
    const steps = Object.values(parseAllDocuments(content)[0].toJS().jobs ?? {}).flatMap((one) => one.steps ?? []);
    const here = errors.filter((error) => !/Unable to find reusable workflow/.test(error)); // which are elsewhere
    return [...here, ...(validated.status === 0 ? [] : [validated.stdout + validated.stderr]), ...steps.flatMap(stepFaults)];
}

// What is wrong with a YAML snippet. Those of deployments are looked at in tests/packaging.
async function faults(text) {
    const broken = parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => message));
    if (broken.length > 0) return broken;
    const kind = kindOf(text);
    if (kind in asPolicy) return policyFaults(asPolicy[kind](text));
    if (kind in asWorkflow) return workflowFaults(asWorkflow[kind](text));
    return ['values', 'manifest', 'compose'].includes(kind) ? [] : ['it cannot be told what this is'];
}

test('every YAML snippet is right', async () => {
    const shown = snippets('yaml');
    const kinds = new Set(shown.map(({ text }) => kindOf(text)));
    for (const kind of ['policy', 'rules', 'settings', 'workflow', 'job', 'steps']) assert.ok(kinds.has(kind), `no ${kind} was found`);
    const wrong = [];
    for (const { text, where } of shown) wrong.push(...(await faults(text)).map((fault) => `${where}: ${fault}`));
    assert.deepEqual(wrong, []);
});

test('every JSON snippet can be read', () => {
    const shown = snippets('json');
    assert.ok(shown.length > 1);
    for (const { text, where } of shown) assert.doesNotThrow(() => JSON.parse(text), where);
});

test('every block says in which language it is, and that is one we look at', () => {
    const known = ['sh', 'console', 'yaml', 'json', 'text', 'ini', 'nginx', 'sql', 'mermaid', ''];
    for (const document of here)
        for (const { language, line } of document.blocks) assert.ok(known.includes(language), `${document.at(line)}: ${language}`);
});

test('mistakes in snippets are seen', async () => {
    const workflow = 'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - {uses: OWNER/runs-agent@v1, with: {command: find}}\n';
    assert.deepEqual(await faults(workflow), []);
    for (const [text, what] of Object.entries({
        'defaults: {cancel_onn: [cancelled]}': /unknown key "cancel_onn"/,
        '- {repository: octo/shop, branches: main}': /unknown key "branches"/,
        'ci_build_id: ${{ github.sha }}': /github\.sha/,
        'superseded: {enabled: yes}': /enabled/,
        'what: ever': /cannot be told/,
        'defaults: [': /./,
        [workflow.replace('command:', 'comand:')]: /comand is no input of ours/,
        [workflow.replace('@v1', '@main')]: /names no release/,
        [workflow.replace('OWNER/runs-agent@v1', 'styfle/cancel-workflow-action@0.12.1')]: /command is no input of styfle/,
        [workflow.replace('runs-on', 'run-on')]: /./,
        "- {if: 'cancelled(', uses: OWNER/runs-agent@v1}": /./,
        'steps:\n  - {use: OWNER/runs-agent@v1}': /./,
    })) {
        const found = await faults(text);
        assert.ok(found.some((fault) => what.test(fault)), `${text}: ${found.join('; ') || 'nothing was found'}`);
    }
});
