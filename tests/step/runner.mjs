// SPDX-License-Identifier: MIT
// A job on a self-hosted Linux runner, as far as a composite action can tell: folders, environment,
// expressions, files, exit codes, commands in the output, masks. It runs the steps of an action.yml
// as the runner does; what it cannot do (`uses`, `if`, `working-directory` in a step) is an error.
// Source: actions/runner, CompositeActionHandler.cs, ScriptHandler.cs and ActionRunner.cs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from '../.deps/node_modules/yaml/dist/index.js';
import { render } from './expressions.mjs';
import { parseCommand, parsePairs } from './runner_protocol.mjs';

const patience = 120_000;

// One machine; its tool cache outlives its jobs.
export class Runner {
    constructor(t, { os = 'Linux', arch = process.arch === 'arm64' ? 'ARM64' : 'X64', env = {} } = {}) {
        this.dir = mkdtempSync(join(tmpdir(), 'runs-agent-runner-'));
        t.after(() => rmSync(this.dir, { recursive: true, force: true }));
        this.context = { os, arch, name: 'runner-1', environment: 'self-hosted' };
        this.context.tool_cache = this.folder('_work/_tool');
        this.home = this.folder('home');
        // What the runner itself was started with; nothing gets out but to loopback.
        const nowhere = 'http://127.0.0.1:1';
        this.env = { PATH: process.env.PATH, HOME: this.home, LANG: 'C.UTF-8', https_proxy: nowhere, ...env };
    }

    folder(...parts) {
        const path = join(this.dir, ...parts);
        mkdirSync(path, { recursive: true });
        return path;
    }

    // Where the runner unpacks an action to.
    actionFolder(repository = 'octo/runs-agent', ref = 'v1') {
        return this.folder('_work/_actions', repository, ref);
    }

    job(options) {
        return new Job(this, options);
    }
}

// One job. `env` is the workflow's and the job's, `secrets` what must be masked from the start.
export class Job {
    #masks = new Set();

    constructor(runner, { env = {}, github = {}, secrets = {}, debug = false } = {}) {
        this.runner = runner;
        this.env = { ...env };
        this.path = [];
        this.temp = runner.folder('_work', `_temp-${randomUUID()}`);
        this.workspace = runner.folder('_work/shop', randomUUID());
        this.debug = debug;
        this.github = {
            actor: 'octocat',
            api_url: 'https://api.github.com',
            event_name: 'push',
            ref: 'refs/heads/main',
            ref_name: 'main',
            repository: 'octo/shop',
            run_attempt: '1',
            run_id: '1001',
            run_number: '7',
            server_url: 'https://github.com',
            sha: '0123456789abcdef0123456789abcdef01234567',
            token: 'ghs_' + randomUUID().replaceAll('-', ''),
            workflow: 'e2e',
            workspace: this.workspace,
            ...github,
        };
        for (const secret of [this.github.token, ...Object.values(secrets)]) this.mask(secret);
    }

    mask(text) {
        for (const line of text.split('\n')) if (line.trim()) this.#masks.add(line);
    }

    masked(text) {
        const longestFirst = [...this.#masks].sort((a, b) => b.length - a.length);
        return longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
    }

    // A step `uses: ACTION`, with its `with:` and `env:`. `repository` is what GitHub takes for the
    // action's, which is the outer one's where an action uses this one.
    async use(folder, { with: given = {}, env = {}, repository = 'octo/runs-agent' } = {}) {
        const action = parse(readFileSync(join(folder, 'action.yml'), 'utf8'));
        assert.equal(action.runs.using, 'composite');
        const result = { code: 0, log: [], raw: [], commands: [], annotations: [], summary: '', seconds: 0 };
        const github = { ...this.github, action_repository: repository, action_path: folder, action_ref: 'v1' };
        const inputs = this.#inputs(action, given, github, result);
        const steps = {};
        for (const step of action.runs.steps) {
            const id = step.id ?? `__run_${Object.keys(steps).length}`;
            const contexts = { inputs, github, steps, runner: this.#runnerContext() };
            const outputs = await this.#run(step, { ...this.env, ...env }, contexts, folder, result);
            steps[id] = { outputs };
            if (result.code !== 0) break;
        }
        const contexts = { inputs, github, steps };
        result.outputs = Object.fromEntries(
            Object.entries(action.outputs ?? {}).map(([name, { value }]) => [name, render(value, contexts)]),
        );
        result.text = result.log.join('\n');
        return result;
    }

    #inputs(action, given, github, result) {
        const warn = (data) => result.annotations.push({ name: 'warning', data, properties: {} });
        for (const name of Object.keys(given))
            if (!(name in action.inputs)) warn(`Unexpected input(s) '${name}'`);
        return Object.fromEntries(
            Object.entries(action.inputs).map(([name, { default: usual, deprecationMessage }]) => {
                if (name in given && deprecationMessage) warn(deprecationMessage);
                return [name, name in given ? String(given[name]) : render(usual, { github })];
            }),
        );
    }

    #runnerContext() {
        return { ...this.runner.context, temp: this.temp, ...(this.debug ? { debug: '1' } : {}) };
    }

    // GITHUB_… and RUNNER_…, of which the action's own name and ref are empty in a composite step,
    // and the token is nowhere.
    #contextVariables(contexts, files) {
        const { token, action_repository, action_ref, ...github } = contexts.github;
        const variables = { ACTION_REPOSITORY: '', ACTION_REF: '', ACTIONS: 'true', ...github, ...files };
        const named = (prefix, values) =>
            Object.entries(values).map(([name, value]) => [prefix + name.toUpperCase(), value]);
        return {
            CI: 'true',
            ...Object.fromEntries(named('GITHUB_', variables)),
            ...Object.fromEntries(named('RUNNER_', contexts.runner)),
        };
    }

    async #run(step, outer, contexts, folder, result) {
        const { id, name, shell, run, env = {}, ...other } = step;
        assert.deepEqual(other, {}, 'this runner knows no more of a step');
        assert.equal(shell, 'bash');
        assert.ok(!run.includes('${{'), 'an expression in run: an input could be read as a program');
        const stepEnv = { ...outer };
        for (const [key, value] of Object.entries(env))
            stepEnv[key] = render(value, { ...contexts, env: stepEnv });

        const show = (line) => result.log.push(this.masked(line));
        show(`##[group]Run ${run.split('\n')[0]}`);
        for (const [key, value] of Object.entries(stepEnv)) show(`  ${key}: ${value}`);
        show('##[endgroup]');

        const script = join(this.temp, `${randomUUID()}.sh`);
        writeFileSync(script, run);
        const files = Object.fromEntries(
            ['output', 'env', 'path', 'state', 'step_summary'].map((kind) => {
                const file = join(this.temp, `${kind}_${randomUUID()}`);
                writeFileSync(file, '');
                return [kind, file];
            }),
        );
        const path = [...this.path.toReversed(), stepEnv.PATH ?? this.runner.env.PATH].join(':');
        const environment = { ...this.runner.env, ...stepEnv, ...this.#contextVariables(contexts, files) };
        const began = process.hrtime.bigint();
        const code = await this.#spawn(script, { ...environment, PATH: path }, result);
        result.seconds += Number(process.hrtime.bigint() - began) / 1e9;
        if (code !== 0) {
            result.code = code;
            const data = `Process completed with exit code ${code}.`;
            result.log.push(`##[error]${data}`);
        }
        const read = (kind) => readFileSync(files[kind], 'utf8');
        this.path.push(...read('path').split('\n').filter(Boolean));
        Object.assign(this.env, parsePairs(read('env')));
        result.summary += this.masked(read('step_summary'));
        result.rawSummary = (result.rawSummary ?? '') + read('step_summary');
        return parsePairs(read('output'));
    }

    #spawn(script, env, result) {
        const child = spawn(this.bash ?? '/bin/bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', script], {
            cwd: this.workspace,
            env,
            stdio: ['ignore', 'pipe', 'pipe'],
            timeout: patience,
            killSignal: 'SIGKILL',
        });
        this.running = child;
        for (const stream of [child.stdout, child.stderr]) {
            let rest = '';
            stream.setEncoding('utf8').on('data', (text) => {
                const lines = (rest + text).split(/\r?\n/);
                rest = lines.pop();
                for (const line of lines) this.#line(line, result);
            });
            stream.on('end', () => rest && this.#line(rest, result));
        }
        return new Promise((done, failed) => {
            child.on('error', failed);
            child.on('close', (code, signal) => {
                if (signal === 'SIGKILL') failed(new Error(`it did not end:\n${result.log.join('\n')}`));
                done(code ?? 128);
            });
        });
    }

    #line(line, result) {
        result.raw.push(line);
        const command = parseCommand(line);
        if (!command) {
            result.log.push(this.masked(line));
            return;
        }
        result.commands.push(command);
        if (command.name === 'add-mask') {
            this.mask(command.data);
            return;
        }
        const shown = this.masked(command.data);
        if (['error', 'warning', 'notice'].includes(command.name))
            result.annotations.push({ ...command, data: shown });
        if (command.name !== 'debug' || this.debug) result.log.push(`##[${command.name}]${shown}`);
    }
}

// What a step said by way of annotations of one kind.
export function said(result, kind = 'error') {
    return result.annotations.filter(({ name }) => name === kind).map(({ data }) => data);
}
