// SPDX-License-Identifier: MIT
// The runner of these tests does what a runner does, shown on small actions.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Runner, said } from './runner.mjs';
import { parseCommand, parsePairs } from './runner_protocol.mjs';

function action(t, run, more = '') {
    const runner = new Runner(t);
    const folder = runner.actionFolder('octo/toy');
    const block = run.trim().split('\n').map((line) => `        ${line}`).join('\n');
    writeFileSync(join(folder, 'action.yml'), `
name: toy
inputs:
  one: {default: "\${{ github.repository }}!"}
  old: {deprecationMessage: old is old}
outputs:
  out: {value: "<\${{ steps.s.outputs.out }}>"}
runs:
  using: composite
  steps:
    - id: s
      shell: bash
      env:
        ONE: \${{ inputs.one }}
        BOTH: \${{ env.JOB }}-\${{ inputs.one == 'x' && 'yes' || 'no' }}
      run: |
${block}
${more}`);
    return { runner, folder };
}

test('inputs, defaults, expressions, environment, outputs', async (t) => {
    const { runner, folder } = action(t, `
printf 'out<<E\\na=b\\n\\nlast\\nE\\nother=x<<y\\n' >>"$GITHUB_OUTPUT"
echo "$ONE|$BOTH|$GITHUB_ACTION_PATH|[$GITHUB_ACTION_REPOSITORY]|\${GITHUB_TOKEN-none}|$PWD|$RUNNER_OS"
echo '# hello' >>"$GITHUB_STEP_SUMMARY"
echo "LATER=1" >>"$GITHUB_ENV"
echo /first >>"$GITHUB_PATH"; echo /second >>"$GITHUB_PATH"`);
    const job = runner.job({ env: { JOB: 'j' } });
    const result = await job.use(folder, { with: { old: 'x', odd: 1 } });
    assert.equal(result.code, 0, result.text);
    assert.equal(result.raw[0], `octo/shop!|j-no|${folder}|[]|none|${job.workspace}|Linux`);
    assert.equal(result.outputs.out, '<a=b\n\nlast>');
    assert.equal(result.summary, '# hello\n');
    assert.deepEqual(said(result, 'warning'), ["Unexpected input(s) 'odd'", 'old is old']);
    assert.equal(job.env.LATER, '1');
    const again = await job.use(folder, { with: { one: 'x' }, env: { JOB: 'step' } });
    assert.match(again.raw[0], /^x\|step-yes\|/);
    assert.deepEqual(job.path, ['/first', '/second', '/first', '/second']);
});

test('masks, commands and exit codes', async (t) => {
    const { runner, folder } = action(t, `
echo hunter2 before
echo '::add-mask::s%25cret'
echo 's%cret hunter2' | tee -a "$GITHUB_STEP_SUMMARY"
echo '  ::error title=a%3Ab,line=2::s%cret%0Aon two' >&2
echo 'see ##[warning]older'
echo '::nonsense::not one'
false | true
echo not reached`);
    const result = await runner.job({ secrets: { password: 'hunter2' } }).use(folder);
    assert.equal(result.code, 1);
    assert.ok(result.raw.includes('hunter2 before') && !result.text.includes('hunter2') && !result.text.includes('s%cret'));
    assert.equal(result.summary, '*** ***\n');
    const error = result.annotations.find(({ name }) => name === 'error');
    assert.deepEqual(error, { name: 'error', properties: { title: 'a:b', line: '2' }, data: '***\non two' });
    assert.deepEqual(said(result, 'warning'), ['older']);
    assert.ok(result.log.includes('::nonsense::not one'));
    assert.ok(!result.text.includes('not reached'));
});

test('what it does not know of a step is an error', async (t) => {
    const { runner, folder } = action(t, 'true', '    - {if: always(), shell: bash, run: "true"}\n');
    await assert.rejects(runner.job().use(folder), /knows no more/);
    const other = action(t, 'true', '    - {shell: bash, run: "echo ${{ inputs.one }}"}\n');
    await assert.rejects(other.runner.job().use(other.folder), /an expression in run/);
    const unknown = action(t, 'true', '    - {shell: bash, run: "true", env: {A: "${{ secrets.x }}"}}\n');
    await assert.rejects(unknown.runner.job().use(unknown.folder), /secrets/);
});

test('files and commands that are malformed', () => {
    assert.throws(() => parsePairs('a<<E\nx\n'), /delimiter not found/);
    assert.throws(() => parsePairs('nonsense\n'), /invalid format/);
    assert.deepEqual(parsePairs('a=<<E\nb=\n'), { a: '<<E', b: '' });
    assert.equal(parseCommand('text ::error::x'), null);
    assert.equal(parseCommand('::error x'), null);
    assert.deepEqual(parseCommand('::error::'), { name: 'error', properties: {}, data: '' });
});
