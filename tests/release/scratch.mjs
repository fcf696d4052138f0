// SPDX-License-Identifier: MIT
// A repository to release from, in a temporary directory: a bare remote, a checkout of it with our
// scripts, and what two machines built. gh and docker are stand-ins that keep what they were told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = new URL('../../', import.meta.url).pathname;

export const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

export class Scratch {
    constructor(t, version = '1.2.3') {
        this.dir = mkdtempSync(join(tmpdir(), 'runs-agent-release-'));
        t.after(() => rmSync(this.dir, { recursive: true, force: true }));
        this.remote = join(this.dir, 'remote.git');
        this.work = join(this.dir, 'work');
        this.github = join(this.dir, 'github');
        mkdirSync(this.github);
        this.env = {
            PATH: `${join(this.dir, 'bin')}:${process.env.PATH}`,
            HOME: this.dir,
            GIT_CONFIG_NOSYSTEM: '1',
            GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com',
            GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com',
            FAKE_GITHUB: this.github, FAKE_REMOTE: this.remote,
        };
        mkdirSync(join(this.dir, 'bin'));
        for (const name of ['gh', 'docker']) {
            cpSync(new URL(`fake_${name}`, import.meta.url).pathname, join(this.dir, 'bin', name));
            chmodSync(join(this.dir, 'bin', name), 0o755);
        }

        this.must('git', ['init', '--quiet', '--bare', '--initial-branch=main', this.remote], this.dir);
        this.must('git', ['clone', '--quiet', this.remote, this.work], this.dir);
        this.must('git', ['checkout', '--quiet', '-B', 'main']);
        cpSync(join(source, 'script/releasing'), join(this.work, 'script/releasing'), { recursive: true });
        this.prepare(version);
    }

    // A commit on main that says it is this version.
    prepare(version) {
        this.write('CMakeLists.txt', `project(runs-agent VERSION ${version} LANGUAGES CXX)\n`);
        this.write('CHANGELOG.md', `# Changes\n\n## ${version} (2026-11-24)\n\nNew in ${version}.\n\n## 0.0.1\n\nOld.\n`);
        this.commit(`Be ${version}`);
        this.must('git', ['push', '--quiet', 'origin', 'HEAD:main']);
    }

    write(name, text) {
        writeFileSync(join(this.work, name), text);
    }

    commit(message) {
        this.must('git', ['add', '--all']);
        this.must('git', ['commit', '--quiet', '--allow-empty', '-m', message]);
    }

    run(program, args, cwd = this.work, env = {}) {
        const { status, stdout, stderr } = spawnSync(program, args, {
            cwd, env: { ...this.env, ...env }, encoding: 'utf8', timeout: 30_000,
        });
        return { code: status, stdout, stderr };
    }

    must(program, args, cwd) {
        const { code, stdout, stderr } = this.run(program, args, cwd);
        assert.equal(code, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`);
        return stdout.trim();
    }

    // One of script/releasing.
    script(name, args, env) {
        return this.run(join(this.work, 'script/releasing', name), args, this.work, env);
    }

    passes(name, args, env) {
        const { code, stdout, stderr } = this.script(name, args, env);
        assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
        return stdout;
    }

    refuses(name, args, why, env) {
        const { code, stdout, stderr } = this.script(name, args, env);
        assert.notEqual(code, 0, `${name} passed: ${stdout}`);
        assert.match(stderr, why);
    }

    // What the machine of one architecture leaves; `salt` makes other files of it.
    build(arch, deb, version = '1.2.3', salt = '') {
        const dir = join(this.dir, `built-${arch}${salt}`);
        mkdirSync(dir);
        const names = [`runs-agent-linux-${arch}.tar.gz`, `runs-agent-linux-${arch}.spdx.json`, `runs-agent_${version}_${deb}.deb`];
        for (const name of names) writeFileSync(join(dir, name), `${name} ${salt}`);
        const top = `runs-agent-linux-${arch}`;
        mkdirSync(join(dir, top));
        writeFileSync(join(dir, top, 'runs-agent'), `a program for ${arch} ${salt}`);
        this.must('tar', ['-czf', names[0], top], dir);
        rmSync(join(dir, top), { recursive: true });
        writeFileSync(join(dir, 'SHA256SUMS'), names.map((name) => `${sha256(join(dir, name))}  ${name}\n`).join(''));
        return dir;
    }

    // All files of a release.
    dist(version = '1.2.3', salt = '') {
        const dir = join(this.dir, `dist-${version}${salt}`);
        this.passes('collect', [version, dir, this.build('x64', 'amd64', version, version + salt),
            this.build('arm64', 'arm64', version, version + salt)]);
        return dir;
    }

    // What the remote's ref names.
    ref(name) {
        return this.run('git', ['rev-parse', '--quiet', '--verify', name], this.remote).stdout.trim();
    }
}
