// SPDX-License-Identifier: MIT
// The program that is attacked: its output goes to a file, as under a supervisor, so that nobody here has to
// read it; its memory is what the kernel says.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Place, until } from '../system/program.mjs';

const mib = 1024 * 1024;

export class Attacked {
    static async start({ embedded }) {
        const attacked = new Attacked();
        const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_LOG_FORMAT: 'json' });
        if (embedded) {
            place.env.RUNS_AGENT_API_LISTEN = '127.0.0.1:0';
            delete place.env.CURRENTS_API_URL;
        }
        attacked.place = place;
        attacked.log = join(place.dir, 'log');
        const log = openSync(attacked.log, 'w');
        attacked.child = spawn(process.env.RUNS_AGENT_BINARY, ['serve', ...(embedded ? ['--embedded'] : [])],
            { env: place.env, stdio: ['ignore', log, log] });
        attacked.ended = new Promise((done) => attacked.child.on('close', (code, signal) => done({ code, signal })));
        attacked.child.on('close', (code, signal) => (attacked.end = { code, signal }));
        const listening = (event) => until(event, () => {
            assert.equal(attacked.end, undefined, `it ended at its start:\n${attacked.head()}`);
            return new RegExp(`"event":"${event}.listening".*?"address":"([^"]*)"`).exec(attacked.head())?.[1];
        });
        attacked.webhooks = await listening('webhooks');
        if (embedded) attacked.api = await listening('api');
        return attacked;
    }

    // What it wrote at its start; later the file may be long.
    head() {
        return readFileSync(this.log, 'utf8');
    }

    get logged() {
        return statSync(this.log).size / mib;
    }

    // MiB, in memory now or (VmHWM) at most since its start.
    memory(field = 'VmRSS') {
        const status = readFileSync(`/proc/${this.child.pid}/status`, 'latin1');
        return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)[1]) / 1024;
    }

    // Seconds of processor time that it has had, of its own and in the kernel for it.
    processor() {
        const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
        return { own: Number(fields[11]) / 100, kernel: Number(fields[12]) / 100 };
    }

    // Orderly, and as it promises.
    async stop() {
        this.child.kill('SIGTERM');
        const timer = setTimeout(() => this.child.kill('SIGKILL'), 30_000);
        const end = await this.ended;
        clearTimeout(timer);
        return end;
    }

    leave() {
        this.child.kill('SIGKILL');
        return this.place.leave();
    }
}
