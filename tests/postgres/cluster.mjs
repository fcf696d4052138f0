// SPDX-License-Identifier: MIT
// Two PostgreSQL servers, of which one streams to the other, and neither is needed for good.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const server = join(dirname(fileURLToPath(import.meta.url)), 'server');

export class Cluster {
    // `dir`: where it keeps which servers there are.
    constructor(dir) {
        this.primary = join(dir, 'a.url');
        this.standby = join(dir, 'b.url');
    }

    async start() {
        await run(server, ['start', this.primary]);
        await this.#add_standby();
        const [a, b] = await Promise.all([this.primary, this.standby].map(folderOf));
        // Both, in any order: libpq finds the one that can be written.
        this.url = `postgresql:///postgres?host=${a},${b}&user=agent`;
    }

    // What is acknowledged is with the standby, too: without that a fail-over may lose some.
    async #add_standby() {
        await run(server, ['start-standby', this.standby, this.primary]);
        await this.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await this.sql('SELECT pg_reload_conf()');
    }

    async sql(text) {
        const { stdout } = await run('psql', [await urlOf(this.primary), '-XAtqc', text]);
        return stdout.trim();
    }

    async restart() {
        await run(server, [this.primary, '-m', 'fast', 'restart']);
    }

    // The primary is gone at once; the standby takes its place, and gets a standby of its own.
    async failOver() {
        await run(server, [this.primary, '-m', 'immediate', 'stop']);
        await run(server, [this.standby, 'promote']);
        [this.primary, this.standby] = [this.standby, this.primary];
        await this.sql('ALTER SYSTEM RESET synchronous_standby_names');
        await this.sql('SELECT pg_reload_conf()');
    }

    async mend() {
        await this.#add_standby();
    }

    async stop() {
        for (const file of [this.primary, this.standby]) await run(server, ['stop', file]);
    }
}

async function urlOf(file) {
    const { readFile } = await import('node:fs/promises');
    return (await readFile(file, 'utf8')).trim();
}

async function folderOf(file) {
    return new URLSearchParams((await urlOf(file)).split('?')[1]).get('host');
}
