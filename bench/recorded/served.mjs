// SPDX-License-Identifier: MIT
// `serve --embedded` with a state of its own, as bench/recording measures it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

const ticksPerSecond = 100; // of /proc/PID/stat, on every Linux that this runs on

export class Served {
    static async start(program, dir) {
        const served = new Served();
        mkdirSync(dir);
        served.program = resolve(program);
        served.dir = dir;
        served.keys = Object.fromEntries(['api', 'record', 'webhook'].map((name) => [name, randomBytes(24).toString('hex')]));
        served.agent = new http.Agent({ keepAlive: true });
        await served.restart();
        return served;
    }

    get database() {
        return join(this.dir, 'runs-api.db');
    }

    async restart() {
        if (this.child) await this.stop();
        // Its log goes to a file, as under a supervisor.
        const file = join(this.dir, 'log');
        const log = openSync(file, 'w');
        this.child = spawn(this.program, ['serve', '--embedded', '--log-format', 'json'], {
            env: {
                PATH: process.env.PATH, RUNS_AGENT_STATE_DIR: this.dir, RUNS_AGENT_LISTEN: '127.0.0.1:0',
                RUNS_AGENT_API_LISTEN: '127.0.0.1:0', RUNS_AGENT_API_DATABASE: `sqlite:${this.database}`,
                GITHUB_WEBHOOK_SECRET: this.keys.webhook, CURRENTS_API_KEY: this.keys.api,
                CURRENTS_RECORD_KEY: this.keys.record, CURRENTS_PROJECT_ID: 'bench',
            },
            stdio: ['ignore', log, log],
        });
        closeSync(log);
        this.ended = new Promise((done) => this.child.on('exit', done));
        for (let tries = 0; tries < 200; ++tries) {
            const told = readFileSync(file, 'utf8');
            const address = (event) => new RegExp(`"event":"${event}".*?"address":"[^"]*:(\\d+)"`).exec(told)?.[1];
            this.ports = { api: address('api.listening'), webhooks: address('webhooks.listening') };
            if (this.ports.api && this.ports.webhooks) return;
            assert.equal(this.child.exitCode, null, told);
            await pause(50);
        }
        throw new Error('the program did not start');
    }

    async stop() {
        this.child.kill('SIGTERM');
        assert.equal(await this.ended, 0, readFileSync(join(this.dir, 'log'), 'utf8').slice(-2000));
    }

    kill() {
        this.child.kill('SIGKILL');
    }

    peakMiB() {
        return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) / 1024;
    }

    // The seconds of processor time that it has used.
    cpu() {
        const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
        return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    }

    // One request; the answer's {status, bytes, packed}.
    send(port, method, path, headers, body, agent = this.agent) {
        return new Promise((done, failed) => {
            const sent = http.request({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
                const chunks = [];
                answer.on('data', (chunk) => chunks.push(chunk));
                answer.on('error', failed);
                answer.on('end', () => {
                    const bytes = Buffer.concat(chunks);
                    done({ status: answer.statusCode, bytes, packed: answer.headers['content-encoding'] === 'gzip' });
                });
            });
            sent.on('error', failed);
            sent.end(body);
        });
    }

    // As a reporter sends it; the answer's JSON.
    async report(method, path, body, agent) {
        const headers = {
            'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-currents-key': this.keys.record,
            'x-currents-idempotency-key': randomUUID(), 'x-pwc-request-attempt': '0', 'x-pwc-version': '2.5.0', 'x-pw-version': '1.65.1',
        };
        const answer = await this.send(this.ports.api, method, path, headers, body, agent);
        assert.equal(answer.status, 200, `${method} ${path}: ${answer.bytes}`);
        return JSON.parse(answer.bytes);
    }

    // The bytes of an answer, packed where it is large.
    async read(path) {
        const headers = { authorization: `Bearer ${this.keys.api}`, 'accept-encoding': 'gzip' };
        const answer = await this.send(this.ports.api, 'GET', `/v1${path}`, headers);
        assert.equal(answer.status, 200, `${path}: ${answer.bytes}`);
        return answer;
    }

    async data(path) {
        const { bytes, packed } = await this.read(path);
        return JSON.parse(packed ? gunzipSync(bytes) : bytes).data;
    }

    find(ciBuildId) {
        return this.data(`/runs/find?${new URLSearchParams({ projectId: 'bench', ciBuildId })}`);
    }

    // A signed delivery, as GitHub sends it.
    async deliver(event, body) {
        const headers = {
            'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'GitHub-Hookshot/bench',
            'x-github-event': event, 'x-github-delivery': randomUUID(), 'x-github-hook-id': '1',
            'x-hub-signature-256': `sha256=${createHmac('sha256', this.keys.webhook).update(body).digest('hex')}`,
        };
        const answer = await this.send(this.ports.webhooks, 'POST', '/webhooks/github', headers, body);
        assert.equal(answer.status, 202, String(answer.bytes));
    }
}
