// SPDX-License-Identifier: MIT
// action.yml holds what the program reads and what the official actions take.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse } from '../.deps/node_modules/yaml/dist/index.js';
import { project } from './release.mjs';

const action = parse(readFileSync(join(project, 'action.yml'), 'utf8'));
const [step] = action.runs.steps;
const source = readdirSync(join(project, 'agent/action'), { recursive: true })
    .filter((name) => name.endsWith('.cpp'))
    .map((name) => readFileSync(join(project, 'agent/action', name), 'utf8'))
    .join('\n');

// What the script, not the program, reads; and what nothing does.
const ofScript = ['binary', 'mirror'];
const unused = ['use-api', 'or8n', 'debug', 'key', 'id', 'path', 'output-dir', 'matrix-index', 'matrix-total'];
const variable = (name) => `INPUT_${name.toUpperCase().replaceAll('-', '_')}`;

test('every input that the program reads can be given, and is passed on', () => {
    const read = [...source.matchAll(/\b(?:input|either)\(\s*"([\w-]+)"/g)].map(([, name]) => name);
    assert.ok(read.length > 10 && read.includes('ci-build-id'), `found only ${read}`);
    const passed = Object.keys(action.inputs).filter((name) => !unused.includes(name));
    assert.deepEqual(read.filter((name) => !passed.includes(name)), []);
    for (const name of passed) assert.ok(step.env[variable(name)]?.includes(`inputs.${name} `), name);
});

test('no input is offered that nothing reads', () => {
    const passed = Object.keys(step.env).filter((name) => name.startsWith('INPUT_'));
    const offered = Object.keys(action.inputs).filter((name) => !unused.includes(name));
    assert.deepEqual(passed.toSorted(), offered.map(variable).toSorted());
    const script = readFileSync(join(project, 'script/action'), 'utf8');
    for (const name of offered) {
        const reads = ofScript.includes(name) ? script.includes(variable(name)) : source.includes(`"${name}"`);
        assert.ok(reads, `${name} is read by nothing`);
    }
    for (const name of unused) assert.match(action.inputs[name].description, /^(Not used|Changes nothing)/);
});

test('the inputs of the official actions', () => {
    // Source: currents-dev/cancel-run-gh-action and currents-dev/playwright-last-failed, action.yml and
    // README.md.
    const cancel = ['record-key', 'api-token', 'project-id', 'ci-build-id', 'run-id', 'github-run-id',
        'github-run-attempt', 'director-url', 'api-url'];
    const lastFailed = ['key', 'debug', 'id', 'path', 'output-dir', 'pw-output-dir', 'matrix-index', 'matrix-total',
        'use-api', 'or8n', 'api-key', 'project-id', 'previous-ci-build-id'];
    for (const name of [...cancel, ...lastFailed]) {
        assert.ok(name in action.inputs, name);
        assert.equal(action.inputs[name].required, false);
        // A default here would hide what the job's environment says.
        assert.equal(action.inputs[name].default, undefined, name);
    }
    assert.equal(action.inputs.command.default, 'cancel');
});

test('the outputs are those that the program sets', () => {
    const set = [...source.matchAll(/\{"([a-z-]+)", (?:std::string\(to_string\()?outcome\./g)].map(([, name]) => name);
    assert.deepEqual(Object.keys(action.outputs).toSorted(), set.toSorted());
    for (const [name, { value }] of Object.entries(action.outputs))
        assert.equal(value, `\${{ steps.step.outputs.${name} }}`);
});

test('no expression stands where a shell reads it', () => {
    for (const { run } of action.runs.steps) assert.ok(!run.includes('${{'));
});
