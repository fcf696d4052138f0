// SPDX-License-Identifier: MIT
// A day in the life of a daemon, small: what the screens of the page are looked at with. The Runs API
// is the test's own, and each run's number says how it answers.
import { Agent, cancelled, runsApi, until } from './browser.mjs';

export const evilBranch = `feature/<img src=x onerror="document.title='taken'">\u202egnp.exe & "quotes" ' 🦄 ${'long-'.repeat(40)}`.slice(0, 250);

function withRun(runId, { repository = 'octo/shop', attempt = 1, ...change }) {
    const payload = cancelled(runId, attempt, repository);
    Object.assign(payload.workflow_run, change);
    if (change.conclusion === null) payload.action = 'in_progress';
    return payload;
}

function job(runId, runner, { name, conclusion = 'cancelled', repository = 'octo/shop', attempt = 1 }) {
    return {
        action: 'completed',
        workflow_job: {
            id: runId * 10 + Number(runner.at(-1)), run_id: runId, run_attempt: attempt, name, status: 'completed', conclusion,
            runner_name: runner, head_branch: 'main', completed_at: '2026-01-01T00:01:00Z', started_at: '2026-01-01T00:00:00Z',
        },
        repository: { full_name: repository, default_branch: 'main' },
    };
}

// Runs 1001… are cancelled, 2001… are refused for good (dead), with `heldToo` 3001 waits for the key.
export async function scene(t, { heldToo = false, args = [], env = {} } = {}) {
    let keyWorks = !heldToo;
    const url = await runsApi(t, ({ githubRunId }, asked) => {
        if (asked.url.startsWith('/v1/projects')) return [200, { status: 'OK', has_more: false, data: [{ projectId: 'p1' }] }];
        const id = Number(githubRunId);
        if (id >= 3000 && !keyWorks) return [403, { status: 'FAILED', error: 'The API key is read-only' }];
        if (id >= 2000 && id < 3000) return [400, { status: 'FAILED', error: `projectId is not known <b>${id}</b>` }];
        return [200, { status: 'OK', data: { runId: `recorded-${id}`, actor: 'api:ci', canceledAt: '2026-01-01T00:00:00Z', reason: 'cancelled' } }];
    });
    const agent = await Agent.start(t, { args, env: { CURRENTS_API_URL: url, ...env } });
    agent.mendKey = () => (keyWorks = true);
    let sent = 0;
    const send = async (payload, options) => {
        await agent.deliver(payload, options);
        sent += 1;
    };
    for (const id of [1001, 1002]) await send(withRun(id, { conclusion: null, status: 'in_progress' }));
    await send(withRun(1001, {}));
    await send(job(1001, 'runner-1', { name: 'e2e (1, chrome)' }), { event: 'workflow_job' });
    await send(job(1001, 'runner-2', { name: 'e2e (2, firefox)', conclusion: 'failure' }), { event: 'workflow_job' });
    await send(withRun(1001, { attempt: 2 }));
    await send(withRun(1002, { conclusion: 'success' }));
    await send(withRun(1003, { repository: 'octo/api', name: 'end to end', head_branch: 'release/2.4', triggering_actor: { login: 'ada' } }));
    await send(withRun(1004, { head_branch: evilBranch, name: '<script>document.title="taken"</script>', triggering_actor: { login: 'eve<b>' } }));
    for (const id of [2001, 2002]) await send(withRun(id, { repository: 'octo/legacy' }));
    if (heldToo) await send(withRun(3001, {}));
    agent.sent = sent;
    await until('all of it to be decided and done', async () => {
        const open = (await agent.api('deliveries?q=state:open')).json.deliveries;
        const waiting = (await agent.api('deliveries?q=state:undecided')).json.deliveries;
        const dead = (await agent.api('deliveries?q=state:dead')).json.deliveries;
        const held = (await agent.api('deliveries?q=state:held')).json.deliveries;
        return waiting.length === 0 && open.length === held.length && dead.length === 2 && held.length === (heldToo ? 1 : 0);
    });
    return agent;
}

export { withRun, job };
