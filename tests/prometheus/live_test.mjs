// SPDX-License-Identifier: MIT
// A real Prometheus scrapes the real daemon, and each alert is seen to fire when its cause is there, and to fall when
// it is gone. Its rules are the shipped ones with their times shortened, made of that file here.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, deliver, freePort, request, until } from '../system/program.mjs';
import { program, rules, rulesText } from './prometheus.mjs';

const binary = process.env.RUNS_AGENT_BINARY;
const patience = 60_000;
const unit = { s: 1, m: 60, h: 3600, d: 86400 };

// A hundredth of a time, and neither so short that no scrape falls into it nor so long that the test takes long.
const shorter = (seconds) => Math.min(Math.max(seconds / 100, 2), 8);
const milliseconds = (seconds) => `${Math.round(seconds * 1000)}ms`;
const duration = (count, of) => milliseconds(shorter(count * unit[of]));

export function shortened(text) {
    let changed = 0;
    const count = (made) => (changed++, made);
    const made = text
        .replace(/^( *for: )(\d+)([smhd])$/gm, (_, head, n, of) => count(head + duration(n, of)))
        .replace(/\[(\d+)([smhd])\]/g, (_, n, of) => count(`[${duration(n, of)}]`))
        .replace(/(\d+) \* 3600\b/g, (_, n) => count(String(shorter(n * 3600))));
    assert.ok(changed > 20 && !/\b\d+[mhd]\b(?=\]|$)/m.test(made.replace(/^.*(summary|description):.*$/gm, '')), made);
    return made;
}

// What the daemon asks: both answer as `mode` says.
async function peer(t, answer) {
    const it = { mode: 'well', asked: 0 };
    const server = http.createServer((question, response) => {
        question.resume();
        it.asked++;
        answer(it, question, (status, body, headers = {}) => {
            response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
            response.end(JSON.stringify(body));
        });
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close() && server.closeAllConnections());
    it.host = `127.0.0.1:${server.address().port}`;
    return it;
}

const runsApi = (t) =>
    peer(t, (it, _, send) => {
        if (it.mode === 'well') return send(200, { status: 'OK', data: { runId: 'r' } });
        send(it.mode, { status: 'FAILED', error: 'as the test wants it' });
    });

const gitHub = (t) =>
    peer(t, (it, question, send) => {
        const reset = Math.floor(Date.now() / 1000) + (it.mode === 'poor' ? 12 : 3600);
        const limits = { 'x-ratelimit-limit': 5000, 'x-ratelimit-remaining': it.mode === 'poor' ? 20 : 4900, 'x-ratelimit-reset': reset };
        if (it.mode === 'down') return send(500, { message: 'no' });
        const [, list, id] = /^(\/repos\/octo\/demo\/hooks\/1\/deliveries)(?:\/(\d+))?/.exec(question.url) ?? [];
        if (!list || id) return send(404, { message: 'Not Found' }, limits);
        // With the mode "lossy" there is an entry, whose payload is gone.
        const entry = { id: 5, guid: 'gone-for-good', delivered_at: new Date().toISOString(), redelivery: false, duration: 1,
            status: 'failed to connect to host', status_code: 502, event: 'workflow_run', action: 'completed', installation_id: null, repository_id: 1 };
        send(200, it.mode === 'lossy' ? [entry] : [], limits);
    });

class Watch {
    fired = new Set();
    fell = new Set();

    static async start(t, targets, secure) {
        const dir = mkdtempSync(join(tmpdir(), 'runs-agent-prometheus-'));
        writeFileSync(join(dir, 'alerts.yml'), shortened(rulesText()));
        writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify({
            global: { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '250ms' },
            rule_files: ['alerts.yml'],
            scrape_configs: [
                { job_name: 'runs-agent', static_configs: [{ targets }] },
                { job_name: 'over TLS', scheme: 'https', tls_config: { insecure_skip_verify: true }, static_configs: [{ targets: [secure] }] },
            ],
        }));
        const address = `127.0.0.1:${await freePort()}`;
        const child = spawn(program('prometheus'), [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`,
            `--web.listen-address=${address}`, '--log.level=error'], { stdio: ['ignore', 'ignore', 'pipe'] });
        let said = '';
        child.stderr.on('data', (text) => (said += text));
        const ended = new Promise((done) => child.on('close', done).on('error', done));
        t.after(async () => {
            child.kill('SIGTERM');
            await ended;
            rmSync(dir, { recursive: true, force: true });
        });
        const watch = new Watch();
        watch.address = address;
        await until(`Prometheus to be ready ${said}`, () => watch.get('/-/ready').then(({ status }) => status === 200, () => false), patience);
        return watch;
    }

    get(path) {
        return request({ address: this.address, path });
    }
    async firing(alert, instance) {
        const { data } = JSON.parse((await this.get('/api/v1/alerts')).body);
        return data.alerts.find(({ state, labels }) => state === 'firing' && labels.alertname === `RunsAgent${alert}` &&
            (!labels.instance || labels.instance === instance));
    }
    async fires(alert, instance) {
        const { annotations } = await until(`${alert} to fire`, () => this.firing(alert, instance), patience);
        for (const text of Object.values(annotations)) assert.doesNotMatch(text, /<error|<no value>|%!/, text);
        this.fired.add(`RunsAgent${alert}`);
    }
    async falls(alert, instance) {
        assert.ok(this.fired.has(`RunsAgent${alert}`), `${alert} has not fired yet`);
        await until(`${alert} to fall`, async () => !(await this.firing(alert, instance)), patience);
        this.fell.add(`RunsAgent${alert}`);
    }
}

// A daemon whose state is on a disk of its own, which grows and shrinks as it is told by a line: a size, or "full".
const onOwnDisk = `
    mkdir -p "$RUNS_AGENT_STATE_DIR" && mount -t tmpfs -o size=2g,mode=700 none "$RUNS_AGENT_STATE_DIR" || exit 9
    exec 3<&0
    while read -r size <&3; do
        [ "$size" = full ] && size=$(df -k --output=used "$RUNS_AGENT_STATE_DIR" | tail -n 1 | tr -d ' ')k
        mount -o remount,size=$size none "$RUNS_AGENT_STATE_DIR"
    done &
    exec "$0" serve 3<&- </dev/null`;
const mayMount = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;

async function daemonOnOwnDisk(t, address) {
    const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_LISTEN: address });
    t.after(() => place.leave());
    const { child, ended } = place.launch('unshare', ['--user', '--map-root-user', '--mount', '--kill-child', 'sh', '-c', onOwnDisk, binary]);
    let over = null;
    ended.then((end) => (over = end));
    await until('the daemon on a disk of its own', () => {
        assert.equal(over, null, place.output);
        return place.output.includes('"webhooks.listening"');
    });
    return (size) => child.stdin.write(size + '\n');
}

// A daemon that speaks TLS, and how its certificate is renewed for so many days.
async function daemonWithTls(t, address) {
    const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1', RUNS_AGENT_LISTEN: address });
    t.after(() => place.leave());
    place.env.RUNS_AGENT_TLS_CERTIFICATE_FILE = join(place.dir, 'certificate.pem');
    place.env.RUNS_AGENT_TLS_KEY_FILE = join(place.dir, 'key.pem');
    const make = (days) => spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=a',
        '-days', String(days), '-keyout', place.env.RUNS_AGENT_TLS_KEY_FILE, '-out', place.env.RUNS_AGENT_TLS_CERTIFICATE_FILE]);
    make(6);
    const daemon = await place.serve();
    return (days) => make(days) && daemon.running.child.kill('SIGHUP');
}

test('each alert fires when its cause is there, and falls when it is gone', async (t) => {
    const [api, github] = [await runsApi(t), await gitHub(t)];
    const main = `127.0.0.1:${await freePort()}`;
    const disk = `127.0.0.1:${await freePort()}`;
    const place = new Place({
        CURRENTS_API_URL: `http://${api.host}/v1`,
        RUNS_AGENT_LISTEN: main,
        GITHUB_TOKEN: 'none',
        GITHUB_API_URL: `http://${github.host}`,
        RUNS_AGENT_CONFIG: '',
    });
    t.after(() => place.leave());
    place.env.RUNS_AGENT_CONFIG = join(place.dir, 'policy.yml');
    writeFileSync(place.env.RUNS_AGENT_CONFIG, '');
    let daemon = await place.serve();
    const setSize = mayMount ? await daemonOnOwnDisk(t, disk) : null;
    const secure = `127.0.0.1:${await freePort()}`;
    const renew = await daemonWithTls(t, secure);
    const watch = await Watch.start(t, mayMount ? [main, disk] : [main], secure);
    const secret = place.secrets.GITHUB_WEBHOOK_SECRET;
    let run = 0;
    const headers = { 'X-GitHub-Hook-Installation-Target-Type': 'repository', 'X-GitHub-Enterprise-Host': github.host };
    const send = async (key = secret) => (await deliver(main, key, cancelled(++run), { headers })).status;
    const restart = async (signal = 'SIGKILL') => {
        await daemon.end(signal);
        daemon = await place.serve();
    };
    // Sends again and again, so that there is something to ask about, until `done`.
    const sending = async (done) => {
        let over = false;
        const until_done = done.finally(() => (over = true));
        while (!over) {
            await send();
            await Promise.race([until_done, new Promise((again) => setTimeout(again, 500))]);
        }
        return until_done;
    };

    // The disk.
    const ofTheDisk = (async () => {
        if (!setSize) return;
        setSize('100m');
        await watch.fires('DiskLow', disk);
        setSize('2g');
        await watch.falls('DiskLow', disk);
        setSize('full');
        await watch.fires('StoreDown', disk);
        setSize('2g');
        await watch.falls('StoreDown', disk);
    })();

    // The certificate.
    await watch.fires('CertificateEnds', secure);
    renew(30);
    await watch.falls('CertificateEnds', secure);

    // What comes in.
    await watch.fires('NoDeliveries', main);
    assert.equal(await send(), 202);
    await watch.falls('NoDeliveries', main);
    for (let i = 0; i < 3; ++i) assert.equal(await send('another secret'), 401);
    await watch.fires('SignatureRefused', main);

    // The configuration.
    writeFileSync(place.env.RUNS_AGENT_CONFIG, 'rules: [oops');
    daemon.running.child.kill('SIGHUP');
    await watch.fires('ConfigReloadFailed', main);
    writeFileSync(place.env.RUNS_AGENT_CONFIG, '');
    daemon.running.child.kill('SIGHUP');
    await watch.falls('ConfigReloadFailed', main);
    await watch.falls('SignatureRefused', main);

    // The Runs API: it is down, it refuses the key, it refuses the call.
    api.mode = 503;
    await sending(Promise.all([watch.fires('RunsApiFailing', main), watch.fires('Backlog', main)]));
    api.mode = 'well';
    await restart('SIGTERM'); // calls wait for their next try else, minutes perhaps
    await sending(watch.falls('RunsApiFailing', main));
    await until('the calls to be done', async () => {
        for (const { delivery } of await place.deliveries(['--limit', '1000'])) await place.agent(['deliveries', 'drop', delivery]);
        return !(await watch.firing('Backlog', main));
    }, patience);
    await watch.falls('Backlog', main);
    api.mode = 401;
    await send();
    await watch.fires('CallsHeld', main);
    api.mode = 'well';
    await send(); // one that goes through lets the others go on
    await watch.falls('CallsHeld', main);
    api.mode = 400;
    await send();
    await Promise.all([watch.fires('DeadLetters', main), watch.fires('DeadLettersStay', main)]);
    await watch.falls('DeadLetters', main);
    for (const { delivery } of await place.deliveries(['--dead'])) assert.equal((await place.agent(['deliveries', 'drop', delivery])).code, 0);
    await watch.falls('DeadLettersStay', main);
    api.mode = 'well';

    // Somebody holds the database: GitHub waits.
    const other = new DatabaseSync(join(place.env.RUNS_AGENT_STATE_DIR, 'runs-agent.db'));
    other.exec('BEGIN IMMEDIATE');
    const waiting = [send(), send(), send()];
    await new Promise((done) => setTimeout(done, 6_000)); // so long is what is tested
    other.exec('ROLLBACK');
    other.close();
    assert.deepEqual(await Promise.all(waiting), [202, 202, 202]);
    await watch.fires('SlowAcknowledge', main);
    await watch.falls('SlowAcknowledge', main);

    // GitHub: it does not answer, has nothing more of what was missed, and is near its limit.
    github.mode = 'down';
    await restart();
    await watch.fires('CatchUpStale', main);
    github.mode = 'lossy';
    await restart();
    await watch.fires('CatchUpLost', main);
    await watch.falls('CatchUpStale', main);
    await watch.falls('CatchUpLost', main);
    github.mode = 'poor';
    await restart();
    await watch.fires('GitHubBudgetLow', main);
    await watch.falls('GitHubBudgetLow', main);

    // The process.
    for (let i = 0; i < 4; ++i) {
        await restart();
        const { body } = await daemon.get('/metrics');
        const [, started] = /^process_start_time_seconds (.*)$/m.exec(body);
        const asked = `/api/v1/query?query=process_start_time_seconds{instance="${main}"}==${started}`;
        await until('the scrape', async () => JSON.parse((await watch.get(encodeURI(asked))).body).data.result.length > 0);
    }
    await watch.fires('CrashLooping', main);
    await watch.falls('CrashLooping', main);
    await daemon.end('SIGKILL');
    await watch.fires('Down', main);
    daemon = await place.serve();
    await watch.falls('Down', main);
    await ofTheDisk;

    const ofDisks = mayMount ? [] : ['RunsAgentDiskLow', 'RunsAgentStoreDown'];
    if (!mayMount) t.diagnostic(`not seen, for want of a disk of its own: ${ofDisks}`);
    const all = rules().map(({ alert }) => alert).filter((alert) => !ofDisks.includes(alert)).sort();
    assert.deepEqual([...watch.fired].sort(), all);
    assert.deepEqual([...watch.fell].sort(), all);
});
