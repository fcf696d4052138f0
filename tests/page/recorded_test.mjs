// SPDX-License-Identifier: MIT
// A run that Playwright's reporter recorded with the embedded Runs API, on the page: its specs, tests,
// attempts, errors and machines; its pictures, videos and traces; cancel and reset.
import assert from 'node:assert/strict';
import { accessSync, constants, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import test from 'node:test';
import { Project, githubJob } from '../reporters/project.mjs';
import { Agent, Browser, assertAccessible, assertFits, assertQuiet, cancelled, desktop, phone, picture, until } from './browser.mjs';

// For videos Playwright starts the ffmpeg of the folder where its browsers are, and of no other place.
function browsersFolder(dir) {
    const encoder = process.env.PATH.split(delimiter).map((folder) => join(folder, 'ffmpeg')).find((file) => {
        try {
            accessSync(file, constants.X_OK);
            return true;
        } catch {
            return false;
        }
    });
    assert.ok(encoder, 'there is no ffmpeg; run script/bootstrap --tests');
    const list = new URL('../.deps/node_modules/playwright-core/browsers.json', import.meta.url);
    const { revision } = JSON.parse(readFileSync(list)).browsers.find(({ name }) => name === 'ffmpeg');
    const folder = join(dir, 'browsers');
    mkdirSync(join(folder, `ffmpeg-${revision}`), { recursive: true });
    symlinkSync(encoder, join(folder, `ffmpeg-${revision}`, 'ffmpeg-linux'));
    return folder;
}

const shop = `
const open = (page) => page.setContent('<h1 style="color: green">The shop</h1><button>Buy</button>');
test('opens', async ({ page }) => {
    await open(page);
    await expect(page.locator('h1')).toHaveText('The shop');
});
test('sells <b>things</b>', async ({ page }) => {
    await open(page);
    await expect(page.locator('h1')).toHaveText('Sold', { timeout: 200 });
});
test('is flaky', async ({}, info) => {
    expect(info.retry).toBe(1);
});
`;
const quick = `test('adds', () => expect(1 + 1).toBe(2));\ntest.skip('divides', () => {});`;

test('the recorded run', async (t) => {
    const agent = await Agent.start(t, { api: 'embedded' });
    const recorded = { place: agent.place, address: agent.daemon.addresses.api };
    const use = { trace: 'on', video: 'on', screenshot: 'only-on-failure', launchOptions: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] } };
    const project = new Project(recorded, 'shop', {
        config: { retries: 1, projects: [{ name: 'chromium', use }] }, specs: { 'shop.spec.js': shop, 'sums.spec.js': quick },
    });
    const env = { ...githubJob(1010), PLAYWRIGHT_BROWSERS_PATH: browsersFolder(agent.place.dir) };
    const run = await project.test([], env);
    assert.equal(run.code, 1, run.stdout);
    // GitHub tells of it, too, and the run is cancelled by that: a finished one keeps its result.
    await agent.deliver({ ...cancelled(1010), action: 'in_progress', workflow_run: { ...cancelled(1010).workflow_run, conclusion: null, status: 'in_progress' } });
    await agent.settled('run:1010', 1);

    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    await agent.signIn(page);
    await page.goto(`${agent.url}/runs/github.com/octo/demo/1010`);
    await page.getByRole('link', { name: 'The recorded run' }).click();
    await page.getByRole('heading', { name: 'octo/demo-1010-1' }).waitFor();
    const address = page.url();
    const said = await page.locator('main').innerText();
    for (const text of ['failed', 'shop.spec.js', 'sums.spec.js', 'sells <b>things</b>', 'toHaveText', 'flaky', 'The shop', '2 of 2 specs are done', 'Machines'])
        assert.ok(said.includes(text), `${text} in ${said}`);
    assert.equal(await page.locator('main li bdi b').count(), 0);
    assert.ok(!said.includes('u001b'), 'errors have no colours of a terminal');

    // The picture is a picture, at the page's own address; the video plays; the trace is a zip.
    const image = page.locator('.shots img').first();
    await image.scrollIntoViewIfNeeded();
    await until('the picture', () => image.evaluate((one) => one.complete && one.naturalWidth > 0));
    assert.ok((await image.getAttribute('src')).startsWith('../recorded/') || !(await image.getAttribute('src')).includes('://'));
    const video = page.locator('.shots video').first();
    await until('the video', () => video.evaluate((one) => one.readyState >= 1));
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /trace/ }).first().click()]);
    const kept = readFileSync(await download.path());
    assert.equal(kept.subarray(0, 2).toString(), 'PK');

    for (const [size, viewport] of Object.entries({ desktop, phone }))
        for (const colorScheme of ['light', 'dark']) {
            await page.setViewportSize(viewport);
            await page.emulateMedia({ colorScheme });
            for (const [name, path] of [['recorded', address], ['runs-recorded', `${agent.url}/runs`]]) {
                await page.goto(path);
                await assertFits(page, `${name}, ${size}`);
                await assertAccessible(page, `${name}, ${colorScheme}, ${size}`);
                await picture(page, `${name}-${size}-${colorScheme}`);
            }
        }
    await page.setViewportSize(desktop);

    // Found by its CI build id, without the script.
    const plain = await browser.visit(t, { js: false });
    await agent.signIn(plain);
    await plain.goto(`${agent.url}/runs?find=octo/demo-1010-1`);
    assert.match(plain.url(), /\/runs\/github.com\/octo\/demo\/1010$/, 'the run of GitHub comes first');

    // What failed is opened again, and told of; then it is cancelled.
    await plain.goto(address);
    await plain.getByText('Reset…').click();
    await plain.locator('#why-reset').fill('the shop is mended');
    await plain.getByRole('button', { name: 'Reset', exact: true }).click();
    assert.match(await plain.getByRole('status').innerText(), /1 spec was opened again/);
    assert.match(await plain.locator('.sentence').innerText(), /in progress/);
    await plain.getByText('Cancel…').click();
    await plain.getByRole('button', { name: 'Cancel', exact: true }).click();
    assert.match(await plain.getByRole('status').innerText(), /the run was cancelled/);
    assert.match(await plain.locator('.sentence').innerText(), /cancelled/);
    const { acts } = (await agent.api('acts')).json;
    assert.deepEqual(acts.map(({ act, actor, reason }) => [act, actor, reason]), [
        ['cancel run', 'page: Ada', null], ['reset run', 'page: Ada', 'the shop is mended'],
    ]);
    await assertQuiet(page);
});
