// SPDX-License-Identifier: MIT
// The whole story with other people's programs at both ends: the official client records a run,
// GitHub's own example payload says that its workflow was cancelled, and the official client sees
// it cancelled.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { Place, deliver, until } from './program.mjs';

const deps = createRequire(new URL('../.deps/package.json', import.meta.url));
const currents = join(dirname(deps.resolve('@currents/cmd')), 'bin/index.js');

const report = `<?xml version="1.0"?>
<testsuites name="shop">
  <testsuite name="checkout.spec.ts" file="checkout.spec.ts" tests="2" time="0.2" timestamp="2026-01-01T00:00:00">
    <testcase name="pays" classname="checkout" file="checkout.spec.ts" time="0.1"/>
    <testcase name="refunds" classname="checkout" file="checkout.spec.ts" time="0.1">
      <failure message="expected 5">at refund</failure>
    </testcase>
  </testsuite>
  <testsuite name="search.spec.ts" file="search.spec.ts" tests="1" time="0.1" timestamp="2026-01-01T00:00:00">
    <testcase name="finds" classname="search" file="search.spec.ts" time="0.1"/>
  </testsuite>
</testsuites>`;

// The example of a completed run, with the conclusion that the examples lack.
function exampleCancellation() {
    const examples = deps('@octokit/webhooks-examples')
        .find((event) => event.name === 'workflow_run')
        .examples.filter((payload) => payload.action === 'completed');
    assert.ok(examples.length > 0, 'the package holds no completed workflow_run');
    const payload = structuredClone(examples.at(-1));
    payload.workflow_run.status = 'completed';
    payload.workflow_run.conclusion = 'cancelled';
    return payload;
}

test('a cancelled workflow run cancels the run it recorded', async (t) => {
    const place = await Place.embedded();
    t.after(() => place.leave());
    const daemon = await place.serve(['--embedded']);

    const payload = exampleCancellation();
    const { id, run_attempt: attempt } = payload.workflow_run;
    const repository = payload.repository.full_name;
    const buildId = `${repository}-${id}-${attempt}`;

    const client = (...args) =>
        place.run(process.execPath, [currents, ...args], {
            env: {
                CURRENTS_API_URL: `http://${daemon.addresses.api}`,
                CURRENTS_REST_API_URL: `http://${daemon.addresses.api}`,
                CURRENTS_API_KEY: place.secrets.CURRENTS_API_KEY,
                CURRENTS_RECORD_KEY: place.secrets.CURRENTS_RECORD_KEY,
                GITHUB_ACTIONS: 'true',
                GITHUB_RUN_ID: String(id),
                GITHUB_RUN_ATTEMPT: String(attempt),
                GITHUB_REPOSITORY: repository,
                GITHUB_WORKFLOW: 'e2e',
            },
        });
    const succeed = async (...args) => {
        const { code, stdout, stderr } = await client(...args);
        assert.equal(code, 0, `currents ${args[0]}\n${stdout}\n${stderr}`);
        return stdout;
    };
    const recorded = async () => {
        const output = join(place.dir, 'run.json');
        await succeed(
            ...['api', 'get-run', '--project-id', 'p1', '--ci-build-id', buildId],
            ...['--output', output],
        );
        return JSON.parse(readFileSync(output));
    };

    // One spec's results are missing, as when the machine that was to run it was stopped.
    writeFileSync(join(place.dir, 'junit.xml'), report);
    const results = join(place.dir, 'results');
    await succeed(
        ...['convert', '--input-format', 'junit', '--input-file', join(place.dir, 'junit.xml')],
        ...['--output-dir', results, '--framework', 'node', '--framework-version', 'v22'],
    );
    const instances = readdirSync(join(results, 'instances'));
    assert.equal(instances.length, 2);
    rmSync(join(results, 'instances', instances[0]));
    await succeed(
        ...['upload', '--project-id', 'p1', '--ci-build-id', buildId, '--report-dir', results],
    );
    const before = await place.data(['runs', 'find', '--ci-build-id', buildId]);
    assert.equal(before.completionState, 'IN_PROGRESS');

    const answer = await deliver(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, payload);
    assert.equal(answer.status, 202);
    assert.deepEqual(JSON.parse(answer.body), { status: 'accepted', delivery: answer.guid });

    const shown = await until('the delivery to be done', async () => {
        const delivery = await place.data(['deliveries', 'show', answer.guid]);
        return delivery.calls.length > 0 && delivery.calls.every((call) => call.finishedAt) && delivery;
    });
    assert.equal(shown.rule, 'R1');
    assert.equal(shown.calls[0].state, 'succeeded');

    const after = await recorded();
    assert.equal(after.completionState, 'CANCELED');
    assert.equal(after.runId, before.runId);

    await daemon.stop();
    place.assertNoSecretShown();
});
