// SPDX-License-Identifier: MIT
// Playwright with a real browser: the pictures, videos and traces that it makes come back from the
// instance byte for byte.
import assert from 'node:assert/strict';
import { accessSync, constants, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import test from 'node:test';
import { Project, Recorded, githubJob, testsOf } from './project.mjs';

// Playwright downloads browsers of its own, which are not wanted here: Debian's does, or Google's.
function program(...names) {
    for (const name of names)
        for (const folder of process.env.PATH.split(delimiter)) {
            const file = join(folder, name);
            try {
                accessSync(file, constants.X_OK);
                return file;
            } catch {
                // the next one
            }
        }
    return null;
}

const browser = program('chromium', 'google-chrome');
const debian = /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
assert.ok(browser || !debian, 'there is no chromium; run script/bootstrap --tests');
const encoder = program('ffmpeg');
assert.ok(encoder, 'there is no ffmpeg; run script/bootstrap --tests');

// For videos Playwright starts the ffmpeg of the folder where its browsers are, and of no other place.
function browsersFolder(dir) {
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
test('sells', async ({ page }) => {
    await open(page);
    await page.getByRole('button').click();
    await expect(page.locator('h1')).toHaveText('Sold', { timeout: 200 });
});
`;
const begins = {
    screenshot: Buffer.from('89504e470d0a1a0a', 'hex'), // a PNG
    video: Buffer.from('1a45dfa3', 'hex'), // EBML, as WebM is
    trace: Buffer.from('PK\x03\x04', 'latin1'), // a zip
};

// Ubuntu's packages have no browser but as a snap.
const skip = browser ? false : 'no browser: neither chromium nor google-chrome is installed';
test('a screenshot of the failure, a video and a trace of each test', { skip }, async (t) => {
    const recorded = await Recorded.start(t);
    const use = { trace: 'on', video: 'on', screenshot: 'only-on-failure', launchOptions: { executablePath: browser } };
    const project = new Project(recorded, 'browser', { config: { projects: [{ name: 'chromium', use }] }, specs: { 'shop.spec.js': shop } });
    const env = { ...githubJob(1010), PLAYWRIGHT_BROWSERS_PATH: browsersFolder(recorded.place.dir) };
    const run = await project.test([], env);
    assert.equal(run.code, 1, run.stdout);
    // What Playwright says that it made, and where that is.
    const made = testsOf(run.report()).flatMap(({ title, results }) => results[0].attachments.map((file) => ({ title, ...file })));
    const list = (files) => files.map(({ title, type }) => `${type} of ${title}`).sort();
    const wanted = made.filter(({ name }) => name in begins).map((file) => ({ ...file, type: file.name }));
    assert.deepEqual(list(wanted), ['screenshot of sells', 'trace of opens', 'trace of sells', 'video of opens', 'video of sells'], run.stdout);

    const { specs, status } = await recorded.find('octo/demo-1010-1');
    assert.equal(status, 'FAILED');
    const { results } = await recorded.data('GET', `/instances/${specs[0].instanceId}`);
    const titleOf = Object.fromEntries(results.tests.map(({ testId, title }) => [testId, title.at(-1)]));
    const kept = results.artifacts.filter(({ type }) => type in begins).map((file) => ({ ...file, title: titleOf[file.testId] }));
    assert.deepEqual(list(kept), list(wanted));
    for (const { type, title, size, readUrl, contentType } of kept) {
        const what = `${type} of ${title}`;
        const original = wanted.find((file) => file.type === type && file.title === title);
        const answer = await fetch(readUrl);
        const bytes = Buffer.from(await answer.arrayBuffer());
        assert.equal(answer.status, 200, what);
        assert.equal(answer.headers.get('content-type'), contentType, what);
        assert.equal(contentType, original.contentType, what);
        assert.equal(bytes.length, size, what);
        assert.ok(bytes.subarray(0, begins[type].length).equals(begins[type]), `${what} begins ${bytes.toString('hex', 0, 8)}`);
        assert.equal(bytes.subarray(0, 64).includes('webm'), type === 'video', what);
        assert.ok(bytes.equals(readFileSync(original.path)), `${what} is another one`);
    }
    // The lists by kind lead to the same files.
    const bytesAt = async (url) => (await (await fetch(url)).arrayBuffer()).byteLength;
    const sizes = (type) => kept.filter((file) => file.type === type).map(({ size }) => size).sort();
    for (const [type, urls] of Object.entries({
        screenshot: results.screenshots.map(({ screenshotURL }) => screenshotURL),
        video: results.videos.map(({ videoUrl }) => videoUrl),
        trace: results.playwrightTraces.map(({ traceURL }) => traceURL),
    }))
        assert.deepEqual((await Promise.all(urls.map(bytesAt))).sort(), sizes(type), type);
    assert.ok(sizes('video').includes(await bytesAt(results.videoUrl)));
});
