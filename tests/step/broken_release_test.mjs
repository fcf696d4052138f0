// SPDX-License-Identifier: MIT
// A release that is not as it should be: the step fails, says why, runs nothing and leaves nothing.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { Runner, said } from './runner.mjs';
import { Server, arch, asset, checkOut, filesIn, installed, pack, pathOf, scriptArchive, sumOf, version } from './release.mjs';

// A step whose program would leave a mark; `archive` is what the ref's sums ask for.
async function attempt(t, { archive, serve, other = {}, change = () => {} } = {}) {
    const runner = new Runner(t);
    const server = await Server.start(t);
    const mark = join(runner.dir, 'it-ran');
    const bytes = archive ?? scriptArchive(`echo ran >${mark}; echo runs-agent ${version}`);
    Object.assign(server.answers, { [pathOf()]: serve ? serve(bytes) : bytes, ...other });
    const folder = checkOut(runner.actionFolder(), { [asset]: bytes });
    change(folder);
    const job = runner.job();
    // As a mirror, so that github.com is not looked at as well.
    const result = await job.use(folder, { with: { mirror: server.url + dirname(dirname(pathOf())) } });
    return { runner, server, mark, result, job, folder };
}

// It failed closed, with one annotation that `expected` matches, after that many requests.
async function assertClosed(t, expected, requests, given) {
    const seen = await attempt(t, given);
    const { runner, server, mark, result, job } = seen;
    assert.equal(result.code, 1, result.text);
    assert.equal(said(result).length, 1, result.text);
    assert.match(said(result)[0], expected);
    assert.equal(result.outputs.outcome, 'failed');
    assert.ok(!existsSync(mark), 'the program was run');
    assert.deepEqual(filesIn(runner.context.tool_cache), []);
    assert.deepEqual(filesIn(job.temp).filter((name) => name.includes('runs-agent')), []);
    assert.equal(server.asked.length, requests, result.text);
    return seen;
}

test('the mark is left by a program that may run', async (t) => {
    const { runner, mark, result } = await attempt(t);
    assert.equal(result.code, 0, result.text);
    assert.ok(existsSync(mark));
    assert.deepEqual(filesIn(runner.context.tool_cache), installed);
});

test('another sum than the ref wants', async (t) => {
    const evil = scriptArchive('echo evil');
    const { result } = await assertClosed(t, /and nothing was run; http/, 1, { serve: () => evil });
    assert.match(said(result)[0], new RegExp(`its SHA-256 is ${sumOf(evil)}, action.sha256 wants [0-9a-f]{64}`));
});

test('one bit is wrong', async (t) => {
    await assertClosed(t, /its SHA-256 is/, 1, {
        serve: (bytes) => {
            const turned = Buffer.from(bytes);
            turned[turned.length >> 1] ^= 1;
            return turned;
        },
    });
});

test('an asset that is not there', async (t) => {
    const { result } = await assertClosed(t, /404.*See whether the release has runs-agent-linux-/, 1, {
        serve: () => undefined,
    });
    assert.match(said(result)[0], /set the input mirror or binary/);
});

test('a download that ends early', async (t) => {
    await assertClosed(t, /transfer closed|bytes remaining|end of file/, 3, {
        serve: (bytes) => (_, answer) => {
            answer.writeHead(200, { 'Content-Length': bytes.length });
            answer.write(bytes.subarray(0, bytes.length - 10), () => answer.destroy());
        },
    });
});

test('a download that ends early without having said how long it is', async (t) => {
    await assertClosed(t, /its SHA-256 is/, 1, {
        serve: (bytes) => (question) => {
            question.socket.write('HTTP/1.0 200 OK\r\n\r\n');
            question.socket.end(bytes.subarray(0, bytes.length - 10));
        },
    });
});

test('a server that stumbles is asked three times, and once more is enough', async (t) => {
    await assertClosed(t, /503/, 3, { serve: () => (_, answer) => (answer.writeHead(503), answer.end()) });
    let times = 0;
    const { result, server } = await attempt(t, {
        serve: (bytes) => (question, answer) => {
            if (++times < 2) return question.socket.destroy();
            if (times < 3) return answer.writeHead(429), answer.end();
            answer.end(bytes);
        },
    });
    assert.equal(result.code, 0, result.text);
    assert.equal(server.asked.length, 3);
});

test('a page of a server that wants people to log in', async (t) => {
    const { server } = await assertClosed(t, /its SHA-256 is/, 2, {
        serve: () => (_, answer) => (answer.writeHead(302, { Location: `${pathOf()}?login` }), answer.end()),
        other: { [`${pathOf()}?login`]: '<html>Who are you?</html>' },
    });
    assert.equal(server.asked.at(-1).url, `${pathOf()}?login`);
});

test('no sum for this asset, or none that is one', async (t) => {
    for (const text of ['', `${'a'.repeat(64)}  another.tar.gz\n`, `abc  ${asset}\n`, `${'g'.repeat(64)}  ${asset}\n`])
        await assertClosed(t, /action.sha256 of the action has no SHA-256 for runs-agent-linux-/, 0, {
            change: (folder) => writeFileSync(join(folder, 'action.sha256'), text),
        });
});

test('no sum for the program, or another one', async (t) => {
    const change = (make) => (folder) => {
        const file = join(folder, 'action.sha256');
        const [archive, program] = readFileSync(file, 'utf8').trimEnd().split('\n');
        writeFileSync(file, `${archive}\n${make(program)}\n`);
    };
    for (const make of [() => '', (line) => line.slice(1), (line) => line.replace('runs-agent-linux', 'x')])
        await assertClosed(t, /has no SHA-256 for runs-agent-linux-\w+\/runs-agent, so nothing may be run/, 0, { change: change(make) });
    await assertClosed(t, /runs-agent of runs-agent-linux-.* has not the SHA-256 that action.sha256 wants; this release is broken/, 1, {
        change: change((line) => line.replace(/^\w+/, 'a'.repeat(64))),
    });
});

test('a ref that is no release', async (t) => {
    await assertClosed(t, /this ref of the action is no release.*use a release's tag, such as @v1/, 0, {
        change: (folder) => rmSync(join(folder, 'action.sha256')),
    });
});

test('an archive of another form', async (t) => {
    const top = `runs-agent-linux-${arch}`;
    const forms = {
        elsewhere: scriptArchive('echo evil', 'bin'),
        empty: pack((dir) => mkdirSync(join(dir, top))),
        folder: pack((dir) => mkdirSync(join(dir, top, 'runs-agent'), { recursive: true })),
        link: pack((dir) => {
            mkdirSync(join(dir, top));
            symlinkSync('/bin/true', join(dir, top, 'runs-agent'));
        }),
        text: Buffer.from('<html>'),
    };
    for (const archive of Object.values(forms))
        await assertClosed(t, /holds no file runs-agent-linux-\w+\/runs-agent; this release is broken/, 1, { archive });
});

test('a program that does not run, or is another version', async (t) => {
    for (const [program, expected] of [
        ['exit 1', /does not run .* as runs-agent [\d.]+; it says: nothing/],
        ['echo "runs-agent 0.0.0"', /it says: runs-agent 0\.0\.0/],
        ['printf "::error::x\\n##[error]y"', /it says: ::error::x ## \[error\]y/],
    ])
        await assertClosed(t, expected, 1, { archive: scriptArchive(program) });
});
