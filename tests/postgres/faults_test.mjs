// SPDX-License-Identifier: MIT
// Replicas on one PostgreSQL database under load, one of them killed with -9 or stopped every few
// seconds, while the server is restarted and fails over. Counted is what the fake Runs API saw: nothing
// acknowledged is lost, nothing is done twice but where what did it first was cut off, and the order of
// a workflow run's calls is kept. SECONDS=600 is the long form; SEED=… takes a round again.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import http from 'node:http';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Place, cancelled, deliver, freePort, until } from '../system/program.mjs';
import { Cluster } from './cluster.mjs';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const seconds = Number(process.env.SECONDS ?? 40);
const replicas = Number(process.env.REPLICAS ?? 4);
const each = 3_000; // milliseconds between two faults

// mulberry32: small, and the same numbers for the same seed everywhere.
function randomFrom(state) {
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

// A Runs API with a door for each replica, so that it knows who asked. Notes each request.
async function doors(count) {
    const asked = []; // {door, run, attempt, at, answered}
    const servers = [];
    const urls = [];
    for (let door = 0; door < count; ++door) {
        const server = http.createServer((question, answer) => {
            const chunks = [];
            question.on('data', (chunk) => chunks.push(chunk));
            question.on('end', () => {
                const { githubRunId: run, githubRunAttempt } = JSON.parse(Buffer.concat(chunks));
                const note = { door, run: String(run), attempt: Number(githubRunAttempt), at: Date.now() };
                asked.push(note);
                setTimeout(() => {
                    note.answered = Date.now();
                    answer.writeHead(200, { 'Content-Type': 'application/json' });
                    const data = {
                        runId: `run-${run}`, actor: 'api:test', canceledAt: new Date().toISOString(),
                        reason: 'apiRequest',
                    };
                    answer.end(JSON.stringify({ status: 'OK', data }));
                }, 20);
            });
        });
        await new Promise((done) => server.listen(0, '127.0.0.1', done));
        servers.push(server);
        urls.push(`http://127.0.0.1:${server.address().port}/v1`);
    }
    return {
        asked, urls,
        close() {
            for (const server of servers) {
                server.closeAllConnections();
                server.close();
            }
        },
    };
}

// Sends runs, two attempts each, to whichever replica it is, until stopped; where no answer came, the same
// delivery again to another, as a load balancer does.
class Senders {
    acknowledged = []; // {guid, run, attempt}
    going = true;
    refused = 0;

    constructor(addresses, secret, random, count) {
        this.addresses = addresses;
        this.secret = secret;
        this.random = random;
        this.nextRun = 2 ** 33;
        this.loops = Array.from({ length: count }, () => this.#loop());
    }

    async #loop() {
        while (this.going) {
            const run = this.nextRun++;
            for (const attempt of [1, 2]) await this.#send(run, attempt);
            await sleep(10);
        }
    }

    async #send(run, attempt) {
        const guid = randomUUID();
        const payload = cancelled(run, attempt);
        while (this.going) {
            const address = this.addresses[Math.floor(this.random() * this.addresses.length)];
            const answer = await Promise.race([
                deliver(address, this.secret, payload, { guid }).catch(() => null),
                sleep(3_000, null, { ref: false }), // it is stopped, say
            ]);
            if (answer?.status === 202 || answer?.status === 200) {
                this.acknowledged.push({ guid, run: String(run), attempt });
                return;
            }
            if (answer) ++this.refused;
            await sleep(20);
        }
    }

    async stop() {
        this.going = false;
        await Promise.all(this.loops);
    }
}

// In pages: of the long form there are a hundred thousand.
async function everyDelivery(place) {
    const guids = [];
    for (;;) {
        const before = guids.length > 0 ? ['--before', guids.at(-1)] : [];
        const page = await place.deliveries(['--limit', '5000', ...before]);
        if (page.length === 0) return guids;
        guids.push(...page.map(({ delivery }) => delivery));
    }
}

test(`${replicas} replicas for ${seconds} s, killed and stopped (SEED=${seed})`, async (t) => {
    const random = randomFrom(seed);
    const api = await doors(replicas);
    const place = new Place();
    const cluster = new Cluster(place.dir);
    const addresses = [];
    const daemons = [];
    let senders;
    t.after(async () => {
        await senders?.stop();
        for (const daemon of daemons) daemon?.running.child.kill('SIGCONT');
        // Before the folder goes, in which it says which servers there are.
        await cluster.stop();
        await place.leave();
        api.close();
    });
    await cluster.start();
    place.env.RUNS_AGENT_DATABASE = cluster.url;
    for (let i = 0; i < replicas; ++i) addresses.push(`127.0.0.1:${await freePort()}`);
    // Whoever starts while the server is away ends, and is started again, as a service manager does.
    const serve = (i) => until(`replica ${i} to start`, async () => {
        const env = { RUNS_AGENT_LISTEN: addresses[i], CURRENTS_API_URL: api.urls[i] };
        daemons[i] = await place.serve([], env).catch(() => null);
        return daemons[i];
    });
    for (let i = 0; i < replicas; ++i) await serve(i);
    senders = new Senders(addresses, place.secrets.GITHUB_WEBHOOK_SECRET, random, 6);

    const faults = []; // {door, from, to}; door -1: the server's
    const whole = async (door, what) => {
        const fault = { door, from: Date.now(), to: Infinity };
        faults.push(fault);
        await what();
        fault.to = Date.now();
    };
    const began = Date.now();
    const server = (async () => {
        for (const [part, what] of [
            [0.2, () => cluster.restart()], [0.4, () => cluster.failOver()], [0.55, () => cluster.mend()],
            [0.7, () => cluster.failOver()], [0.85, () => cluster.restart()],
        ]) {
            await sleep(Math.max(0, began + part * seconds * 1000 - Date.now()));
            await whole(-1, what);
        }
    })();
    while (Date.now() - began < seconds * 1000) {
        const door = Math.floor(random() * replicas);
        if (random() < 0.5) {
            await whole(door, async () => {
                await daemons[door].end('SIGKILL');
                await sleep(random() * each);
                await serve(door);
            });
        } else {
            // Longer than it takes to be taken for dead, where that fits.
            const long = random() < 0.4 ? 13_000 : each;
            await whole(door, async () => {
                daemons[door].running.child.kill('SIGSTOP');
                await sleep(Math.min(long, began + seconds * 1000 - Date.now()));
                daemons[door].running.child.kill('SIGCONT');
            });
        }
    }
    await server;
    await senders.stop();

    const key = ({ run, attempt }) => `${run}/${attempt}`;
    const done = new Map(); // key -> its requests, in the order they came
    const missing = () => {
        done.clear();
        for (const note of api.asked) {
            if (!done.has(key(note))) done.set(key(note), []);
            done.get(key(note)).push(note);
        }
        return senders.acknowledged.filter((one) => !done.has(key(one)));
    };
    await until('every acknowledged call', () => missing().length === 0, 90_000).catch(() => {});
    assert.deepEqual(missing().slice(0, 5), [], 'acknowledged, but never done');

    const stored = await everyDelivery(place);
    assert.equal(new Set(stored).size, stored.length, 'a delivery was stored twice');
    const all = new Set(stored);
    assert.deepEqual(senders.acknowledged.filter(({ guid }) => !all.has(guid)), []);

    // The answer is recorded within this after it came, where nothing comes between.
    const slack = 2_000;
    const cut = (note) => faults.some(
        ({ door, from, to }) => (door === -1 || door === note.door) &&
            from <= (note.answered ?? note.at) + slack && to >= note.at - slack);
    const twice = [...done.values()].filter((notes) => notes.length > 1);
    // Whoever was stopped right before it sent does so when it goes on: the later one may be the odd one.
    const without = twice.filter((notes) => notes.filter((note) => !cut(note)).length > 1);
    assert.deepEqual(without.slice(0, 3), [], 'done twice without cause');

    const disorder = senders.acknowledged.filter(({ run, attempt }) => {
        const [first, second] = [done.get(`${run}/1`), done.get(`${run}/2`)];
        return attempt === 2 && second[0].at < first[0].at;
    });
    assert.deepEqual(disorder.slice(0, 3), [], 'attempt 2 was cancelled before attempt 1');

    await until('the gauges of all to say that nothing waits', async () => {
        const texts = await Promise.all(daemons.map((daemon) => daemon.get('/metrics')));
        return texts.every(({ body }) => /^runs_agent_calls\{state="pending"\} 0$/m.test(body) &&
            /^runs_agent_deliveries_undecided 0$/m.test(body));
    });
    for (const daemon of daemons) await daemon.stop();
    place.assertNoSecretShown();
    const kinds = `${faults.filter(({ door }) => door >= 0).length} faults of replicas, ` +
        `${faults.filter(({ door }) => door < 0).length} of the server`;
    assert.ok(senders.acknowledged.length > seconds, `only ${senders.acknowledged.length} acknowledged`);
    t.diagnostic(`${senders.acknowledged.length} acknowledged, ${senders.refused} refused, ` +
        `${twice.length} done twice with cause; ${kinds}`);
});
