// SPDX-License-Identifier: MIT
// What validators say of action.yml and of the workflows: action-validator, which also holds them
// against the schemas of schemastore.org, and GitHub's own parser.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'node:test';
import { readAction, readWorkflow } from './github_parser.mjs';
import { project } from './release.mjs';

const cli = join(project, 'tests/.deps/node_modules/@action-validator/cli/cli.mjs');
const text = readFileSync(join(project, 'action.yml'), 'utf8');

function validate(path) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, path], { encoding: 'utf8' });
    return { status, said: stdout + stderr };
}

// Permissions that GitHub and its parser know, but the schema of action-validator does not yet.
const newer = /^ *(attestations|artifact-metadata): (read|write|none)\n/gm;

// The same of a text that is in no file.
function validateText(t, name, content) {
    const dir = mkdtempSync(join(tmpdir(), 'runs-agent-validate-'));
    t.after(() => rmSync(dir, { recursive: true }));
    writeFileSync(join(dir, name), content);
    return validate(join(dir, name));
}

test('action.yml is valid', () => {
    assert.deepEqual(validate(join(project, 'action.yml')), { status: 0, said: '' });
    const { errors, template } = readAction(text);
    assert.deepEqual(errors, []);
    assert.equal(template.runs.using, 'composite');
    assert.equal(template.runs.steps.length, 1);
    assert.ok(template.inputs.some(({ id }) => id === 'api-token'));
});

test('a broken action.yml is refused by both', (t) => {
    const broken = {
        'without shell': text.replace(/^ *shell: bash\n/m, ''),
        'of another kind': text.replace('using: composite', 'using: compsite'),
        'with an unknown key': text.replace(/^runs:/m, 'runners: x\nruns:'),
        'without runs': text.slice(0, text.indexOf('\nruns:')),
        'not YAML': text.replace('name: runs-agent', 'name: [runs-agent'),
    };
    for (const [how, content] of Object.entries(broken)) {
        assert.notEqual(content, text, how);
        const { status } = validateText(t, 'action.yml', content);
        assert.equal(status, 1, `action-validator takes an action.yml ${how}`);
        assert.notDeepEqual(readAction(content).errors, [], `GitHub's parser takes an action.yml ${how}`);
    }
    const wrong = text.replace('${{ inputs.command }}', '${{ inputs.command ');
    assert.notDeepEqual(readAction(wrong).errors, [], "GitHub's parser takes an open expression");
});

test('the workflows are valid', async (t) => {
    const folder = join(project, '.github/workflows');
    const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
    for (const name of ['ci.yml', 'release.yml']) assert.ok(files.includes(name), `there is no ${name}`);
    const contents = Object.fromEntries(
        files.map((name) => [`.github/workflows/${name}`, readFileSync(join(folder, name), 'utf8')]),
    );
    for (const [path, content] of Object.entries(contents)) {
        const name = basename(path);
        assert.deepEqual(validateText(t, name, content.replace(newer, '')), { status: 0, said: '' }, path);
        const { errors, template } = await readWorkflow(name, content, contents);
        assert.deepEqual(errors, [], path);
        assert.ok(template.jobs.length > 0, `${path} has no job`);
    }
});

const workflow = `
name: e2e
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: npx playwright test
      - if: cancelled()
        uses: octo/runs-agent@v1
        with: {run-id: "\${{ github.run_id }}"}
`;

test('a broken workflow is refused by both', async (t) => {
    assert.equal(validateText(t, 'e2e.yml', workflow).status, 0);
    assert.deepEqual((await readWorkflow('e2e.yml', workflow)).errors, []);
    for (const [how, content] of Object.entries({
        'with an unknown key': workflow.replace('runs-on:', 'run-on:'),
        'without a trigger': workflow.replace(/^on: .*\n/m, ''),
        'with an unknown permission': workflow.replace('contents: read', 'content: read'),
    })) {
        assert.notEqual(content, workflow);
        assert.equal(validateText(t, 'e2e.yml', content).status, 1, `action-validator takes one ${how}`);
        assert.notDeepEqual((await readWorkflow('e2e.yml', content)).errors, [], `GitHub's parser takes one ${how}`);
    }
    const attests = workflow.replace('contents: read', 'attestations: write');
    assert.deepEqual((await readWorkflow('e2e.yml', attests)).errors, []);
    assert.match(validateText(t, 'e2e.yml', attests).said, /'attestations' is not allowed/, 'drop `newer`');
    const open = workflow.replace('github.run_id', 'github.run_id ==');
    assert.notDeepEqual((await readWorkflow('e2e.yml', open)).errors, []);
});
