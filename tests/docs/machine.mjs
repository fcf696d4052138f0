// SPDX-License-Identifier: MIT
// A machine in a folder, for documents whose commands are typed one after the other. The program, Caddy and the package's
// files are the real ones; QUICK_START_DEB names a package to take them from. apt, systemctl, sudo and editor are
// stand-ins that do for the folder what the real ones do for a machine.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Place, freePort, until } from '../system/program.mjs';
import { root } from './documents.mjs';
import { assertShown } from './shown.mjs';

// A machine in a folder: what it has of /etc, /usr/bin and /var, and who acts on it.
export class Machine {
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
        for (const folder of ['bin', 'run', 'etc/caddy', 'etc/cron.daily', 'var/lib/runs-agent']) mkdirSync(join(at, folder), { recursive: true });
        machine.listen = `127.0.0.1:${await freePort()}`;
        machine.front = `127.0.0.1:${await freePort()}`;
        const caddy = join(root, 'tests/.deps/caddy/usr/bin/caddy');
        machine.#standIn('sudo', 'exec "$@"');
        machine.#standIn('editor', `[ ! -s "$1" ] && printf '%s\\n' "$API_KEY" >"$1"`);
        machine.#standIn('apt', `[ "$1" = install ] || exit 1
            case $2 in
            ./runs-agent_*_amd64.deb) if [ -e "$ROOT/run/agent.pid" ]; then systemctl stop runs-agent; systemctl start runs-agent; else unpack; fi ;;
            caddy) ;;
            *) exit 1 ;;
            esac`);
        machine.#standIn('systemctl', `case "$*" in
            "enable --now runs-agent" | "start runs-agent")
                setsid runs-agent serve >>"$ROOT/run/agent.log" 2>&1 &
                echo $! >"$ROOT/run/agent.pid" ;;
            "stop runs-agent") pid=$(cat "$ROOT/run/agent.pid"); kill -TERM "$pid" 2>/dev/null || true; while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done; exit ;;
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
            printf 'RUNS_AGENT_LISTEN=${machine.listen}\\nCURRENTS_API_URL=http://${machine.api}/v1\\nRUNS_AGENT_STATE_DIR=%s\\n' "$ROOT/var/lib/runs-agent" >>"$ROOT"/etc/runs-agent/environment`);
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
        const here = text.replaceAll(/(?<![\w$-])\/(etc|var)\//g, `${this.root}/$1/`).replaceAll('tar -C / ', `tar -C ${this.root} `).replaceAll(/(https:\/\/)?agent\.example\.com/g, `http://${this.front}`)
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

// Types what these blocks of a document show, and compares what is printed.
export async function follow(machine, page, blocks, id) {
    for (const { language, text, line } of blocks) {
        if (!['sh', 'console'].includes(language)) continue;
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
