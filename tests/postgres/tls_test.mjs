// SPDX-License-Identifier: MIT
// TLS to a real server whose certificate is made here: with sslmode=verify-full the program talks to the
// server that its CA vouches for under that name, and to no other; what it says then names the cure, and
// no password.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Place, freePort } from '../system/program.mjs';

const run = promisify(execFile);
const server = join(dirname(fileURLToPath(import.meta.url)), 'server');
const password = 'hunter2-of-the-tests';
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function makeCa(dir, name) {
    const files = { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
    await run('openssl', ['req', '-x509', ...key, '-keyout', files.key, '-out', files.cert, '-days', '2', '-subj', `/CN=${name}`]);
    return files;
}

// server.crt and server.key in `dir`, of a server that is called `host`.
async function makeCertificate(dir, ca, host) {
    const request = join(dir, 'server.csr');
    const names = join(dir, 'names');
    writeFileSync(names, `subjectAltName=DNS:${host}\n`);
    await run('openssl', ['req', '-new', ...key, '-keyout', join(dir, 'server.key'), '-out', request, '-subj', `/CN=${host}`]);
    await run('openssl', ['x509', '-req', '-in', request, '-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial', '-days', '2',
        '-extfile', names, '-out', join(dir, 'server.crt')]);
}

test('the server must be who it is said to be', async (t) => {
    const place = new Place();
    const file = join(place.dir, 'postgres.url');
    t.after(async () => {
        await run(server, ['stop', file]);
        await place.leave();
    });
    const [right, wrong] = [await makeCa(place.dir, 'right'), await makeCa(place.dir, 'wrong')];
    const folder = join(place.dir, 'server');
    mkdirSync(folder);
    await makeCertificate(folder, right, 'db.example');
    const port = await freePort();
    writeFileSync(join(folder, 'more.conf'), `listen_addresses = '127.0.0.1'\nport = ${port}\nssl = on\n`);
    await run(server, ['start', file, folder]);

    // The name is looked up nowhere: hostaddr says where it is.
    const list = (host, parameters) => {
        place.env.RUNS_AGENT_DATABASE =
            `postgresql://agent:${password}@${host}:${port}/postgres?hostaddr=127.0.0.1&${parameters}`;
        return place.agent(['deliveries', 'list', '--json']);
    };
    const refused = async (host, parameters, words) => {
        const { code, stdout, stderr } = await list(host, parameters);
        assert.notEqual(code, 0, `${host}, ${parameters}: ${stdout}`);
        for (const word of words) assert.ok(stderr.includes(word), `${word} is not in: ${stderr}`);
        assert.ok(!stderr.includes(password), stderr);
    };
    const trusted = `sslrootcert=${right.cert}`;
    const good = await list('db.example', `sslmode=verify-full&${trusted}`);
    assert.equal(good.code, 0, good.stderr);
    // It is what is done where the URL says nothing of it.
    assert.equal((await list('db.example', trusted)).code, 0);

    await refused('db.example', `sslmode=verify-full&sslrootcert=${wrong.cert}`,
        ['certificate verify failed', 'sslrootcert', 'agent@db.example']);
    await refused('db.example', 'sslmode=verify-full', ['certificate verify failed', 'SSL_CERT_FILE']);
    await refused('db.example', `sslrootcert=${join(place.dir, 'nothing')}`, ['nothing', 'a file of certificates']);
    await refused('other.example', `sslmode=verify-full&${trusted}`,
        ['does not match host name', 'other.example', 'as its certificate does']);
    assert.equal((await list('other.example', `sslmode=verify-ca&${trusted}`)).code, 0, 'as it was asked for');

    // The daemon says the same, and ends.
    await list('other.example', trusted);
    const daemon = await place.agent(['serve']);
    assert.notEqual(daemon.code, 0);
    assert.match(daemon.stderr, /does not match host name/);
    assert.ok(!place.output.includes(password));
});

test('a server without TLS is not talked to where it must prove who it is', async (t) => {
    const place = new Place();
    const file = join(place.dir, 'postgres.url');
    t.after(async () => {
        await run(server, ['stop', file]);
        await place.leave();
    });
    const folder = join(place.dir, 'server');
    mkdirSync(folder);
    const port = await freePort();
    writeFileSync(join(folder, 'more.conf'), `listen_addresses = '127.0.0.1'\nport = ${port}\n`);
    await run(server, ['start', file, folder]);
    const url = `postgresql://agent:${password}@db.example:${port}/postgres?hostaddr=127.0.0.1`;
    place.env.RUNS_AGENT_DATABASE = url;
    const { code, stderr } = await place.agent(['deliveries', 'list']);
    assert.notEqual(code, 0);
    assert.match(stderr, /server does not support SSL[\s\S]*ssl = on[\s\S]*sslmode=disable/);
    place.env.RUNS_AGENT_DATABASE = `${url}&sslmode=disable`;
    assert.equal((await place.agent(['deliveries', 'list'])).code, 0);
    assert.ok(!place.output.includes(password));
});
