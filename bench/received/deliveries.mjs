// SPDX-License-Identifier: MIT
// The deliveries of bench/receiver: GitHub's own example of a workflow run that went well, the most
// common one, which asks for no call; 64 of them, of different runs.
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const examples = createRequire(new URL('../../tests/.deps/package.json', import.meta.url))('@octokit/webhooks-examples');
const all = examples.default ?? examples;
const example = all.find(({ name }) => name === 'workflow_run').examples.find(({ action }) => action === 'completed');

/** Of a run that differs in what is given. */
export const examplePayload = (run) => ({ ...example, workflow_run: { ...example.workflow_run, ...run } });

/** As large as wanted with more of what a payload is full of anyway. Smaller than the example it does not become. */
function body(run, bytes, told) {
    const payload = examplePayload({ id: run, status: 'completed', conclusion: 'success', ...told });
    const more = [];
    const each = JSON.stringify(example.repository).length;
    for (let left = bytes - JSON.stringify(payload).length; left > each / 2; left -= each)
        more.push({ ...example.repository, id: 1_000_000 + 7919 * run + more.length, node_id: `R_${run * 31}_${more.length * 17}` });
    if (more.length > 0) payload.workflow_run.referenced_workflows = more;
    return JSON.stringify(payload);
}

/**
 * Writes what deliveries.lua reads, a signature and a body a line; returns the bytes of one body. `told`: what
 * else is told of the run of a number.
 */
export function writeDeliveries(file, secret, bytes, count = bytes > 500_000 ? 8 : 64, told = () => ({})) {
    const lines = Array.from({ length: count }, (_, number) => {
        const text = body(1000 + number, bytes, told(number));
        return `sha256=${createHmac('sha256', secret).update(text).digest('hex')} ${text}\n`;
    });
    writeFileSync(file, lines.join(''));
    return Math.round(lines.join('').length / count) - 73;
}
