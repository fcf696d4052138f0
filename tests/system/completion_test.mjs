// SPDX-License-Identifier: MIT
// Completions and manual page are made of the option tables: each shell takes them, and completes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

const binary = process.env.RUNS_AGENT_BINARY;
const has = (shell) => spawnSync(shell, ['--version']).status === 0;
const made = (what) => {
    const { status, stdout, stderr } = spawnSync(binary, ['completion', what], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
};
const run = (command, args, options = {}) => {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000, ...options });
    assert.equal(status, 0, `${command}: ${stdout}${stderr}`);
    return { stdout, stderr };
};
// By what a person sees: the help of a command.
const help = (...path) => run(binary, [...path, '--help']).stdout;
const optionsIn = (text) => [...new Set(text.match(/(?<=^ +(?:-\w,)?)--[a-z-]+/gm))].sort();

test('bash completes commands, options and files', () => {
    const complete = (...words) => {
        const script = `${made('bash')}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _runs_agent; printf '%s\\n' "\${COMPREPLY[@]}"`;
        return run('bash', ['--norc', '-c', script, 'bash', 'runs-agent', ...words]).stdout.split('\n').filter(Boolean);
    };
    const first = complete('');
    for (const command of ['serve', 'runs', 'deliveries', 'backup', 'completion', '--help']) assert.ok(first.includes(command), `${first}`);
    assert.deepEqual(complete('del'), ['deliveries']);
    assert.deepEqual(complete('deliveries', 'sh'), ['show']);
    assert.deepEqual(complete('runs', 'cancel'), ['cancel', 'cancel-ci']);
    assert.deepEqual(complete('serve', '--embedded', '--dry'), ['--dry-run']);
    assert.deepEqual(complete('serve', '--log-level', ''), [], 'a value is nothing to guess');
    const dir = mkdtempSync(join(tmpdir(), 'runs-agent-completion-'));
    writeFileSync(join(dir, 'policy.yml'), '');
    assert.deepEqual(complete('serve', '--config', join(dir, 'pol')), [join(dir, 'policy.yml')]);
    rmSync(dir, { recursive: true });
    // All that the help tells of, and nothing else.
    for (const path of [[], ['serve'], ['runs', 'list'], ['deliveries', 'list'], ['config', 'check'], ['backup']])
        assert.deepEqual(complete(...path, '--').filter((word) => word.startsWith('--')).sort(), optionsIn(help(...path)), `${path}`);
    run('shellcheck', ['--shell=bash', '--severity=warning', '-'], { input: made('bash') });
});

test('zsh completes', { skip: !has('zsh') && 'there is no zsh' }, () => {
    const dir = mkdtempSync(join(tmpdir(), 'runs-agent-completion-'));
    writeFileSync(join(dir, '_runs-agent'), made('zsh'));
    run('zsh', ['-n', join(dir, '_runs-agent')]);
    // What it would describe, by stand-ins for zsh's own functions.
    const script = `
        compdef() { : }
        _describe() { local name=\${@[-1]}; [[ $name == commands || $name == options ]] && print -l -- \${(P)name} }
        _files() { print files }
        _message() { print message }
        source ${dir}/_runs-agent
        words=(runs-agent "$@"); CURRENT=$#words; _runs_agent; true`;
    const complete = (...words) => run('zsh', ['-f', '-c', script, 'zsh', ...words]).stdout.split('\n').filter(Boolean);
    assert.ok(complete('').some((line) => line.startsWith('serve:')));
    assert.ok(complete('runs', '').some((line) => line.startsWith('cancel-ci:')));
    assert.ok(complete('serve', '--').some((line) => line.startsWith('--embedded:')));
    assert.deepEqual(complete('serve', '--config', ''), ['files']);
    rmSync(dir, { recursive: true });
});

test('fish completes', { skip: !has('fish') && 'there is no fish' }, () => {
    const dir = mkdtempSync(join(tmpdir(), 'runs-agent-completion-'));
    mkdirSync(join(dir, 'home'));
    const file = join(dir, 'runs-agent.fish');
    writeFileSync(file, made('fish'));
    run('fish', ['--no-execute', file]);
    const env = { PATH: process.env.PATH, HOME: join(dir, 'home') };
    const complete = (line) => run('fish', ['--private', '-c', `source ${file}; complete -C '${line}'`], { env }).stdout.split('\n').map((one) => one.split('\t')[0]);
    assert.ok(complete('runs-agent ').includes('serve'));
    assert.ok(complete('runs-agent runs ').includes('cancel-ci'));
    assert.ok(!complete('runs-agent runs ').includes('serve'));
    assert.ok(complete('runs-agent serve --em').includes('--embedded'));
    rmSync(dir, { recursive: true });
});

test('the manual page has every command and option, and nothing that man would complain of', () => {
    const page = made('man');
    const { stderr } = run('groff', ['-man', '-ww', '-z', '-Tutf8'], { input: page });
    assert.equal(stderr, '');
    const text = run('groff', ['-man', '-Tascii', '-P-cbou'], { input: page }).stdout;
    for (const path of [['serve'], ['runs', 'get'], ['deliveries', 'replay'], ['keys', 'create'], ['backup']])
        for (const option of optionsIn(help(...path))) if (option !== '--help') assert.ok(text.includes(option), `${path} ${option}`);
    assert.match(text, /runs-agent deliveries show guid|runs-agent deliveries show/);
    assert.match(text, /EXIT STATUS/);
});
