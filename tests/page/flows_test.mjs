// SPDX-License-Identifier: MIT
// What people do on the page: without the script, with it, with the keyboard alone, below a proxy's
// prefix, with the token for reading; and that what was done is kept and told everywhere alike.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Browser, assertAccessible, assertQuiet, cancelled, picture, request, tokens, until } from './browser.mjs';
import { scene, withRun } from './scenes.mjs';

const acts = async (agent) => (await agent.place.data(['deliveries', 'acts'])).acts;

test('without the script: filter, look, replay one, drop all that match', async (t) => {
    const agent = await scene(t);
    const browser = await Browser.start(t);
    const page = await browser.visit(t, { js: false });
    await agent.signIn(page);
    await page.getByRole('link', { name: '2 calls dead now' }).click();
    assert.equal(await page.getByLabel('Filter', { exact: true }).inputValue(), 'state:dead');
    assert.equal(await page.locator('tbody tr').count(), 2);
    // The selects are sent beside the filter, and become a part of it.
    await page.getByLabel('Since').selectOption('24h');
    await page.getByRole('button', { name: 'Find' }).click();
    assert.equal(await page.getByLabel('Filter', { exact: true }).inputValue(), 'state:dead since:24h');

    await page.locator('tbody tr a.open').first().click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    const facts = await page.locator('.facts').innerText();
    assert.match(facts, /octo\/legacy/);
    assert.match(await page.locator('main').innerText(), /What would happen now[\s\S]*cancel-ci of attempt 1 of run 2002/);
    await page.getByText('Replay…').click();
    await page.locator('#why-replay').fill('the project is there now');
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    assert.match(await page.getByRole('status').innerText(), /replayed 1 delivery \(1 call\)/);
    assert.match(await page.locator('.hands').innerText(), /page: Ada[\s\S]*replay[\s\S]*the project is there now/);

    await agent.settled('state:dead', 2);
    await page.goto(`${agent.url}/deliveries?q=state:dead`);
    await page.locator('button[formaction$="deliveries/drop"][value=all]').click();
    await page.getByRole('heading', { name: 'Drop 2 deliveries?' }).waitFor();
    assert.equal((await acts(agent)).length, 1, 'nothing is done before it was confirmed');
    await page.getByLabel('Why').fill('nobody needs them');
    await page.getByRole('button', { name: 'Drop 2 deliveries' }).click();
    assert.match(await page.getByRole('status').innerText(), /dropped 2 deliveries \(2 calls\)/);
    assert.match(await page.locator('main').innerText(), /Nothing fits this filter/);

    const kept = await acts(agent);
    assert.deepEqual(kept.map(({ act, actor, reason, filter }) => ({ act, actor, reason, filter })), [
        ...Array(2).fill({ act: 'drop', actor: 'page: Ada', reason: 'nobody needs them', filter: 'state:dead' }),
        { act: 'replay', actor: 'page: Ada', reason: 'the project is there now', filter: null },
    ]);
    assert.deepEqual((await agent.api('acts')).json.acts, kept);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${agent.url}/deliveries`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    agent.place.assertNoSecretShown();
});

test('with the keyboard alone', async (t) => {
    const agent = await scene(t);
    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    await page.goto(`${agent.url}/`);
    await page.keyboard.press('Tab'); // the skip link
    await page.keyboard.press('Tab'); // the brand
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type(tokens.admin);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The newest' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Deliveries' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('state:dead');
    await page.keyboard.press('Enter');
    await page.waitForURL(/state%3Adead|state:dead/);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    assert.equal(await page.locator('tr.here').count(), 1);
    assert.match(await page.locator('tr.here').innerText(), /2001/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await page.waitForLoadState(); // and its script is there
    await page.keyboard.press('r');
    await page.keyboard.type('by keys');
    await page.keyboard.press('Enter');
    await page.getByRole('status').waitFor();
    assert.equal((await acts(agent))[0].reason, 'by keys');
    // They can be switched off.
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.getByLabel('Keys are on').press('Space');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.goto(`${agent.url}/deliveries`);
    await page.keyboard.press('j');
    assert.equal(await page.locator('tr.here').count(), 0);
    await assertQuiet(page);
});

test('what is new does not push, and is said', async (t) => {
    const agent = await scene(t);
    const browser = await Browser.start(t);
    const list = await browser.visit(t);
    await agent.signIn(list);
    await list.goto(`${agent.url}/deliveries?q=repo:octo/fresh`);
    await list.goto(`${agent.url}/deliveries`);
    const rows = await list.locator('tbody tr').count();
    const overview = await browser.visit(t);
    await agent.signIn(overview);
    await overview.getByRole('link', { name: `${agent.sent} deliveries` }).waitFor();
    for (let i = 0; i < 7; ++i) await agent.deliver(withRun(1100 + i, { repository: 'octo/fresh' }));
    await list.getByRole('link', { name: '7 new' }).waitFor();
    assert.equal(await list.locator('tbody tr').count(), rows, 'rows stay where they are');
    await until('it to be read aloud', async () => /7 new/.test(await list.locator('#said').innerText()));
    assert.match(await list.title(), /^\(7\)/);
    await overview.getByRole('link', { name: `${agent.sent + 7} deliveries` }).waitFor();
    await list.getByRole('link', { name: '7 new' }).click();
    await until('the new rows', async () => (await list.locator('tbody tr').count()) === rows + 7);
    await assertQuiet(list);
    await assertQuiet(overview);
});

test('selects, local times, copying, and what waits counts down', async (t) => {
    const agent = await scene(t, { heldToo: true });
    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    await agent.signIn(page);
    await page.goto(`${agent.url}/deliveries?q=repo:octo/*`);
    await page.getByLabel('State').selectOption('held');
    await page.waitForURL(/held/);
    assert.equal(new URL(page.url()).searchParams.get('q'), 'repo:octo/* state:held');
    assert.equal(new URL(page.url()).searchParams.get('state'), null, 'the filter is the whole state');
    const time = page.locator('tbody time').first();
    assert.match(await time.innerText(), /UTC$/);
    await page.getByRole('button', { name: 'Show local times' }).click();
    assert.match(await time.innerText(), /\+0[12]:00$/);
    assert.match(await page.locator('#zone').innerText(), /Europe\/Berlin/);
    await page.reload();
    assert.match(await time.innerText(), /\+0[12]:00$/);
    // Chosen ones: the row that is at hand is replayed by a key, after a question.
    await page.goto(`${agent.url}/deliveries?q=state:dead`);
    await page.keyboard.press('j');
    await page.keyboard.press('r');
    await page.getByRole('heading', { name: 'Replay 1 delivery?' }).waitFor();
    await page.getByRole('button', { name: 'Replay 1 delivery' }).click();
    await page.getByRole('status').waitFor();
    // The verdict turns good by itself once the key is mended, as the page is looked at.
    await page.goto(`${agent.url}/`);
    assert.match(await page.locator('.verdict').innerText(), /1 call is held: the API key was refused/);
    await assertQuiet(page);
});

test('a delivery keeps what of the policy held, and shows what holds today beside it', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'runs-agent-policy-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const policy = join(folder, 'policy.yml');
    writeFileSync(policy, 'rules:\n  - {repository: octo/api, branch: main}\n  - {repository: octo/<b>*}\n  - {workflow: [e2e, "*"]}\n');
    const agent = await scene(t, { env: { RUNS_AGENT_CONFIG: policy } });
    const [{ delivery }] = (await agent.api('deliveries?q=run:1002')).json.deliveries;
    const then = `rule 3 (${policy}:4): workflow e2e or *`;
    assert.equal((await agent.api(`deliveries/${delivery}`)).json.policy, then);
    writeFileSync(policy, 'rules:\n  - {ignore: true}\n');
    agent.daemon.running.child.kill('SIGHUP');
    await until('the new policy', () => agent.daemon.events('config.reloaded').length > 0);
    assert.equal((await agent.api(`deliveries/${delivery}`)).json.policy, then, 'a decision that was made');
    const shown = await agent.place.agent(['deliveries', 'show', delivery]);
    assert.ok(shown.stdout.includes(`\npolicy      ${then}\n`), shown.stdout);
    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    await agent.signIn(page);
    await page.goto(`${agent.url}/deliveries/${delivery}`);
    const facts = await page.locator('dl.facts').innerText();
    assert.match(facts.replaceAll(/\s+/g, ' '), /policy then rule 3 \(\S+:4\): workflow e2e or \*/);
    await page.getByText(`Of the policy holds today: rule 1 (${policy}:2): everything; then: ${then}.`).waitFor();
    await page.getByText('its runs are ignored').waitFor();
    await assertAccessible(page, 'a delivery of another policy');
    await picture(page, 'delivery-policy-then');
    await assertQuiet(page);
});

test('runs are found by what people paste', async (t) => {
    const agent = await scene(t);
    const browser = await Browser.start(t);
    const page = await browser.visit(t, { js: false });
    await agent.signIn(page);
    for (const text of ['https://github.com/octo/shop/actions/runs/1001/attempts/2', '1001', 'octo/shop-1001-2']) {
        await page.goto(`${agent.url}/runs`);
        await page.getByLabel('A run').fill(text);
        await page.getByRole('button', { name: 'Find' }).click();
        await page.getByRole('heading', { name: 'octo/shop run 1001' }).waitFor();
        assert.equal(new URL(page.url()).pathname, '/runs/github.com/octo/shop/1001');
    }
    const said = await page.locator('main').innerText();
    for (const lane of ['attempt 1, GitHub', 'attempt 1, test run', 'attempt 1, runner-1', 'attempt 1, runner-2', 'attempt 2, test run'])
        assert.ok(said.includes(lane), `${lane} in ${said}`);
    await page.goto(`${agent.url}/runs?find=987654`);
    assert.match(await page.getByRole('alert').innerText(), /No run was heard of/);
});

test('the token for reading looks, and changes nothing', async (t) => {
    const agent = await scene(t);
    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    await agent.signIn(page, { token: tokens.read, name: 'Bob' });
    assert.match(await page.locator('header').innerText(), /Bob · read only/);
    await page.goto(`${agent.url}/deliveries?q=state:dead`);
    assert.equal(await page.locator('button[formaction], input[type=checkbox][name=id]').count(), 0);
    await page.locator('a.open').first().click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    assert.equal(await page.locator('details.act').count(), 0);
    const refused = await page.evaluate(async () => (await fetch(`${location.pathname}/drop`, { method: 'POST' })).status);
    assert.equal(refused, 403);
    assert.deepEqual(await acts(agent), []);
    // A wrong token is not let in, and that takes its time.
    const stranger = await browser.visit(t);
    await stranger.goto(`${agent.url}/sign-in`);
    await stranger.getByLabel('Token').fill('not the token');
    await stranger.getByRole('button', { name: 'Sign in' }).click();
    assert.match(await stranger.getByRole('alert').innerText(), /not the token/);
});

// A reverse proxy that has the page at /ops/agent/ and asks it without that.
async function prefixed(t, agent) {
    const server = http.createServer((asked, given) => {
        if (!asked.url.startsWith('/ops/agent/')) return given.writeHead(404).end();
        const [host, port] = agent.address.split(':');
        const headers = { ...asked.headers, host: `${host}:${port}`, 'x-forwarded-host': asked.headers.host };
        const to = http.request({ host, port, method: asked.method, path: asked.url.slice('/ops/agent'.length), headers }, (answer) => {
            given.writeHead(answer.statusCode, answer.headers);
            answer.pipe(given);
        });
        asked.pipe(to);
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.closeAllConnections() ?? server.close());
    return `http://127.0.0.1:${server.address().port}/ops/agent`;
}

test("below a proxy's prefix everything is at its place", async (t) => {
    const agent = await scene(t);
    const url = await prefixed(t, agent);
    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    await agent.signIn(page, { url });
    const gone = new Set();
    for (const path of ['', 'deliveries', 'deliveries?q=state:dead', 'runs', 'setup', 'runs/github.com/octo/shop/1001']) {
        await page.goto(`${url}/${path}`);
        for (const href of await page.evaluate(() => [...document.links].map(({ href }) => href))) gone.add(href);
    }
    for (const href of gone) assert.ok(href.startsWith(`${url}/`) || href.startsWith('https://github.com/'), href);
    await page.goto(`${url}/deliveries?q=state:dead`);
    await page.locator('a.open').first().click();
    await page.waitForURL(`${url}/deliveries/*`);
    await page.keyboard.press('r');
    await page.keyboard.press('Enter');
    await page.getByRole('status').waitFor();
    assert.ok(page.url().startsWith(`${url}/deliveries/`), page.url());
    await page.getByRole('link', { name: 'The payload' }).click();
    assert.match(await page.locator('.payload').innerText(), /"workflow_run"/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await assertQuiet(page);
});

test('without a token there is no page, and never where webhooks come', async (t) => {
    const agent = await scene(t);
    for (const path of ['/', '/deliveries', '/api/deliveries', '/sign-in', '/style.css'])
        assert.equal((await agent.daemon.get(path)).status, 404, path);
    const short = await agent.place.agent(['serve'], {
        env: { RUNS_AGENT_ADMIN_TOKEN: 'short', RUNS_AGENT_STATE_DIR: `${agent.place.dir}/other` },
    });
    assert.equal(short.code, 2);
    assert.match(short.stderr, /RUNS_AGENT_ADMIN_TOKEN is shorter than 16 characters/);
    const { RUNS_AGENT_ADMIN_TOKEN: _, ...env } = agent.place.env;
    agent.place.env = { ...env, RUNS_AGENT_STATE_DIR: `${agent.place.dir}/third` };
    const bare = await agent.place.serve();
    assert.deepEqual(bare.events('admin.listening'), []);
    await bare.stop();
});
