// SPDX-License-Identifier: MIT
// Who is measured by bench/receiver, each a process of its own on loopback.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

const freePort = () => new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => done(port));
    });
});

async function waitFor(what, tries = 1000) {
    for (; tries > 0; --tries) {
        const found = await what();
        if (found) return found;
        await new Promise((done) => setTimeout(done, 10));
    }
}

/** Core time of a process and of those that it has started, in seconds; and what memory they took at their peak, in MiB. */
export function used(pid) {
    const pids = [pid];
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
        try {
            if (Number(readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1]) === pid) pids.push(Number(name));
        } catch { /* it has ended */ }
    let seconds = 0;
    let memory = 0;
    for (const each of pids)
        try {
            const fields = readFileSync(`/proc/${each}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
            memory += Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${each}/status`, 'utf8'))[1]) / 1024;
            // Its own, and that of those of its own that have ended.
            seconds += fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
        } catch (failure) {
            if (each === pid) throw failure; // another has ended meanwhile
        }
    return { seconds, memory };
}

export class Contender {
    figures = [];

    constructor(name, path, stored) {
        Object.assign(this, { name, path, stored });
    }

    // Its output goes to a file, as under a supervisor, and costs the receiver alone.
    async start(dir, command, env, ready) {
        this.log = join(dir, `${this.name.replaceAll(/\W+/g, '-')}.log`);
        const output = openSync(this.log, 'w');
        this.process = spawn(command[0], command.slice(1), { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', output, output] });
        this.process.on('error', () => { /* its log is empty, which is told below */ });
        const started = await waitFor(async () => this.process.exitCode === null ? ready(this.said()) : 'ended');
        if (!started || started === 'ended') throw new Error(`${command.join(' ')} did not start:\n${this.said()}`);
        this.port = started;
        return this;
    }

    said() {
        return readFileSync(this.log, 'utf8').slice(-65536);
    }

    used() {
        return used(this.process.pid);
    }

    kill() {
        this.process?.kill('SIGTERM');
    }
}

const metricOf = (text, name) => [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))]
    .reduce((sum, [, count]) => sum + Number(count), 0);

/** The daemon; with no call to make, as the deliveries ask for none. `more`: of its environment. */
export function daemon(name, program, dir, secret, more = {}) {
    const contender = new Contender(name, '/webhooks/github', async () => metricOf(
        await (await fetch(`http://127.0.0.1:${contender.port}/metrics`)).text(), 'runs_agent_webhook_requests_total'));
    const env = { GITHUB_WEBHOOK_SECRET: secret, RUNS_AGENT_STATE_DIR: join(dir, name.replaceAll(/\W+/g, '-')),
        CURRENTS_API_KEY: 'none', CURRENTS_API_URL: 'http://127.0.0.1:9/v1', ...more };
    return contender.start(dir, [resolve(program), 'serve', '--log-format', 'json', '--listen', '127.0.0.1:0'], env,
        (log) => Number(/"event":"webhooks\.listening".*?"address":"[^"]*:(\d+)"/.exec(log)?.[1]));
}

const peers = {
    /** adnanh/webhook: verifies, stores nothing. A second rule that never holds spares it the command that it would run. */
    async webhook(dir, secret) {
        const port = await freePort();
        const file = join(dir, 'hooks.json');
        writeFileSync(file, JSON.stringify([{ id: 'github', 'execute-command': '/bin/true', 'trigger-rule-mismatch-http-response-code': 202,
            'trigger-rule': { and: [
                { match: { type: 'payload-hmac-sha256', secret, parameter: { source: 'header', name: 'X-Hub-Signature-256' } } },
                { match: { type: 'value', value: 'never', parameter: { source: 'payload', name: 'action' } } }] } }]));
        return new Contender('adnanh/webhook', '/hooks/github')
            .start(dir, ['webhook', '-hooks', file, '-ip', '127.0.0.1', '-port', String(port)], {}, () => answers(port));
    },

    /** Octokit's middleware and SQLite: verifies, stores on disk. */
    octokit(dir, secret, { node, packages }) {
        const contender = new Contender('Octokit and node:sqlite', '/webhooks/github', async () => {
            contender.kill();
            await new Promise((done) => contender.process.on('exit', done));
            return Number(/stored (\d+)/.exec(contender.said())[1]);
        });
        return contender.start(dir, [node, '--no-warnings', join(packages, 'octokit.mjs')],
            { GITHUB_WEBHOOK_SECRET: secret, PEER_DATABASE: join(dir, 'peer.db') },
            (log) => Number(/listening on (\d+)/.exec(log)?.[1]));
    },

    /** nginx: throws the body away and says 202. What the load generator and loopback leave room for. */
    async nginx(dir) {
        const port = await freePort();
        const file = join(dir, 'nginx.conf');
        writeFileSync(file, `daemon off; worker_processes 2; pid ${dir}/nginx.pid; error_log stderr; events { worker_connections 1024; }
            http { access_log off; client_max_body_size 32m; client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy;
            fastcgi_temp_path ${dir}/fastcgi; uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi; keepalive_requests 1000000000;
            server { listen 127.0.0.1:${port}; location / { return 202; } } }`);
        return new Contender('nginx, a bare 202', '/').start(dir, [nginx(), '-c', file], {}, () => answers(port));
    },
};

const nginx = () => ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find(existsSync) ?? 'nginx';

async function answers(port) {
    try {
        await fetch(`http://127.0.0.1:${port}/`);
        return port;
    } catch {
        return undefined;
    }
}

export const peerNames = Object.keys(peers);
export const peer = (name, ...given) => peers[name](...given);
