// SPDX-License-Identifier: MIT
// Beside an installed service every command finds what that service works by, without being told.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, deliver, freePort } from './program.mjs';

const shipped = new URL('../../packaging/', import.meta.url);

// A machine on which the service is installed, as far as a command can see: its unit, whose paths lead here.
async function install(t) {
    const place = new Place();
    t.after(() => place.leave());
    const etc = join(place.dir, 'etc');
    mkdirSync(etc);
    for (const name of ['policy.yml', 'environment']) copyFileSync(new URL(name, shipped), join(etc, name));
    for (const [file, name] of [['webhook-secret', 'GITHUB_WEBHOOK_SECRET'], ['api-key', 'CURRENTS_API_KEY']])
        writeFileSync(join(etc, file), place.secrets[name] + '\n', { mode: 0o600 });
    const unit = join(place.dir, 'runs-agent.service');
    const text = readFileSync(new URL('runs-agent.service', shipped), 'utf8').replaceAll('/etc/runs-agent/', `${etc}/`);
    writeFileSync(unit, text);
    // Where the state is cannot be moved but by a drop-in, as an administrator would.
    mkdirSync(unit + '.d');
    writeFileSync(`${unit}.d/override.conf`, `[Service]\nEnvironment="RUNS_AGENT_STATE_DIR=${place.dir}/state"\n`);
    return { place, etc, unit, env: { PATH: process.env.PATH, HOME: place.dir, RUNS_AGENT_SERVICE: unit } };
}

test('commands find the policy, the settings and the database of the service', async (t) => {
    const { place, etc, unit, env } = await install(t);
    const listen = `127.0.0.1:${await freePort()}`;
    writeFileSync(join(etc, 'environment'), `# of the service\nRUNS_AGENT_LISTEN="${listen}"\nCURRENTS_API_URL=http://127.0.0.1:9/v1\n`);
    writeFileSync(join(etc, 'policy.yml'), 'rules: [{repository: octo/demo, ignore: true}]\n');
    const typed = async (...args) => {
        const running = place.launch(process.env.RUNS_AGENT_BINARY, args, env);
        running.child.stdin.end(JSON.stringify(cancelled(1)));
        const { code } = await running.ended;
        return { code, ...running };
    };

    const check = await typed('config', 'check');
    assert.equal(check.code, 0, check.stderr);
    assert.ok(check.stdout.includes(join(etc, 'policy.yml')), check.stdout);
    assert.doesNotMatch(check.stdout, /no policy file/);
    const { settings } = JSON.parse((await typed('config', 'print', '--json')).stdout);
    assert.equal(settings.RUNS_AGENT_LISTEN, listen);
    assert.equal(settings.RUNS_AGENT_SERVICE, unit);
    assert.equal(settings.RUNS_AGENT_DATABASE, `sqlite:${place.dir}/state/runs-agent.db`);
    const explained = await typed('explain', '--event', '-');
    assert.match(explained.stdout, /octo\/demo/, explained.stderr);
    assert.match(explained.stdout + explained.stderr, /ignore/, 'by the policy of the service');

    // A daemon that a person starts works by the same; and the others find it.
    const daemon = place.launch(process.env.RUNS_AGENT_BINARY, ['serve'], env);
    const health = async () => (await typed('health')).code === 0;
    for (const end = Date.now() + 20_000; !(await health()); ) assert.ok(Date.now() < end, daemon.stderr);
    const { guid } = await deliver(listen, place.secrets.GITHUB_WEBHOOK_SECRET, cancelled(1));
    assert.match((await typed('deliveries', 'list', '--json')).stdout, new RegExp(guid));
    assert.equal((await typed('deliveries', 'show', guid)).code, 0);
    const sent = await typed('send', '--url', `http://${listen}/webhooks/github`);
    assert.equal(sent.code, 0, `signed with the secret of the service: ${sent.stderr}`);
    const keys = await typed('keys', 'list');
    assert.equal(keys.code, 0, keys.stderr);
    daemon.child.kill('SIGTERM');
    assert.deepEqual(await daemon.ended, { code: 0, signal: null }, daemon.stderr);
    place.assertNoSecretShown();
});

test('what a person says holds, and a step of a workflow hears nothing of the service', async (t) => {
    const { place, env } = await install(t);
    const own = { ...env, RUNS_AGENT_STATE_DIR: join(place.dir, 'own') };
    const running = place.launch(process.env.RUNS_AGENT_BINARY, ['config', 'print', '--json'], own);
    running.child.stdin.end();
    await running.ended;
    assert.equal(JSON.parse(running.stdout).settings.RUNS_AGENT_STATE_DIR, join(place.dir, 'own'));

    // The key of the machine's service is not the step's.
    const step = place.launch(process.env.RUNS_AGENT_BINARY, ['action'], {
        ...env, GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'octo/demo', GITHUB_RUN_ID: '1', GITHUB_RUN_ATTEMPT: '1', CURRENTS_API_URL: 'http://127.0.0.1:9/v1',
    });
    step.child.stdin.end();
    await step.ended;
    assert.match(step.stdout + step.stderr, /api-token|CURRENTS_API_KEY/, 'it says that it has no key');
    assert.doesNotMatch(step.stdout + step.stderr, /127\.0\.0\.1:9.*refused/);
});
