// SPDX-License-Identifier: MIT
// A GitHub that is as strict as the real one where a GitHub App is made of a manifest, or a webhook with
// a token: its web pages, the part of its REST API that setup asks, and its deliveries. What it refuses
// and in which words is from docs.github.com and from what others' users were told by the real one.
import { createHmac, createVerify, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';

const html = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (title, body) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><main><h1>${title}</h1>${body}</main></body></html>`;

// What an event needs; only those that matter here.
const needs = { workflow_run: 'actions', workflow_job: 'actions', push: 'contents', check_run: 'checks', issues: 'issues', organization: 'members' };
const unsupported = new Set(['installation', 'installation_repositories', 'github_app_authorization', 'meta']);
const members = new Set(['name', 'url', 'hook_attributes', 'redirect_url', 'callback_urls', 'setup_url', 'description', 'public', 'default_events', 'default_permissions', 'request_oauth_on_install', 'setup_on_update']);

// The faults of a manifest, in GitHub's words; one is enough to refuse all of it.
export function faultsOf(manifest) {
    const faults = [];
    for (const name of Object.keys(manifest)) if (!members.has(name)) faults.push(`${name} is not a valid property`);
    const address = (value, what) => {
        if (!/^https?:\/\/[^/?#]+/.test(value ?? '')) faults.push(`${what} must be a valid URL`);
    };
    address(manifest.url, 'Url');
    address(manifest.redirect_url, 'Redirect url');
    if (!manifest.hook_attributes) faults.push('Hook url cannot be blank');
    for (const name of Object.keys(manifest.hook_attributes ?? {}))
        if (!['url', 'active'].includes(name)) faults.push(`Hook ${name} is not a permitted key`);
    address(manifest.hook_attributes?.url, 'Hook url');
    if (/^https?:\/\/(localhost|127\.|\[::1\])/.test(manifest.hook_attributes?.url ?? ''))
        faults.push("Hook url is not supported because it isn't reachable over the public Internet (localhost)");
    if ((manifest.name ?? '').length > 34) faults.push('Name is too long (maximum is 34 characters)');
    const events = manifest.default_events ?? [];
    const permissions = manifest.default_permissions ?? {};
    for (const level of Object.values(permissions)) if (!['read', 'write', 'admin'].includes(level)) faults.push('Default permissions are invalid');
    const not = events.filter((event) => unsupported.has(event) || !needs[event]);
    if (not.length) faults.push(`Default events unsupported: ${not.join(' and ')}`);
    const without = events.filter((event) => !permissions[needs[event]]);
    if (without.length) faults.push(`Default events are not supported by permissions: ${without.join(', ')}`);
    return faults;
}

export class FakeGitHub {
    // How it behaves: see each use.
    owner = true; // is who is signed in an owner of the organization?
    user = 'ada';
    nullSecret = false;
    passing = 0; // so many 401s before a code, or a new App's JWT, is known
    expired = false;
    onConvert = null; // called when a code is taken
    slow = 0; // so many ms until it is answered
    html403 = false;
    html404 = false;
    down = 0; // so many 503s before a code is known
    limited = 0; // so many answers that a rate limit holds, before a code is known
    logLimited = 0; // the same before the log of deliveries is shown, two seconds each
    secretRefused = false;
    suspended = false; // the installation
    passesOver = false; // a change of events
    doubles = false; // takes any webhook for one that is there
    granted = null; // permissions given instead of those asked for
    names = {}; // evil ones
    repositories = ['octo/shop', 'octo/site'];
    token = `ghp_${randomBytes(18).toString('hex')}`;

    apps = new Map();
    codes = new Map();
    pending = new Map();
    hooks = [];
    deliveries = [];
    keepsAnswers = true; // what deliveries were answered with, to be shown; else it says null
    asked = [];
    taken = new Set(['runs-agent-taken']);
    reach = new Map(); // host of a webhook -> address that answers there
    #next = 1000;

    static async start(t) {
        const github = new FakeGitHub();
        github.server = http.createServer((request, answer) => {
            let body = '';
            request.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () =>
                github.#answer(request, body, answer).catch((bug) => {
                    answer.writeHead(500).end(String(bug.stack));
                    github.bug = bug;
                }));
        });
        await new Promise((done) => github.server.listen(0, '127.0.0.1', done));
        t.after(() => (github.server.closeAllConnections(), github.server.close()));
        github.web = `http://127.0.0.1:${github.server.address().port}`;
        return github;
    }

    // Nothing of these may be seen by anybody.
    get secrets() {
        const all = [this.token];
        for (const app of this.apps.values()) all.push(app.client_secret, app.secret, ...app.pem.split('\n').filter((line) => line.length > 40).slice(0, 3));
        for (const hook of this.hooks) all.push(hook.secret);
        return all.filter(Boolean);
    }

    async #answer(request, body, answer) {
        const url = new URL(request.url, this.web);
        this.asked.push(`${request.method} ${url.pathname}`);
        if (!url.pathname.startsWith('/api/v3/')) return this.#web(request, url, body, answer);
        const say = (status, value) => {
            answer.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
            answer.end(value === undefined ? '' : JSON.stringify(value));
        };
        if (!request.headers['user-agent']) return answer.writeHead(403, { 'Content-Type': 'text/html' }).end('Request forbidden by administrative rules.');
        const path = url.pathname.slice('/api/v3'.length);
        const code = /^\/app-manifests\/([^/]+)\/conversions$/.exec(path);
        if (code && request.method === 'POST') return this.#convert(decodeURIComponent(code[1]), request, body, say, answer);
        const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
        if (path.startsWith('/app/')) return this.#asApp(request.method, path, bearer, body, say, answer);
        if (path === '/installation/repositories') {
            const app = [...this.apps.values()].find((one) => one.installation?.token === bearer);
            if (!app) return say(401, { message: 'Bad credentials' });
            return say(200, { total_count: this.repositories.length, repositories: this.repositories.slice(0, 100).map((full_name) => ({ full_name })) });
        }
        return this.#hooks(request.method, path, bearer, body, say);
    }

    // The web pages.

    async #web(request, url, body, answer) {
        const show = (status, title, text) => answer.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' }).end(page(title, text));
        const made = /^(?:\/organizations\/([^/]+))?\/settings\/apps\/new$/.exec(url.pathname);
        if (made && request.method === 'POST') {
            if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return show(415, 'What?', '');
            const manifest = JSON.parse(new URLSearchParams(body).get('manifest'));
            const faults = faultsOf(manifest);
            if (faults.length) return show(422, 'Invalid GitHub App configuration', faults.map((one) => `<p>Error: ${html(one)}</p>`).join(''));
            const id = randomUUID();
            this.pending.set(id, { manifest, state: url.searchParams.get('state'), owner: made[1] && this.owner ? decodeURIComponent(made[1]) : this.user });
            return show(200, 'Create GitHub App', `<form method="post" action="/confirm/${id}"><label>GitHub App name <input name="name" value="${html(manifest.name)}"></label> <button>Create GitHub App</button></form>`);
        }
        if (url.pathname.startsWith('/confirm/') && request.method === 'POST') {
            const { manifest, state, owner } = this.pending.get(url.pathname.slice('/confirm/'.length));
            const name = new URLSearchParams(body).get('name');
            if (this.taken.has(name)) return show(422, 'Create GitHub App', '<p>Name has already been taken</p>');
            const back = new URL(manifest.redirect_url);
            back.searchParams.set('code', this.#make(manifest, name, owner));
            if (state) back.searchParams.set('state', state);
            return answer.writeHead(302, { Location: back.href }).end();
        }
        const install = /^\/github-apps\/([^/]+)\/installations\/new$/.exec(url.pathname);
        const app = install && [...this.apps.values()].find(({ slug }) => slug === decodeURIComponent(install[1]));
        if (app && request.method === 'GET') return show(200, 'Install', `<form method="post"><button>Install</button></form>`);
        if (app) {
            this.install(app);
            return show(200, 'Installed', '');
        }
        if (url.pathname === '/favicon.ico') return answer.writeHead(204).end();
        return show(404, 'Not found', '');
    }

    #make(manifest, name, owner) {
        this.taken.add(name);
        const { privateKey, publicKey } = generateKeyPairSync('rsa', {
            modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' },
        });
        const slug = this.names.slug ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
        const app = {
            id: this.#next++, slug, name, owner: this.names.owner ?? owner, pem: privateKey, publicKey, url: manifest.hook_attributes.url,
            html_url: `${this.web}/github-apps/${encodeURIComponent(slug)}`, events: manifest.default_events,
            permissions: this.granted ?? { metadata: 'read', ...manifest.default_permissions },
            secret: this.nullSecret ? null : randomBytes(20).toString('hex'), client_secret: randomBytes(20).toString('hex'), passing: this.passing,
        };
        this.apps.set(app.id, app);
        const code = randomBytes(20).toString('hex');
        this.codes.set(code, app);
        this.deliver(app, 'ping', { zen: 'Practicality beats purity.', hook_id: app.id, hook: { type: 'App', app_id: app.id } });
        return code;
    }

    install(app) {
        app.installation = { id: this.#next++, token: `ghs_${randomBytes(18).toString('hex')}` };
        this.deliver(app, 'installation', { action: 'created', installation: { id: app.installation.id } });
    }

    // The API.

    async #convert(code, request, body, say, answer) {
        if (this.html403) return answer.writeHead(403, { 'Content-Type': 'text/html' }).end('<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>');
        if (this.html404) return answer.writeHead(404, { 'Content-Type': 'text/html' }).end('<html><body><h1>404 Not Found</h1></body></html>');
        if (this.down > 0) return (this.down -= 1), say(503, { message: 'Service unavailable' });
        if (this.limited > 0) return (this.limited -= 1), this.#limit(answer, 1);
        const app = this.codes.get(code);
        if (request.headers.authorization !== undefined) return say(401, { message: 'Bad credentials' });
        if (body !== '') return say(400, { message: 'Problems parsing JSON' });
        if (request.headers['content-length'] !== '0') return answer.writeHead(411).end();
        if (this.passing > 0) return (this.passing -= 1), say(401, { message: 'Requires authentication' });
        if (!app || this.expired) return say(404, { message: 'Not Found' });
        this.codes.delete(code);
        this.onConvert?.();
        if (this.slow) await new Promise((done) => setTimeout(done, this.slow));
        return say(201, {
            id: app.id, slug: app.slug, node_id: 'A_x', owner: { login: app.owner, type: 'Organization' }, name: this.names.app ?? app.name,
            description: '', external_url: 'x', html_url: app.html_url, permissions: app.permissions, events: app.events, installations_count: 0,
            client_id: 'Iv1.0123456789abcdef', client_secret: app.client_secret, webhook_secret: app.secret, pem: app.pem,
        });
    }

    // Who signed this JWT; null where GitHub would not take it.
    #appOf(jwt) {
        const [head, claims, signature] = jwt.split('.');
        if (!signature) return null;
        const { alg } = JSON.parse(Buffer.from(head, 'base64url'));
        const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url'));
        const app = this.apps.get(Number(iss));
        const now = Date.now() / 1000;
        if (!app || alg !== 'RS256' || iat > now || exp < now || exp > now + 600) return null;
        const good = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(app.publicKey, Buffer.from(signature, 'base64url'));
        return good ? app : null;
    }

    // A secondary rate limit, which says how long it holds.
    #limit(answer, seconds) {
        answer.writeHead(403, { 'Content-Type': 'application/json', 'Retry-After': String(seconds) });
        answer.end(JSON.stringify({ message: 'You have exceeded a secondary rate limit.' }));
    }

    #asApp(method, path, jwt, body, say, answer) {
        const app = this.#appOf(jwt);
        if (!app) return say(401, { message: 'A JSON web token could not be decoded' });
        if (app.passing > 0) return (app.passing -= 1), say(401, { message: 'Integration not found' });
        if (method === 'PATCH' && path === '/app/hook/config') {
            const config = JSON.parse(body);
            if (this.secretRefused) return say(422, { message: 'Validation Failed', errors: [{ message: 'secret is too plain' }] });
            if (typeof config.secret !== 'string') return say(422, { message: 'Validation Failed' });
            app.secret = config.secret;
            return say(200, { content_type: 'json', url: app.url, insecure_ssl: '0', secret: '********' });
        }
        if (method === 'GET' && path === '/app/installations') {
            if (!app.installation) return say(200, []);
            return say(200, [{ id: app.installation.id, account: { login: app.owner, type: 'Organization' }, repository_selection: 'selected', suspended_at: this.suspended ? '2026-01-01T00:00:00Z' : null }]);
        }
        if (method === 'POST' && path === `/app/installations/${app.installation?.id}/access_tokens`)
            return say(201, { token: app.installation.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() });
        if (method === 'GET' && path === '/app/hook/deliveries' && this.logLimited > 0) return (this.logLimited -= 1), this.#limit(answer, 2);
        if (method === 'GET' && path === '/app/hook/deliveries') return say(200, this.#log(app));
        const one = /^\/app\/hook\/deliveries\/(\d+)$/.exec(path);
        if (method === 'GET' && one) return this.#one(app, one[1], say);
        const again = /^\/app\/hook\/deliveries\/(\d+)\/attempts$/.exec(path);
        if (method === 'POST' && again) return this.#again(app, again[1], say);
        return say(404, { message: 'Not Found' });
    }

    #hooks(method, path, token, body, say) {
        const found = /^\/(?:orgs\/([^/]+)|repos\/([^/]+\/[^/]+))\/hooks(?:\/(\d+))?(.*)$/.exec(path);
        if (token !== this.token) return say(401, { message: 'Bad credentials' });
        const owner = found?.[1] ?? found?.[2];
        if (!owner || !['octo', 'octo/shop'].includes(owner)) return say(404, { message: 'Not Found' }); // also what it may not see
        const mine = this.hooks.filter((hook) => hook.owner === owner);
        const shown = (hook) => ({
            type: found[1] ? 'Organization' : 'Repository', id: hook.id, name: 'web', active: hook.active, events: hook.events,
            config: { url: hook.url, content_type: hook.content_type, insecure_ssl: '0', secret: '********' },
        });
        if (!found[3] && method === 'GET') return say(200, mine.map(shown));
        if (!found[3] && method === 'POST') {
            const { name, config, events, active } = JSON.parse(body);
            const errors = [];
            if (name !== 'web') errors.push({ message: 'name must be "web"' });
            if (!/^https?:\/\//.test(config?.url ?? '')) errors.push({ message: 'url is missing a scheme' });
            if (!['json', 'form'].includes(config?.content_type)) errors.push({ message: 'content_type' });
            if (!Array.isArray(events) || events.some((event) => !needs[event])) errors.push({ message: 'events' });
            if (this.doubles || mine.some((hook) => hook.url === config?.url)) errors.push({ message: 'Hook already exists on this repository' });
            if (errors.length) return say(422, { message: 'Validation Failed', errors });
            const hook = { id: this.#next++, owner, url: config.url, content_type: config.content_type, secret: config.secret, events, active };
            this.hooks.push(hook);
            this.deliver(hook, 'ping', { zen: 'Keep it logically awesome.', hook_id: hook.id, hook: { type: 'Repository' } });
            return say(201, shown(hook));
        }
        const hook = mine.find(({ id }) => id === Number(found[3]));
        if (!hook) return say(404, { message: 'Not Found' });
        if (method === 'PATCH' && found[4] === '') {
            // An organization's webhook is changed by config, events, active and name alone; what else is sent is passed over.
            const { events, add_events = [], active } = JSON.parse(body);
            if (!this.passesOver) hook.events = [...new Set([...(events ?? hook.events), ...(found[2] ? add_events : [])])];
            hook.active = active ?? hook.active;
            return say(200, shown(hook));
        }
        if (method === 'POST' && found[4] === '/pings') {
            this.deliver(hook, 'ping', { zen: 'Design for failure.', hook_id: hook.id, hook: { type: 'Repository' } });
            return say(204);
        }
        if (method === 'GET' && found[4] === '/deliveries') return say(200, this.#log(hook));
        const one = /^\/deliveries\/(\d+)$/.exec(found[4]);
        if (method === 'GET' && one) return this.#one(hook, one[1], say);
        const again = /^\/deliveries\/(\d+)\/attempts$/.exec(found[4]);
        if (method === 'POST' && again) return this.#again(hook, again[1], say);
        return say(404, { message: 'Not Found' });
    }

    // Deliveries.

    #log(hook) {
        return this.deliveries.filter((one) => one.hook === hook && one.status_code !== undefined).reverse()
            .map(({ hook: _, payload: __, answer: ___, ...entry }) => entry);
    }

    #one(hook, id, say) {
        const delivery = this.deliveries.find((one) => one.hook === hook && one.id === Number(id));
        if (!delivery) return say(404, { message: 'Not Found' });
        const { hook: _, payload, answer, ...entry } = delivery;
        return say(200, { ...entry, url: hook.url, request: { headers: {}, payload }, response: { headers: {}, payload: this.keepsAnswers ? answer ?? null : null } });
    }

    #again(hook, id, say) {
        const delivery = this.deliveries.find((one) => one.hook === hook && one.id === Number(id));
        if (!delivery) return say(404, { message: 'Not Found' });
        this.deliver(hook, delivery.event, delivery.payload, delivery.guid);
        return say(202, {});
    }

    // As GitHub's own sender does: signed, JSON, and a status in the log whatever comes of it.
    deliver(hook, event, payload, guid = randomUUID()) {
        const entry = { hook, payload, id: this.#next++, guid, event, action: payload.action ?? null, delivered_at: new Date().toISOString(), redelivery: false };
        this.deliveries.push(entry);
        const body = JSON.stringify(payload);
        const to = new URL(hook.url);
        const address = this.reach.get(to.host);
        if (!address) return void Object.assign(entry, { status: 'failed to connect to host', status_code: 502 });
        const [host, port] = address.split(':');
        const sent = http.request({
            host, port, path: to.pathname, method: 'POST', headers: {
                'Content-Type': 'application/json', 'User-Agent': 'GitHub-Hookshot/044aadd', 'X-GitHub-Event': event, 'X-GitHub-Delivery': guid,
                'X-GitHub-Hook-ID': String(hook.id), 'Content-Length': Buffer.byteLength(body),
                ...(hook.secret ? { 'X-Hub-Signature-256': `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}` } : {}),
            },
        }, (answer) => {
            let text = '';
            answer.setEncoding('utf8').on('data', (part) => (text += part));
            answer.on('end', () => Object.assign(entry, { status: String(answer.statusMessage), status_code: answer.statusCode, answer: text }));
        });
        sent.on('error', () => Object.assign(entry, { status: 'failed to connect to host', status_code: 502 }));
        sent.end(body);
    }
}
