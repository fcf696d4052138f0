// SPDX-License-Identifier: MIT
// Prometheus and promtool, of Debian's package (script/bootstrap --tests fetches it), and the files that are
// shipped for them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const require = createRequire(new URL('../.deps/package.json', import.meta.url));
const { parse } = require('yaml');

const unpacked = fileURLToPath(new URL('../.deps/prometheus/usr/bin/', import.meta.url));
export const program = (name) => (existsSync(unpacked + name) ? unpacked + name : name);

export const shipped = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const rulesText = () => readFileSync(shipped('packaging/prometheus/alerts.yml'), 'utf8');
export const rules = (text = rulesText()) => parse(text).groups.flatMap((group) => group.rules);

// promtool with these arguments; {code, output}.
export async function promtool(args, input) {
    const running = promisify(execFile)(program('promtool'), args, { maxBuffer: 1 << 24 });
    running.child.stdin.on('error', () => {});
    running.child.stdin.end(input ?? '');
    return running.then(
        ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
        ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
    );
}

// Do they parse? Each expression as a recording rule of its own.
export async function checkExpressions(expressions) {
    const dir = mkdtempSync(join(tmpdir(), 'runs-agent-promtool-'));
    try {
        const file = join(dir, 'rules.yml');
        const made = expressions.map((expr, i) => ({ record: `expression:${i}`, expr }));
        writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules: made }] })); // JSON is YAML
        return await promtool(['check', 'rules', file]);
    } finally {
        rmSync(dir, { recursive: true, force: true });
    }
}

// The names of metrics in an expression: what comes before a selector or stands alone, and is no function,
// keyword or label.
const words = new Set(
    'sum min max count avg rate increase changes time absent last_over_time histogram_quantile predict_linear without by and or unless on le'.split(' '),
);
export function metricsIn(expression) {
    const bare = expression
        .replace(/"(?:[^"\\]|\\.)*"/g, '""')
        .replace(/\{[^}]*\}/g, '')
        .replace(/\[[^\]]*\]/g, '')
        .replace(/\b(by|without|on)\s*\([^)]*\)/g, ' ');
    const names = (bare.match(/[a-zA-Z_:][a-zA-Z0-9_:]*/g) ?? []).filter((name) => !words.has(name));
    assert.ok(names.length > 0, `no metric in ${expression}`);
    return names;
}

// Names of all samples in Prometheus' text.
export const samplesOf = (text) => new Set([...text.matchAll(/^([a-zA-Z_:][a-zA-Z0-9_:]*)[ {]/gm)].map(([, name]) => name));
