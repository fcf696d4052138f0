// SPDX-License-Identifier: MIT
// Texts that strangers write, and what must not be left of them in anything that is printed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { parseCommand } from '../step/runner_protocol.mjs';

// Draws on a terminal, hides, turns the writing round, ends the line, forges another one, and orders
// the runner about, in a table's cell and as a heading, too. An argument cannot hold U+0000.
const unseen = '\u001b[2J\u007f\u0085\u009b1m\u00ad\u061c\u200b\u200d\u200e\u202e\u2028\u2060\u2066\ufe0f\ufeff\u{e0041}';
export const evil = [
    `a${unseen}z`, '::error::b', '  ::add-mask::c', '\u200b::warning::d', '\u3000::stop-commands::e', '##[error]f',
    '##\u200b[group]g', 'FORGED | h | [i](j) | <b>', '# FORGED', `FORGED${unseen}\r`, '::set-output name=k::l',
].join('\n');
// The same on one line, for where a line ends what is read.
export const evilLine = evil.replaceAll(/[\r\n]+/g, ' ');

// eslint-disable-next-line no-control-regex
const unfit = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/u;

// Nothing in `text` does what its writer wanted; `may` says which workflow commands are our own, and
// `alone` that all of the text is somebody else's, lines and all.
export function assertInert(text, what, may = () => false, alone = false) {
    for (const line of text.split('\n')) {
        const seen = unfit.exec(line);
        const code = seen && seen[0].codePointAt(0).toString(16);
        assert.equal(seen, null, `${what} prints U+${code}: ${JSON.stringify(line)}`);
        assert.ok(alone || !/^(runs-agent: )?[\s|#>]*FORGED/.test(line), `${what} prints a line that is not its own: ${line}`);
        assert.ok(!line.includes('##['), `${what} prints an order of the older form: ${line}`);
        if (may(line)) continue;
        assert.ok(!/^\s*::/.test(line), `${what} orders the runner about: ${line}`);
        assert.equal(parseCommand(line), null, line);
    }
}

// Runs a program in a place; {code, stdout, stderr}. What it prints must be UTF-8, and inert.
export async function printed(place, args, { env, input, may, alone } = {}) {
    const child = spawn(process.env.RUNS_AGENT_BINARY, args, { env: { ...place.env, ...env }, cwd: place.dir });
    place.processes.add(child);
    const chunks = { stdout: [], stderr: [] };
    for (const stream of ['stdout', 'stderr']) child[stream].on('data', (chunk) => chunks[stream].push(chunk));
    child.stdin.on('error', () => {}); // it may end without having read what it was given
    child.stdin.end(input ?? '');
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    const [code, signal] = await new Promise((done) => child.on('close', (...end) => done(end)));
    clearTimeout(timer);
    place.processes.delete(child);
    const what = JSON.stringify(args);
    assert.equal(signal, null, `${what} was ended by ${signal}`);
    const result = { code };
    for (const [stream, parts] of Object.entries(chunks)) {
        result[stream] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
        assertInert(result[stream], `${what} (${stream})`, may, alone && stream === 'stdout');
    }
    place.output += result.stdout + result.stderr;
    return result;
}

// The same of a command that must have something to say, without an error or with that exit code.
export async function says(place, expected, args, options) {
    const result = await printed(place, args, options);
    assert.equal(result.code, expected, `${JSON.stringify(args)}: ${result.stdout}${result.stderr}`);
    assert.notEqual(result.stdout + result.stderr, '', JSON.stringify(args));
    if (expected !== 0 && !options?.may)
        for (const line of result.stderr.trimEnd().split('\n')) assert.match(line, /^runs-agent: /);
    return result;
}
