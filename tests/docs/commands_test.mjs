// SPDX-License-Identifier: MIT
// Every command of ours that a document shows is one that the program takes: subcommand, options and their
// values. Each is handed to the program, with a configuration by which it can do nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Place } from '../system/program.mjs';
import { documents, root } from './documents.mjs';
import { ourCalls } from './shell.mjs';

const here = documents();
const place = new Place();
test.after(() => place.leave());

// Nothing is reached, read or written: each secret is a file that is not there.
const harmless = {
    GITHUB_WEBHOOK_SECRET_FILE: '/nowhere/secret', CURRENTS_API_KEY_FILE: '/nowhere/key', CURRENTS_RECORD_KEY_FILE: '/nowhere/key',
    CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_STATE_DIR: '/proc/nowhere/state', RUNS_AGENT_LISTEN: '127.0.0.1:9',
    RUNS_AGENT_ADMIN_LISTEN: '127.0.0.1:9', RUNS_AGENT_API_LISTEN: '127.0.0.1:9', GITHUB_API_URL: 'http://127.0.0.1:9',
};

const subcommands = (text) => {
    const listed = /\nSubcommands:\n((?: .*\n)+)/.exec(text);
    return listed ? [...listed[1].matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name) : [];
};
const help = async (words) => (await place.agent([...words, '--help'])).stdout;
const top = subcommands(await help([]));
const whole = new Set(top);
for (const name of top) for (const below of subcommands(await help([name]))) whole.add(`${name} ${below}`);
// Built elsewhere at the same time; where the program has them, they are looked at as all others.
const coming = ['setup', 'doctor'].filter((name) => !whole.has(name));

// What stands for a value, and what stands for more of the same.
function filledIn(args) {
    const given = args.map((word) => word.replaceAll(/[[\]]/g, '')).filter((word) => !/^(…|\.\.\.)?$/.test(word));
    return given.map((word, at) => {
        if (!/^[A-Z_]+$/.test(word)) return word.replaceAll('…', 'x');
        return /^--(run-id|limit|run-attempt|github-run-id)$/.test(given[at - 1] ?? '') ? '1' : word;
    });
}

// Why the program does not take a command; nothing where it does.
async function refusal(args) {
    if (coming.includes(args[0])) return undefined;
    // It would wait for a browser; it looks at the certificates before.
    const env = args[0] === 'setup' ? { ...harmless, SSL_CERT_FILE: '/nowhere/certificates' } : harmless;
    const { stderr } = await place.agent(filledIn(args), { env });
    return /^runs-agent: (.*); see runs-agent --help$/m.exec(stderr)?.[1];
}

async function refusals(calls) {
    const said = await Promise.all([...calls].map(async ([where, args]) => [where, args.join(' '), await refusal(args)]));
    return said.filter(([, , why]) => why);
}

test('every command in a block of code is taken', async () => {
    const calls = here.flatMap((document) => document.blocks.flatMap(({ language, text, line }) => {
        if (language === 'ini') text = text.replaceAll(/^ExecStart=(.*)$/gm, '$1');
        else if (language === 'console') text = [...text.matchAll(/^ *\$ (.*(?:\\\n.*)*)$/gm)].map(([, command]) => command).join('\n');
        else if (language !== 'sh' && language !== '') return [];
        return ourCalls(text.replaceAll('…', 'x')).map((args) => [document.at(line), args]);
    }));
    assert.ok(calls.length > 40, `only ${calls.length} were found`);
    assert.deepEqual(await refusals(calls), []);
});

test('every command in a sentence is taken', async () => {
    const calls = here.flatMap((document) => document.words.flatMap(({ text, line }) => {
        const [first, second] = text.split(' ');
        if (first === 'runs-agent' && second) return ourCalls(text).map((args) => [document.at(line), args]);
        // Short for `runs-agent …`, where both words are a command's.
        return whole.has(`${first} ${second}`) || (whole.has(first) && /^(--|ID$|FILE$)/.test(second ?? ''))
            ? ourCalls(`runs-agent ${text}`).map((args) => [document.at(line), args]) : [];
    })).map(([where, args]) => [where, args]);
    assert.ok(calls.length > 80, `only ${calls.length} were found`);
    // A command that is named without what it needs (`runs-agent deliveries show`) is no mistake.
    const wrong = (await refusals(calls)).filter(([, , why]) => !/is required|requires at least|Requires|required .* missing$/i.test(why));
    assert.deepEqual(wrong, []);
});

test("README's table has every command, and no other", () => {
    const table = /\n## Command line\n(.*?)\n\n/s.exec(readFileSync(join(root, 'README.md'), 'utf8').replace(/(## Command line\n)\n/, '$1'))[1];
    const named = new Set([...table.matchAll(/^\| `([^`]+)`/gm)].flatMap(([, cell]) => {
        const [name, below] = cell.replaceAll('\\|', '|').split(' ');
        if (!below || /^[A-Z]/.test(below) || !subcommandsOf(name).length) return [name];
        return below.split('|').map((one) => `${name} ${one}`);
    }));
    const wanted = [...whole].filter((name) => name.includes(' ') || !subcommandsOf(name).length);
    assert.deepEqual([...named].filter((name) => !coming.includes(name)).sort(), wanted.sort());
});
const subcommandsOf = (name) => [...whole].filter((one) => one.startsWith(`${name} `));

test('docs/policy.md has every variable that `config print` names', async () => {
    const { settings } = await place.data(['config', 'print']);
    const rows = readFileSync(join(root, 'docs/policy.md'), 'utf8').split('\n').filter((line) => line.startsWith('| `'));
    const told = new Set(rows.flatMap((line) => [...line.split(' | ')[0].matchAll(/`(\w+)`/g)].map(([, name]) => name)));
    assert.deepEqual(Object.keys(settings).filter((name) => !told.has(name)), []);
});

test('what the program does not take is seen', async () => {
    for (const text of ['runs-agent serv', 'runs-agent serve --embeded', 'sudo runs-agent deliveries list --limit many', 'X=1 runs-agent runs get',
        'true && ./bin/runs-agent config chek', 'docker compose exec runs-agent /usr/bin/runs-agent deliveries lost',
        'runs-agent send --print |\n  runs-agent explain --evnt -', 'echo "$(runs-agent versions)"'.replaceAll('"', '')]) {
        const found = await refusals(ourCalls(text).map((args) => [text, args]));
        assert.equal(found.length, 1, text);
    }
    for (const text of ["runs-agent deliveries drop --filter 'state:dead repo:octo/legacy' --reason 'it # is gone'  # never again",
        'runs-agent send \\\n    --event ping >/dev/null 2>&1', '[ -x runs-agent ] # runs-agent nonsense', 'install runs-agent /usr/bin'])
        assert.deepEqual(await refusals(ourCalls(text).map((args) => [text, args])), [], text);
});
