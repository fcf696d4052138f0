// SPDX-License-Identifier: MIT
// docs/quick-start.md, word by word: each of its commands is run, in its order, and prints what stands there.
// The program, Caddy and the package's files are the real ones; QUICK_START_DEB names a package to take them from.
// apt, systemctl, sudo and editor are stand-ins that do for one folder what the real ones do for a machine. Who
// presses the buttons on GitHub, and the service that the run was recorded at, are played by the test.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Place, cancelled, deliver, freePort, request, until } from '../system/program.mjs';
import { documents, root } from './documents.mjs';
import { assertShown } from './shown.mjs';

const page = documents().find(({ name }) => name === 'docs/quick-start.md');
const step = (number) => {
    const from = page.text.indexOf(`\n## ${number}. `);
    assert.ok(from > 0, `there is no step ${number}`);
    const line = page.lineOf(from + 1);
    const next = page.text.indexOf('\n## ', from + 1);
    return page.blocks.filter((block) => block.line > line && block.line < page.lineOf(next));
};

// A machine in a folder: what it has of /etc, /usr/bin and /var, and who acts on it.
class Machine {
    static async bare(t) {
        const machine = new Machine();
        machine.place = new Place();
        machine.recorder = new Place({ RUNS_AGENT_API_LISTEN: '127.0.0.1:0', CURRENTS_PROJECT_ID: 'abc123' });
        machine.api = (await machine.recorder.serveApi()).addresses.api;
        t.after(async () => {
            machine.stop();
            await machine.place.leave();
            await machine.recorder.leave();
        });
        const at = (machine.root = join(machine.place.dir, 'machine'));
        for (const folder of ['bin', 'run', 'etc/caddy', 'var']) mkdirSync(join(at, folder), { recursive: true });
        machine.listen = `127.0.0.1:${await freePort()}`;
        machine.front = `127.0.0.1:${await freePort()}`;
        const caddy = join(root, 'tests/.deps/caddy/usr/bin/caddy');
        machine.#standIn('sudo', 'exec "$@"');
        machine.#standIn('editor', `[ ! -s "$1" ] && printf '%s\\n' "$API_KEY" >"$1"`);
        machine.#standIn('apt', '[ "$1" = install ] || exit 1\ncase $2 in ./runs-agent_*_amd64.deb) exec unpack ;; caddy) ;; *) exit 1 ;; esac');
        machine.#standIn('systemctl', `case "$*" in
            "enable --now runs-agent") setsid runs-agent serve >"$ROOT/run/agent.log" 2>&1 & ;;
            "reload caddy") setsid ${existsSync(caddy) ? caddy : 'caddy'} run --adapter caddyfile --config "$ROOT/etc/caddy/Caddyfile" >"$ROOT/run/caddy.log" 2>&1 & ;;
            *) exit 1 ;;
            esac\n echo $! >>"$ROOT/run/pids"`);
        const from = process.env.QUICK_START_DEB ? 'dpkg-deb --extract "$QUICK_START_DEB" "$ROOT"'
            : `mkdir -p "$ROOT"/etc/runs-agent "$ROOT"/lib/systemd/system "$ROOT"/usr/bin
               cp ${root}packaging/{policy.yml,environment} "$ROOT"/etc/runs-agent; cp ${root}packaging/runs-agent.service "$ROOT"/lib/systemd/system
               ln -s ${process.env.RUNS_AGENT_BINARY} "$ROOT"/usr/bin/runs-agent`;
        // Besides: the service's paths lead into the folder, and what the machine's place in the world is.
        machine.#standIn('unpack', `${from}
            sed -i "s#/etc/runs-agent/#$ROOT/etc/runs-agent/#" "$ROOT"/lib/systemd/system/runs-agent.service
            printf 'RUNS_AGENT_LISTEN=${machine.listen}\\nCURRENTS_API_URL=http://${machine.api}/v1\\nRUNS_AGENT_STATE_DIR=%s\\n' "$ROOT/var" >>"$ROOT"/etc/runs-agent/environment`);
        machine.env = {
            PATH: `${at}/bin:${at}/usr/bin:${process.env.PATH}`, HOME: at, ROOT: at, API_KEY: machine.recorder.secrets.CURRENTS_API_KEY,
            RUNS_AGENT_SERVICE: join(at, 'lib/systemd/system/runs-agent.service'), XDG_DATA_HOME: at, XDG_CONFIG_HOME: at, CADDY_ADMIN: 'off',
            QUICK_START_DEB: process.env.QUICK_START_DEB ?? '',
        };
        return machine;
    }

    #standIn(name, script) {
        const path = join(this.root, 'bin', name);
        writeFileSync(path, `#!/bin/bash\nset -e\n${script}\n`);
        chmodSync(path, 0o755);
    }

    // Commands as a person types them; what they print, with the machine's paths and addresses as the page has them.
    async type(text, id = '') {
        const here = text.replaceAll('/etc/', `${this.root}/etc/`).replaceAll(/(https:\/\/)?agent\.example\.com/g, `http://${this.front}`)
            .replaceAll('127.0.0.1:8080', this.listen).replace(/\bID\b/, id);
        const running = this.place.launch('/bin/bash', ['--norc', '-eo', 'pipefail', '-c', here], this.env, this.root);
        running.child.stdin.end();
        const { code } = await running.ended;
        return { code, stderr: running.stderr, stdout: running.stdout.replaceAll(this.root, '') };
    }

    get secret() {
        return readFileSync(join(this.root, 'etc/runs-agent/webhook-secret'), 'utf8').trim();
    }

    log(name) {
        const path = join(this.root, 'run', `${name}.log`);
        return existsSync(path) ? readFileSync(path, 'utf8') : '';
    }

    stop() {
        const pids = join(this.root, 'run/pids');
        if (existsSync(pids))
            for (const pid of readFileSync(pids, 'utf8').split('\n').filter(Boolean)) {
                try {
                    process.kill(-Number(pid), 'SIGKILL');
                } catch {} // it has ended
            }
    }
}

// The commands of a console block, each with what it prints.
const shownIn = (text) => text.split(/^\$ /m).slice(1).map((piece) => {
    const [command, ...lines] = piece.split('\n');
    return { command, printed: lines.join('\n').trim() };
});

async function follow(machine, number, id) {
    for (const { language, text, line } of step(number)) {
        if (language === 'sh') {
            const { code, stderr } = await machine.type(text, id);
            assert.equal(code, 0, `${page.at(line)}: ${stderr}`);
        } else for (const { command, printed } of shownIn(text)) {
            // A person does not type before a service that was just started listens.
            let last;
            await until(command, async () => (last = await machine.type(command, id)).code === 0, 15_000)
                .catch(() => assert.fail(`${page.at(line)}: ${command}: ${last.stderr}${last.stdout}\n${machine.log('agent')}${machine.log('caddy')}`));
            assertShown(printed, last.stdout, page.at(line));
        }
    }
}

test('the quick start leads from the package to a cancelled run', async (t) => {
    const machine = await Machine.bare(t);
    for (const number of [1, 2, 3, 4]) await follow(machine, number);
    assert.equal((await machine.type('stat -c %a /etc/runs-agent/webhook-secret /etc/runs-agent/api-key')).stdout, '600\n600\n');

    // GitHub's ping, as the form of step 5 makes it.
    const field = (name) => new RegExp(`^\\| ${name} \\| (.*) \\|$`, 'm').exec(page.text)[1];
    assert.equal(field('Payload URL'), '`https://agent.example.com/webhooks/github`');
    const [, typed] = /`(sudo cat [^`]*)`/.exec(field('Secret'));
    const secret = (await machine.type(typed)).stdout.trim();
    assert.equal((await deliver(machine.front, secret, { zen: 'x', hook_id: 1 }, { event: 'ping' })).status, 200);
    await follow(machine, 5);

    // The workflow records, and is cancelled.
    const recording = readFileSync(join(root, 'script/demo-run.json'), 'utf8').replace('"demo"', '"abc123"')
        .replace('@RECORD_KEY@', machine.recorder.secrets.CURRENTS_RECORD_KEY);
    const recorded = await request({ address: machine.api, path: '/v1/runs', method: 'POST', body: recording, headers: { 'Content-Type': 'application/json' } });
    assert.equal(recorded.status, 200, recorded.body);
    const guid = (await deliver(machine.front, secret, cancelled(1001, 1, 'octo/shop'))).guid;
    await until('the call', async () => /succeeded/.test((await machine.type(`sudo runs-agent deliveries show ${guid}`)).stdout), 20_000);
    await follow(machine, 6, guid.slice(0, 8));
});
