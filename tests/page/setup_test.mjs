// SPDX-License-Identifier: MIT
// The Set-up screen: what the daemon sees of its own set-up, with GitHub beside it, whose webhook is first
// well and then not. Without the script, as the rest of the page.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { Agent, Browser, assertAccessible, assertFits, assertQuiet, cancelled, desktop, phone, picture, runsApi, until } from './browser.mjs';

// GitHub's API for octo/shop and its webhook 1.
async function playGitHub(t) {
    const github = { asked: [], log: [{ id: 1, guid: 'g1', event: 'workflow_run', action: 'completed', delivered_at: new Date().toISOString(), status: 'OK', status_code: 202 }] };
    const server = http.createServer((question, answer) => {
        const { pathname } = new URL(question.url, 'http://localhost');
        github.asked.push(pathname);
        const known = {
            '/rate_limit': { resources: {} }, '/repos/octo/shop/hooks/1': github.hook,
            '/repos/octo/shop/hooks/1/deliveries': github.log, '/repos/octo/shop/actions/runs': { workflow_runs: [] },
        }[pathname];
        answer.writeHead(known ? 200 : 404, { 'Content-Type': 'application/json' }).end(JSON.stringify(known ?? { message: 'Not Found' }));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.closeAllConnections() ?? server.close());
    github.host = `127.0.0.1:${server.address().port}`;
    github.hook = {
        id: 1, active: true, events: ['workflow_run'],
        config: { url: 'https://agent.example.com/webhooks/github', content_type: 'json', insecure_ssl: '0', secret: '********' },
    };
    return github;
}

async function start(t, { hook = {} } = {}) {
    const github = await playGitHub(t);
    Object.assign(github.hook, hook);
    const api = await runsApi(t, (_, asked) => asked.url.startsWith('/v1/projects')
        ? [200, { status: 'OK', has_more: false, data: [{ projectId: 'p1' }] }]
        : [200, { status: 'OK', data: { runId: 'r1', actor: 'api', canceledAt: '2026-01-01T00:00:00Z', reason: 'x' } }]);
    const agent = await Agent.start(t, { env: { CURRENTS_API_URL: api, GITHUB_API_URL: `http://${github.host}`, GITHUB_TOKEN: 'ghp_of_the_test' } });
    await agent.deliver(cancelled(1001, 1, 'octo/shop'), { headers: { 'X-GitHub-Hook-Installation-Target-Type': 'repository', 'X-GitHub-Enterprise-Host': github.host } });
    await agent.settled('state:done', 1);
    return { agent, github };
}

// The checklist as it is read: [state, title, the rest].
const checklist = (page) => page.locator('.checks > li').evaluateAll((all) => all.map((one) => ({
    state: one.querySelector('.state').textContent.trim(), title: one.querySelector('strong').textContent, text: one.innerText })));

test('all that can be seen is well', async (t) => {
    const { agent, github } = await start(t);
    const browser = await Browser.start(t);
    const page = await browser.visit(t);
    await agent.signIn(page);
    await page.goto(`${agent.url}/setup`);
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    const list = await checklist(page);
    assert.deepEqual(list.filter(({ state }) => state !== 'ok'), []);
    for (const title of ['Policy', 'Signatures', 'Access to GitHub', 'Permissions', 'Webhook', "GitHub's delivery log", 'API key', 'Projects',
        'Held calls', 'Database', 'Disk', 'Backlog', 'Dead letters', 'Clock'])
        assert.ok(list.some((one) => one.title === title), title);
    await page.getByRole('table', { name: 'Webhooks' }).getByText('octo/shop').waitFor();
    await picture(page, 'setup-well-desktop-light');
    // Looked at again and again, the services are not asked again.
    const asked = github.asked.length;
    for (let i = 0; i < 3; i++) await page.reload();
    assert.equal(github.asked.length, asked);
    await assertQuiet(page);
});

test('what is wrong comes first, with its cure; the same as JSON; without the script, too', async (t) => {
    const { agent } = await start(t, { hook: { active: false, events: ['push'] } });
    const browser = await Browser.start(t);
    for (const [name, options] of Object.entries({ 'desktop-dark': { theme: 'dark', size: desktop }, 'phone-light': { size: phone, js: false } })) {
        const page = await browser.visit(t, options);
        await agent.signIn(page);
        // The first screen does not call it well; what it knows it has without waiting for anybody.
        await until('the overview to tell of it', async () => {
            await page.goto(agent.url);
            return /Webhook \(webhook 1 of octo\/shop\): it is switched off \(as of \d\d:\d\d UTC\)\.[^]*Cure: tick Active/.test(await page.locator('.verdict').innerText());
        });
        await assertFits(page, `overview, ${name}`);
        await picture(page, `overview-wrong-${name}`);
        await page.goto(`${agent.url}/setup`);
        await page.getByRole('heading', { name: '2 things are wrong' }).waitFor();
        const list = await checklist(page);
        assert.deepEqual(list.slice(0, 3).map(({ state, title }) => [state, title]), [['wrong', 'Webhook'], ['wrong', 'Webhook'], ['ok', 'Policy']]);
        assert.match(list[0].text, /webhook 1 of octo\/shop/);
        assert.match(list[0].text, /switched off[^]*Cure tick Active/);
        assert.match(list[1].text, /workflow_run is not subscribed/);
        await assertFits(page, name);
        if (options.js !== false) await assertAccessible(page, name);
        await picture(page, `setup-wrong-${name}`);
        // Which rule applies?
        await page.getByLabel('Repository').fill('octo/shop');
        await page.getByRole('button', { name: 'Ask' }).click();
        await page.getByText('For octo/shop holds the defaults').waitFor();
        await assertQuiet(page);
    }
    const { json } = await agent.api('setup');
    assert.equal(json.verdict, 'wrong');
    assert.equal(json.counts.wrong, 2);
    assert.deepEqual(json.findings.filter(({ verdict }) => verdict === 'wrong').map(({ check, of }) => [check, of]),
        [['hook', 'webhook 1 of octo/shop'], ['hook', 'webhook 1 of octo/shop']]);
    assert.ok(!JSON.stringify(json).includes('ghp_of_the_test'));
});

test('a signature that fits nothing is told of, and services that do not answer hold nobody up', async (t) => {
    const { agent } = await start(t);
    agent.place.secrets.GITHUB_WEBHOOK_SECRET = 'guessed';
    assert.equal((await agent.deliver(cancelled(1002))).status, 401);
    const { findings } = (await agent.api('setup')).json;
    const signatures = findings.find(({ check }) => check === 'signatures');
    assert.equal(signatures.verdict, 'warning', 'anybody can send one');
    assert.match(signatures.says, /1 signature fitted no secret/);
    // A second installation, whose GitHub takes connections and says nothing.
    const silent = http.createServer(() => {});
    await new Promise((done) => silent.listen(0, '127.0.0.1', done));
    t.after(() => silent.closeAllConnections() ?? silent.close());
    const other = await Agent.start(t, { env: {
        CURRENTS_API_URL: `http://127.0.0.1:${silent.address().port}/v1`, GITHUB_API_URL: `http://127.0.0.1:${silent.address().port}`, GITHUB_TOKEN: 'x' } });
    const began = Date.now();
    const first = await other.api('setup');
    assert.ok(Date.now() - began < 5_000, 'it does not wait for them to the end');
    assert.equal(first.status, 200);
    assert.ok(first.json.findings.some(({ check }) => check === 'database'));
    // Of those who have not answered it says so, in place of nothing.
    assert.equal(first.json.still_asking, true);
    for (const name of ['github', 'api_key'])
        assert.equal(first.json.findings.find(({ check }) => check === name).verdict, 'not_looked_at');
    const whole = await until('the look to end', async () => {
        const { json } = await other.api('setup');
        return !json.still_asking && json;
    });
    const github = whole.findings.find(({ check }) => check === 'github');
    assert.equal(github.verdict, 'wrong');
    assert.match(github.says, /did not answer within 5 s/);
});
