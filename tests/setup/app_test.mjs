// SPDX-License-Identifier: MIT
// What goes wrong where a GitHub App is made, one after the other: what is said, what is written, and how
// setup ends. The browser is played; browser_test.mjs has a real one.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import test from 'node:test';
import { assertInert, evil } from '../system/hostile.mjs';
import { faultsOf } from './fake_github.mjs';
import { request } from '../system/program.mjs';
import { Scene, until, url } from './scene.mjs';

test('the GitHub of these tests is strict', () => {
    const good = {
        name: 'x', url: 'https://a.example', hook_attributes: { url: 'https://a.example/h', active: true }, redirect_url: 'http://127.0.0.1:1/back',
        public: false, default_events: ['workflow_run'], default_permissions: { actions: 'read' },
    };
    assert.deepEqual(faultsOf(good), []);
    for (const [change, fault] of [
        [{ default_events: ['workflow_run', 'installation'] }, /unsupported: installation/],
        [{ default_permissions: {} }, /not supported by permissions: workflow_run/],
        [{ hook_attributes: { ...good.hook_attributes, secret: 's' } }, /secret/],
        [{ hook_attributes: undefined }, /blank/], [{ url: undefined }, /Url/], [{ redirect_url: 'back' }, /Redirect/],
        [{ hook_attributes: { url: 'http://localhost:8080/' } }, /localhost/], [{ name: 'x'.repeat(35) }, /too long/], [{ webhooks: [] }, /webhooks/],
    ]) assert.match(faultsOf({ ...good, ...change }).join('\n'), fault);
});

// With every combination of what can be wished for, and for either owner.
test('the manifest is one that GitHub takes, and asks for no more than is needed', async (t) => {
    for (const [args, events, actions] of [
        [[], ['workflow_run'], 'read'], [['--jobs'], ['workflow_run', 'workflow_job'], 'read'],
        [['--cancel-workflows'], ['workflow_run'], 'write'], [['--jobs', '--cancel-workflows'], ['workflow_run', 'workflow_job'], 'write'],
    ])
        for (const owner of [['--org', 'octo'], ['--own-account']]) {
            const scene = await Scene.start(t);
            const running = scene.launch([...owner, '--url', 'agent.example.com', '--no-wait', ...args], { input: '' });
            const address = await scene.press(await running.at(), {
                onManifest: (manifest, action) => {
                    assert.deepEqual(manifest.default_events, events);
                    assert.deepEqual(manifest.default_permissions, { actions });
                    assert.deepEqual(manifest.hook_attributes, { url, active: true });
                    assert.equal(manifest.public, false);
                    const path = owner[1] ? '/organizations/octo/settings/apps/new' : '/settings/apps/new';
                    assert.equal(new URL(action).pathname, path);
                },
            });
            const { status, text } = await scene.arrive(address);
            assert.equal(status, 200);
            const { code, stdout, stderr } = await scene.ended(running);
            assert.equal(code, 0, stderr);
            assert.equal(scene.app_.owner, owner[1] ? 'octo' : 'ada');
            for (const name of ['webhook-secret', 'github-app.pem', 'github-app.env']) scene.assertPrivate(name);
            assert.deepEqual(readdirSync(scene.folder).sort(), ['github-app.env', 'github-app.pem', 'webhook-secret']);
            assert.equal(scene.read('webhook-secret'), scene.app_.secret + '\n');
            assert.equal(scene.read('github-app.pem'), scene.app_.pem);
            assert.ok(stdout.includes(`${scene.app_.html_url}/installations/new`), 'the address that GitHub gave, and not one that was built');
            scene.assertNothingShown(text);
        }
});

// Who brings what, and what comes of it: exit code, a line of the error, the files.
const traps = {
    'somebody who is no owner of the organization': {
        github: { owner: false }, code: 1, says: /under ada, not under octo.*settings\/apps\/runs-agent-octo\/advanced/, files: [],
    },
    'a code that is over an hour old': { github: { expired: true }, code: 3, says: /works once, and for an hour/, files: [] },
    'a proxy that answers in HTML': { github: { html403: true }, code: 1, says: /403, in HTML.*proxy.*HTTPS_PROXY/, files: [] },
    'a proxy that knows nothing, in HTML': { github: { html404: true }, code: 1, says: /404, in HTML.*proxy/, files: [] },
    'a GitHub that is down for a moment, and then asks for a pause': {
        github: { down: 1, limited: 2 }, code: 0, files: ['github-app.env', 'github-app.pem', 'webhook-secret'],
    },
    'a secret that GitHub does not take': {
        github: { nullSecret: true, secretRefused: true }, code: 1, says: /secret is too plain.*put what webhook-secret holds into its settings by hand, at http/,
        files: ['github-app.env', 'github-app.pem', 'webhook-secret'], steps: true, other: true,
    },
    'a 401 that passes': { github: { passing: 2 }, code: 0, files: ['github-app.env', 'github-app.pem', 'webhook-secret'] },
    'a server that makes no secret': { github: { nullSecret: true }, code: 0, files: ['github-app.env', 'github-app.pem', 'webhook-secret'] },
    'a server that makes none and knows the App late': {
        github: { nullSecret: true, passing: 2 }, code: 0, files: ['github-app.env', 'github-app.pem', 'webhook-secret'],
    },
    'less than was asked for': {
        github: { granted: { metadata: 'read' } }, code: 1, says: /permission actions: none, not read.*\/settings\/apps\/runs-agent-octo\/permissions/,
        files: ['github-app.env', 'github-app.pem', 'webhook-secret'],
    },
};
for (const [name, { github, code, says, files, steps, other }] of Object.entries(traps))
    test(name, async (t) => {
        const scene = await Scene.start(t);
        Object.assign(scene.github, github);
        const running = scene.app(['--no-wait'], { input: '' });
        const { text, status } = await scene.arrive(await scene.press(await running.at()));
        const ended = await scene.ended(running);
        assert.equal(ended.code, code, ended.stderr);
        assert.equal(status, 200);
        if (says) {
            assert.match(ended.stderr, says);
            assert.equal(ended.stderr.trimEnd().split('\n').length, 1, ended.stderr);
            assert.match(text, /class="fault"/, 'the browser is told as well');
        } else {
            assert.equal(ended.stderr, '');
            assert.match(text, /The App is made/);
        }
        assert.deepEqual(readdirSync(scene.folder).sort(), files);
        if (steps) assert.match(ended.stdout, /1\. Start the daemon with it(.*\n)*2\. Install the App/, 'how to go on is said all the same');
        if (files.includes('webhook-secret') && !other) assert.equal(scene.read('webhook-secret').trim(), scene.app_.secret, 'GitHub signs with what is written');
        scene.assertNothingShown(text);
    });

test('a code that somebody else has used', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app([], { input: '' });
    const address = await scene.press(await running.at());
    const code = new URL(address).searchParams.get('code');
    const used = await fetch(`${scene.github.web}/api/v3/app-manifests/${code}/conversions`, { method: 'POST' });
    assert.equal(used.status, 201);
    await scene.arrive(address);
    const ended = await scene.ended(running);
    assert.equal(ended.code, 3);
    assert.match(ended.stderr, /works once.*delete the App at http:.*\/organizations\/octo\/settings\/apps/);
    assert.deepEqual(readdirSync(scene.folder), []);
    scene.assertNothingShown();
});

test('a browser with another state is sent away, and the right one is still welcome, once', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app(['--no-wait'], { input: '' });
    const at = await running.at();
    const address = await scene.press(at);
    for (const change of [(one) => one.set('state', 'f'.repeat(32)), (one) => one.delete('state'), (one) => one.set('code', '../x'), (one) => one.delete('code')]) {
        const wrong = new URL(address);
        change(wrong.searchParams);
        const { status, text } = await scene.arrive(wrong.href);
        assert.equal(status, 403);
        assert.match(text, /not made by GitHub/);
    }
    assert.equal(scene.github.asked.filter((one) => one.includes('conversions')).length, 0);
    // The page's address cannot be guessed, and nothing else is there.
    const origin = new URL(at).origin;
    for (const path of ['/', '/0123456789abcdef0123456789abcdef', '/settings']) assert.equal((await scene.arrive(origin + path)).status, 404);
    assert.equal((await fetch(at, { method: 'POST', body: 'x' })).status, 405);
    // A name of somebody else's that leads here is no way in.
    for (const [host, status] of [['evil.example', 403], [new URL(at).host, 200], [`localhost:${new URL(at).port}`, 200]]) {
        const { pathname, port } = new URL(at);
        assert.equal((await request({ address: `127.0.0.1:${port}`, path: pathname, headers: { Host: host } })).status, status, host);
    }
    const seen = await scene.arrive(at);
    assert.match(seen.headers.get('content-security-policy'), /^default-src 'none'; style-src 'sha256-[^ ]+'; img-src data:; form-action https: http:; /);
    const [one, two] = await Promise.all([scene.arrive(address), scene.arrive(address)]);
    assert.match(one.text, /The App is made/);
    assert.match(two.text, /The App is made/);
    assert.equal((await scene.ended(running)).code, 0);
    assert.equal(scene.github.asked.filter((line) => line.includes('conversions')).length, 1);
    assert.equal(running.stdout.split('GitHub did not make for this set-up').length, 2, 'said once, however many come');
    scene.assertNothingShown(one.text, two.text);
});

test('nothing that is there is written over, and that is seen before anything is made', async (t) => {
    for (const name of ['github-app.pem', 'github-app.env']) {
        const scene = await Scene.start(t);
        writeFileSync(scene.file(name), 'mine');
        const ended = await scene.ended(scene.app([], { input: '' }));
        assert.equal(ended.code, 2);
        assert.match(ended.stderr, new RegExp(`${name} is there already, and setup writes over nothing`));
        assert.equal(scene.read(name), 'mine');
        assert.deepEqual(scene.github.asked, []);
    }
});

test('a secret that is there already becomes that of the App', async (t) => {
    const scene = await Scene.start(t);
    writeFileSync(scene.file('webhook-secret'), 'first-of-two,second\n', { mode: 0o600 });
    const running = scene.app(['--no-wait'], { input: '' });
    await scene.arrive(await scene.press(await running.at()));
    assert.equal((await scene.ended(running)).code, 0, running.stderr);
    assert.equal(scene.read('webhook-secret'), 'first-of-two,second\n');
    assert.equal(scene.app_.secret, 'first-of-two');
    scene.assertNothingShown();
});

test('Ctrl-C: before GitHub is back nothing is written, after it all stays and is told how to go on', async (t) => {
    const scene = await Scene.start(t);
    const early = scene.app([], { input: '' });
    await early.at();
    early.child.kill('SIGINT');
    const first = await scene.ended(early);
    assert.equal(first.code, 1);
    assert.match(first.stderr, /nothing was written\. If Create GitHub App was pressed, the App is there, .*delete it at http\S+\/organizations\/octo\/settings\/apps, then begin again/);
    assert.match(first.stdout, /^Stopping; /m);

    const late = scene.app([], { input: '' });
    await scene.arrive(await scene.press(await late.at()));
    await late.said(/Waiting until it is installed/);
    late.child.kill('SIGINT');
    const second = await scene.ended(late);
    assert.equal(second.code, 1);
    assert.match(second.stdout, /Stopped\. What was made and written stays\. To go on:\n +install the App at .*installations\/new\n +start the daemon/);
    assert.deepEqual(readdirSync(scene.folder).sort(), ['github-app.env', 'github-app.pem', 'webhook-secret']);
    scene.assertNothingShown();
});

test('--paste: no listener; a file has the button, and the address is typed', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app(['--paste', '--no-wait']);
    const [, file] = await running.said(/^ +(\/.*\/setup-[0-9a-f]+\.html)$/m);
    assert.equal(dirname(file), realpathSync(scene.place.dir), 'where the command was typed, and not among the secrets');
    assert.equal(statSync(file).mode & 0o777, 0o644, 'who has the browser may be another than root');
    const content = readFileSync(file, 'utf8');
    assert.doesNotMatch(content, /(href|src)="\//, 'it needs nothing from elsewhere');
    const address = await scene.press(`data:text/html;base64,${Buffer.from(content).toString('base64')}`);
    running.child.stdin.end(`${address}\n`);
    assert.equal((await scene.ended(running)).code, 0, running.stderr);
    assert.ok(!existsSync(file), 'the file is of no more use');
    assert.deepEqual(readdirSync(scene.folder).sort(), ['github-app.env', 'github-app.pem', 'webhook-secret']);

    scene.assertNothingShown();
});

test('--kubernetes: a Secret on standard output, everything else beside it, and no file', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app(['--kubernetes', '--no-wait'], { input: '', output: false });
    await scene.arrive(await scene.press(await running.at('stderr')));
    const ended = await scene.ended(running);
    assert.equal(ended.code, 0, ended.stderr);
    const value = (name) => Buffer.from(new RegExp(`^  ${name}: (\\S+)$`, 'm').exec(ended.stdout)[1], 'base64').toString();
    assert.match(ended.stdout, /^apiVersion: v1\nkind: Secret\nmetadata:\n {2}name: runs-agent\n/);
    assert.equal(value('webhook-secret'), scene.app_.secret);
    assert.equal(value('github-app\\.pem'), scene.app_.pem);
    assert.match(ended.stderr, new RegExp(`kubectl set env deployment/runs-agent GITHUB_APP_ID=${scene.app_.id} `));
    assert.deepEqual(readdirSync(scene.folder), []);
    scene.assertNothingShown();
});

test('what is missing or wrong is named before anything is asked of GitHub', async (t) => {
    const scene = await Scene.start(t);
    for (const [args, says] of [
        [[], /--org ORG or --own-account, --url URL: there is no terminal/], [['--org', 'octo'], /say --url URL/],
        [['--url', url], /say --org ORG or --own-account/], [['--webhook', '--url', url], /GITHUB_TOKEN/],
        [['--org', 'octo', '--url', 'http://localhost:8080'], /cannot reach this machine/], [['--org', 'a b', '--url', url], /login/],
        [['--org', 'octo/shop', '--url', url], /--org takes an organization/], [['--org', 'octo', '--url', 'ftp://x'], /neither http nor https/],
        [['--org', 'octo', '--url', url, '--name', 'n'.repeat(35)], /34 characters/], [['--org', 'octo', '--url', url, '--name', 'a\nb'], /cannot be seen/], [['--org', 'octo', '--url', url, '--host', 'ghe.com'], /subdomain/],
        [['--org', 'octo', '--url', url, '--host', 'https://h/api/v3'], /without a path/], [['--org', 'octo', '--url', url, '--output', '/proc/nowhere'], /no folder/],
        [['--org', 'octo', '--own-account', '--url', url], /excludes/], [['--repository', 'octo/shop', '--url', url], /requires/],
    ]) {
        const whole = ['setup', ...(args.includes('--host') ? [] : ['--host', scene.github.web]), ...args];
        const { code, stderr } = await scene.place.agent(whole, { cwd: scene.place.dir });
        assert.equal(code, 2, `${args}: ${stderr}`);
        assert.match(stderr, says);
    }
    assert.deepEqual(scene.github.asked, []);
    const help = await scene.place.agent(['setup', '--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /runs-agent setup --org octo --url/);
});

test('over ssh the line of the tunnel is there', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app([], { input: '', env: { SSH_CONNECTION: '192.0.2.7 50022 198.51.100.9 2222', USER: 'ada' } });
    const port = new URL(await running.at()).port;
    await running.said(new RegExp(`^ +ssh -N -L ${port}:127\\.0\\.0\\.1:${port} -p 2222 ada@198\\.51\\.100\\.9$`, 'm'));
    await running.said(/^Cannot it open the address that it ends on\? Then, on this machine:\n {2}curl 'THAT ADDRESS'$/m);
    assert.ok(running.stdout.indexOf('ssh -N') < running.stdout.indexOf(port + '/'), 'the tunnel comes before the address that it leads to');
    running.child.kill('SIGINT');
    await scene.ended(running);
});

test('what GitHub says of names is printed as text', async (t) => {
    const scene = await Scene.start(t);
    Object.assign(scene.github.names, { slug: evil, app: evil });
    scene.github.repositories = [evil, 'octo/shop'];
    const running = scene.app([], { input: '' });
    const { text } = await scene.arrive(await scene.press(await running.at()));
    assert.ok(!text.includes('<b>'), text);
    scene.github.install(scene.app_);
    await running.said(/Installed on octo/);
    running.child.kill('SIGINT');
    const { stdout, stderr } = await scene.ended(running);
    assertInert(stdout, 'setup');
    assertInert(stderr, 'setup');
});

test('the first delivery is waited for, and what failed is sent again', async (t) => {
    const scene = await Scene.start(t);
    scene.github.repositories = Array.from({ length: 14 }, (_, i) => `octo/shop-${i}`);
    const running = scene.app([], { input: '' });
    await scene.arrive(await scene.press(await running.at()));
    await running.said(/not taken \(502\)/);
    // Another daemon is there, with another secret.
    const other = await scene.place.serve();
    scene.github.reach.set('agent.example.com', other.address);
    await running.said(/answered with 401: the daemon has another secret/);
    await other.stop();
    const right = await scene.place.serve([], { GITHUB_WEBHOOK_SECRET_FILE: scene.file('webhook-secret') });
    scene.github.reach.set('agent.example.com', right.address);
    await running.said(/GitHub's ping was answered with 200 at https:/);
    // One that is suspended is no use.
    scene.github.suspended = true;
    scene.github.install(scene.app_);
    await running.said(/Installed on octo, and suspended/);
    scene.github.suspended = false;
    const ended = await scene.ended(running);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /Installed on octo: octo\/shop-0, .*, octo\/shop-9 and 4 more\n/);
    assert.match(ended.stdout, /GitHub is connected\./);
    await until('a redelivery', () => scene.github.asked.some((one) => /POST .*\/app\/hook\/deliveries\/\d+\/attempts/.test(one)));
    scene.assertNothingShown();
});
