// SPDX-License-Identifier: MIT
// A webhook that is made with a token: once, with a secret that is written before, and watched until its
// ping was taken.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { Scene, until, url } from './scene.mjs';

async function scene(t) {
    const made = await Scene.start(t);
    const file = join(made.place.dir, 'token');
    writeFileSync(file, made.github.token + '\n', { mode: 0o600 });
    const env = { GITHUB_TOKEN_FILE: file };
    made.webhook = (args) => made.launch(['--webhook', '--url', 'https://agent.example.com', ...args], { input: '', env });
    return made;
}

for (const [owner, kind] of [['--org', 'octo'], ['--repository', 'octo/shop']])
    test(`${owner}: made, started, and its ping is seen`, async (t) => {
        const setting = await scene(t);
        const { github, place } = setting;
        const running = setting.webhook([owner, kind, '--jobs']);
        await running.said(/not taken \(502\)/);
        setting.assertPrivate('webhook-secret');
        const [hook] = github.hooks;
        assert.deepEqual({ owner: hook.owner, url: hook.url, content_type: hook.content_type, events: hook.events, active: hook.active },
            { owner: kind, url, content_type: 'json', events: ['workflow_run', 'workflow_job'], active: true });
        assert.equal(setting.read('webhook-secret').trim(), hook.secret);
        assert.ok(hook.secret.length >= 32);
        // As the line says that is printed.
        const [, file] = await running.said(/^ +export GITHUB_WEBHOOK_SECRET_FILE=(\S+)$/m);
        const daemon = await place.serve([], { GITHUB_WEBHOOK_SECRET_FILE: file });
        github.reach.set('agent.example.com', daemon.address);
        const ended = await setting.ended(running);
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(ended.stdout, /GitHub's ping was answered with 200 at \S+\.\nGitHub is connected\./);
        assert.equal(ended.stderr, '');
        setting.assertNothingShown();

        // Once more: it is found, not doubled, and asked for a ping.
        const again = setting.webhook([owner, kind]);
        const second = await setting.ended(again);
        assert.equal(second.code, 0, second.stderr);
        assert.match(second.stdout, new RegExp(`Webhook ${hook.id} of ${kind} has this address already; no other is made`));
        assert.match(second.stdout, /GitHub is connected\./);
        assert.equal(github.hooks.length, 1);
        assert.deepEqual(hook.events, ['workflow_run', 'workflow_job'], 'nothing is taken away');
        assert.equal(setting.read('webhook-secret').trim(), hook.secret);
        setting.assertNothingShown();
    });

test('one that is there gets the event that it lacks, and keeps its secret', async (t) => {
    const made = await scene(t);
    made.github.hooks.push({ id: 7, owner: 'octo', url, content_type: 'form', secret: 'of-somebody-long-ago', events: ['push'], active: false });
    const ended = await made.ended(made.webhook(['--org', 'octo', '--no-wait']));
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /It is active, and delivers workflow_run as well/);
    assert.match(ended.stdout, /the daemon needs the one that it was made with.*delete the webhook at http\S+\/organizations\/octo\/settings\/hooks\/7 /);
    const [hook] = made.github.hooks;
    assert.deepEqual([hook.events, hook.active, hook.secret, hook.content_type], [['push', 'workflow_run'], true, 'of-somebody-long-ago', 'form']);
    assert.deepEqual(readdirSync(made.folder), [], 'no secret is written that nobody signs with');
    made.assertNothingShown();
});

test('a change that GitHub passes over is none', async (t) => {
    const made = await scene(t);
    made.github.passesOver = true;
    made.github.hooks.push({ id: 7, owner: 'octo', url, content_type: 'json', secret: 'of-somebody-long-ago', events: ['push'], active: true });
    const ended = await made.ended(made.webhook(['--org', 'octo', '--no-wait']));
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /took the change of webhook 7 and did not make it; choose its events, and Active, at http\S+\/settings\/hooks\/7$/m);
});

test('the same address is found however it is written', async (t) => {
    for (const written of [`${url}/`, url.replace('.com/', '.com:443/'), url.replace('agent', 'AGENT')]) {
        const made = await scene(t);
        made.github.hooks.push({ id: 7, owner: 'octo/shop', url: written, content_type: 'json', secret: 's-of-long-ago', events: ['workflow_run'], active: true });
        const ended = await made.ended(made.webhook(['--repository', 'octo/shop', '--no-wait']));
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(ended.stdout, /has this address already/);
        assert.equal(made.github.hooks.length, 1);
    }
});

test('what was wrong with a request is said', async (t) => {
    const made = await scene(t);
    // One that only GitHub takes for the same.
    made.github.hooks.push({ id: 7, owner: 'octo', url: 'elsewhere', content_type: 'json', secret: 's-of-long-ago', events: ['push'], active: true });
    made.github.doubles = true;
    const ended = await made.ended(made.webhook(['--org', 'octo', '--no-wait']));
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /Validation Failed \(Hook already exists on this repository\) \(422\)/);
});

test('one whose secret nobody here knows, and a daemon with another', async (t) => {
    const made = await scene(t);
    const daemon = await made.place.serve();
    made.github.reach.set('agent.example.com', daemon.address);
    made.github.hooks.push({ id: 7, owner: 'octo', url, content_type: 'json', secret: 'of-somebody-long-ago', events: ['workflow_run'], active: true });
    const running = made.webhook(['--org', 'octo']);
    await running.said(/answered with 401: the daemon has another secret than the webhook, .*delete the webhook at http\S+\/settings\/hooks\/7 and run this again/);
    running.child.kill('SIGINT');
    assert.equal((await made.ended(running)).code, 1);
});

test('a ping that something else answers well is not taken for ours', async (t) => {
    const made = await scene(t);
    const proxy = createServer((_, answer) => answer.end('<h1>It works!</h1>')).listen(0, '127.0.0.1');
    t.after(() => proxy.close());
    await once(proxy, 'listening');
    made.github.reach.set('agent.example.com', `127.0.0.1:${proxy.address().port}`);
    const running = made.webhook(['--org', 'octo']);
    await running.said(/A ping was answered with 200, but not by runs-agent \(<h1>It works!<\/h1>\): something else answers at https:\S+; see the proxy's path/);
    const daemon = await made.place.serve([], { GITHUB_WEBHOOK_SECRET_FILE: made.file('webhook-secret') });
    made.github.reach.set('agent.example.com', daemon.address);
    const ended = await made.ended(running);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout.split('not by runs-agent').length, 2, 'it says so once');
    assert.match(ended.stdout, /GitHub's ping was answered with 200 at \S+\.\nGitHub is connected\./);

    // Where GitHub does not tell what was answered, its status is all that is known.
    made.github.keepsAnswers = false;
    made.github.reach.set('agent.example.com', `127.0.0.1:${proxy.address().port}`);
    assert.match((await made.ended(made.webhook(['--org', 'octo']))).stdout, /GitHub is connected\./);
});

test('behind what answers for itself it ends, and says what shows whether deliveries come', async (t) => {
    const made = await scene(t);
    let asked = 0;
    const relay = createServer((_, answer) => answer.end(`queued ${(asked += 1)}`)).listen(0, '127.0.0.1');
    t.after(() => relay.close());
    await once(relay, 'listening');
    made.github.reach.set('agent.example.com', `127.0.0.1:${relay.address().port}`);
    const ended = await made.ended(made.webhook(['--org', 'octo']));
    assert.equal(ended.code, 1);
    assert.equal(asked, 3, 'the ping, and twice more');
    assert.match(ended.stdout, /not by runs-agent \(queued 1\).*Where that is a relay, .*runs-agent deliveries list.* shows whether it came/);
    assert.match(ended.stdout, /answered by something in between.*\n {2}.*runs-agent deliveries list.* shows what arrived: .*\n {2}else .*redeliver at http/);
    assert.doesNotMatch(ended.stdout, /15 minutes are over|GitHub is connected\./);
});

test('--kubernetes with a webhook that is there: kubectl gets its end at once', async (t) => {
    const made = await scene(t);
    made.github.hooks.push({ id: 7, owner: 'octo', url, content_type: 'json', secret: 'of-somebody-long-ago', events: ['workflow_run'], active: true });
    const env = { GITHUB_TOKEN_FILE: join(made.place.dir, 'token') };
    const running = made.launch(['--webhook', '--org', 'octo', '--url', url, '--kubernetes'], { input: '', env, output: false });
    let end = false;
    running.child.stdout.on('end', () => (end = true));
    await until('the end of the Secret', () => end);
    assert.equal(running.stdout, '');
    assert.match(running.stderr, /No Secret is printed/);
    await running.said(/Waiting for GitHub's ping/, 'stderr');
    running.child.kill('SIGINT');
    assert.equal((await made.ended(running)).code, 1);
});

test('the secret that is there already is used', async (t) => {
    const made = await scene(t);
    writeFileSync(made.file('webhook-secret'), 'already-there\n', { mode: 0o600 });
    assert.equal((await made.ended(made.webhook(['--org', 'octo', '--no-wait']))).code, 0);
    assert.equal(made.github.hooks[0].secret, 'already-there');
    assert.equal(made.read('webhook-secret'), 'already-there\n');
    made.assertNothingShown();
});

test('--kubernetes prints the Secret alone', async (t) => {
    const made = await scene(t);
    const env = { GITHUB_TOKEN_FILE: join(made.place.dir, 'token') };
    const running = made.launch(['--webhook', '--org', 'octo', '--url', url, '--kubernetes', '--no-wait'], { input: '', env, output: false });
    const ended = await made.ended(running);
    assert.equal(ended.code, 0, ended.stderr);
    const [, value] = /^ {2}webhook-secret: (\S+)$/m.exec(ended.stdout);
    assert.equal(Buffer.from(value, 'base64').toString(), made.github.hooks[0].secret);
    assert.doesNotMatch(ended.stdout, /github-app/);
    made.assertNothingShown();
});

test('what the token may not do is said with what it needs', async (t) => {
    for (const [args, token, code, says] of [
        [['--org', 'others'], null, 3, /Not Found \(404\).*owns the organization.*admin:org_hook/],
        [['--repository', 'octo/secret'], null, 3, /administers the repository.*admin:repo_hook/],
        [['--org', 'octo'], 'ghp_wrong', 1, /Bad credentials \(401\); set GITHUB_TOKEN/],
    ]) {
        const made = await scene(t);
        if (token) made.github.token = token;
        const ended = await made.ended(made.webhook(args));
        assert.equal(ended.code, code, ended.stderr);
        assert.match(ended.stderr, says);
        assert.deepEqual(readdirSync(made.folder), []);
        made.assertNothingShown();
    }
});
