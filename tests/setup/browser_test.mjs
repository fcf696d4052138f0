// SPDX-License-Identifier: MIT
// The whole of it as a person does it, in a real browser: the page's button, GitHub's, the installation;
// the daemon is started by the lines that setup prints. And pictures of the page, to be looked at.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Browser, assertAccessible, assertFits, assertQuiet, desktop, phone, picture } from '../page/browser.mjs';
import { freePort, request } from '../system/program.mjs';
import { Scene, until } from './scene.mjs';

const sizes = { desktop, phone };
const looks = ['light', 'dark'].flatMap((theme) => Object.entries(sizes).map(([name, size]) => ({ theme, name, size })));

// In both themes and sizes, without a script.
async function look(t, browser, address, name) {
    for (const { theme, name: size, size: window } of looks) {
        const page = await browser.visit(t, { theme, size: window });
        await page.goto(address);
        await assertFits(page, name);
        await assertAccessible(page, `${name}, ${theme}, ${size}`);
        await picture(page, `${name}-${size}-${theme}`);
        assert.deepEqual(page.said, []);
    }
}

test('two clicks and a start', async (t) => {
    const scene = await Scene.start(t, { env: { RUNS_AGENT_LISTEN: `127.0.0.1:${await freePort()}` } });
    const running = scene.app(['--jobs'], { input: '' });
    const browser = await Browser.start(t);
    const address = await running.at();
    await look(t, browser, address, 'connect');

    const page = await browser.visit(t, { js: false });
    await page.goto(address);
    await page.getByRole('button', { name: 'Create it on 127.0.0.1' }).click();
    await page.getByLabel('GitHub App name').fill('Octo listens');
    await page.getByRole('button', { name: 'Create GitHub App' }).click();
    await page.getByRole('heading', { name: 'The App is made' }).waitFor();
    await assertFits(page, 'made');
    assert.match(await page.locator('main').innerText(), /Octo listens belongs to octo/);
    assertQuiet(page);
    await look(t, browser, address, 'connected');
    for (const name of ['webhook-secret', 'github-app.pem', 'github-app.env']) scene.assertPrivate(name);

    // Word by word what it says.
    const [, load, start] = await running.said(/daemon with it; one that runs, anew:\n +(set -a; .*)\n +runs-agent (config check && runs-agent serve)\n/);
    const shell = `PATH=${join(process.env.RUNS_AGENT_BINARY, '..')}:$PATH; ${load}\nruns-agent ${start.replace('runs-agent serve', 'exec runs-agent serve')}`;
    const { GITHUB_WEBHOOK_SECRET_FILE: _, ...env } = scene.place.env;
    const daemon = scene.place.launch('/bin/sh', ['-c', shell], env);
    const listen = scene.place.env.RUNS_AGENT_LISTEN;
    scene.github.reach.set('agent.example.com', listen);
    await until('the daemon', () => request({ address: listen, path: '/healthz' }).then(({ status }) => status === 200, () => assert.equal(daemon.child.exitCode, null, daemon.stderr)));
    await page.getByRole('link', { name: /^Install it on/ }).click();
    await page.getByRole('button', { name: 'Install' }).click();
    await page.getByRole('heading', { name: 'Installed' }).waitFor();
    const ended = await scene.ended(running);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /Installed on octo: octo\/shop, octo\/site\n/);
    assert.match(ended.stdout, /GitHub is connected\. Cancel a workflow run/);
    // It knows the App: its key signs, for this server.
    const printed = await scene.place.run('/bin/sh', ['-c', `${load}; exec "$0" config print --json`, process.env.RUNS_AGENT_BINARY], { env: { GITHUB_WEBHOOK_SECRET_FILE: '' } });
    const { settings } = JSON.parse(printed.stdout);
    assert.equal(settings.GITHUB_APP_ID, String(scene.app_.id));
    assert.equal(settings.GITHUB_API_URL, `${scene.github.web}/api/v3`);
    daemon.child.kill('SIGTERM');
    assert.deepEqual(await daemon.ended, { code: 0, signal: null }, daemon.stderr);
    scene.assertNothingShown();
});

test('the button of --paste works from a file, and the address of the browser ends the story', async (t) => {
    const scene = await Scene.start(t);
    const running = scene.app(['--paste', '--no-wait']);
    const [, file] = await running.said(/^ +(\/.*\/setup-[0-9a-f]+\.html)$/m);
    const browser = await Browser.start(t);
    const page = await browser.visit(t, { js: false });
    await page.goto(`file://${file}`);
    await assertFits(page, 'the file');
    await picture(page, 'connect-file');
    await page.getByRole('button', { name: /^Create it on/ }).click();
    // Nothing listens where the browser is sent.
    const sent = page.waitForRequest((one) => one.url().startsWith('http://127.0.0.1:4/back?'));
    await page.getByRole('button', { name: 'Create GitHub App' }).click();
    running.child.stdin.end(`${(await sent).url()}\n`);
    assert.equal((await scene.ended(running)).code, 0, running.stderr);
    assert.equal(scene.read('webhook-secret').trim(), scene.app_.secret);
    scene.assertNothingShown();
});

test('what went wrong is on the page', async (t) => {
    const scene = await Scene.start(t);
    scene.github.owner = false;
    const running = scene.app([], { input: '' });
    const browser = await Browser.start(t);
    const page = await browser.visit(t, { theme: 'dark' });
    await page.goto(await running.at());
    await page.getByRole('button', { name: /^Create it on/ }).click();
    await page.getByRole('button', { name: 'Create GitHub App' }).click();
    await page.getByRole('alert').waitFor();
    await assertAccessible(page, 'not done');
    await picture(page, 'connect-fault');
    // All that the page needs came with it.
    const line = await page.locator('.card').evaluate((card) => getComputedStyle(card).borderTopWidth);
    assert.equal(line, '1px');
    assert.match(await page.getByRole('alert').innerText(), /under ada, not under octo/);
    assertQuiet(page);
    assert.equal((await scene.ended(running)).code, 1);
});

// A machine on which the package is installed, as far as a command can see: its unit, whose paths lead here.
test('beside the installed service its files, and the lines that are to be typed, fit together', async (t) => {
    const scene = await Scene.start(t);
    const etc = join(scene.place.dir, 'etc');
    mkdirSync(etc);
    const unit = join(scene.place.dir, 'runs-agent.service');
    const shipped = new URL('../../packaging/', import.meta.url);
    for (const name of ['policy.yml', 'environment']) copyFileSync(new URL(name, shipped), join(etc, name));
    writeFileSync(unit, readFileSync(new URL('runs-agent.service', shipped), 'utf8').replaceAll('/etc/runs-agent/', `${etc}/`));
    const env = { PATH: process.env.PATH, HOME: scene.place.dir, RUNS_AGENT_SERVICE: unit, DISPLAY: ':0' };
    const running = scene.place.launch(process.env.RUNS_AGENT_BINARY,
        ['setup', '--host', scene.github.web, '--org', 'octo', '--url', 'agent.example.com', '--no-wait'], env, scene.place.dir);
    running.child.stdin.end();
    const at = await until('the address', () => /^ +(http:\S+\/[0-9a-f]{32})$/m.exec(running.stdout));
    await scene.arrive(await scene.press(at[1]));
    assert.equal((await scene.ended(running)).code, 0, running.stderr);
    // Everything but what only root and systemd can do.
    const lines = /daemon with it; one that runs, anew:\n((?: +sudo .*\n)+)/.exec(running.stdout)[1].trim().split('\n').map((line) => line.trim());
    assert.match(lines.at(-1), /^sudo systemctl restart runs-agent$/);
    const key = lines.find((line) => line.includes('install -m 600 /dev/null'));
    assert.ok(key?.endsWith(join(etc, 'api-key')), 'the unit wants the Runs API’s key, and it is missing');
    for (const line of lines.filter((one) => one.startsWith('sudo install'))) {
        const { code, stderr } = await scene.place.run('/bin/sh', ['-c', line.slice('sudo '.length)]);
        assert.equal(code, 0, stderr);
    }
    writeFileSync(join(etc, 'api-key'), 'key-of-the-runs-api');
    const check = scene.place.launch(process.env.RUNS_AGENT_BINARY, ['config', 'print', '--json'], env);
    check.child.stdin.end();
    await check.ended;
    const { settings } = JSON.parse(check.stdout);
    assert.equal(settings.GITHUB_APP_ID, String(scene.app_.id));
    assert.equal(settings.GITHUB_API_URL, `${scene.github.web}/api/v3`);
    const whole = scene.place.launch(process.env.RUNS_AGENT_BINARY, ['config', 'check'], env);
    whole.child.stdin.end();
    assert.equal((await whole.ended).code, 0, whole.stderr);
    scene.assertNothingShown();
});
