// SPDX-License-Identifier: MIT
// A copy of the action as a released ref has it, the archive that belongs to it, and a server that
// gives it out: well, or as badly as a test asks for.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const project = new URL('../..', import.meta.url).pathname;
export const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
export const asset = `runs-agent-linux-${arch}.tar.gz`;
export const version = /^project\(runs-agent VERSION ([\d.]+)/m.exec(
    readFileSync(join(project, 'CMakeLists.txt'), 'utf8'),
)[1];

const binary = process.env.RUNS_AGENT_BINARY;
assert.ok(binary, 'RUNS_AGENT_BINARY must name the program; ctest sets it');

export const sumOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

// An archive of what `fill` puts into a folder; its bytes.
export function pack(fill) {
    const dir = mkdtempSync(join(tmpdir(), 'runs-agent-archive-'));
    try {
        fill(dir);
        return execFileSync('tar', ['-I', 'gzip -1', '-cf', '-', '-C', dir, ...readdirSync(dir)], {
            maxBuffer: 1 << 30,
        });
    } finally {
        rmSync(dir, { recursive: true, force: true });
    }
}

// The release's archive with the real program, made once a test file.
let real;
export function realArchive() {
    real ??= pack((dir) => {
        const top = join(dir, `runs-agent-linux-${arch}`);
        mkdirSync(top);
        execFileSync('strip', ['-o', join(top, 'runs-agent'), binary]);
        for (const name of ['LICENSE', 'README.md']) cpSync(join(project, name), join(top, name));
    });
    return real;
}

// An archive whose program is a shell script.
export function scriptArchive(text, top = `runs-agent-linux-${arch}`) {
    return pack((dir) => {
        mkdirSync(join(dir, top), { recursive: true });
        writeFileSync(join(dir, top, 'runs-agent'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    });
}

// The SHA-256 of the program in the archive `name`, whatever kind of archive it is.
function sumOfProgram(name, bytes) {
    const member = `${name.replace('.tar.gz', '')}/runs-agent`;
    const { stdout } = spawnSync('tar', ['-xzO', member], { input: bytes, maxBuffer: 1 << 30 });
    return `${sumOf(stdout)}  ${member}\n`;
}

// The files of the action in `folder`, with the sums of `archives`; none: as on the main branch.
export function checkOut(folder, archives) {
    mkdirSync(join(folder, 'script'), { recursive: true });
    for (const name of ['action.yml', 'CMakeLists.txt', 'script/action'])
        cpSync(join(project, name), join(folder, name));
    chmodSync(join(folder, 'script/action'), 0o644); // an archive of a repository may lose the bit
    if (!archives) return folder;
    const lines = Object.entries(archives).map(([name, bytes]) => `${sumOf(bytes)}  ${name}\n${sumOfProgram(name, bytes)}`);
    writeFileSync(join(folder, 'action.sha256'), lines.join(''));
    return folder;
}

// An HTTP server of files. `answers[path]` is bytes, or a function (question, answer).
export class Server {
    asked = [];
    answers = {};

    static async start(t, make = (handler) => http.createServer(handler)) {
        const served = new Server();
        served.server = make((question, answer) => served.#answer(question, answer));
        await new Promise((done) => served.server.listen(0, '127.0.0.1', done));
        served.url = `http://127.0.0.1:${served.server.address().port}`;
        t.after(() => served.stop());
        return served;
    }

    stop() {
        this.server.closeAllConnections?.();
        this.server.close();
    }

    #answer(question, answer) {
        const { method, url, headers } = question;
        this.asked.push({ method, url, headers });
        const found = this.answers[url];
        if (typeof found === 'function') return found(question, answer);
        answer.writeHead(found ? 200 : 404, { 'Content-Length': (found ?? 'Not Found').length });
        answer.end(found ?? 'Not Found');
    }
}

// Where GitHub has a release's asset.
export const pathOf = (name = asset, repository = 'octo/runs-agent') =>
    `/${repository}/releases/download/v${version}/${name}`;

// Everything below a folder, without its folders' own names.
export function filesIn(folder) {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true })
        .filter((name) => !statSync(join(folder, name)).isDirectory())
        .sort();
}

// What the tool cache holds once the release is there.
export const installed = [`runs-agent/${version}/${arch}.complete`, `runs-agent/${version}/${arch}/runs-agent`];
