// SPDX-License-Identifier: MIT
// The page in a real browser: what its tests share. One Chromium for a file; each visitor has a
// context of their own, with or without the script, in either theme, and every line that the browser
// has to say on its console fails the test.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Place, cancelled, deliver, request, until } from '../system/program.mjs';

const deps = createRequire(new URL('../.deps/package.json', import.meta.url));
const { chromium } = deps('playwright-core');
const axeSource = readFileSync(deps.resolve('axe-core/axe.min.js'), 'utf8');

// Where CI keeps them.
const pictures = process.env.RUNS_AGENT_SCREENSHOTS ?? fileURLToPath(new URL('../../build/screenshots', import.meta.url));
mkdirSync(pictures, { recursive: true });

export const tokens = { admin: 'admin-token-of-the-tests', read: 'token-for-reading-of-the-tests' };
export const desktop = { width: 1280, height: 900 };
export const phone = { width: 320, height: 640 };

export class Browser {
    static async start(t) {
        const made = new Browser();
        made.chromium = await chromium.launch({
            executablePath: process.env.RUNS_AGENT_CHROMIUM ?? '/usr/bin/chromium',
            args: ['--no-sandbox'],
        });
        t.after(() => made.chromium.close());
        return made;
    }

    // A page of a visitor's own. `said` is what the console had to say; it must stay empty.
    async visit(t, { js = true, theme = 'light', size = desktop, motion = 'reduce', extra = {} } = {}) {
        const context = await this.chromium.newContext({
            javaScriptEnabled: js, colorScheme: theme, viewport: size, reducedMotion: motion, timezoneId: 'Europe/Berlin',
            ...extra,
        });
        t.after(() => context.close());
        const page = await context.newPage();
        page.setDefaultTimeout(15_000);
        page.said = [];
        page.on('console', (message) => page.said.push(message.text()));
        page.on('pageerror', (error) => page.said.push(String(error)));
        return page;
    }
}

// Nothing on the console, nothing wider than the window.
export async function assertQuiet(page) {
    assert.deepEqual(page.said, []);
}

export async function assertFits(page, what) {
    const { width, inner, wide } = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        inner: innerWidth,
        wide: [...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 3).map((one) => one.outerHTML.slice(0, 120)),
    }));
    assert.ok(width <= inner, `${what} is ${width} wide in a window of ${inner}: ${wide.join('\n')}`);
}

// Axe finds nothing. It is run in the page by the browser's own means, past the page's policy.
export async function assertAccessible(page, what) {
    const found = await page.evaluate(`(() => { ${axeSource}; return axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }); })()`);
    const list = found.violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}\n  ${failureSummary}`).join('\n  ')}`);
    assert.deepEqual(list, [], what);
}

export async function picture(page, name) {
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

// The daemon with its page, and whatever a test wants of it.
export class Agent {
    static async start(t, { args = [], env = {}, api } = {}) {
        const agent = new Agent();
        agent.place = api === 'embedded' ? await Place.embedded() : new Place();
        Object.assign(agent.place.env, {
            RUNS_AGENT_ADMIN_LISTEN: '127.0.0.1:0',
            RUNS_AGENT_ADMIN_TOKEN: tokens.admin,
            RUNS_AGENT_ADMIN_READ_TOKEN: tokens.read,
            ...env,
        });
        t.after(() => agent.place.leave());
        agent.daemon = await agent.place.serve(api === 'embedded' ? ['--embedded', ...args] : args);
        return agent;
    }

    get address() {
        return this.daemon.addresses.admin;
    }

    get url() {
        return `http://${this.address}`;
    }

    deliver(payload, options) {
        return deliver(this.daemon.address, this.place.secrets.GITHUB_WEBHOOK_SECRET, payload, options);
    }

    // The HTTP API; {status, json, headers}.
    async api(path, { method = 'GET', token = tokens.admin, body, headers = {} } = {}) {
        const answer = await request({
            address: this.address, path: `/api/${path}`, method,
            headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers },
            body: body === undefined ? '' : JSON.stringify(body),
        });
        return { ...answer, json: answer.body ? JSON.parse(answer.body) : null };
    }

    // Until that many deliveries fit the filter.
    settled(filter, count) {
        return until(`${count} that fit ${filter}`, async () => {
            const { json } = await this.api(`deliveries?limit=500&q=${encodeURIComponent(filter)}`);
            return json.deliveries?.length === count && json.deliveries;
        });
    }

    async signIn(page, { token = tokens.admin, name = 'Ada', url = this.url } = {}) {
        await page.goto(`${url}/sign-in`);
        await page.getByLabel('Token').fill(token);
        await page.getByLabel('Your name').fill(name);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.waitForURL((at) => !at.pathname.endsWith('/sign-in'));
    }
}

// A Runs API of the test's own, which answers each cancellation as `answer(body)` says.
export async function runsApi(t, answer) {
    const http = await import('node:http');
    const server = http.createServer((asked, given) => {
        let body = '';
        asked.on('data', (piece) => (body += piece));
        asked.on('end', () => {
            const [status, said] = answer(body ? JSON.parse(body) : {}, asked);
            given.writeHead(status, { 'Content-Type': 'application/json' });
            given.end(JSON.stringify(said));
        });
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.closeAllConnections() ?? server.close());
    return `http://127.0.0.1:${server.address().port}/v1`;
}

export { cancelled, until, request };
