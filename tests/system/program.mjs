// SPDX-License-Identifier: MIT
// Starts the real program and talks to it: what every system test shares. RUNS_AGENT_BINARY names
// the program. Nothing here waits without a bound.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckedApi } from '../clients/checked_api.mjs';

const binary = process.env.RUNS_AGENT_BINARY;
assert.ok(binary, 'RUNS_AGENT_BINARY must name the program; ctest sets it');
const patience = 30_000;

export async function freePort() {
    const server = createServer();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address();
    await new Promise((done) => server.close(done));
    return port;
}

// Asks `probe` until it returns something true, and returns that; fails after `bound` ms.
export async function until(what, probe, bound = patience) {
    const end = Date.now() + bound;
    for (;;) {
        const found = await probe();
        if (found) return found;
        if (Date.now() > end) throw new Error(`gave up waiting for: ${what}`);
        await new Promise((done) => setTimeout(done, 20));
    }
}

// A state directory with secrets of its own; the same environment serves the daemon and every
// command. Everything that a process prints is kept in `output`, to be searched for secrets.
export class Place {
    constructor(variables = {}) {
        this.dir = mkdtempSync(join(tmpdir(), 'runs-agent-test-'));
        this.secrets = Object.fromEntries(
            ['GITHUB_WEBHOOK_SECRET', 'CURRENTS_API_KEY', 'CURRENTS_RECORD_KEY'].map((name) => [
                name,
                randomBytes(24).toString('hex'),
            ]),
        );
        this.output = '';
        this.processes = new Set();
        this.env = {
            PATH: process.env.PATH,
            HOME: this.dir,
            RUNS_AGENT_STATE_DIR: join(this.dir, 'state'),
            RUNS_AGENT_LISTEN: '127.0.0.1:0',
            CURRENTS_PROJECT_ID: 'p1',
            ...variables,
        };
        for (const [name, secret] of Object.entries(this.secrets)) {
            const file = join(this.dir, name.toLowerCase());
            writeFileSync(file, secret + '\n', { mode: 0o600 });
            this.env[name + '_FILE'] = file;
        }
    }

    // A place with the embedded Runs API, whose answers are all held against its OpenAPI document.
    static async embedded() {
        const api = await CheckedApi.start();
        const place = new Place({
            RUNS_AGENT_API_LISTEN: '127.0.0.1:0',
            CURRENTS_API_URL: `http://${api.address}/v1`,
        });
        place.api = api;
        return place;
    }

    launch(file, args, env = this.env, cwd = undefined) {
        const child = spawn(file, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
        this.processes.add(child);
        const result = { child, stdout: '', stderr: '' };
        for (const stream of ['stdout', 'stderr'])
            child[stream].setEncoding('utf8').on('data', (text) => {
                result[stream] += text;
                this.output += text;
            });
        child.stdin.on('error', () => {}); // it may end without having read what it was given
        result.ended = new Promise((done, failed) => {
            child.on('error', failed);
            child.on('close', (code, signal) => {
                this.processes.delete(child);
                done({ code, signal });
            });
        });
        return result;
    }

    // Runs a program to its end; {code, stdout, stderr}.
    async run(file, args, { env, input, cwd } = {}) {
        const running = this.launch(file, args, { ...this.env, ...env }, cwd);
        running.child.stdin.end(input ?? '');
        const timer = setTimeout(() => running.child.kill('SIGKILL'), patience);
        const { code, signal } = await running.ended;
        clearTimeout(timer);
        assert.equal(signal, null, `${args.join(' ')} was ended by ${signal}\n${running.stderr}`);
        return { code, stdout: running.stdout, stderr: running.stderr };
    }

    // One of our commands.
    agent(args, options) {
        return this.run(binary, args, options);
    }

    // One of our commands that must succeed, with --json; the value it prints.
    async data(args) {
        const { code, stdout, stderr } = await this.agent([...args, '--json']);
        assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
        return JSON.parse(stdout);
    }

    // Starts the daemon and waits until it listens.
    async serve(args = [], env = {}) {
        const running = this.launch(binary, ['serve', ...args], { ...this.env, ...env });
        const daemon = new Daemon(running);
        const wanted = ['webhooks.listening'];
        if (args.includes('--embedded')) wanted.push('api.listening');
        if ({ ...this.env, ...env }.RUNS_AGENT_ADMIN_TOKEN) wanted.push('admin.listening');
        let over = null;
        running.ended.then((end) => (over = end));
        for (const event of wanted) {
            const line = await until(event, () => {
                assert.equal(over, null, `the daemon ended at its start:\n${running.stderr}`);
                return daemon.events(event)[0];
            });
            daemon.addresses[event.split('.')[0]] = line.address;
        }
        this.#check(daemon);
        return daemon;
    }

    // Starts the embedded Runs API alone and waits until it listens.
    async serveApi(args = []) {
        const running = this.launch(binary, ['api', ...args]);
        const daemon = new Daemon(running);
        const line = await until('api.listening', () => daemon.events('api.listening')[0]);
        daemon.addresses.api = line.address;
        this.#check(daemon);
        return daemon;
    }

    // From now on its Runs API is reached through the one that checks.
    #check(daemon) {
        if (!this.api || !daemon.addresses.api) return;
        this.api.target = daemon.addresses.api;
        daemon.addresses.api = this.api.address;
    }

    // No secret in anything that any process printed.
    assertNoSecretShown() {
        for (const [name, secret] of Object.entries(this.secrets))
            assert.ok(!this.output.includes(secret), `${name} was printed`);
    }

    // Ends what still runs and removes the directory.
    async leave() {
        for (const child of this.processes) child.kill('SIGKILL');
        await until('the processes to end', () => this.processes.size === 0);
        rmSync(this.dir, { recursive: true, force: true });
        this.api?.close();
        this.api?.assertAllFit();
    }
}

class Daemon {
    addresses = {};

    constructor(running) {
        this.running = running;
    }

    get address() {
        return this.addresses.webhooks;
    }

    // The log's lines of one event so far.
    events(event) {
        return this.running.stderr
            .split('\n')
            .slice(0, -1)
            .filter((line) => line.includes(`"${event}"`))
            .map((line) => JSON.parse(line));
    }

    end(signal) {
        this.running.child.kill(signal);
        return this.running.ended;
    }

    // Asks it to stop; it must do so in an orderly way.
    async stop() {
        assert.deepEqual(await this.end('SIGTERM'), { code: 0, signal: null }, this.running.stderr);
    }

    get(path) {
        return request({ address: this.address, path });
    }
}

// One HTTP request; {status, headers, bytes, body}. Rejects where no whole answer came.
export function request({ address, path, method = 'GET', headers = {}, body = '', agent }) {
    const [host, port] = address.split(':');
    return new Promise((done, failed) => {
        const sent = http.request(
            { host, port, path, method, headers, agent, timeout: patience },
            (answer) => {
                const chunks = [];
                answer.on('data', (chunk) => chunks.push(chunk));
                answer.on('error', failed);
                answer.on('aborted', () => failed(new Error('the answer broke off')));
                answer.on('end', () => {
                    const bytes = Buffer.concat(chunks);
                    const { statusCode: status, headers } = answer;
                    done({ status, headers, bytes, body: bytes.toString() });
                });
            },
        );
        sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
        sent.on('error', failed);
        sent.end(body);
    });
}

export function sign(secret, body) {
    return 'sha256=' + createHmac('sha256', secret).update(body).digest('hex');
}

// Posts a signed delivery as GitHub does; {status, body, guid}.
export async function deliver(
    address, secret, payload, { agent, guid = randomUUID(), event = 'workflow_run', headers: more = {} } = {}) {
    const body = JSON.stringify(payload);
    const headers = {
        ...more,
        'Content-Type': 'application/json',
        'User-Agent': 'GitHub-Hookshot/044aadd',
        'X-GitHub-Event': event,
        'X-GitHub-Delivery': guid,
        'X-GitHub-Hook-ID': '1',
        'X-Hub-Signature-256': sign(secret, body),
        'Content-Length': Buffer.byteLength(body),
    };
    const path = '/webhooks/github';
    return { guid, ...(await request({ address, path, method: 'POST', headers, body, agent })) };
}

// The smallest workflow_run that says: this attempt was cancelled.
export function cancelled(runId, attempt = 1, repository = 'octo/demo') {
    return {
        action: 'completed',
        workflow_run: {
            id: runId,
            run_attempt: attempt,
            run_number: runId,
            workflow_id: 7,
            name: 'e2e',
            path: '.github/workflows/e2e.yml',
            head_branch: 'main',
            head_sha: '0123456789abcdef0123456789abcdef01234567',
            head_repository: { full_name: repository },
            event: 'push',
            status: 'completed',
            conclusion: 'cancelled',
            actor: { login: 'octocat' },
            triggering_actor: { login: 'octocat' },
            created_at: '2026-01-01T00:00:00Z',
            run_started_at: '2026-01-01T00:00:00Z',
            updated_at: '2026-01-01T00:01:00Z',
            pull_requests: [],
        },
        repository: { full_name: repository, default_branch: 'main' },
    };
}
