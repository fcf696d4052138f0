// SPDX-License-Identifier: MIT
// What GitHub tells the daemon beside the tests of this folder, and what comes of it.
import assert from 'node:assert/strict';
import { cancelled, deliver, until } from '../system/program.mjs';

// The workflow_run of an attempt that has begun; `more` is what else is said of it.
export function begun(runId, attempt, more = {}) {
    const payload = cancelled(runId, attempt);
    payload.action = 'in_progress';
    Object.assign(payload.workflow_run, { status: 'in_progress', conclusion: null, ...more });
    payload.workflow_run.run_started_at = new Date().toISOString();
    return payload;
}

// The workflow_job of a machine that died; its run goes on.
export const died = (runId, machine) => ({
    action: 'completed',
    repository: { full_name: 'octo/demo' },
    workflow_job: {
        id: 1,
        run_id: runId,
        run_attempt: 1,
        name: 'e2e (1)',
        runner_name: machine,
        conclusion: 'failure',
        started_at: new Date().toISOString(),
        completed_at: new Date(Date.now() + 60_000).toISOString(),
    },
});

// Sends a signed delivery, which must be taken; its id.
export async function send(recorded, payload, name = 'workflow_run') {
    const secret = recorded.place.secrets.GITHUB_WEBHOOK_SECRET;
    const answer = await deliver(recorded.daemon.address, secret, payload, { event: name });
    assert.equal(answer.status, 202, answer.body);
    return answer.guid;
}

// What was decided of a delivery, once all of its calls are done.
export const decided = (recorded, guid) =>
    until('the delivery to be done', async () => {
        const shown = await recorded.place.data(['deliveries', 'show', guid]);
        return shown.rule && shown.calls.every((call) => call.finishedAt) && shown;
    });
