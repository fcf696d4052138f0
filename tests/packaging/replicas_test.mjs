// SPDX-License-Identifier: MIT
// packaging/nginx/replicas.conf, with a real nginx before real daemons: who stops, dies or cannot store loses no delivery. Two daemons with
// databases of their own stand for two replicas, since it matters only who answers; a name server of the test's own
// stands for Docker's, and has both addresses for the name, also of the one that is gone.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
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

test('a replica that stops, dies or cannot store behind nginx loses no delivery', async (t) => {
    const port = await freePort();
    const places = ['127.0.0.1', '127.0.0.2'].map((address) => new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_LISTEN: `${address}:${port}` }));
    for (const place of places) t.after(() => place.leave());
    const secret = places[0].secrets.GITHUB_WEBHOOK_SECRET;
    writeFileSync(places[1].env.GITHUB_WEBHOOK_SECRET_FILE, secret);
    const daemons = [await places[0].serve(), await places[1].serve()];
    const { front, log } = await balancer(t, places[0], await nameServer(t, ['127.0.0.1', '127.0.0.2']), port);

    const sent = new Set();
    let run = 0;
    const deliverMany = async (count) => {
        const answers = await Promise.all(Array.from({ length: count }, () => deliver(front, secret, cancelled(++run))));
        assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202], log());
        for (const { guid } of answers) sent.add(guid);
    };
    const stored = () => Promise.all(places.map(async (place) => (await place.deliveries(['--limit', '10000'])).map((one) => one.delivery ?? one.id)));
    await deliverMany(40);
    assert.ok((await stored()).every((some) => some.length > 0), 'one replica gets nothing');
    // A large one, which waits in a file, and what nobody else is to see.
    assert.equal((await deliver(front, secret, { ...cancelled(++run), padding: 'ü'.repeat(4_000_000) })).status, 202);
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
    await new Promise((done) => full.listen(port, '127.0.0.2', done));
    t.after(() => full.close());
    await deliverMany(20);
    assert.ok(refused > 0, 'it was never asked');
    const all = new Set((await stored()).flat());
    assert.deepEqual([...sent].filter((guid) => !all.has(guid)), []);
});
