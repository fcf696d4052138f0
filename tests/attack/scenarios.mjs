// SPDX-License-Identifier: MIT
// What is tried: who attacks, how many of them in short and as a whole, what stands there, and how long.
const kib = 1024;
const mib = 1024 * kib;

const pipelining = { kind: 'pipelining', count: [400, 2000] };
const asking = { kind: 'asking', count: [400, 2000] };
const slow = [
    { kind: 'slowHeads', count: [500, 1700] },
    { kind: 'slowBodies', count: [500, 1700] },
    { kind: 'slowReaders', count: [500, 1700] },
];
const bodies = (signed) => [
    { kind: 'unfinished', count: [400, 1000], bytes: 256 * kib, signed },
    { kind: 'unfinished', count: [10, 10], bytes: 25 * mib, signed },
];
const refused = [
    { kind: 'refused', count: [1, 1] },
    { kind: 'refused', count: [50, 200] },
    { kind: 'refusedOnce', count: [50, 200] },
];
const silent = { kind: 'silent', count: [2000, 5000] };
const connects = { kind: 'connects', count: [50, 200] };
const odd = [
    { kind: 'tinyChunks', count: [20, 100], signed: true },
    { kind: 'largeHeads', count: [500, 2000] },
    { kind: 'halfClosed', count: [300, 1000] },
    { kind: 'expecting', count: [300, 1000], signed: true },
    // As fast as a slow honest sender might be.
    { kind: 'slowBodies', count: [500, 2000], bytes: 100_000, rate: 5000, signed: true },
];
const everything = [pipelining, ...slow, ...bodies(true), ...refused, silent, connects];
// Through a proxy strangers have addresses of their own; one of them may not have many connections.
const from = (addresses, attackers) => attackers.map((attacker) => ({ ...attacker, addresses }));

const bombs = { kind: 'gzipBombs', count: [20, 60], port: 'api' };
const uploads = { kind: 'slowUploads', count: [30, 60], port: 'api', rate: mib };
// The same against the embedded Runs API, where it hurts there.
const paths = { pipelining: '/v1/docs/openapi.json', asking: '/v1/docs/openapi.json', unfinished: '/v1/runs', slowBodies: '/v1/runs' };
const atApi = (attackers) => attackers.map((attacker) => ({ path: paths[attacker.kind], ...attacker, port: 'api' }));

export const scenarios = [
    { name: 'nobody attacks', attackers: [] },
    { name: 'pipelining, and never reading', attackers: [pipelining] },
    { name: 'slow heads, bodies and readers', attackers: slow },
    { name: 'unfinished bodies, unsigned', attackers: bodies(false) },
    { name: 'unfinished bodies, falsely signed', attackers: bodies(true) },
    { name: 'large bodies in chunks, the last of them broken', attackers: [{ kind: 'brokenChunks', count: [10, 100], signed: true }] },
    { name: 'floods of refused requests', attackers: refused },
    { name: 'tiny chunks, large heads, half-closed connections, slow as an honest sender', attackers: odd },
    { name: 'connecting, and saying nothing', attackers: [silent] },
    { name: 'floods of connections', attackers: [connects] },
    { name: 'all of these at once', attackers: everything },
    { name: 'all of these at once, from 250 addresses', attackers: from(250, everything), wholeOnly: true },
    { name: 'nginx: pipelining', through: 'nginx', attackers: from(100, [pipelining]) },
    { name: 'nginx: slow heads, bodies and readers', through: 'nginx', attackers: from(200, slow), wholeOnly: true },
    { name: 'nginx: unfinished bodies', through: 'nginx', attackers: from(100, bodies(true)), wholeOnly: true },
    { name: 'nginx: floods of refused requests', through: 'nginx', attackers: from(100, refused), wholeOnly: true },
    { name: 'nginx: all of these at once', through: 'nginx', attackers: from(200, everything) },
    { name: 'nginx: tiny chunks, large heads, half-closed connections', through: 'nginx', attackers: from(100, odd), wholeOnly: true },
    { name: 'embedded: gzip bombs', embedded: true, attackers: [bombs] },
    { name: 'embedded: slow uploads', embedded: true, attackers: [uploads], wholeOnly: true },
    { name: 'embedded: slow uploads, and an honest one as slow', embedded: true, file: true, attackers: [uploads], wholeOnly: true },
    { name: 'embedded: pipelining on both', embedded: true, wholeOnly: true,
        attackers: [pipelining, ...atApi([pipelining])] },
    { name: 'embedded: connecting on both, and saying nothing', embedded: true, wholeOnly: true,
        attackers: [silent, ...atApi([silent])] },
    { name: 'embedded: asking again and again on both', embedded: true, wholeOnly: true,
        attackers: [asking, ...atApi([asking])] },
    { name: 'embedded: more on both than can wait', embedded: true, wholeOnly: true,
        attackers: [pipelining, asking, ...atApi([pipelining, asking])].map((one) => ({ ...one, count: [one.count[0], 3000] })) },
    { name: 'embedded: all of these at once, on both', embedded: true, wholeOnly: true,
        attackers: [...everything, ...atApi(everything), bombs, uploads] },
];
