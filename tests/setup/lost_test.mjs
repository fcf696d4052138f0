// SPDX-License-Identifier: MIT
// GitHub gives an App's key once: whatever happens then, it is somewhere, or it is said that it is nowhere.
// What is printed for kubectl arrives before setup waits for what comes of it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Scene, until } from './scene.mjs';

const all = ['github-app.env', 'github-app.pem', 'webhook-secret'];
const value = (yaml, name) => Buffer.from(new RegExp(`^  ${name}: (\\S+)$`, 'm').exec(yaml)[1], 'base64').toString();

test('kubectl sees the end of the Secret before the first delivery, which a daemon with it takes', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app(['--kubernetes'], { input: '', output: false });
    let end = false;
    running.child.stdout.on('end', () => (end = true));
    await scene.arrive(await scene.press(await running.at('stderr')));
    await until('the end of the Secret', () => end);
    assert.equal(running.child.exitCode, null, 'it goes on');
    assert.equal(value(running.stdout, 'github-app\\.pem'), scene.app_.pem);
    // Only now is there a daemon, with the secret that was applied.
    const file = join(scene.place.dir, 'applied');
    writeFileSync(file, value(running.stdout, 'webhook-secret'), { mode: 0o600 });
    const daemon = await scene.place.serve([], { GITHUB_WEBHOOK_SECRET_FILE: file });
    scene.github.reach.set('agent.example.com', daemon.address);
    scene.github.install(scene.app_);
    const ended = await scene.ended(running);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /GitHub is connected\..*\n +kubectl exec deployment\/runs-agent -- runs-agent deliveries list\n/);
    assert.match(ended.stderr, /replaces webhook-secret and github-app\.pem/);
    scene.assertNothingShown();
});

test('no key is asked for where nobody would get it', async (t) => {
    const scene = await Scene.start(t);
    // Closed, and before GitHub is back its reader ends.
    const closed = await scene.ended(scene.app(['--kubernetes', '--no-wait'], { input: '', output: false, shell: 'exec "$0" "$@" >&-' }));
    assert.equal(closed.code, 1);
    assert.match(closed.stderr, /nobody takes what is printed/);
    assert.deepEqual(scene.github.asked, []);
    // Node's is a socket, a shell's a pipe.
    const reader = '{ until [ -e go ]; do sleep 0.02; done; exec 0<&-; echo gone; }';
    for (const shell of [undefined, `"$0" "$@" | ${reader}`]) {
        const other = await Scene.start(t);
        const running = other.app(['--kubernetes', '--no-wait'], { input: '', output: false, shell });
        const address = await other.press(await running.at('stderr'));
        if (shell) {
            writeFileSync(join(other.place.dir, 'go'), '');
            await running.said(/gone/);
        } else {
            running.child.stdout.destroy();
            await until('the end of the pipe', () => running.child.stdout.closed);
        }
        await other.arrive(address);
        const ended = await other.ended(running);
        if (!shell) assert.equal(ended.code, 1);
        assert.match(ended.stderr, /nobody takes what is printed.*delete the App at http\S+\/organizations\/octo\/settings\/apps/);
        assert.ok(!other.github.asked.some((one) => one.includes('conversions')));
    }
});

test('a Secret that cannot be printed is kept in a file', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app(['--kubernetes'], { input: '', output: false, shell: 'exec "$0" "$@" > /dev/full' });
    await scene.arrive(await scene.press(await running.at('stderr')));
    const ended = await scene.ended(running);
    assert.equal(ended.code, 1);
    const [, file] = /the Secret: .*No space left.*it is kept in (\S+), for its owner's eyes alone: give that to kubectl apply -f/.exec(ended.stderr);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(value(readFileSync(file, 'utf8'), 'github-app\\.pem'), scene.app_.pem);
    assert.match(ended.stderr, /kubectl set env(.*\n)*2\. Install/, 'how to go on is said all the same');
    scene.assertNothingShown();

    // Nor that: then it is said.
    const full = await Scene.start(t);
    const lost = full.app(['--kubernetes'], { input: '', output: false, shell: 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@" > /dev/full' });
    await full.arrive(await full.press(await lost.at('stderr')));
    const none = await full.ended(lost);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /its key is lost: delete it at http\S+\/settings\/apps\/runs-agent-octo\/advanced/);
    assert.deepEqual(readdirSync(full.place.dir).filter((name) => name.endsWith('.yaml')), []);
});

test('a full disk: the key is lost, and that is said', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app([], { input: '', shell: 'trap "" XFSZ; ulimit -f 1; exec "$0" "$@"' });
    const { text } = await scene.arrive(await scene.press(await running.at()));
    const ended = await scene.ended(running);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /cannot write \S+github-app\.pem: File too large.*its key is lost: delete it at http\S+\/advanced, and begin again/);
    assert.match(text, /its key is lost/);
    assert.deepEqual(readdirSync(scene.folder), []);
});

test('what is written half is told, with what is missing and the lines for it', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app([], { input: '' });
    const address = await scene.press(await running.at());
    writeFileSync(scene.file('github-app.env'), 'of somebody else');
    const { text } = await scene.arrive(address);
    const ended = await scene.ended(running);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /the settings are not written: .*github-app\.env: it is there already.*put the lines below into \S+github-app\.env/);
    assert.doesNotMatch(ended.stderr + text, /delete/, 'the key is there, and the App is of use');
    assert.match(ended.stdout, new RegExp(`^For \\S+github-app.env:\n(.*\n)*GITHUB_APP_ID=${scene.app_.id}\n`, 'm'));
    assert.match(ended.stdout, /Written.*\n +\S+github-app\.pem\n +\S+webhook-secret\nThe App/);
    assert.match(ended.stdout, /1\. Start the daemon with it.*\n +set -a/);
    assert.deepEqual(readdirSync(scene.folder).sort(), all);
    assert.equal(scene.read('github-app.env'), 'of somebody else');
    scene.assertNothingShown(text);

    const other = await Scene.start(t);
    const second = other.app([], { input: '' });
    const back = await other.press(await second.at());
    mkdirSync(other.file('webhook-secret'));
    await other.arrive(back);
    const half = await other.ended(second);
    assert.equal(half.code, 1);
    assert.match(half.stderr, /the webhook's secret is not written: .*write one of your own into \S+webhook-secret, and the same into the App's settings at http/);
    assert.equal(other.read('github-app.pem'), other.app_.pem);
    assert.match(half.stdout, /1\. Start the daemon with it/);
    other.assertNothingShown();
});

test('Ctrl-C while GitHub is asked for the key: it is heard at once, and the key is kept all the same', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app([], { input: '' });
    const address = await scene.press(await running.at());
    scene.github.onConvert = () => running.child.kill('SIGINT');
    scene.github.slow = 300;
    await scene.arrive(address);
    await running.said(/^Stopping; /m);
    const ended = await scene.ended(running);
    assert.equal(ended.code, 1);
    assert.deepEqual(readdirSync(scene.folder).sort(), all);
    assert.match(ended.stdout, /Stopped\. What was made and written stays/);
    scene.assertNothingShown();
});

const page = /^ +(\/.*\/setup-[0-9a-f]+\.html)$/m;
const pages = (scene) => readdirSync(scene.place.dir).filter((name) => name.endsWith('.html'));

test('--paste: a slip is asked again', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app(['--paste', '--no-wait']);
    const [, file] = await running.said(page);
    const address = await scene.press(`data:text/html;base64,${readFileSync(file).toString('base64')}`);
    const slips = ['', 'nonsense', 'http://127.0.0.1:4/back?code=abc&state=abc', address.replace(/&state=.*/, '')];
    for (const [i, slip] of slips.entries()) {
        running.child.stdin.write(`${slip}\n`);
        await until('the question once more', () => running.stdout.split('Paste that address').length === i + 3);
    }
    // In two pieces, as some terminals send it.
    running.child.stdin.write(address.slice(0, 20));
    running.child.stdin.write(`${address.slice(20)}\n`);
    const ended = await scene.ended(running);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /no code and state(.*\n)*.*its state is another/);
    assert.deepEqual(readdirSync(scene.folder).sort(), all);
    assert.deepEqual(pages(scene), []);
    scene.assertNothingShown();
});

test('--paste: at the end of the input, and at Ctrl-C, it is said what may be left at GitHub', async (t) => {
    for (const end of [(running) => running.child.stdin.end('nonsense\n'), (running) => running.child.kill('SIGINT'), (running) => (running.child.stdin.write('half a li'), running.child.kill('SIGTERM'))]) {
        const scene = await Scene.start(t);
        const running = scene.app(['--paste']);
        await running.said(page);
        end(running);
        const ended = await scene.ended(running);
        assert.equal(ended.code, 1, ended.stderr);
        assert.match(ended.stderr, /nothing was written\. .*delete it at http\S+\/organizations\/octo\/settings\/apps, then begin again/);
        assert.deepEqual([...readdirSync(scene.folder), ...pages(scene)], []);
    }
});

test('--paste over ssh says how the page is fetched', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app(['--paste'], { env: { SSH_CONNECTION: '192.0.2.7 50022 198.51.100.9 2222', SUDO_USER: 'ada' } });
    const [, file] = await running.said(page);
    await running.said(new RegExp(`^ +scp -P 2222 ada@198\\.51\\.100\\.9:${file} \\.$`, 'm'));
    running.child.kill('SIGINT');
    await scene.ended(running);
});

test('a setting that would hold against what is written is seen before anything is made', async (t) => {
    for (const [env, says] of [
        [{ GITHUB_APP_ID: '42' }, /GITHUB_APP_ID is set already in this environment/], [{ GITHUB_APP_PRIVATE_KEY: 'x' }, /GITHUB_APP_PRIVATE_KEY is set/],
        [{ GITHUB_APP_PRIVATE_KEY_FILE: '/etc/hostname' }, /_KEY_FILE is set/], [{ GITHUB_WEBHOOK_SECRET: 'x', GITHUB_WEBHOOK_SECRET_FILE: '' }, /GITHUB_WEBHOOK_SECRET is set/],
    ]) {
        const scene = await Scene.start(t);
        const ended = await scene.ended(scene.app([], { input: '', env }));
        assert.equal(ended.code, 2, ended.stdout);
        assert.match(ended.stderr, says);
        assert.deepEqual(scene.github.asked, []);
    }
    // Another GitHub's address here is overruled by the file, which a shell reads after it.
    const scene = await Scene.start(t);
    const running = scene.app(['--no-wait'], { input: '', env: { GITHUB_API_URL: 'https://ghes.example.com/api/v3' } });
    await scene.arrive(await scene.press(await running.at()));
    assert.equal((await scene.ended(running)).code, 0, running.stderr);
    assert.match(scene.read('github-app.env'), new RegExp(`^GITHUB_API_URL=${scene.github.web}/api/v3$`, 'm'));
});

// As Debian's package has it: EnvironmentFile= holds before what a drop-in says.
test('beside the service, its environment file is looked at', async (t) => {
    const scene = await Scene.start(t);
    const unit = join(scene.place.dir, 'runs-agent.service');
    const lines = `[Service]\nEnvironmentFile=-${scene.file('environment')}\nLoadCredential=webhook-secret:${scene.file('webhook-secret')}\n`;
    writeFileSync(unit, lines);
    for (const [settings, says] of [
        ['GITHUB_APP_ID=42', /GITHUB_APP_ID is set already for the service \(its environment file, or a drop-in\)/],
        ['GITHUB_API_URL=https://ghes.example.com/api/v3', /GITHUB_API_URL is set for the service .* to another GitHub than 127\.0\.0\.1/],
    ]) {
        writeFileSync(scene.file('environment'), settings + '\n');
        const ended = await scene.ended(scene.app([], { input: '', env: { RUNS_AGENT_SERVICE: unit } }));
        assert.equal(ended.code, 2, ended.stdout);
        assert.match(ended.stderr, says);
        assert.deepEqual(scene.github.asked, []);
    }
    writeFileSync(scene.file('environment'), `GITHUB_API_URL=${scene.github.web}/api/v3/\n`);
    const running = scene.app([], { input: '', env: { RUNS_AGENT_SERVICE: unit } });
    await running.at();
    running.child.kill('SIGINT');
    await scene.ended(running);
});

test('a rate limit is waited for, and said once', async (t) => {
    const scene = await Scene.start(t);
    scene.github.logLimited = 3;
    const running = scene.app([], { input: '' });
    await scene.arrive(await scene.press(await running.at()));
    await running.said(/not taken \(502\)/);
    const daemon = await scene.place.serve([], { GITHUB_WEBHOOK_SECRET_FILE: scene.file('webhook-secret') });
    scene.github.reach.set('agent.example.com', daemon.address);
    scene.github.install(scene.app_);
    const ended = await scene.ended(running);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout.split('rate limit').length, 2, ended.stdout);
    assert.doesNotMatch(ended.stdout, /nothing was sent/);
    assert.match(ended.stdout, /Deliveries go to https:\/\/agent\.example\.com\/webhooks\/github\n/);
});

test('an address that the internet does not reach is doubted on github.com alone', async (t) => {
    const scene = await Scene.start(t);
    for (const [host, doubted] of [['github.com', true], [scene.github.web, false]]) {
        const running = scene.place.launch(process.env.RUNS_AGENT_BINARY, ['setup', '--org', 'octo', '--url', 'https://agent/sub/', '--host', host, '--output', scene.folder],
            { ...scene.place.env, DISPLAY: ':0' }, scene.place.dir);
        await until('the address', () => /^Deliveries go to https:\/\/agent\/sub\n(.*\n)* +http:\/\/127/m.exec(running.stdout));
        running.child.kill('SIGINT');
        const ended = await scene.ended(running);
        assert.equal(/agent is a name or an address of a network of your own/.test(ended.stderr), doubted, ended.stderr);
    }
});
