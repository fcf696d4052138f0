// SPDX-License-Identifier: MIT
// Each screen in both themes, wide and narrow: axe finds nothing, nothing is wider than the window, the
// browser has nothing to complain of; and a picture of it, to be looked at.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, assertAccessible, assertFits, assertQuiet, desktop, phone, picture } from './browser.mjs';
import { evilBranch, scene } from './scenes.mjs';

const sizes = { desktop, phone };

test('every screen, in both themes and sizes', async (t) => {
    const agent = await scene(t, { heldToo: true });
    const [dead] = (await agent.api('deliveries?q=state:dead')).json.deliveries;
    const [evil] = (await agent.api('deliveries?q=run:1004')).json.deliveries;
    const screens = {
        overview: '', deliveries: 'deliveries', 'deliveries-filtered': 'deliveries?q=state:dead%20repo:octo/*',
        'deliveries-wrong': 'deliveries?q=colour:red', 'deliveries-empty': 'deliveries?q=repo:nobody/*',
        delivery: `deliveries/${dead.delivery}`, strangers: `deliveries/${evil.delivery}`,
        payload: `deliveries/${dead.delivery}/payload`, runs: 'runs', run: 'runs/github.com/octo/shop/1001',
        setup: 'setup?repository=octo/shop&workflow=e2e&branch=main', 'not-found': 'deliveries/nobody',
    };
    const browser = await Browser.start(t);
    for (const theme of ['light', 'dark'])
        for (const [size, window] of Object.entries(sizes)) {
            const page = await browser.visit(t, { theme, size: window });
            await page.goto(`${agent.url}/sign-in`);
            await assertAccessible(page, `sign-in, ${theme}, ${size}`);
            await picture(page, `sign-in-${size}-${theme}`);
            await agent.signIn(page);
            for (const [name, path] of Object.entries(screens)) {
                const what = `${name}, ${theme}, ${size}`;
                const answer = await page.goto(`${agent.url}/${path}`);
                assert.equal(answer.status(), { 'deliveries-wrong': 400, 'not-found': 404 }[name] ?? 200, what);
                if (answer.status() >= 400) page.said = page.said.filter((line) => !line.startsWith('Failed to load resource'));
                await assertFits(page, what);
                await assertAccessible(page, what);
                await picture(page, `${name}-${size}-${theme}`);
            }
            // Asked before something is done to several.
            await page.goto(`${agent.url}/deliveries?q=state:dead`);
            await page.locator('button[formaction$="deliveries/drop"][value=all]').click();
            await page.getByRole('heading', { name: 'Drop 2 deliveries?' }).waitFor();
            await assertFits(page, 'confirmation');
            await assertAccessible(page, `confirmation, ${theme}, ${size}`);
            await picture(page, `confirmation-${size}-${theme}`);
            // The keys.
            await page.keyboard.press('?');
            await page.getByRole('dialog').waitFor();
            await assertAccessible(page, `keys, ${theme}, ${size}`);
            await picture(page, `keys-${size}-${theme}`);
            await page.keyboard.press('Escape');
            await assertQuiet(page);
        }
});

test("strangers' texts are texts", async (t) => {
    const agent = await scene(t);
    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    await agent.signIn(page);
    const [evil] = (await agent.api('deliveries?q=run:1004')).json.deliveries;
    for (const path of ['', 'deliveries', 'deliveries?q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E', `deliveries/${evil.delivery}`,
        `deliveries/${evil.delivery}/payload`, 'runs/github.com/octo/shop/1004', 'runs?find=%3Cscript%3E', 'setup?repository=%3Cb%3Ex/y',
        `?done=${encodeURIComponent('you were robbed')}`]) {
        await page.goto(`${agent.url}/${path}`);
        const seen = await page.evaluate(() => ({
            title: document.title,
            images: document.images.length,
            scripts: [...document.scripts].map(({ src }) => new URL(src).pathname),
            bold: document.querySelectorAll('main b b, bdi *').length,
            text: document.body.innerText,
        }));
        assert.ok(!seen.title.includes('taken'), path);
        assert.equal(seen.images, 0, path);
        assert.deepEqual(seen.scripts, ['/script.js'], path);
        assert.equal(seen.bold, 0, path);
        assert.ok(!seen.text.includes('robbed'), path);
        // What turns the writing round is shown, and does not.
        assert.ok(!seen.text.includes('\u202e'), path);
    }
    await page.goto(`${agent.url}/deliveries/${evil.delivery}`);
    const branch = evilBranch.replace('\u202e', '\\u202e');
    assert.ok((await page.locator('.facts').innerText()).includes(branch), 'the branch is there as it is called');
    // A picture of `x` is not even asked for; nothing else was refused by the browser.
    assert.deepEqual(page.said, []);
});
