// SPDX-License-Identifier: MIT
// `doctor` on an installation that is well, and on the same one broken in one way after the other: each
// time it names the true cause with its cure, and calls nothing else wrong.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, deliver, freePort, until } from './program.mjs';

const path = '/webhooks/github';

async function listen(t, server) {
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.closeAllConnections() ?? server.close());
    return `127.0.0.1:${server.address().port}`;
}

// GitHub's API for octo/demo and its webhook 1. What a test changes of it: `hook`, `log`, `runs`, `ahead` (ms).
async function playGitHub(t, token) {
    const github = { log: [], runs: [], ahead: 0, asked: [] };
    const server = http.createServer((question, answer) => {
        const { pathname } = new URL(question.url, 'http://localhost');
        github.asked.push(`${question.method} ${pathname}`);
        answer.setHeader('Date', new Date(Date.now() + github.ahead).toUTCString());
        const send = (status, body) => {
            answer.writeHead(status, { 'Content-Type': 'application/json' });
            answer.end(JSON.stringify(body));
        };
        const { authorization } = question.headers;
        const asApp = github.app && /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(authorization);
        if (authorization !== `Bearer ${token}` && !asApp) return send(401, { message: 'Bad credentials' });
        if (asApp && pathname === '/app/installations/5/access_tokens')
            return send(201, { token, expires_at: new Date(Date.now() + 3_600_000).toISOString() });
        const known = {
            ...(asApp && {
                '/app': () => github.app, '/app/installations': () => github.installations, '/app/hook/config': () => github.hook.config,
                '/app/hook/deliveries': () => github.log, '/repos/octo/demo/installation': () => ({ id: 5 }),
            }),
            '/rate_limit': () => ({ resources: {} }),
            '/repos/octo/demo/hooks': () => github.hook && [github.hook],
            '/repos/octo/demo/hooks/1': () => github.hook,
            '/repos/octo/demo/hooks/1/deliveries': () => github.log,
            '/repos/octo/demo/actions/runs': () => ({ total_count: github.runs.length, workflow_runs: github.runs }),
        }[pathname];
        return known && known() !== undefined ? send(200, known()) : send(404, { message: 'Not Found' });
    });
    github.host = await listen(t, server);
    return github;
}

// The Runs API. What a test changes of it: `status`, `projects`, `cancels`.
async function playRunsApi(t, key) {
    const api = { projects: ['p1'], cancels: 200, keyWorks: true, asked: [] };
    api.host = await listen(t, http.createServer((question, answer) => {
        const { pathname } = new URL(question.url, 'http://localhost');
        api.asked.push(`${question.method} ${pathname}`);
        const send = (status, body) => {
            answer.writeHead(status, { 'Content-Type': 'application/json' });
            answer.end(JSON.stringify(body));
        };
        if (!api.keyWorks || question.headers.authorization !== `Bearer ${key}`)
            return send(401, { status: 'FAILED', error: 'Invalid API key' });
        if (question.method === 'GET' && pathname === '/v1/projects')
            return send(200, { status: 'OK', has_more: false, data: api.projects.map((projectId) => ({ projectId, name: projectId })) });
        if (api.cancels === 200) return send(200, { status: 'OK', data: { runId: 'r1', actor: 'api', canceledAt: '2026-01-01T00:00:00Z', reason: 'x' } });
        return send(api.cancels, { status: 'FAILED', error: api.cancels === 403 ? 'The API key is read-only' : 'projectId is not known' });
    }));
    return api;
}

// A certificate for 127.0.0.1 that is good for `days`; 0: it has just expired.
function certificate(dir, name, days) {
    const file = (ending) => join(dir, `${name}.${ending}`);
    writeFileSync(file('ext'), 'subjectAltName=IP:127.0.0.1');
    const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
    openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key'),
        '-out', file('csr'), '-subj', '/CN=127.0.0.1');
    openssl('x509', '-req', '-in', file('csr'), '-signkey', file('key'), '-days', String(days), '-extfile', file('ext'), '-out', file('pem'));
    return { key: readFileSync(file('key')), cert: readFileSync(file('pem')), file: file('pem') };
}

// A reverse proxy with TLS. What a test changes of it: `change`, which gets the request on its way and may answer it.
async function playProxy(t, { key, cert }, to) {
    const proxy = { change: () => undefined, to };
    const server = https.createServer({ key, cert }, (asked, given) => {
        let body = '';
        asked.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => {
            const on = { path: asked.url, headers: { ...asked.headers }, body };
            const instead = proxy.change(on);
            if (instead) return given.writeHead(instead[0], { 'Content-Type': instead[1] }).end(instead[2]);
            on.headers['content-length'] = Buffer.byteLength(on.body);
            const [host, port] = proxy.to.split(':');
            const sent = http.request({ host, port, path: on.path, method: asked.method, headers: on.headers }, (answer) => {
                given.writeHead(answer.statusCode, answer.headers);
                answer.pipe(given);
            });
            sent.on('error', () => given.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad gateway</h1>'));
            sent.end(on.body);
        });
    });
    proxy.url = `https://${await listen(t, server)}${path}`;
    return proxy;
}

// An installation that is well: the daemon behind a proxy, GitHub's webhook, the Runs API.
class Installation {
    static async start(t, { days = 90, policy = '' } = {}) {
        const made = new Installation();
        const place = (made.place = new Place());
        t.after(() => place.leave());
        place.secrets.GITHUB_TOKEN = `token-${Math.random().toString(36).slice(2)}-of-the-test`;
        made.github = await playGitHub(t, place.secrets.GITHUB_TOKEN);
        made.api = await playRunsApi(t, place.secrets.CURRENTS_API_KEY);
        const cert = certificate(place.dir, 'proxy', days);
        Object.assign(place.env, {
            GITHUB_TOKEN: place.secrets.GITHUB_TOKEN,
            GITHUB_API_URL: `http://${made.github.host}`,
            CURRENTS_API_URL: `http://${made.api.host}/v1`,
            SSL_CERT_FILE: cert.file,
            RUNS_AGENT_LISTEN: `127.0.0.1:${await freePort()}`,
        });
        if (policy) made.setPolicy(policy);
        made.daemon = await place.serve();
        made.proxy = await playProxy(t, cert, made.daemon.address);
        made.github.hook = {
            id: 1, active: true, events: ['workflow_run'],
            config: { url: made.proxy.url, content_type: 'json', insecure_ssl: '0', secret: '********' },
        };
        await made.cancel(1);
        return made;
    }

    setPolicy(text) {
        this.place.env.RUNS_AGENT_CONFIG = join(this.place.dir, 'policy.yml');
        writeFileSync(this.place.env.RUNS_AGENT_CONFIG, text);
    }

    // A delivery as GitHub sends it, and as its log and its list of runs have it.
    async cancel(runId, { status = 202, secret = this.place.secrets.GITHUB_WEBHOOK_SECRET } = {}) {
        const headers = { 'X-GitHub-Hook-Installation-Target-Type': 'repository', 'X-GitHub-Enterprise-Host': this.github.host };
        const came = await deliver(this.daemon.address, secret, cancelled(runId), { headers });
        assert.equal(came.status, status, came.body);
        this.logged(runId, status, came.guid);
        this.github.runs.unshift({ ...cancelled(runId).workflow_run, created_at: new Date(Date.now() - 1000).toISOString(), run_started_at: null });
    }

    // How many requests were refused so far, by outcome, and when a stranger's was the last time.
    async refusals() {
        const { body } = await this.daemon.get('/metrics');
        const number = (series) => Number(body.split('\n').find((line) => line.startsWith(`${series} `))?.split(' ').at(-1) ?? 0);
        return {
            of: (outcome) => number(`runs_agent_webhook_requests_total{event="unverified",outcome="${outcome}",code="401"}`),
            last: number('runs_agent_last_wrong_signature_timestamp_seconds'),
        };
    }

    // Until what was sent is decided and done.
    async settled() {
        await until('the call to be done', async () => (await this.place.deliveries(['--state', 'done'])).length > 0);
    }

    logged(id, status, guid = `guid-${id}`, event = 'workflow_run') {
        this.github.log.unshift({ id, guid, event, action: 'completed', delivered_at: new Date().toISOString(), status: 'x', status_code: status });
    }

    // {code, findings}; all that is wrong must be `wrong`, by name.
    async doctor(wrong, { args = [], env = {}, code = wrong.length > 0 ? 1 : 0 } = {}) {
        const asked = await this.place.agent(['doctor', '--json', ...args], { env });
        const document = JSON.parse(asked.stdout);
        const names = document.findings.filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check);
        assert.deepEqual([...new Set(names)], wrong, asked.stdout.replaceAll('},{', '},\n{'));
        assert.equal(asked.code, code, asked.stderr);
        for (const { verdict, says, cure } of document.findings) {
            assert.ok(says.length > 3);
            if (verdict === 'wrong' || verdict === 'warning') assert.ok(cure.length > 3, says);
        }
        assert.equal(document.verdict === 'wrong', wrong.length > 0);
        this.place.assertNoSecretShown();
        return (check) => document.findings.filter((one) => one.check === check);
    }
}

const says = ([finding], ...patterns) => {
    const text = `${finding.says} | ${finding.why} | ${finding.cure}`;
    for (const pattern of patterns) assert.match(text, pattern);
};

test('an installation that is well, and nothing of it is changed', async (t) => {
    const at = await Installation.start(t);
    await at.settled();
    const before = await at.place.deliveries();
    const of = await at.doctor([]);
    for (const check of ['settings', 'policy', 'daemon', 'readiness', 'secret', 'address', 'certificate', 'way', 'signatures', 'github',
        'permissions', 'hook', 'hook_log', 'silence', 'api_key', 'projects', 'held_calls', 'database', 'disk', 'backlog', 'dead_letters', 'clock'])
        assert.equal(of(check)[0]?.verdict, 'ok', `${check}: ${JSON.stringify(of(check))}`);
    says(of('certificate'), /good until/, /(89|90) days/);
    says(of('address'), /the webhook's Payload URL/);
    assert.deepEqual(await at.place.deliveries(), before, 'its pings are kept nowhere');
    assert.ok(at.github.asked.every((one) => one.startsWith('GET ')), 'GitHub is only read');
    const { stdout } = await at.place.agent(['doctor']);
    assert.match(stdout, /^ok {13}Settings: /m);
    assert.doesNotMatch(stdout.slice(stdout.search(/^not looked at/m)), /^ok/m, 'what is of least interest is last');
    assert.match(stdout, /\n0 wrong, 0 warnings, \d+ ok, 1 not looked at\n$/);
    at.place.assertNoSecretShown();
});

test('what is wrong with the way from outside', async (t) => {
    const at = await Installation.start(t);
    const broken = async (change, ...patterns) => {
        at.proxy.change = change;
        says((await at.doctor(['way']))('way'), ...patterns);
    };
    await broken((on) => { on.body = JSON.stringify(JSON.parse(on.body)); }, /other bytes than were sent/, /raw body/);
    await broken((on) => { delete on.headers['x-hub-signature-256']; }, /without X-Hub-Signature-256/, /pass all headers on/);
    await broken((on) => { delete on.headers['x-github-event']; }, /without its headers/, /X-GitHub-Event/);
    await broken((on) => { on.path = `/agent${on.path}`; }, /not the path for deliveries \(404\)/, /mend the Payload URL/);
    await broken(() => [404, 'text/html', '<h1>Not found</h1>'], /404 with HTML/, /path leads to something else/);
    await broken(() => [403, 'text/html', '<h1>Forbidden</h1>'], /403 with HTML/, /GitHub's addresses/);
    // A bound of bodies lets short pings through: what is said of a delivery that failed by it is not taken for the past.
    at.logged(9, 413);
    at.proxy.change = (on) => (on.body.length > 8192 ? [413, 'text/html', '<h1>Request Entity Too Large</h1>'] : undefined);
    let of = await at.doctor(['way', 'hook_log']);
    says(of('way'), /48 KiB is answered 413 with HTML/, /client_max_body_size/);
    says(of('hook_log'), /the newest delivery failed: 413/, /client_max_body_size/);
    at.github.log.shift();
    at.proxy.change = () => undefined;
    at.proxy.to = `127.0.0.1:${await freePort()}`;
    says((await at.doctor(['way']))('way'), /502/, /does not reach the daemon/);
    // Nobody listens at the address.
    const nowhere = `https://127.0.0.1:${await freePort()}${path}`;
    at.github.hook.config.url = nowhere;
    of = await at.doctor(['address']);
    says(of('address'), /[Cc]onnection refused/, /firewall/);
    assert.deepEqual(of('way'), [], 'of what was not reached nothing is said');
});

test('an expired certificate', async (t) => {
    const at = await Installation.start(t, { days: 0 });
    const of = await at.doctor(['certificate']);
    says(of('certificate'), /has expired on 20\d\d-/, /renew it/);
    assert.equal(of('way')[0].verdict, 'not_looked_at');
    assert.equal(of('address')[0].verdict, 'ok');
});

test('what is wrong with secrets', async (t) => {
    const at = await Installation.start(t);
    // GitHub signs with another one: its log shows it, and the daemon has counted it.
    await at.cancel(2, { status: 401, secret: 'another secret' });
    let of = await at.doctor(['signatures', 'hook_log']);
    says(of('signatures'), /GitHub's log has refused ones/);
    says(of('signatures'), /1 signature fitted no secret/, /same secret into the webhook's settings/);
    says(of('hook_log'), /the newest delivery failed: 401/, /secrets differ/);
    assert.equal(of('way')[0].verdict, 'ok');
    await at.cancel(3);
    // What it tells of itself is made anew five times a second.
    await until('the newest delivery to be told of', async () => {
        const { body } = await at.daemon.get('/metrics');
        const of = (name) => Number(new RegExp(`^runs_agent_${name}_timestamp_seconds (.*)$`, 'm').exec(body)[1]);
        return of('last_delivery') > of('last_wrong_signature');
    });
    // The file was changed since the daemon was started.
    writeFileSync(at.place.env.GITHUB_WEBHOOK_SECRET_FILE, 'a secret that is new\n');
    const before = await at.refusals();
    assert.equal(before.of('refused'), 1);
    of = await at.doctor(['secret']);
    says(of('secret'), /another secret than these settings/, /restart it/);
    assert.equal(of('way')[0].verdict, 'not_looked_at', 'what was refused once is not sent again');
    // What the daemon was sent by that: one that did not fit, which pages nobody.
    let after;
    await until('it to be counted', async () => (after = await at.refusals()).of('unsigned') > before.of('unsigned') + 1);
    assert.equal(after.of('refused'), 1);
    assert.equal(after.of('unsigned'), before.of('unsigned') + 2, 'that one, and the one without a signature');
    assert.equal(after.last, before.last);
});

test('a stranger who signs at random', async (t) => {
    const at = await Installation.start(t);
    const guess = await deliver(at.daemon.address, 'a guess', cancelled(9));
    assert.equal(guess.status, 401);
    await until('it to be counted', async () => (await at.refusals()).of('refused') === 1);
    const of = await at.doctor([]);
    assert.equal(of('signatures')[0].verdict, 'warning');
    says(of('signatures'), /somebody tries/, /change none for a stranger's sake/);
});

test('two secrets, of which the daemon knows one', async (t) => {
    const at = await Installation.start(t);
    const { GITHUB_WEBHOOK_SECRET: known } = at.place.secrets;
    writeFileSync(at.place.env.GITHUB_WEBHOOK_SECRET_FILE, `${known},the-new-one\n`);
    says((await at.doctor(['secret']))('secret'), /does not know secret 2 of the 2/);
});

// Each file below a folder with its bytes and rights.
function filesOf(folder) {
    return Object.fromEntries(readdirSync(folder).sort().map((name) => {
        const file = join(folder, name);
        return [name, [statSync(file).mode, readFileSync(file).toString('base64')]];
    }));
}

test('of the database nothing is changed', async (t) => {
    const at = await Installation.start(t);
    await at.settled();
    const state = at.place.env.RUNS_AGENT_STATE_DIR;
    const database = join(state, 'runs-agent.db');
    const same = async (wrong, verdict, ...patterns) => {
        const before = filesOf(state);
        const of = await at.doctor(wrong);
        assert.deepEqual(Object.keys(filesOf(state)), Object.keys(before));
        assert.deepEqual(filesOf(state), before);
        assert.equal(of('database')[0].verdict, verdict);
        says(of('database'), ...patterns);
        return of;
    };
    // After an end that left its log behind.
    await at.daemon.end('SIGKILL');
    assert.ok(filesOf(state)['runs-agent.db-wal'][1].length > 0);
    const of = await same(['daemon', 'way'], 'ok', /schema/);
    says(of('signatures'), /the last delivery whose signature fitted came/);
    // After an orderly end.
    at.place.env.RUNS_AGENT_LISTEN = at.daemon.address;
    at.daemon = await at.place.serve();
    await at.daemon.stop();
    await same(['daemon', 'way'], 'ok', /schema/);
    // What root restored, or made by a `serve` of its own, in the folder of the service's user. Only root can bring that about.
    if (process.getuid() === 0) {
        chownSync(state, 65534, 65534);
        await same(['daemon', 'way'], 'warning', /runs-agent\.db belongs to root/, /does not run as root/, /chown --reference/);
        chownSync(state, 0, 0);
    }
    // Of an older version, whose log is empty: its number is written into the head (bytes 60 to 63).
    const bytes = readFileSync(database);
    bytes.writeUInt32BE(3, 60);
    writeFileSync(database, bytes);
    await same(['daemon'], 'warning', /older version \(schema 3 of/);
});

test('a dry run, and a reload that failed', async (t) => {
    const at = await Installation.start(t, { policy: 'defaults:\n  cancel_on: [cancelled]\n' });
    at.setPolicy('rules:\n  - repositry: octo/*\n');
    at.daemon.running.child.kill('SIGHUP');
    await until('the reload', async () => /^runs_agent_config_last_reload_successful 0$/m.test((await at.daemon.get('/metrics')).body));
    at.setPolicy('defaults:\n  cancel_on: [cancelled]\n');
    says((await at.doctor(['policy'], { code: 2 }))('policy'), /the last reload found mistakes/);
    await at.daemon.stop();
    const key = at.place.env.CURRENTS_API_KEY_FILE;
    delete at.place.env.CURRENTS_API_KEY_FILE;
    at.daemon = await at.place.serve(['--dry-run']);
    const of = await at.doctor([]);
    says(of('daemon'), /in a dry run/, /--dry-run/);
    assert.equal(of('settings')[0].verdict, 'ok', 'no key is needed for that');
    at.place.env.CURRENTS_API_KEY_FILE = key;
    const other = await at.doctor([], { args: ['--database', `sqlite:${join(at.place.dir, 'none.db')}`] });
    assert.equal(other('database')[0].verdict, 'not_looked_at');
});

test('from a machine outside', async (t) => {
    const at = await Installation.start(t);
    const env = { RUNS_AGENT_STATE_DIR: join(at.place.dir, 'elsewhere'), CURRENTS_API_KEY_FILE: undefined, GITHUB_TOKEN: undefined, RUNS_AGENT_LISTEN: undefined };
    const of = await at.doctor([], { args: ['--url', at.proxy.url], env });
    assert.equal(of('way')[0].verdict, 'ok');
    for (const check of ['settings', 'daemon']) assert.equal(of(check)[0].verdict, 'not_looked_at', JSON.stringify(of(check)));
});

test("what is wrong on GitHub's side", async (t) => {
    const at = await Installation.start(t);
    const { hook } = at.github;
    hook.active = false;
    says((await at.doctor(['hook']))('hook'), /switched off/, /tick Active/);
    hook.active = true;
    hook.events = ['push'];
    says((await at.doctor(['hook']))('hook'), /workflow_run is not subscribed/, /Workflow runs/);
    hook.events = ['*'];
    const right = hook.config.url;
    hook.config.url = 'https://old.example.com/webhooks/github';
    says((await at.doctor(['hook'], { args: ['--url', right] }))('hook'), /Payload URL is https:\/\/old\.example\.com/, /elsewhere/);
    hook.config = { ...hook.config, url: right, content_type: 'xml' };
    says((await at.doctor(['hook']))('hook'), /content type is xml/, /application\/json/);
    hook.config = { url: right, content_type: 'form', insecure_ssl: '0' };
    says((await at.doctor(['hook']))('hook'), /no secret/);
    hook.config.secret = '********';
    // It failed, and was caught up with: nobody is to do anything for it.
    at.logged(6, 502, at.github.log.at(-1).guid);
    let of = await at.doctor([]);
    assert.equal(of('hook_log')[0].verdict, 'warning');
    says(of('hook_log'), /failed: 502.*the daemon has caught up with it/);
    at.github.log.shift();
    // It does not reach us.
    at.logged(7, 0);
    says((await at.doctor(['hook_log']))('hook_log'), /no answer \(1 of the newest 2 failed\)/, /DNS, firewall/);
    at.logged(8, 202, at.github.log.at(-1).guid);
    of = await at.doctor([]);
    assert.equal(of('hook_log')[0].verdict, 'warning');
    // A run that GitHub has told nothing of.
    for (const one of at.github.log) one.delivered_at = new Date(Date.now() - 7_200_000).toISOString();
    at.github.runs[0].created_at = new Date(Date.now() - 3_600_000).toISOString();
    says((await at.doctor(['silence']))('silence'), /GitHub sent nothing of it/, /octo\/demo/);
    at.github.runs.length = 0;
    // It was taken, but not by this daemon: the proxy passes on to another one, say, which has the same secret.
    for (const id of [9, 10, 11]) at.logged(id, 202);
    const taken = at.github.log.slice(0, 3);
    for (const one of taken) one.delivered_at = new Date(Date.now() - 900_000).toISOString();
    says((await at.doctor(['hook_log']))('hook_log'), /none of the newest three .* taken, says GitHub, is in this database/, /where the proxy passes it on/);
    for (const one of taken) one.redelivery = true; // they may have come long ago
    of = await at.doctor([]);
    assert.equal(of('hook_log')[0].verdict, 'warning');
    at.github.log.splice(0, 3);
    // No right to read webhooks: not seen, and nothing wrong.
    at.github.hook = undefined;
    assert.equal((await at.doctor([], { args: ['--url', right] }))('hook')[0].verdict, 'not_looked_at');
    at.place.env.GITHUB_TOKEN = 'ghp_of_yesterday';
    says((await at.doctor(['github'], { args: ['--url', right] }))('github'), /401: Bad credentials/, /revoked/);
});

test('a GitHub App', async (t) => {
    const at = await Installation.start(t, { policy: 'defaults:\n  superseded: {enabled: true, cancel_workflow: true}\n' });
    const { github, place } = at;
    github.app = { slug: 'our-agent', permissions: { actions: 'write' }, events: ['workflow_run'] };
    github.installations = [{ account: { login: 'octo' }, suspended_at: null, permissions: { actions: 'write' } }];
    const key = join(place.dir, 'app.pem');
    execFileSync('openssl', ['genrsa', '-out', key, '2048'], { stdio: 'ignore' });
    Object.assign(place.env, { GITHUB_APP_ID: '77', GITHUB_APP_PRIVATE_KEY_FILE: key });
    delete place.env.GITHUB_TOKEN;
    let of = await at.doctor([]);
    says(of('github'), /our-agent/);
    says(of('permissions'), /Actions: write/);
    assert.deepEqual(of('installations').map((one) => [one.of, one.verdict]), [['octo', 'ok']]);
    assert.match(of('hook')[0].of, /the GitHub App's webhook/);
    github.app.permissions.actions = 'read';
    says((await at.doctor(['permissions']))('permissions'), /wanted is write/, /Permissions & events/);
    github.app = { ...github.app, permissions: { actions: 'write' }, events: [] };
    says((await at.doctor(['hook']))('hook'), /workflow_run is not subscribed/);
    github.app.events = ['workflow_run', 'workflow_job'];
    github.installations[0].suspended_at = '2026-01-01T00:00:00Z';
    github.installations.push({ account: { login: 'ada' }, permissions: { actions: 'read' } });
    of = await at.doctor(['installations']);
    assert.deepEqual(of('installations').map((one) => [one.of, one.verdict]), [['octo', 'wrong'], ['ada', 'wrong']]);
    says(of('installations'), /suspended/);
    github.installations.length = 0;
    says((await at.doctor(['installations']))('installations'), /installed nowhere/);
    github.app = undefined; // it does not know this key
    says((await at.doctor(['github'], { args: ['--url', at.proxy.url] }))('github'), /401/, /GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY/);
});

test('the webhook of a repository from which nothing has come', async (t) => {
    const at = await Installation.start(t);
    const args = ['--repository', 'octo/demo', '--database', `sqlite:${join(at.place.dir, 'other.db')}`];
    const of = await at.doctor([], { args });
    assert.match(of('hook')[0].of, /webhook 1 of octo\/demo/);
    assert.equal(of('rule')[0].of, 'octo/demo');
    at.github.hook.config.url = 'https://elsewhere.example.com/other';
    const [hook] = (await at.doctor([], { args: [...args, '--url', at.proxy.url] }))('hook');
    says([hook], /none of its 1 webhooks posts to/);
    assert.equal(hook.verdict, 'warning', 'whether its organization has one could not be read');
});

test('what is wrong with the Runs API and its calls', async (t) => {
    const at = await Installation.start(t, { policy: 'rules:\n  - repository: octo/*\n    project_id: [p1, p9]\n' });
    let of = await at.doctor(['projects']);
    assert.equal(of('projects')[0].of, 'p9');
    says(of('projects'), /no project of that id/, /project_id in the policy/);
    at.api.projects.push('p9');
    await at.doctor([]);
    // A key that reads and does not write.
    at.api.cancels = 403;
    await at.cancel(11);
    await until('the calls to be held', async () => (await at.place.deliveries(['--filter', 'state:held'])).length === 1);
    await until('the daemon to say so', async () => (await at.daemon.get('/readyz')).status === 503);
    of = await at.doctor(['readiness', 'held_calls']);
    says(of('held_calls'), /2 calls wait.*read-only/, /read & write key/);
    assert.equal(of('api_key')[0].verdict, 'ok', 'it reads');
    assert.equal((await at.place.agent(['deliveries', 'drop', '--filter', 'run:11'])).code, 0);
    await until('the daemon to be ready', async () => (await at.daemon.get('/readyz')).status === 200);
    // What was refused for good.
    at.api.cancels = 400;
    await at.cancel(12);
    await until('the calls to be given up', async () => (await at.place.deliveries(['--dead'])).length === 1);
    says((await at.doctor(['dead_letters']))('dead_letters'), /2 calls were given up/, /deliveries list --dead/);
    assert.equal((await at.place.agent(['deliveries', 'drop', '--dead'])).code, 0);
    at.api.keyWorks = false;
    of = await at.doctor(['api_key']);
    says(of('api_key'), /refuses it \(401\): Invalid API key/, /CURRENTS_API_KEY_FILE/);
    assert.equal(of('projects')[0].verdict, 'not_looked_at', 'of what was not read nothing is said');
});

test('a clock that is wrong', async (t) => {
    const at = await Installation.start(t);
    at.github.ahead = 600_000;
    says((await at.doctor(['clock']))('clock'), /(10 min 0|9 min \d+) s behind GitHub's/, /NTP/);
    at.github.ahead = -30_000;
    assert.equal((await at.doctor([]))('clock')[0].verdict, 'warning');
});

test('a daemon that is stopped, a policy that is broken, files that are away', async (t) => {
    const at = await Installation.start(t);
    await at.settled();
    await at.daemon.stop();
    let of = await at.doctor(['daemon', 'way']);
    says(of('daemon'), /no daemon answers at/, /runs-agent serve/);
    says(of('way'), /502/, /does not reach the daemon/);
    assert.equal(of('database')[0].verdict, 'ok');
    says(of('signatures'), /the last delivery whose signature fitted came/);
    // What reads the database does without the policy.
    at.setPolicy('rules:\n  - repositry: octo/*\n');
    of = await at.doctor(['policy', 'daemon', 'way'], { code: 2 });
    says(of('policy'), /policy\.yml:2:5: .*repositry/, /config check/);
    for (const args of [['list'], ['acts'], ['show', (await at.place.deliveries())[0].delivery]])
        assert.equal((await at.place.agent(['deliveries', ...args])).code, 0, args.join(' '));
    const copied = await at.place.agent(['backup', join(at.place.dir, 'copy.db')]);
    assert.equal(copied.code, 0, copied.stderr);
    rmSync(at.place.env.RUNS_AGENT_CONFIG);
    says((await at.doctor(['policy', 'daemon', 'way'], { code: 2 }))('policy'), /cannot be read/);
    delete at.place.env.RUNS_AGENT_CONFIG;
    rmSync(at.place.env.CURRENTS_API_KEY_FILE);
    says((await at.doctor(['settings', 'daemon', 'way'], { code: 2 }))('settings'), /CURRENTS_API_KEY_FILE/);
    assert.equal((await at.place.agent(['deliveries', 'list'])).code, 0, 'no key is needed for that');
    writeFileSync(at.place.env.CURRENTS_API_KEY_FILE, at.place.secrets.CURRENTS_API_KEY);
    // No database yet, and none that could be made.
    const away = (env, wrong) => at.doctor(wrong, { env });
    of = await away({ RUNS_AGENT_STATE_DIR: join(at.place.dir, 'new') }, ['daemon']);
    assert.equal(of('database')[0].verdict, 'not_looked_at');
    writeFileSync(join(at.place.dir, 'file'), '');
    of = await away({ RUNS_AGENT_STATE_DIR: join(at.place.dir, 'file/state') }, ['daemon', 'database']);
    says(of('database'), /is no folder/, /its folder is there/);
    const damaged = join(at.place.dir, 'damaged');
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'runs-agent.db'), 'this is no database');
    of = await away({ RUNS_AGENT_STATE_DIR: damaged }, ['daemon', 'database']);
    says(of('database'), /not a database/, /restore a backup/);
});

test('a network that is not there', async (t) => {
    const place = new Place({
        CURRENTS_API_URL: 'http://runs-api.invalid/v1', GITHUB_API_URL: 'http://github.invalid/api/v3', GITHUB_TOKEN: 'ghp_x',
        RUNS_AGENT_LISTEN: `127.0.0.1:${await freePort()}`, RUNS_AGENT_PUBLIC_URL: `https://agent.invalid${path}`,
    });
    t.after(() => place.leave());
    const asked = await place.agent(['doctor', '--json']);
    const { findings } = JSON.parse(asked.stdout);
    const wrong = Object.fromEntries(findings.filter(({ verdict }) => verdict === 'wrong').map((one) => [one.check, one.says]));
    assert.deepEqual(Object.keys(wrong), ['daemon', 'address', 'github', 'api_key']);
    for (const check of ['address', 'github', 'api_key']) assert.match(wrong[check], /\.invalid/);
    assert.equal(asked.code, 1);
    place.assertNoSecretShown();
});

test('a daemon that speaks TLS itself', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    const cert = certificate(place.dir, 'own', 5);
    const address = `127.0.0.1:${await freePort()}`;
    Object.assign(place.env, {
        RUNS_AGENT_TLS_CERTIFICATE_FILE: cert.file, RUNS_AGENT_TLS_KEY_FILE: join(place.dir, 'own.key'), SSL_CERT_FILE: cert.file,
        RUNS_AGENT_LISTEN: address, CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_PUBLIC_URL: `https://${address}${path}`,
    });
    await place.serve();
    const { findings } = JSON.parse((await place.agent(['doctor', '--json'])).stdout);
    const of = (name) => findings.find(({ check }) => check === name);
    for (const name of ['daemon', 'readiness', 'secret', 'way']) assert.equal(of(name).verdict, 'ok', JSON.stringify(of(name)));
    assert.equal(of('certificate').verdict, 'warning');
    assert.match(of('certificate').says, /, 4 days from now/);
});

// In both directions: what asks by other settings than the daemon's is told what it is, and looks on all the same.
test('a daemon that speaks TLS, and doctor without the certificate, and the reverse', async (t) => {
    for (const daemon of ['TLS', 'plain HTTP']) {
        const place = new Place();
        t.after(() => place.leave());
        const cert = certificate(place.dir, 'own', 5);
        const pair = { RUNS_AGENT_TLS_CERTIFICATE_FILE: cert.file, RUNS_AGENT_TLS_KEY_FILE: join(place.dir, 'own.key') };
        Object.assign(place.env, { RUNS_AGENT_LISTEN: `127.0.0.1:${await freePort()}`, CURRENTS_API_URL: 'http://127.0.0.1:9/v1' });
        if (daemon === 'TLS') Object.assign(place.env, pair);
        await place.serve();
        if (daemon === 'TLS') for (const name of Object.keys(pair)) delete place.env[name];
        else Object.assign(place.env, pair);
        const { findings } = JSON.parse((await place.agent(['doctor', '--json'])).stdout);
        const of = (name) => findings.find(({ check }) => check === name);
        assert.equal(of('daemon').verdict, 'warning', JSON.stringify(of('daemon')));
        assert.match(of('daemon').says, new RegExp(`speaks ${daemon}`));
        assert.match(of('daemon').cure, /RUNS_AGENT_TLS_CERTIFICATE/);
        for (const name of ['readiness', 'secret']) assert.equal(of(name).verdict, 'ok', JSON.stringify(of(name)));
    }
});

test('wrong usage', async (t) => {
    const place = new Place();
    t.after(() => place.leave());
    assert.equal((await place.agent(['doctor', '--repository', 'octo'])).code, 2);
    assert.equal((await place.agent(['doctor', '--colour'])).code, 2);
});
