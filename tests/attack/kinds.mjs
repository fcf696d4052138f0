// SPDX-License-Identifier: MIT
// What strangers do. Each kind is a function of its settings that begins, and returns what it goes by:
// {connected, cut, stop()} at least. None knows a secret; signatures are well-formed and false.
import { randomBytes, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Swarm, writeForever } from './swarm.mjs';

const kib = 1024;
const mib = 1024 * kib;

// The head of a delivery: `signed` with a signature that is none.
function head(length, { signed = false, path = '/webhooks/github', method = 'POST', more = [] } = {}) {
    return [
        `${method} ${path} HTTP/1.1`,
        'Host: agent.example',
        'User-Agent: GitHub-Hookshot/044aadd',
        'Content-Type: application/json',
        ...(signed
            ? [
                  'X-GitHub-Event: workflow_run',
                  `X-GitHub-Delivery: ${randomUUID()}`,
                  `X-Hub-Signature-256: sha256=${randomBytes(32).toString('hex')}`,
              ]
            : []),
        ...more,
        ...(length === undefined ? [] : [`Content-Length: ${length}`]),
        '\r\n',
    ].join('\r\n');
}

// Something small for each connection, once in `period` ms.
function each(swarm, period, what) {
    const timer = setInterval(() => swarm.each(what), period);
    const { stop } = Swarm.prototype;
    swarm.stop = () => {
        clearInterval(timer);
        stop.call(swarm);
    };
    return swarm;
}

// One request after the other on one connection, and no answer is ever read.
function pipelining(settings) {
    const { path = '/metrics' } = settings;
    const requests = Buffer.from(head(undefined, { path, method: 'GET' }).repeat(300));
    return new Swarm(settings, (socket) => {
        socket.pause();
        writeForever(socket, requests);
    });
}

// The next request as soon as the answer has come, as any client may.
function asking(settings) {
    const { path = '/metrics' } = settings;
    const request = Buffer.from(head(undefined, { path, method: 'GET' }));
    return new Swarm(settings, (socket) => {
        let had = '';
        socket.on('data', (bytes) => {
            had += bytes.toString('latin1');
            const end = had.indexOf('\r\n\r\n');
            const length = Number(/\r\ncontent-length: (\d+)/i.exec(had)?.[1]);
            if (end < 0 || had.length < end + 4 + length) return;
            had = '';
            socket.write(request);
        });
        socket.write(request);
    });
}

// The same, and a few answers are read each second, so that it is not still.
function slowReaders(settings) {
    const requests = Buffer.from(head(undefined, { path: '/metrics', method: 'GET' }).repeat(300));
    const sink = Buffer.alloc(512);
    const swarm = new Swarm(
        settings,
        (socket) => writeForever(socket, requests),
        () => ({ onread: { buffer: sink, callback: () => false } }),
    );
    return each(swarm, 1000, (socket) => socket.resume());
}

// A request that never comes to the end of its head.
function slowHeads(settings) {
    const swarm = new Swarm(settings, (socket) => {
        socket.resume();
        socket.write('POST /webhooks/github HTTP/1.1\r\nHost: agent.example\r\nX-Slow: ');
    });
    return each(swarm, 1000, (socket) => socket.write('a'));
}

// The same, after all that a head may hold.
function largeHeads(settings) {
    const start = Buffer.from(`POST /webhooks/github HTTP/1.1\r\nHost: agent.example\r\nX-Large: ${'a'.repeat(31 * kib)}`);
    const swarm = new Swarm(settings, (socket) => {
        socket.resume();
        socket.write(start);
    });
    return each(swarm, 1000, (socket) => socket.write('a'));
}

// A delivery's body, `rate` bytes a second; it begins again when it was refused.
function slowBodies(settings) {
    const { bytes = 17_000, rate = 1 } = settings;
    const piece = Buffer.alloc(rate, ' ');
    const swarm = new Swarm(settings, (socket) => {
        socket.resume();
        socket.write(head(bytes, settings) + '{');
    });
    return each(swarm, 1000, (socket) => socket.write(piece));
}

// A body in chunks of one byte each, as fast as they are taken.
function tinyChunks(settings) {
    const chunks = Buffer.from('1\r\n \r\n'.repeat(10_000));
    return new Swarm(settings, (socket) => {
        socket.resume();
        socket.write(head(undefined, { ...settings, more: ['Transfer-Encoding: chunked'] }));
        writeForever(socket, chunks);
    });
}

// Asks much, says that it has nothing more to say, and does not read.
function halfClosed(settings) {
    const requests = Buffer.from(head(undefined, { path: '/metrics', method: 'GET' }).repeat(300));
    return new Swarm(settings, (socket) => {
        socket.pause();
        socket.end(requests);
    }, () => ({ allowHalfOpen: true }));
}

// Asks whether it may send its large body, and never does; the answers are not read.
function expecting(settings) {
    return new Swarm(settings, (socket) => {
        socket.pause();
        socket.write(head(20 * mib, { ...settings, more: ['Expect: 100-continue'] }));
    });
}

// All of a body of `bytes` but its end, which comes a byte a second. No one has the key it would need.
function unfinished(settings) {
    const { bytes, missing = kib } = settings;
    const body = Buffer.alloc(bytes - missing, ' ');
    const swarm = new Swarm(settings, (socket) => {
        socket.resume();
        socket.write(head(bytes, settings));
        socket.write(body);
    });
    return each(swarm, 1000, (socket) => socket.write(' '));
}

// A large body in chunks, of which the last is none: it is refused when all of it is there.
function brokenChunks(settings) {
    const { bytes = 24 * mib } = settings;
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mib, ' '), Buffer.from('\r\n')]);
    return new Swarm(settings, (socket) => {
        let left = bytes / mib;
        const more = () => {
            while (!socket.destroyed && left > 0 && (left--, socket.write(chunk)));
            if (left === 0 && !socket.destroyed) (left--, socket.write('no chunk\r\n'));
        };
        socket.resume();
        socket.write(head(undefined, { ...settings, more: ['Transfer-Encoding: chunked'] }));
        socket.on('drain', more);
        more();
    });
}

// Requests that are refused, as fast as the answers are read, on connections that are kept.
function refused(settings) {
    const refusals = [
        head(2, { signed: true }) + '{}',
        head(2) + '{}',
        head(undefined, { path: '/nowhere', method: 'GET' }),
        head(undefined, { path: '/webhooks/github', method: 'GET' }),
    ];
    const requests = Buffer.from(refusals.join('').repeat(30));
    return new Swarm(settings, (socket) => {
        socket.resume();
        writeForever(socket, requests);
    });
}

// One refused request a connection; also such that are no HTTP at all.
function refusedOnce(settings) {
    const requests = [
        head(2, { signed: true, more: ['Connection: close'] }) + '{}',
        'GET / HTTP/9.9\r\n\r\n',
        head(2, { more: ['Transfer-Encoding: chunked'] }) + '0\r\n\r\n',
        head(30 * mib),
    ];
    let next = 0;
    return new Swarm({ pause: 0, ...settings }, (socket) => {
        socket.resume();
        socket.write(requests[next++ % requests.length]);
    });
}

// Connects and says nothing.
function silent(settings) {
    return new Swarm(settings, (socket) => socket.resume());
}

// Connects and is gone, as fast as it can be done.
function connects(settings) {
    return new Swarm({ pause: 0, ...settings }, (socket) => {
        socket.ours = true;
        socket.resetAndDestroy();
    });
}

// Reports to the Runs API whose bodies are small, and large when they are unpacked; their key is none.
function gzipBombs(settings) {
    const blank = ' '.repeat(90 * mib);
    const bodies = [
        `{"recordKey":"none","a":"${blank}"}`,
        `{"a":"${blank}"}`,
        `${blank}{"recordKey":"none"}`,
        `{"a":[0${',0'.repeat(40 * mib)}],"recordKey":"none"}`,
    ].map((body) => gzipSync(body, { level: 6 }));
    const requests = bodies.map((body) => Buffer.concat([
        Buffer.from(head(body.length, { path: '/v1/runs', more: ['Content-Encoding: gzip'] })), body]));
    let next = 0;
    return new Swarm(settings, (socket) => {
        const send = () => socket.write(requests[next++ % requests.length]);
        socket.on('data', send); // one answer, one more
        send();
    });
}

// Large bodies for the Runs API that come at `rate` bytes a second each.
function slowUploads(settings) {
    const { rate = mib } = settings;
    const targets = [
        { path: '/v1/runs' },
        { path: `/v1/artifacts/${randomUUID()}?expires=4102444800&signature=${'0'.repeat(64)}`, method: 'PUT' },
    ];
    const piece = Buffer.alloc(rate / 4, ' ');
    let next = 0;
    const swarm = new Swarm(settings, (socket) => {
        socket.resume();
        socket.write(head(64 * mib, targets[next++ % targets.length]));
    });
    return each(swarm, 250, (socket) => socket.writableLength === 0 && socket.write(piece));
}

export const kinds = {
    pipelining, asking, slowReaders, slowHeads, slowBodies, largeHeads, tinyChunks, halfClosed, expecting, unfinished, brokenChunks, refused, refusedOnce, silent, connects,
    gzipBombs, slowUploads,
};
