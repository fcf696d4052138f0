// SPDX-License-Identifier: MIT
// The proxy of docs/operations.md, as the document has it: what it says is what is tried. Only the addresses,
// the certificate and the folders are this machine's; and the honest sender's address is taken for GitHub's.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { freePort, until } from '../system/program.mjs';

const root = new URL('../..', import.meta.url).pathname;
const program = ['/usr/sbin/nginx', join(root, 'tests/.deps/nginx/usr/sbin/nginx')].find(existsSync) ?? 'nginx';

function configuration(dir, port, daemon) {
    const document = readFileSync(join(root, 'docs/operations.md'), 'utf8');
    let text = /^```nginx\n(.*?)^```$/ms.exec(document)?.[1];
    assert.ok(text, 'docs/operations.md has no configuration for nginx');
    const change = (what, to) => {
        assert.match(text, what, 'docs/operations.md says something else now; see tests/attack/nginx.mjs');
        text = text.replace(what, to);
    };
    change(/^user .*$/m, process.getuid() === 0 ? 'user root;' : '');
    change(/listen 443 ssl/, `listen 127.0.0.1:${port}`);
    change(/^\s*ssl_certificate .*\n\s*ssl_certificate_key .*\n/m, '');
    change(/127\.0\.0\.1:8080/, daemon);
    change(/geo \$github \{\n\s*default 0;/, '$&\n        127.0.0.1/32 1;');
    change(/^http \{$/m, ['http {', `access_log ${dir}/access.log;`,
        ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`)].join('\n'));
    return text;
}

export class Proxy {
    static async start(place, daemon) {
        const proxy = new Proxy();
        const dir = join(place.dir, 'nginx');
        mkdirSync(dir);
        const port = await freePort();
        const file = join(dir, 'nginx.conf');
        writeFileSync(file, configuration(dir, port, daemon));
        const common = ['-p', dir, '-c', file, '-e', join(dir, 'error.log'), '-g'];
        const checked = spawnSync(program, [...common, `pid ${dir}/pid;`, '-t'], { encoding: 'utf8' });
        assert.equal(checked.status, 0, `nginx refuses it (script/bootstrap --tests brings nginx): ${checked.error ?? checked.stderr}`);
        proxy.child = spawn(program, [...common, `pid ${dir}/pid; daemon off;`], { stdio: 'ignore' });
        proxy.ended = new Promise((done) => proxy.child.on('close', done));
        proxy.address = `127.0.0.1:${port}`;
        await until('nginx to listen', () => new Promise((done) => {
            const socket = net.connect(port, '127.0.0.1');
            socket.on('connect', () => done(true)).on('error', () => done(false)).on('close', () => socket.destroy());
            socket.on('connect', () => socket.destroy());
        }));
        return proxy;
    }

    async stop() {
        this.child.kill('SIGTERM');
        await this.ended;
    }
}
