// SPDX-License-Identifier: MIT
// How the step gets the program: tool cache, download, mirror, a program that is there already.
import assert from 'node:assert/strict';
import {
    chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { Runner, said } from './runner.mjs';
import { Server, arch, asset, checkOut, filesIn, installed, pathOf, realArchive, scriptArchive, version } from './release.mjs';

// A runner, a server with a good release, and the released action.
async function scene(t, { archive = realArchive(), options } = {}) {
    const runner = new Runner(t, options);
    const server = await Server.start(t);
    server.answers[pathOf()] = archive;
    const folder = checkOut(runner.actionFolder(), { [asset]: archive });
    const job = (more = {}) => runner.job({ ...more, github: { server_url: server.url, ...more.github } });
    const cached = () => filesIn(runner.context.tool_cache);
    return { runner, server, folder, job, cached };
}

// A step that ends with 2 from the program itself: it was started, and lacks a key.
function assertStarted(result) {
    assert.match(said(result).at(-1) ?? '', /there is no key/, result.text);
    assert.equal(result.code, 2);
    assert.equal(result.outputs.outcome, 'failed');
}

// A folder with some of this machine's programs, to be all of a PATH.
function onlyThese(runner, names, called = names.length) {
    const folder = runner.folder(`bin-${called}`);
    for (const name of names) {
        const [link, target = link] = name.split('=');
        symlinkSync(execFileSync('/bin/sh', ['-c', `command -v ${target}`]).toString().trim(), join(folder, link));
    }
    return folder;
}

const needed = ['tar', 'gzip', 'sha256sum', 'mktemp', 'mkdir', 'chmod', 'cp', 'mv', 'rm', 'sleep'];

test('the first step downloads, the second one needs no network and one other program', async (t) => {
    const { runner, server, folder, job, cached } = await scene(t);
    const one = job();
    const first = await one.use(folder);
    assertStarted(first);
    assert.match(first.text, new RegExp(`^runs-agent ${version} is not on this runner yet: downloading http`, 'm'));
    assert.deepEqual(cached(), installed);
    assert.deepEqual(filesIn(one.temp).filter((name) => name.startsWith('runs-agent')), []);
    assert.deepEqual(server.asked.map(({ url }) => url), [pathOf()]);

    server.stop();
    const second = await one.use(folder);
    assertStarted(second);
    assert.doesNotMatch(second.text, /downloading/);
    const other = job();
    for (const tool of ['sha256sum', 'openssl', 'openssl=false sha256sum']) {
        other.env.PATH = onlyThese(runner, tool.split(' '), tool);
        assertStarted(await other.use(folder));
    }
    assert.equal(server.asked.length, 1);
    other.env.PATH = '/nowhere'; // what cannot be held against its sum does not run
    const closed = await other.use(folder);
    assert.equal(closed.code, 1);
    assert.match(said(closed)[0], /lacks .* sha256sum/);
});

test('a program that another job has put into the tool cache does not run', async (t) => {
    const { runner, server, folder, job } = await scene(t);
    assertStarted(await job().use(folder));
    const program = join(runner.context.tool_cache, 'runs-agent', version, arch, 'runs-agent');
    const real = readFileSync(program);
    const mark = join(runner.dir, 'it-ran');
    const evil = `#!/bin/sh\necho ran >${mark}\necho runs-agent ${version}\n`;
    const turned = Buffer.from(real);
    turned[turned.length - 1] ^= 1;
    const elsewhere = join(runner.dir, 'elsewhere');
    writeFileSync(elsewhere, real, { mode: 0o755 });
    const changes = [
        () => writeFileSync(program, evil),
        () => writeFileSync(program, turned),
        () => (rmSync(program), symlinkSync(elsewhere, program)), // which may change after it was looked at
    ];
    for (const [count, change] of changes.entries()) {
        change();
        const one = job();
        const result = await one.use(folder);
        assertStarted(result);
        assert.match(said(result, 'warning')[0], /holds something else than this release; .* for this job only/);
        assertStarted(await one.use(folder)); // the same job's next step
        assert.equal(server.asked.length, count + 2);
    }
    assert.ok(!existsSync(mark), 'it was run');
});

test('on a machine of one job, what that job has put into the tool cache is not summed again', async (t) => {
    const { runner, server, folder, job } = await scene(t);
    runner.context.environment = 'github-hosted';
    const one = job();
    assertStarted(await one.use(folder));
    one.env.PATH = '/nowhere';
    assertStarted(await one.use(folder));
    // One that is marked as another release's is.
    const marker = join(runner.context.tool_cache, 'runs-agent', version, `${arch}.complete`);
    writeFileSync(marker, `${'0'.repeat(64)}\n`);
    assert.equal((await one.use(folder)).code, 1);
    one.env.PATH = process.env.PATH;
    assertStarted(await one.use(folder));
    writeFileSync(marker, '');
    assertStarted(await one.use(folder));
    assert.equal(server.asked.length, 1);
});

test('a restrictive mask does not close the tool cache to others, and is kept', async (t) => {
    const archive = scriptArchive(`if [ "$1" = --version ]; then echo runs-agent ${version}; else umask; fi`);
    const usual = process.umask();
    t.after(() => process.umask(usual));
    for (const [mask, expected] of [[0o077, 0o755], [0o002, 0o775]]) {
        const { runner, folder, job } = await scene(t, { archive });
        const one = job();
        process.umask(mask);
        const result = await one.use(folder);
        process.umask(usual);
        assert.match(result.text, new RegExp(`^0*${mask.toString(8)}$`, 'm'));
        const modes = ['', version, join(version, arch), join(version, arch, 'runs-agent'), join(version, `${arch}.complete`)]
            .map((name) => statSync(join(runner.context.tool_cache, 'runs-agent', name)).mode & 0o777);
        assert.deepEqual(modes, [expected, expected, 0o755, 0o755, expected & 0o666]);
    }
});

test('command: install puts the program on the path and does nothing else', async (t) => {
    const { runner, server, folder, job } = await scene(t);
    const one = job({ env: { CURRENTS_API_KEY: 'k', CURRENTS_API_URL: server.url } });
    const result = await one.use(folder, { with: { command: 'install' } });
    assert.equal(result.code, 0, result.text);
    assert.equal(result.outputs.outcome, 'installed');
    assert.equal(server.asked.length, 1, 'it asked for more than the archive');
    assert.deepEqual(one.path, [join(runner.context.tool_cache, 'runs-agent', version, arch)]);
    const program = join(one.path[0], 'runs-agent');
    assert.equal(execFileSync(program, ['--version']).toString(), `runs-agent ${version}\n`);
});

test('nothing of the user goes to the server', async (t) => {
    const { runner, server, folder, job } = await scene(t);
    writeFileSync(join(runner.home, '.netrc'), 'machine 127.0.0.1 login octocat password hunter2\n', { mode: 0o600 });
    writeFileSync(join(runner.home, '.curlrc'), 'user = "octocat:hunter2"\nnetrc\n');
    writeFileSync(join(runner.home, '.wgetrc'), 'user = octocat\npassword = hunter2\nauth_no_challenge = on\n');
    const secrets = { key: 'currents-secret', token: 'ghp_secret' };
    const env = { GITHUB_TOKEN: secrets.token, GH_TOKEN: secrets.token, CURRENTS_API_KEY: secrets.key };
    await job({ env, secrets }).use(folder, { with: { command: 'install', 'api-token': secrets.key } });
    rmSync(runner.context.tool_cache, { recursive: true });
    const wget = onlyThese(runner, [...needed, 'wget', 'timeout']);
    const result = await job({ env: { ...env, PATH: wget }, secrets }).use(folder, { with: { command: 'install' } });
    assert.equal(result.code, 0, result.text);
    assert.equal(server.asked.length, 2);
    for (const { headers } of server.asked) {
        assert.equal(headers.authorization, undefined);
        assert.equal(headers.cookie, undefined);
        assert.doesNotMatch(JSON.stringify(headers), /secret|hunter2|octocat/);
    }
});

test('wget does where there is no curl, and so does BusyBox', async (t) => {
    const tools = [...needed, 'wget', 'timeout'];
    for (const these of [tools, tools.map((name) => `${name}=busybox`)]) {
        const { runner, server, folder, job, cached } = await scene(t);
        const env = { PATH: onlyThese(runner, these) };
        const gone = await job({ env }).use(folder, { with: { mirror: `${server.url}/nowhere` } });
        assert.equal(gone.code, 1);
        assert.match(said(gone)[0], /nothing was run; [^;]* 404 Not Found|nothing was run; [^;]*ERROR 404/);
        assert.equal(server.asked.length, 1, 'what is not there was asked for again');
        const result = await job({ env }).use(folder);
        assertStarted(result);
        assert.deepEqual(cached(), installed);
    }
});

test('what is missing is named', async (t) => {
    const { runner, folder, job, cached } = await scene(t);
    const few = needed.filter((name) => name !== 'sha256sum');
    const result = await job({ env: { PATH: onlyThese(runner, few) } }).use(folder);
    assert.equal(result.code, 1);
    assert.match(said(result)[0], /lacks .*: curl \(or wget\) sha256sum timeout; install that, or .* input binary/);
    assert.equal(result.outputs.outcome, 'failed');
    assert.deepEqual(cached(), []);
});

test('four steps at once install into one tool cache', async (t) => {
    const { server, folder, job, cached } = await scene(t);
    let waiting = [];
    server.answers[pathOf()] = (_, answer) => {
        waiting.push(answer); // until all four have asked
        if (waiting.length === 4) for (const one of waiting) one.end(realArchive());
    };
    const results = await Promise.all([1, 2, 3, 4].map(() => job().use(folder)));
    results.forEach(assertStarted);
    assert.deepEqual(cached(), installed);
    assert.ok(!results.some(({ text }) => text.includes('[warning]')), results.map(({ text }) => text).join('\n'));
});

test('a tool cache that is absent, closed or holds something else: the program is kept for the job', async (t) => {
    const { runner, server, folder, job, cached } = await scene(t);
    const cache = runner.context.tool_cache;
    const takes = async (one) => {
        const before = server.asked.length;
        const first = await one.use(folder);
        assertStarted(first);
        assertStarted(await one.use(folder)); // the second step of the job finds it
        assert.equal(server.asked.length, before + 1);
        return said(first, 'warning').join();
    };
    for (const place of ['', '/proc/nowhere']) {
        runner.context.tool_cache = place;
        const warning = await takes(job());
        assert.equal(warning, place && '/proc/nowhere cannot be written to; the program is kept for this job only');
    }
    runner.context.tool_cache = cache;
    const home = join(cache, 'runs-agent', version, arch);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'runs-agent'), '#!/bin/sh\necho a fork of the same version\n', { mode: 0o755 });
    writeFileSync(`${home}.complete`, '');
    const before = cached();
    assert.match(await takes(job()), /holds something else than this release; .* for this job only/);
    assert.deepEqual(cached(), before);
});

test('what a crash left is not trusted, and mended where it is whole', async (t) => {
    const { runner, server, folder, job, cached } = await scene(t);
    const home = runner.folder('_work/_tool/runs-agent', version);
    mkdirSync(join(home, '.stage.x', arch), { recursive: true });
    writeFileSync(join(home, '.stage.x', arch, 'runs-agent'), 'half');
    assertStarted(await job().use(folder));
    assert.equal(server.asked.length, 1);
    rmSync(join(home, '.stage.x'), { recursive: true });
    assert.deepEqual(cached(), installed);

    rmSync(join(home, `${arch}.complete`)); // ended between the rename and the marker
    assertStarted(await job().use(folder));
    assert.equal(server.asked.length, 2);
    assert.deepEqual(cached(), installed);
    assertStarted(await job().use(folder));
    assert.equal(server.asked.length, 2);

    chmodSync(join(home, arch, 'runs-agent'), 0o644);
    const result = await job().use(folder);
    assertStarted(result);
    assert.match(said(result, 'warning')[0], /holds something else/);
});

test('another release of the action takes its own program', async (t) => {
    const { runner, server, folder, job } = await scene(t);
    assertStarted(await job().use(folder));
    const next = scriptArchive(`if [ "$1" = --version ]; then echo runs-agent 9.8.7; else echo "next $1"; fi`);
    const other = checkOut(runner.actionFolder('octo/runs-agent', 'v9'), { [asset]: next });
    const lists = readFileSync(join(other, 'CMakeLists.txt'), 'utf8');
    writeFileSync(join(other, 'CMakeLists.txt'), lists.replace(`runs-agent VERSION ${version}`, 'runs-agent VERSION 9.8.7'));
    server.answers[pathOf().replace(version, '9.8.7')] = next;
    const result = await job().use(other);
    assert.equal(result.code, 0, result.text);
    assert.match(result.text, /^next action$/m);
});

test('a mirror goes before everything else, and its program needs the same sum', async (t) => {
    const { server, folder, job, cached } = await scene(t);
    const mirror = await Server.start(t);
    const path = `/pool/runs-agent/v${version}/${asset}`;
    mirror.answers[path] = scriptArchive('echo wrong');
    const bad = await job().use(folder, { with: { mirror: `${mirror.url}/pool/runs-agent/` } });
    assert.equal(bad.code, 1);
    assert.match(said(bad)[0], /its SHA-256 is [0-9a-f]{64}, action.sha256 wants [0-9a-f]{64}/);
    assert.deepEqual(cached(), []);
    mirror.answers[path] = realArchive();
    assertStarted(await job().use(folder, { with: { mirror: `${mirror.url}/pool/runs-agent` } }));
    assert.deepEqual(mirror.asked.map(({ url }) => url), [path, path]);
    assert.equal(server.asked.length, 0);
    for (const wrong of ['ftp://x/y', 'https://user:secret@x/y', 'https://x/y?z', 'mirror', 'https://x/a b', 'https://x/\n::error::y']) {
        const other = await scene(t);
        const result = await other.job().use(other.folder, { with: { mirror: wrong } });
        assert.equal(result.code, 2, wrong);
        assert.match(said(result)[0], /^the input mirror must be an http or https URL/);
        assert.equal(said(result).length, 1);
        assert.ok(!said(result)[0].includes('secret'));
    }
});

test('a program that is there already: by path, by name, or not at all', async (t) => {
    const { runner, server, folder, job, cached } = await scene(t);
    const one = job();
    const own = runner.folder('own');
    const program = join(own, 'runs-agent');
    writeFileSync(program, '#!/bin/sh\necho "own $1 $INPUT_RUN_ID"\n', { mode: 0o755 });
    symlinkSync(own, join(one.workspace, 'tools'));
    one.env.PATH = `${own}:${process.env.PATH}`;
    for (const name of [program, 'tools/runs-agent', './tools/runs-agent', 'runs-agent']) {
        const result = await one.use(folder, { with: { binary: name, 'run-id': 'r1' } });
        assert.equal(result.code, 0, result.text);
        assert.match(result.text, /^own action r1$/m);
    }
    const install = async (name) => {
        const result = await one.use(folder, { with: { binary: name, command: 'install' } });
        assert.equal(result.outputs.outcome, 'installed', result.text);
        return result;
    };
    assert.match((await install('tools/runs-agent')).text, /^runs-agent is on the path already: /m);
    assert.deepEqual(one.path, []);
    // What else is in its folder does not come before the job's own programs.
    const other = join(own, 'agent-1');
    writeFileSync(other, '#!/bin/sh\necho other\n', { mode: 0o755 });
    await install(other);
    assert.equal(one.path.length, 1);
    assert.deepEqual(filesIn(one.path[0]), ['runs-agent']);
    assert.equal(realpathSync(join(one.path[0], 'runs-agent')), other);
    assert.ok(one.path[0].startsWith(one.temp));
    writeFileSync(join(own, 'text'), 'x', { mode: 0o644 });
    for (const name of ['nowhere', './nowhere', own, join(own, 'text'), '--help', '$(touch pwned)', 'x\n::error::y']) {
        const result = await one.use(folder, { with: { binary: name } });
        assert.equal(result.code, 2, name);
        assert.equal(said(result).length, 1);
        assert.match(said(result)[0], /^the input binary names .*which is not a program here; name/s);
    }
    const foreign = join(own, 'foreign');
    writeFileSync(foreign, '\x7fELF\x02\x01\x01\0\0\0of another machine\n', { mode: 0o755 });
    const result = await one.use(folder, { with: { binary: foreign } });
    assert.equal(result.code, 1);
    assert.match(said(result)[0], /cannot be run on this machine/);
    assert.ok(!existsSync(join(one.workspace, 'pwned')));
    assert.equal(server.asked.length, 0);
    assert.deepEqual(cached(), []);
});

test('a runner that no program fits is told so', async (t) => {
    for (const [os, machine] of [['macOS', 'ARM64'], ['Windows', 'X64'], ['Linux', 'ARM'], ['Linux', 'X86']]) {
        const { server, folder, job } = await scene(t, { options: { os, arch: machine } });
        const result = await job().use(folder);
        assert.equal(result.code, 1);
        assert.equal(
            said(result)[0],
            `there is no program for a runner of ${os} ${machine}, only for Linux on X64 and ARM64; run this job on ` +
                'such a one (runs-on: ubuntu-latest), or build the program and name it by the input binary',
        );
        assert.equal(server.asked.length, 0);
    }
    const { folder, job } = await scene(t, { options: { os: '', arch: '' } }); // runners of others
    assertStarted(await job().use(folder));
});
