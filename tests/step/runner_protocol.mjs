// SPDX-License-Identifier: MIT
// What a runner reads from a step: the files that it names, and commands in the output.
// Source: actions/runner, ActionCommand.cs and FileCommandManager.cs.
import assert from 'node:assert/strict';

// GITHUB_OUTPUT, GITHUB_ENV and GITHUB_STATE: NAME=VALUE, or NAME<<DELIMITER to DELIMITER.
export function parsePairs(text) {
    const pairs = {};
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (let i = 0; i < lines.length; ++i) {
        if (lines[i] === '') continue;
        const [equals, heredoc] = ['=', '<<'].map((mark) => lines[i].indexOf(mark));
        if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
            pairs[lines[i].slice(0, equals)] = lines[i].slice(equals + 1);
            continue;
        }
        assert.ok(heredoc > 0, `invalid format: ${lines[i]}`);
        const delimiter = lines[i].slice(heredoc + 2);
        assert.ok(delimiter, `no delimiter: ${lines[i]}`);
        const end = lines.indexOf(delimiter, i + 1);
        assert.ok(end > 0, `matching delimiter not found: ${delimiter}`);
        pairs[lines[i].slice(0, heredoc)] = lines.slice(i + 1, end).join('\n');
        i = end;
    }
    return pairs;
}

const known = ['add-mask', 'add-matcher', 'debug', 'echo', 'endgroup', 'error', 'group', 'notice', 'warning',
    'remove-matcher', 'save-state', 'set-env', 'set-output', 'add-path', 'stop-commands'];

const unescapeData = (text) =>
    text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
const unescapeProperty = (text) =>
    unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','));

// The command that a line of output is, in today's form or the older one; or null.
export function parseCommand(line) {
    const today = /^\s*::([^ :]+)(?: ((?:[^:]|:(?!:))*))?::(.*)$/s.exec(line);
    if (today && known.includes(today[1].toLowerCase())) {
        const properties = {};
        for (const part of (today[2] ?? '').split(',').filter(Boolean)) {
            const [name, ...value] = part.trim().split('=');
            properties[name] = unescapeProperty(value.join('='));
        }
        return { name: today[1].toLowerCase(), properties, data: unescapeData(today[3]) };
    }
    const older = /##\[([^ \]]+)(?: [^\]]*)?\](.*)$/s.exec(line);
    if (older && known.includes(older[1].toLowerCase()))
        return { name: older[1].toLowerCase(), properties: {}, data: older[2] };
    return null;
}
