// SPDX-License-Identifier: MIT
// packaging/nginx/replicas.conf, with a real nginx before three replicas on a real PostgreSQL: who stops, dies or cannot store loses
// no delivery. A name server of the test's own stands for Docker's, and has all addresses for the name, also of those that are gone.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Place, cancelled, deliver, freePort, request, until } from '../system/program.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nginx = ['/usr/sbin/nginx', join(root, 'tests/.deps/nginx/usr/sbin/nginx')].find(existsSync) ?? 'nginx';

// Answers every question for an IPv4 address with these (RFC 1035, 4.1); its port.
async function nameServer(t, addresses) {
    const socket = createSocket('udp4');
    socket.on('message', (asked, { port, address }) => {
        const end = asked.indexOf(0, 12) + 5;
        const answers = addresses.map((one) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...one.split('.').map(Number)]));
        const head = Buffer.from([asked[0], asked[1], 0x81, 0x80, 0, 1, 0, answers.length, 0, 0, 0, 0]);
        socket.send(Buffer.concat([head, asked.subarray(12, end), ...answers]), port, address);
    });
    await new Promise((done) => socket.bind(0, '127.0.0.1', done));
    t.after(() => socket.close());
    return socket.address().port;
}

async function balancer(t, place, names, port) {
    const dir = join(place.dir, 'nginx');
    mkdirSync(dir);
    const front = `127.0.0.1:${await freePort()}`;
    let conf = readFileSync(join(root, 'packaging/nginx/replicas.conf'), 'utf8');
    for (const [what, here] of [['resolver 127.0.0.11 ', `resolver 127.0.0.1:${names} `], ['listen 8080;', `listen ${front};`], ['$replicas:8080;', `$replicas:${port};`]]) {
        assert.ok(conf.includes(what), `replicas.conf says something else now than "${what}"`);
        conf = conf.replace(what, here);
    }
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join('\n');
    const file = join(dir, 'nginx.conf');
    writeFileSync(file, `${process.getuid() === 0 ? 'user root;' : ''}\nworker_processes 1;\nevents {}\nhttp {\n${temporary}\n${conf}\n}\n`);
    const args = ['-p', dir, '-c', file, '-e', join(dir, 'error.log'), '-g', `pid ${dir}/pid; daemon off;`];
    const checked = spawnSync(nginx, [...args, '-t'], { encoding: 'utf8' });
    assert.equal(checked.status, 0, `${checked.error ?? checked.stderr}`);
    const child = spawn(nginx, args, { stdio: 'ignore' });
    const ended = new Promise((done) => child.on('close', done));
    t.after(async () => {
        child.kill('SIGTERM');
        await ended;
    });
    await until('nginx', () => request({ address: front, path: '/' }).then(() => true, () => false));
    return { front, log: () => readFileSync(join(dir, 'error.log'), 'utf8') };
}

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
const server = join(root, 'tests/postgres/server');

test('a replica that stops, dies or cannot store behind nginx loses no delivery', async (t) => {
    const port = await freePort();
    const places = addresses.map((address) => new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_LISTEN: `${address}:${port}` }));
    const database = join(places[0].dir, 'database');
    execFileSync(server, ['start', database]);
    t.after(async () => {
        for (const place of places.slice(1)) await place.leave();
        execFileSync(server, ['stop', database]);
        await places[0].leave();
    });
    const secret = places[0].secrets.GITHUB_WEBHOOK_SECRET;
    for (const place of places) {
        place.env.RUNS_AGENT_DATABASE_FILE = database;
        writeFileSync(place.env.GITHUB_WEBHOOK_SECRET_FILE, secret);
    }
    const daemons = await Promise.all(places.map((place) => place.serve()));
    for (const daemon of daemons) for (const path of ['/healthz', '/readyz']) assert.equal((await daemon.get(path)).status, 200, path);
    const { front, log } = await balancer(t, places[0], await nameServer(t, addresses), port);

    const sent = new Set();
    let run = 0;
    const deliverMany = async (count) => {
        const answers = await Promise.all(Array.from({ length: count }, () => deliver(front, secret, cancelled(++run))));
        // 200: the answer to the first try was lost, and another replica knows that it is stored.
        assert.ok(answers.every(({ status, body }) => status === 202 || (status === 200 && body.includes('duplicate'))), `${answers.map(({ status }) => status)}\n${log()}`);
        for (const { guid } of answers) sent.add(guid);
    };
    await deliverMany(60);
    for (const daemon of daemons)
        assert.match((await daemon.get('/metrics')).body, /webhook_requests_total\{event="workflow_run",outcome="accepted",code="202"\} [1-9]/, 'one replica gets nothing');
    // A large one, which waits in a file, and what nobody else is to see.
    const large = await deliver(front, secret, { ...cancelled(++run), padding: 'ü'.repeat(4_000_000) });
    assert.equal(large.status, 202);
    sent.add(large.guid);
    for (const path of ['/', '/healthz', '/metrics', '/webhooks/github/']) assert.equal((await request({ address: front, path })).status, 404, path);

    const stopping = daemons[0].stop();
    await deliverMany(60);
    await stopping;
    await deliverMany(20);
    daemons[0] = await places[0].serve();
    const dying = daemons[1].end('SIGKILL');
    await deliverMany(60);
    await dying;
    // One that cannot store says 503.
    let refused = 0;
    const full = http.createServer((asked, answer) => asked.resume().on('end', () => (++refused, answer.writeHead(503).end())));
    await new Promise((done) => full.listen(port, addresses[1], done));
    t.after(() => full.close());
    await deliverMany(20);
    assert.ok(refused > 0, 'it was never asked');

    // Each is stored once, whoever got it.
    const stored = (await places[2].deliveries(['--limit', '10000'])).map(({ delivery }) => delivery).filter((guid) => sent.has(guid));
    assert.deepEqual([stored.length, new Set(stored).size], [sent.size, sent.size]);
});
