// SPDX-License-Identifier: MIT
// keys.mjs TREE BUILD <FILES: what clang-tidy's verdict on each of these files depends on, as a hash.
// BUILD is where TREE was configured. Prints a line "HASH FILE" for each file that is in TREE, and
// writes BUILD/once/compile_commands.json, with one command for each. A hash is made of
//   - the command, wherever the tree lies;
//   - the rules: .clang-tidy, what is beside this file, what CMake mends in a library's headers;
//   - the file, and each file of ours that it includes, or that those include: no other header.
// The headers of the system are left to script/tidy: they are the same for every file.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve } from 'node:path';

const [tree, build] = process.argv.slice(2).map((path) => resolve(path));

const hash = (...parts) => {
    const sum = createHash('sha256');
    for (const part of parts) sum.update(part).update('\0');
    return sum.digest('hex').slice(0, 40);
};

/** A command without what differs between two clones. */
const anywhere = ({ command }) => command.replaceAll(build, '<build>').replaceAll(tree, '<tree>');

/**
 * The command of each file. Where two libraries compile the same file, the first; where none does, as
 * in bench/, the one that knows the most.
 */
function readCommands(wanted) {
    const entries = JSON.parse(readFileSync(join(build, 'compile_commands.json'), 'utf8'))
        .map(({ directory, command, file }) => ({ directory, command, file: resolve(directory, file) }));
    const by = new Map(entries.reverse().map((entry) => [relative(tree, entry.file), entry]));
    const flags = (entry) => anywhere(entry).replace(/ -o .*/, '');
    const richest = entries.reduce((a, b) => (flags(b).length > flags(a).length ? b : a));
    const made = (file) => ({
        directory: richest.directory, file: join(tree, file),
        command: richest.command.replace(/ -o .*/, ` -o none.o -c ${join(tree, file)}`),
    });
    return new Map(wanted.filter((file) => existsSync(join(tree, file))).map((file) => [file, by.get(file) ?? made(file)]));
}

const files = new Map();
/** A file's hash and what it includes, or nothing where there is no such file. */
function look(path) {
    if (!files.has(path)) {
        const full = join(tree, path);
        // What CMake generates is looked at as what it is made from: the commit is no rule.
        const found = [full, `${full}.in`].find(existsSync);
        const text = found && readFileSync(found, 'utf8');
        files.set(path, found && {
            hash: hash(text),
            ours: [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"/gm)].map(([, name]) => name),
        });
    }
    return files.get(path);
}

/** Every file of ours that a file includes, itself among them. Conditions are not looked at. */
function closure(file, roots) {
    const seen = new Set([file]);
    for (const each of seen)
        for (const name of look(each)?.ours ?? []) {
            const places = [dirname(each), ...roots].map((place) => normalize(join(place, name)));
            seen.add(places.find(look) ?? `missing: ${name}`);
        }
    return [...seen].sort();
}

/** Where the command looks for includes of ours, as paths from the tree. */
const rootsOf = ({ command }) => [...command.matchAll(/ -I ?(\S+)/g)].map(([, dir]) => relative(tree, dir))
    .filter((dir) => !dir.startsWith('..') && !dir.startsWith('build/'));

const rules = () => hash(...['.clang-tidy', 'cmake/Dependencies.cmake', 'script/linting/keys.mjs', 'script/linting/look',
    'script/linting/ours_only.cpp'].flatMap((path) => [path, readFileSync(join(tree, path))]));

const commands = readCommands(readFileSync(0, 'utf8').split('\n').filter(Boolean));
mkdirSync(join(build, 'once'), { recursive: true });
writeFileSync(join(build, 'once/compile_commands.json'), JSON.stringify([...commands.values()], null, 1));
const common = rules();
for (const [file, command] of [...commands].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parts = closure(file, rootsOf(command)).flatMap((path) => [path, look(path)?.hash ?? '']);
    console.log(hash(common, anywhere(command), ...parts), file);
}
