// SPDX-License-Identifier: MIT
// Where the release is looked for: on the server that the workflow runs on, then on github.com, by
// the repository that the action comes from. github.com is played here, behind a proxy.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { Runner, said } from './runner.mjs';
import { Server, asset, checkOut, filesIn, installed, pathOf, scriptArchive, version } from './release.mjs';

const archive = scriptArchive(`if [ "$1" = --version ]; then echo runs-agent ${version}; else echo "it ran $1"; fi`);

// github.com with a certificate of its own, and the proxy that leads there and nowhere else.
async function playGitHub(t, runner) {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(runner.dir, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
        '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=github.com', '-addext', 'subjectAltName=DNS:github.com'],
        { stdio: 'ignore' });
    const github = await Server.start(t, (handler) =>
        https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, handler));
    const proxy = http.createServer();
    github.wanted = [];
    proxy.on('connect', ({ url, headers }, socket) => {
        github.wanted.push({ url, headers });
        if (url !== 'github.com:443') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        const [host, port] = new URL(github.url).host.split(':');
        const onward = connect(port, host, () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n');
            socket.pipe(onward).pipe(socket);
        });
        for (const one of [socket, onward]) one.on('error', () => (socket.destroy(), onward.destroy()));
    });
    await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
    t.after(() => (proxy.closeAllConnections(), proxy.close()));
    runner.env.https_proxy = `http://127.0.0.1:${proxy.address().port}`;
    runner.env.CURL_CA_BUNDLE = cert;
    return github;
}

async function scene(t) {
    const runner = new Runner(t);
    const github = await playGitHub(t, runner);
    const folder = checkOut(runner.actionFolder(), { [asset]: archive });
    return { runner, github, folder };
}

function assertRan(result) {
    assert.equal(result.code, 0, result.text);
    assert.match(result.text, /^it ran action$/m);
}

test('on github.com: through the proxy of the environment, over TLS, with no key', async (t) => {
    const { runner, github, folder } = await scene(t);
    github.answers[pathOf()] = archive;
    const job = runner.job({ env: { GITHUB_TOKEN: 'ghp_secret' } });
    assertRan(await job.use(folder));
    assert.deepEqual(github.wanted.map(({ url }) => url), ['github.com:443']);
    assert.deepEqual(github.asked.map(({ url }) => url), [pathOf()]);
    assert.equal(github.asked[0].headers.authorization, undefined);
    assert.deepEqual(filesIn(runner.context.tool_cache), installed);
});

test('what was https does not become http on the way', async (t) => {
    const { runner, github, folder } = await scene(t);
    const plain = await Server.start(t);
    plain.answers['/x'] = archive;
    github.answers[pathOf()] = (_, answer) => (answer.writeHead(302, { Location: `${plain.url}/x` }), answer.end());
    const result = await runner.job().use(folder);
    assert.equal(result.code, 1);
    assert.match(said(result)[0], /[Pp]rotocol/);
    assert.equal(plain.asked.length, 0);
    assert.deepEqual(filesIn(runner.context.tool_cache), []);
});

test('a certificate of somebody else is refused', async (t) => {
    const { runner, github, folder } = await scene(t);
    github.answers[pathOf()] = archive;
    delete runner.env.CURL_CA_BUNDLE;
    const result = await runner.job().use(folder);
    assert.equal(result.code, 1);
    assert.match(said(result)[0], /certificate/);
    assert.equal(github.asked.length, 0);
});

test('on an enterprise server: there first; then github.com', async (t) => {
    const { runner, github, folder } = await scene(t);
    const enterprise = await Server.start(t);
    const job = () => runner.job({ github: { server_url: enterprise.url } });
    const neither = await job().use(folder);
    assert.equal(neither.code, 1);
    assert.ok(said(neither)[0].includes(`${enterprise.url}${pathOf()}: `), said(neither)[0]);
    assert.ok(said(neither)[0].includes(`https://github.com${pathOf()}: `), said(neither)[0]);
    assert.deepEqual([enterprise, github].map(({ asked }) => asked.length), [1, 1]);

    enterprise.answers[pathOf()] = '<html>Sign in to your enterprise</html>'; // as in private mode
    github.answers[pathOf()] = archive;
    assertRan(await job().use(folder));
    assert.deepEqual([enterprise, github].map(({ asked }) => asked.length), [2, 2]);

    const there = await scene(t);
    enterprise.answers[pathOf()] = archive;
    assertRan(await there.runner.job({ github: { server_url: enterprise.url } }).use(there.folder));
    assert.deepEqual([enterprise, there.github].map(({ asked }) => asked.length), [3, 0]);
});

test('the repository: by the folder, for an action inside of another one; else as GitHub says', async (t) => {
    const { runner, github, folder } = await scene(t);
    github.answers[pathOf()] = archive;
    assertRan(await runner.job().use(folder, { repository: 'outer/wrapper' }));
    assert.deepEqual(github.asked.map(({ url }) => url), [pathOf()]);

    for (const [repository, expected] of [['fork/agent', 'fork/agent'], ['', 'octo/shop']]) {
        const other = await scene(t);
        const path = pathOf(asset, expected);
        other.github.answers[path] = archive;
        const elsewhere = checkOut(other.runner.folder('checkout'), { [asset]: archive });
        assertRan(await other.runner.job().use(elsewhere, { repository }));
        assert.deepEqual(other.github.asked.map(({ url }) => url), [path]);
    }
    const lost = await scene(t);
    const elsewhere = checkOut(lost.runner.folder('checkout'), { [asset]: archive });
    for (const repository of ['', '../../x', 'a/b/c', 'a b/c']) {
        const job = lost.runner.job({ github: { repository } });
        const result = await job.use(elsewhere, { repository });
        assert.equal(result.code, 1);
        assert.match(said(result)[0], /nothing says which repository/);
    }
    for (const server of ['github.example.com', 'https://a b', 'file:///etc']) {
        const result = await lost.runner.job({ github: { server_url: server } }).use(folder);
        assert.match(said(result).at(-1) ?? '', /GITHUB_SERVER_URL is no plain/, server);
    }
});
