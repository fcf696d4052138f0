// SPDX-License-Identifier: MIT
// See bench/step, which calls this.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { machine, median, quantile, table } from './report.mjs';

const root = new URL('..', import.meta.url).pathname;
const { parse } = createRequire(new URL('../tests/.deps/package.json', import.meta.url))('yaml');
const { values: options } = parseArgs({ options: {
    official: { type: 'string' }, node: { type: 'string', default: 'node' }, runs: { type: 'string', default: '100' },
    program: { type: 'string', default: join(root, 'build/release/runs-agent') },
    action: { type: 'string', default: root },
} });
const official = options.official && resolve(options.official, 'dist/index.js');
if (!official || !existsSync(official)) {
    console.error('bench/step: --official must name the checkout of the official action, which has dist/index.js; ' +
        'the head of bench/step says where to get it');
    process.exit(2);
}
const runs = Number(options.runs);
assert.ok(Number.isInteger(runs) && runs >= 3 && runs <= 1000, '--runs takes 3 to 1000');
const program = resolve(options.program);
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';

const dir = mkdtempSync(join(tmpdir(), 'runs-agent-bench-'));
const keys = { api: randomBytes(24).toString('hex'), record: randomBytes(24).toString('hex') };
for (const [name, key] of Object.entries(keys)) writeFileSync(join(dir, name), key, { mode: 0o600 });

// The Runs API that both talk to.
const server = spawn(program, ['api', '--log-format', 'json', '--api-listen', '127.0.0.1:0'], {
    env: { PATH: process.env.PATH, RUNS_AGENT_STATE_DIR: join(dir, 'state'), CURRENTS_PROJECT_ID: 'bench',
        CURRENTS_API_KEY_FILE: join(dir, 'api'), CURRENTS_RECORD_KEY_FILE: join(dir, 'record') },
    stdio: ['ignore', 'ignore', 'pipe'],
});
process.on('exit', () => {
    server.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
});
const api = await new Promise((found, failed) => {
    let log = '';
    server.stderr.setEncoding('utf8').on('data', (more) => {
        log += more;
        const line = /"event":"api\.listening".*?"address":"([^"]+)"/.exec(log);
        if (line) found(`http://${line[1]}/v1`);
    });
    server.on('exit', () => failed(new Error(`the Runs API ended at its start:\n${log}`)));
});

// A run in progress, as CI records it; what GitHub calls its workflow run.
const template = readFileSync(join(root, 'script/demo-run.json'), 'utf8');
let last = 1000;
async function record() {
    const id = String(++last);
    const body = template.replaceAll('1001', id).replace('"demo"', '"bench"').replace('@RECORD_KEY@', keys.record);
    const answer = await fetch(`${api}/runs`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    assert.equal(answer.status, 200, await answer.text());
    return id;
}
async function stateOf(id) {
    const query = new URLSearchParams({ projectId: 'bench', ciBuildId: `octo/shop-${id}-1` });
    const answer = await fetch(`${api}/runs/find?${query}`, { headers: { authorization: `Bearer ${keys.api}` } });
    return (await answer.json()).data.completionState;
}

// What the runner gives every step.
mkdirSync(join(dir, 'temp'));
function job(id) {
    for (const name of ['output', 'summary', 'env', 'path', 'state']) writeFileSync(join(dir, 'temp', name), '');
    return {
        PATH: process.env.PATH, HOME: dir, LANG: 'C.UTF-8', CI: 'true', GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: 'octo/shop', GITHUB_RUN_ID: id, GITHUB_RUN_ATTEMPT: '1', GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_WORKSPACE: dir, GITHUB_OUTPUT: join(dir, 'temp/output'), GITHUB_STEP_SUMMARY: join(dir, 'temp/summary'),
        GITHUB_ENV: join(dir, 'temp/env'), GITHUB_PATH: join(dir, 'temp/path'), GITHUB_STATE: join(dir, 'temp/state'),
        RUNNER_OS: 'Linux', RUNNER_ARCH: arch.toUpperCase(), RUNNER_TEMP: join(dir, 'temp'), RUNNER_TOOL_CACHE: join(dir, 'tools'),
    };
}

async function measure(command, env) {
    const child = spawn(join(root, 'build/bench/measure'), command, { env, cwd: dir, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    const [stdout, stderr, report] = await Promise.all([child.stdout, child.stderr, child.stdio[3]].map((each) => text(each)));
    const [took, memory, code] = report.trim().split(' ').map(Number);
    assert.equal(code, 0, `${command.join(' ')} failed:\n${stdout}${stderr}`);
    return { ms: took / 1e6, mib: memory / 1024 };
}

// Our action as a release has it: the sums of its own program, which the step finds in the tool cache.
const action = join(dir, 'action');
mkdirSync(join(action, 'script'), { recursive: true });
for (const name of ['action.yml', 'CMakeLists.txt', 'script/action']) cpSync(join(options.action, name), join(action, name));
const asset = `runs-agent-linux-${arch}`;
mkdirSync(join(dir, 'archive', asset), { recursive: true });
cpSync(program, join(dir, 'archive', asset, 'runs-agent'));
for (const name of ['LICENSE', 'README.md']) cpSync(join(root, name), join(dir, 'archive', asset, name));
execFileSync('tar', ['-czf', join(dir, `${asset}.tar.gz`), '-C', join(dir, 'archive'), asset]);
const archive = readFileSync(join(dir, `${asset}.tar.gz`));
const sumOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
writeFileSync(join(action, 'action.sha256'),
    `${sumOf(archive)}  ${asset}.tar.gz\n${sumOf(readFileSync(program))}  ${asset}/runs-agent\n`);
const mirror = createServer((_, answer) => answer.end(archive));
await new Promise((done) => mirror.listen(0, '127.0.0.1', done));

const step = parse(readFileSync(join(action, 'action.yml'), 'utf8')).runs.steps[0];
writeFileSync(join(dir, 'step.sh'), step.run); // the runner writes it to a file and has bash run that
const inputs = Object.fromEntries(Object.keys(step.env).map((name) => [name, '']));
const ours = { ...inputs, INPUT_COMMAND: 'cancel', INPUT_API_TOKEN: keys.api, INPUT_API_URL: api, GITHUB_ACTION_PATH: action };
const outcome = () => assert.match(readFileSync(join(dir, 'temp/output'), 'utf8'), /^outcome(=|<<.*\n)cancelled$/m);

const runStep = (env) => measure(['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', join(dir, 'step.sh')],
    { ...env, ...ours, INPUT_MIRROR: `http://127.0.0.1:${mirror.address().port}` });

const contenders = {
    'official action': { run: (env) => measure([options.node, official],
        { ...env, 'INPUT_API-TOKEN': keys.api, 'INPUT_API-URL': api, 'INPUT_DIRECTOR-URL': 'https://cy.currents.dev' }) },
    'our step': { check: outcome, run: (env) => runStep({ ...env, RUNNER_ENVIRONMENT: 'github-hosted' }) },
    'our step, self-hosted': { check: outcome, run: (env) => runStep({ ...env, RUNNER_ENVIRONMENT: 'self-hosted' }) },
    'its program alone': { check: outcome, run: (env) => measure([program, 'action'], { ...env, ...ours }) },
};

for (const each of Object.values(contenders)) each.figures = [];
for (let round = -2; round < runs; ++round) // the first two rounds fill caches: the tools', the disk's
    for (const [name, { run, check, figures }] of Object.entries(contenders)) {
        const id = await record();
        const figure = await run(job(id));
        assert.equal(await stateOf(id), 'CANCELED', `${name} did not cancel its run`);
        check?.();
        if (round >= 0) figures.push(figure);
    }
mirror.close();

const of = (name, what) => contenders[name].figures.map((figure) => figure[what]);
const nodeVersion = execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim();
console.log(`${runs} runs each, by turns; ${machine()}; official action on Node.js ${nodeVersion}\n`);
table([['', 'median', 'p95', 'peak memory'], ...Object.keys(contenders).map((name) => [name,
    `${median(of(name, 'ms')).toFixed(2)} ms`, `${quantile(of(name, 'ms'), 0.95).toFixed(2)} ms`,
    `${Math.max(...of(name, 'mib')).toFixed(1)} MiB`])]);
console.log();
const faster = median(of('official action', 'ms')) / median(of('our step', 'ms'));
const smaller = Math.max(...of('official action', 'mib')) / Math.max(...of('our step', 'mib'));
const said = (what, ratio, wanted) => console.log(
    `${what} by ${ratio.toFixed(1)} times; wanted ${wanted}: ${ratio >= wanted ? 'met' : 'MISSED'}`);
said('faster', faster, 10);
said('smaller', smaller, 4);
process.exit();
