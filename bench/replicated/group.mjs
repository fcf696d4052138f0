// SPDX-License-Identifier: MIT
// So many daemons on one database, who share a load.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { daemon } from '../received/contenders.mjs';
import { load } from '../received/load.mjs';

export async function until(what, probe, bound = 120_000) {
    for (const end = Date.now() + bound; ;) {
        const found = await probe();
        if (found) return found;
        assert.ok(Date.now() < end, `gave up waiting for: ${what}`);
        await pause(10);
    }
}

export class Group {
    figures = [];
    answered = 0;

    static async onSqlite(program, dir, secret) {
        const group = new Group();
        group.name = 'SQLite';
        group.daemons = [await daemon(group.name, program, dir, secret)];
        group.stored = () => {
            const database = new DatabaseSync(join(dir, 'SQLite', 'runs-agent.db'), { readOnly: true });
            return database.prepare('SELECT count(*) AS count FROM deliveries').get().count;
        };
        return group;
    }

    static async onPostgres(program, dir, secret, server, database, count, more = {}) {
        const group = new Group();
        group.name = `PostgreSQL, ${count} replica${count > 1 ? 's' : ''}`;
        group.server = server;
        group.daemons = [];
        for (let number = 1; number <= count; ++number)
            group.daemons.push(await daemon(`${database} replica ${number}`, program, dir, secret,
                { RUNS_AGENT_DATABASE: server.url(database), ...more }));
        group.stored = () => server.number(database, 'SELECT count(*) FROM deliveries');
        return group;
    }

    /** The load, divided among the daemons, and until the last of it is decided. Core times are for each delivery. */
    async load({ deliveries, connections, seconds }) {
        const each = Math.max(1, Math.floor(connections / this.daemons.length));
        const before = this.server?.used().seconds;
        const log = await this.server?.logged();
        const own = this.daemons.reduce((sum, one) => sum + one.used().seconds, 0);
        const begun = Date.now();
        const parts = await Promise.all(this.daemons.map((one) => load(one, { deliveries, connections: each, closing: false, seconds })));
        await until('everything to be decided', () => this.#nothingWaits());
        const took = (Date.now() - begun) / 1000;
        const requests = parts.reduce((sum, part) => sum + part.requests, 0);
        this.answered += requests;
        const logged = await this.server?.logged();
        const worst = (what) => Math.max(...parts.map((part) => part[what]));
        return {
            requests, rate: parts.reduce((sum, part) => sum + part.rate, 0), decided: requests / took, p50: worst('p50'), p99: worst('p99'),
            own: (this.daemons.reduce((sum, one) => sum + one.used().seconds, 0) - own) / requests * 1e6,
            servers: this.server ? (this.server.used().seconds - before) / requests * 1e6 : 0,
            log: log ? (logged.bytes - log.bytes) / requests : 0, syncs: log ? (logged.syncs - log.syncs) / requests : 0,
            generator: parts.reduce((sum, part) => sum + part.generator * part.requests, 0) / requests,
        };
    }

    async #nothingWaits() {
        const text = await (await fetch(`http://127.0.0.1:${this.daemons[0].port}/metrics`)).text();
        return /^runs_agent_deliveries_undecided 0$/m.test(text) && /^runs_agent_calls\{state="pending"\} 0$/m.test(text);
    }

    async stop() {
        for (const one of this.daemons) {
            const ended = new Promise((done) => one.process.exitCode === null ? one.process.on('exit', done) : done());
            one.kill();
            await ended;
        }
    }
}
