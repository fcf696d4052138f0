// SPDX-License-Identifier: MIT
// script/tidy in a small repository of its own: what it looks at, what it knows from before, what it
// leaves out because it is as it was at the base. clang-tidy, cmake and g++ are stand-ins.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';

const source = new URL('../../', import.meta.url).pathname;

// Writes down what it is shown; is content but for a line with the word "fault".
const clangTidy = `#!/usr/bin/env bash
if [ "$1" = --version ]; then echo "\${TIDY_VERSION-19.1.7}"; exit; fi
mode=plain
[[ $* != *--config=* ]] || mode=deep
case "\${@: -1}" in
    tests/linting/faults.cpp)
        [ $mode != plain ] || [ "\${BLIND-}" = plain ] || echo "/x/faults.cpp:2:1: error: bad [some-check,-warnings-as-errors]"
        [ $mode != deep ] || [ "\${BLIND-}" = deep ] || echo "/x/faults.cpp:3:1: error: bad [an-other,-warnings-as-errors]"
        exit 1 ;;
esac
echo "$mode \${@: -1}" >>"$SHOWN"
! grep -n fault "\${@: -1}"
`;
// Configures: one library of all that is in src, compiled as "flags" says.
const cmake = `#!/usr/bin/env bash
tree=$PWD build=
while [ $# -gt 0 ]; do
    case $1 in -S) tree=$(cd "$2" && pwd) ;; -B) mkdir -p "$2" && build=$(cd "$2" && pwd) ;; esac
    shift
done
[ -e "$tree/flags" ] || exit 1
{
    echo '['
    for file in "$tree"/src/*.cpp; do
        echo "{\\"directory\\":\\"$build\\",\\"file\\":\\"$file\\",\\"command\\":\\"clang++-19 $(cat "$tree/flags") -I$tree/src -I$tree -o x.o -c $file\\"},"
    done
    echo "{\\"directory\\":\\"$build\\",\\"file\\":\\"$build/made.cpp\\",\\"command\\":\\"clang++-19 -c made.cpp\\"}]"
} >"$build/compile_commands.json"
`;
const compiler = `#!/usr/bin/env bash
if [[ " $* " == *" -v "* ]]; then printf '#include <...> search starts here:\\n %s\\nEnd of search list.\\n' "$LIBRARY" >&2; exit; fi
touch "\${@: -1}"
`;

class Repository {
    constructor(t) {
        this.dir = mkdtempSync(join(tmpdir(), 'runs-agent-tidy-'));
        t.after(() => rmSync(this.dir, { recursive: true, force: true }));
        this.work = join(this.dir, 'work');
        this.cache = join(this.dir, 'cache');
        this.shown = join(this.dir, 'shown');
        this.library = join(this.dir, 'library');
        mkdirSync(this.library);
        writeFileSync(join(this.library, 'a.h'), '1');
        mkdirSync(join(this.dir, 'bin'));
        for (const [name, text] of Object.entries({ 'clang-tidy-19': clangTidy, cmake, 'g++': compiler, 'clang++-19': compiler })) {
            writeFileSync(join(this.dir, 'bin', name), text);
            chmodSync(join(this.dir, 'bin', name), 0o755);
        }
        for (const path of ['script/tidy', 'script/linting', 'tests/system/node'])
            cpSync(join(source, path), join(this.work, path), { recursive: true });
        this.write('script/linting/base', '# The base.\n');
        this.write('.gitignore', '/build/\n/tests/.deps\n');
        symlinkSync(join(source, 'tests/.deps'), join(this.work, 'tests/.deps'));
        this.write('tests/linting/faults.cpp', '// Faults.\n// some-check\n// deep: an-other\n');
        this.write('tests/linting/faults.hpp', '');
        this.write('.clang-tidy', 'Checks: all\n');
        this.write('cmake/Dependencies.cmake', '');
        this.write('flags', '-DPLAIN');
        this.write('src/a.cpp', '#include "part/first.hpp"\n#include <string>\n');
        this.write('src/part/first.hpp', '#include "second.hpp"\n');
        this.write('src/part/second.hpp', '');
        this.write('src/b.cpp', '#include "made.hpp"\n#include "top.hpp"\n');
        this.write('top.hpp', '');
        this.write('src/made.hpp.in', '@commit@\n');
        this.write('bench/c.cpp', '');
        this.git('init', '--quiet');
        this.commit();
    }
    write(path, text) {
        mkdirSync(dirname(join(this.work, path)), { recursive: true });
        writeFileSync(join(this.work, path), text);
    }
    run(command, args, env = {}, cwd = this.work) {
        return spawnSync(command, args, { cwd, encoding: 'utf8', env: {
            PATH: `${join(this.dir, 'bin')}:${process.env.PATH}`, HOME: this.dir, GIT_CONFIG_NOSYSTEM: '1',
            GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com',
            RUNS_AGENT_TIDY_CACHE: this.cache, SHOWN: this.shown, LIBRARY: this.library, ...env } });
    }
    git(...args) {
        const { status, stderr, stdout } = this.run('git', args);
        assert.equal(status, 0, stderr);
        return stdout.trim();
    }
    commit() {
        this.git('add', '--all');
        this.git('commit', '--quiet', '--message', 'c');
        return this.git('rev-parse', 'HEAD');
    }
    /** What clang-tidy was shown, sorted, and what script/tidy said. */
    tidy(args = [], { env, cwd, fails = false } = {}) {
        writeFileSync(this.shown, '');
        const { status, stdout, stderr } = this.run(join(cwd ?? this.work, 'script/tidy'), args, env, cwd);
        assert.equal(status !== 0, fails, stdout + stderr);
        return { shown: readFileSync(this.shown, 'utf8').split('\n').filter(Boolean).sort(), said: stdout + stderr };
    }
    /** A repository in which all is clean, the base says so, and the cache has forgotten it. */
    based() {
        this.tidy(['--all']);
        const id = this.commit();
        this.forget();
        return id;
    }
    forget() { rmSync(this.cache, { recursive: true, force: true }); }
}

const a = 'plain src/a.cpp';
const b = 'plain src/b.cpp';
const c = 'plain bench/c.cpp';

test('with no base every file is looked at, once: the cache knows what passed, in every clone', (t) => {
    const repository = new Repository(t);
    const first = repository.tidy();
    assert.deepEqual(first.shown, [c, a, b]);
    assert.match(first.said, /names no commit/);
    assert.deepEqual(repository.tidy().shown, []);

    const clone = join(repository.dir, 'another');
    repository.git('clone', '--quiet', repository.work, clone);
    symlinkSync(join(source, 'tests/.deps'), join(clone, 'tests/.deps'));
    const there = repository.tidy([], { cwd: clone });
    assert.deepEqual(there.shown, []);
    assert.match(there.said, /3 files are clean: 0 looked at now, 3 known from before/);
});

for (const [what, change, shown] of [
    ['a header, however deep', (r) => r.write('src/part/second.hpp', 'int x;\n'), [a]],
    ['a template of a header that CMake makes', (r) => r.write('src/made.hpp.in', 'int x;\n'), [b]],
    ['a header that is found before another', (r) => r.write('src/top.hpp', ''), [b]],
    ['a header that is found only after another', (r) => r.write('src/second.hpp', ''), []],
    ['a header in the place of one of the same name', (r) => { r.git('mv', 'src/part/second.hpp', 'src/second.hpp'); }, [a]],
    ['a source file', (r) => r.write('src/b.cpp', 'int x;\n'), [b]],
    ['a file that is new', (r) => r.write('src/d.cpp', ''), ['plain src/d.cpp']],
    ['the rules', (r) => r.write('.clang-tidy', 'Checks: more\n'), [c, a, b]],
    ['the flags', (r) => r.write('flags', '-DOTHER'), [c, a, b]],
    ['nothing', () => {}, []],
]) {
    test(`what a change could have broken is looked at, by the base and by the cache: ${what}`, (t) => {
        const repository = new Repository(t);
        const base = repository.based();
        change(repository);
        const { shown: after, said } = repository.tidy();
        assert.deepEqual(after, shown);
        const [, unchanged, id] = /(\d+) unchanged since (\w+)/.exec(said);
        assert.equal(Number(unchanged), (what === 'a file that is new' ? 4 : 3) - shown.length);
        assert.ok(repository.git('rev-parse', `${base}^`).startsWith(id), said);

        // The same by the cache alone.
        repository.git('reset', '--quiet', '--hard');
        repository.git('clean', '--quiet', '--force', '-d');
        repository.write('script/linting/base', '');
        repository.forget();
        repository.tidy();
        change(repository);
        assert.deepEqual(repository.tidy().shown, shown);
    });
}

test('a newer clang-tidy or library makes the cache worthless, not the base', (t) => {
    const repository = new Repository(t);
    repository.tidy();
    assert.deepEqual(repository.tidy([], { env: { TIDY_VERSION: '19.1.8' } }).shown, [c, a, b]);
    writeFileSync(join(repository.library, 'a.h'), '2');
    assert.deepEqual(repository.tidy().shown, [c, a, b]);
    repository.based();
    writeFileSync(join(repository.library, 'a.h'), '3');
    assert.deepEqual(repository.tidy().shown, []);
});

test('what was looked at by name counts for all', (t) => {
    const repository = new Repository(t);
    assert.deepEqual(repository.tidy(['src/a.cpp', 'src/part/first.hpp']).shown, [a]);
    assert.deepEqual(repository.tidy().shown, [c, b]);
    assert.match(repository.tidy(['src/none.cpp'], { fails: true }).said, /no such source file: src\/none\.cpp/);
});

test('a fault fails each time: only what is clean is remembered', (t) => {
    const repository = new Repository(t);
    repository.based();
    repository.write('src/a.cpp', 'fault\n');
    for (const time of ['first', 'second']) {
        const { shown, said } = repository.tidy([], { fails: true });
        assert.deepEqual(shown, [a], time);
        assert.match(said, /1:fault/);
    }
    repository.tidy(['--all'], { fails: true });
    assert.equal(repository.git('status', '--porcelain'), 'M src/a.cpp');
});

test('a base that is not in the clone, or cannot be configured, is said, and leaves nothing out', (t) => {
    const repository = new Repository(t);
    repository.based();
    repository.write('script/linting/base', `${'0'.repeat(40)}\n`);
    const { shown, said } = repository.tidy();
    assert.deepEqual(shown, [c, a, b]);
    assert.match(said, /0{40}, is not in this clone/);

    repository.forget();
    repository.git('rm', '--quiet', '--cached', 'flags');
    repository.git('commit', '--quiet', '--message', 'no flags');
    repository.write('script/linting/base', `${repository.git('rev-parse', 'HEAD')}\n`);
    const broken = repository.tidy();
    assert.deepEqual(broken.shown, [c, a, b]);
    assert.match(broken.said, /cannot be configured/);
});

test('--all looks at every file and moves the base, where it looked at a commit; --deep looks twice', (t) => {
    const repository = new Repository(t);
    const id = repository.git('rev-parse', 'HEAD');
    assert.deepEqual(repository.tidy(['--all', '--deep']).shown, ['deep bench/c.cpp', 'deep src/a.cpp', 'deep src/b.cpp', c, a, b]);
    assert.equal(readFileSync(join(repository.work, 'script/linting/base'), 'utf8'), `# The base.\n${id}\n`);
    repository.commit();
    repository.forget();
    assert.deepEqual(repository.tidy(['--all']).shown, [c, a, b]);
    assert.equal(repository.git('status', '--porcelain'), '', 'a commit that moves the base alone is no reason to move it');
    repository.write('src/b.cpp', 'int y;\n');
    repository.tidy(['--all']);
    assert.equal(repository.git('status', '--porcelain'), 'M src/b.cpp');
});

test('a clang-tidy that does not see the faults that are there is not believed', (t) => {
    const repository = new Repository(t);
    for (const [mode, fault] of Object.entries({ plain: 'faults.cpp:2 some-check', deep: 'faults.cpp:3 an-other' })) {
        const { shown, said } = repository.tidy(['--all', '--deep'], { env: { BLIND: mode }, fails: true });
        assert.deepEqual(shown, []);
        assert.ok(said.includes(`(${mode}) does not see what is in tests/linting: ${fault}`), said);
    }
});

test('the cache does not grow for ever', (t) => {
    const repository = new Repository(t);
    mkdirSync(repository.cache);
    const day = 24 * 60 * 60;
    for (let i = 0; i < 10_100; ++i) writeFileSync(join(repository.cache, `old-${i}`), '');
    writeFileSync(join(repository.cache, 'ancient'), '');
    utimesSync(join(repository.cache, 'ancient'), Date.now() / 1000 - 61 * day, Date.now() / 1000 - 61 * day);
    repository.tidy();
    const left = readdirSync(repository.cache);
    assert.equal(left.length, 10_000);
    assert.ok(!left.includes('ancient'));
    assert.equal(left.filter((name) => !name.startsWith('old-')).length, 3);
});
