// SPDX-License-Identifier: MIT
// The PostgreSQL server of bench/replicas: the one of the tests, but what it commits is on the disk.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { used } from '../received/contenders.mjs';

const run = promisify(execFile);
const script = new URL('../../tests/postgres/server', import.meta.url).pathname;

export class Server {
    static async start(dir) {
        const server = new Server();
        server.file = join(dir, 'postgres.url');
        await run(script, ['start', server.file]);
        server.folder = new URLSearchParams(readFileSync(server.file, 'utf8').trim().split('?')[1]).get('host');
        await server.sql('postgres', "ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET shared_buffers = '1GB'",
            "ALTER SYSTEM SET max_wal_size = '2GB'", "ALTER SYSTEM SET max_connections = 100",
            "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
        await run(script, [server.file, '-m', 'fast', 'restart']);
        await server.sql('postgres', 'CREATE EXTENSION pg_stat_statements');
        server.pid = Number(readFileSync(join(server.folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
        return server;
    }

    url(database) {
        return `postgresql:///${database}?host=${this.folder}&user=agent`;
    }

    /** Each text in a transaction of its own; the rows of all, an array of columns each. */
    async sql(database, ...texts) {
        const { stdout } = await run('psql', [this.url(database), '-XAtq', '-v', 'ON_ERROR_STOP=1', ...texts.flatMap((text) => ['-c', text])]);
        return stdout.split('\n').filter(Boolean).map((line) => line.split('|'));
    }

    async number(database, text) {
        return Number((await this.sql(database, text))[0][0]);
    }

    async execute(database, file, variables) {
        await run('psql', [this.url(database), '-Xq', '-v', 'ON_ERROR_STOP=1',
            ...Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]), '-f', file]);
    }

    used() {
        return used(this.pid);
    }

    /** Since its start: bytes of its log, and how often that was written to the disk for good. */
    async logged() {
        const [[bytes, syncs]] = await this.sql('postgres', "SELECT pg_current_wal_lsn() - '0/0', wal_sync FROM pg_stat_wal");
        return { bytes: Number(bytes), syncs: Number(syncs) };
    }

    async stop() {
        await run(script, ['stop', this.file]);
    }
}
