// SPDX-License-Identifier: MIT
// What a release is compiled with against mistakes in memory: every file of ours, by the preset that
// releases are made with. That the finished program has it is seen by script/package-test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

const root = new URL('../..', import.meta.url).pathname;
const processor = { x64: ['-fcf-protection=full'], arm64: ['-mbranch-protection=standard'] }[process.arch] ?? [];
const wanted = ['-fstack-protector-strong', '-fstack-clash-protection', '-D_FORTIFY_SOURCE=3', '-D_GLIBCXX_ASSERTIONS', ...processor];

test('every file of a release is compiled with protections', (t) => {
    const build = mkdtempSync(join(tmpdir(), 'runs-agent-release-'));
    t.after(() => rmSync(build, { recursive: true, force: true }));
    // Nothing is built here: any libpq will do, and script/libpq need not make one.
    const libpq = join(build, 'libpq');
    mkdirSync(join(libpq, 'include'), { recursive: true });
    const { status, stdout, stderr } = spawnSync('cmake',
        ['--preset', 'release', '-B', build, '-D', `RUNS_AGENT_LIBPQ=${libpq}`], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    const commands = JSON.parse(readFileSync(join(build, 'compile_commands.json'), 'utf8'));
    assert.ok(commands.length > 150, `only ${commands.length} files`);
    for (const { file, command } of commands) {
        const flags = command.split(' ');
        for (const flag of wanted) assert.ok(flags.includes(flag), `${file} without ${flag}`);
        // The last word counts, and fortified functions want an optimiser.
        assert.equal(flags.filter((flag) => /FORTIFY_SOURCE/.test(flag)).at(-1), '-D_FORTIFY_SOURCE=3', file);
        assert.ok(flags.some((flag) => /^-O[23s]$/.test(flag)), file);
    }
    const link = readFileSync(join(build, 'build.ninja'), 'utf8').split(/^build /m).find((rule) => rule.startsWith('runs-agent:'));
    for (const flag of ['-static-pie', '-Wl,-z,relro,-z,now,-z,noexecstack']) assert.ok(link.includes(flag), flag);
});
