// SPDX-License-Identifier: MIT
// The page of two replicas on one PostgreSQL database, behind a load balancer that asks the one and the
// other in turn: every screen is on both, what was done on one is told by the other, and what is new
// comes to whoever looks.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Agent, Browser, assertAccessible, assertQuiet, picture, until } from './browser.mjs';
import { scene, withRun } from './scenes.mjs';

const run = promisify(execFile);
const server = fileURLToPath(new URL('../postgres/server', import.meta.url));

// Of a server of the test's own.
async function database(t) {
    const dir = mkdtempSync(join(tmpdir(), 'runs-agent-page-'));
    const file = join(dir, 'postgres.url');
    t.after(async () => {
        await run(server, ['stop', file]);
        rmSync(dir, { recursive: true });
    });
    await run(server, ['start', file]);
    return readFileSync(file, 'utf8').trim();
}

// Asks them in turn.
async function balancer(t, agents) {
    let turn = 0;
    const proxy = http.createServer((asked, given) => {
        const [host, port] = agents[turn++ % agents.length].address.split(':');
        const headers = { ...asked.headers, host: `${host}:${port}`, 'x-forwarded-host': asked.headers.host };
        const to = http.request({ host, port, method: asked.method, path: asked.url, headers }, (answer) => {
            given.writeHead(answer.statusCode, answer.headers);
            answer.pipe(given);
        });
        to.on('error', () => given.destroy());
        asked.pipe(to);
    });
    await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
    t.after(() => proxy.closeAllConnections() ?? proxy.close());
    return `http://127.0.0.1:${proxy.address().port}`;
}

async function replicas(t, options = {}) {
    const first = await scene(t, { ...options, env: { RUNS_AGENT_DATABASE: await database(t) } });
    const second = Object.assign(new Agent(), { place: first.place, daemon: await first.place.serve() });
    return { first, second, url: await balancer(t, [first, second]) };
}

const acts = async (agent) => (await agent.api('acts')).json.acts;

test('every screen is on each of them, and says the same', async (t) => {
    const { first, second } = await replicas(t, { heldToo: true });
    const [dead] = (await second.api('deliveries?q=state:dead')).json.deliveries;
    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    // The cookie of one is known to the other.
    await first.signIn(page);
    const screens = {
        '': /1 call is held[\s\S]*The newest/, deliveries: /octo\/legacy/, 'deliveries?q=branch:release/*': /octo\/api/,
        'deliveries?q=repo:octo/legacy%20state:dead%20since:24h': /2002[\s\S]*2001/, 'deliveries?q=LEGACY': /2002/,
        [`deliveries/${dead.delivery}`]: /What happened[\s\S]*What would happen now[\s\S]*cancel-ci of attempt 1/,
        [`deliveries/${dead.delivery}/payload`]: /"workflow_run"/, 'runs?find=1001': /attempt 1, runner-1/,
        'runs/github.com/octo/shop/1001': /attempt 2, test run/, setup: /database/i,
    };
    for (const [path, expected] of Object.entries(screens)) {
        for (const agent of [first, second]) {
            const answer = await page.goto(`${agent.url}/${path}`);
            assert.equal(answer.status(), 200, path);
            assert.match(await page.locator('main').innerText(), expected, path);
        }
        await assertAccessible(page, path);
    }
    await page.goto(second.url);
    await page.getByRole('link', { name: `${first.sent} deliveries` }).waitFor();
    await picture(page, 'overview-on-postgresql');
    await assertQuiet(page);
    first.place.assertNoSecretShown();
});

test('what is done by hand, whichever of them it meets', async (t) => {
    const { first, second, url } = await replicas(t);
    const browser = await Browser.start(t);
    const page = await browser.visit(t, { js: false });
    await first.signIn(page, { url });
    await page.goto(`${url}/deliveries?q=state:dead`);
    assert.equal(await page.locator('tbody tr').count(), 2);
    await page.locator('tbody tr a.open').first().click();
    await page.getByText('Replay…').click();
    await page.locator('#why-replay').fill('the project is there now');
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    // Told by the one that was asked next.
    assert.match(await page.getByRole('status').innerText(), /replayed 1 delivery \(1 call\)/);
    assert.match(await page.locator('.hands').innerText(), /page: Ada[\s\S]*replay[\s\S]*the project is there now/);
    for (const agent of [first, second]) await agent.settled('state:dead', 2);

    await page.goto(`${url}/deliveries?q=state:dead`);
    await page.locator('button[formaction$="deliveries/drop"][value=all]').click();
    await page.getByRole('heading', { name: 'Drop 2 deliveries?' }).waitFor();
    assert.equal((await acts(second)).length, 1, 'nothing is done before it was confirmed');
    await page.getByLabel('Why').fill('nobody needs them');
    await page.getByRole('button', { name: 'Drop 2 deliveries' }).click();
    assert.match(await page.getByRole('status').innerText(), /dropped 2 deliveries \(2 calls\)/);

    const kept = await acts(first);
    assert.deepEqual(kept.map(({ act, actor, reason }) => ({ act, actor, reason })), [
        ...Array(2).fill({ act: 'drop', actor: 'page: Ada', reason: 'nobody needs them' }),
        { act: 'replay', actor: 'page: Ada', reason: 'the project is there now' },
    ]);
    assert.deepEqual(await acts(second), kept);
    assert.deepEqual((await first.place.data(['deliveries', 'acts'])).acts, kept);
    const told = await first.place.agent(['deliveries', 'show', kept[0].delivery]);
    assert.match(told.stdout, /nobody needs them/);
    // From the command line, too, by what fits.
    const { code, stderr } = await first.place.agent(
        ['deliveries', 'replay', '--filter', 'state:dropped legacy', '--reason', 'after all']);
    assert.equal(code, 0, stderr);
    await second.settled('state:dead', 2);
    assert.equal((await acts(second)).filter(({ reason }) => reason === 'after all').length, 2);
});

test('what is new at one of them comes to whoever looks at the other', async (t) => {
    const { first, second } = await replicas(t);
    const browser = await Browser.start(t);
    const list = await browser.visit(t);
    await second.signIn(list);
    await list.goto(`${second.url}/deliveries`);
    const rows = await list.locator('tbody tr').count();
    for (let i = 0; i < 7; ++i) await first.deliver(withRun(1100 + i, { repository: 'octo/fresh' }));
    await list.getByRole('link', { name: '7 new' }).waitFor();
    await list.getByRole('link', { name: '7 new' }).click();
    await until('the new rows', async () => (await list.locator('tbody tr').count()) === rows + 7);
    await assertQuiet(list);
});
