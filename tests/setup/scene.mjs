// SPDX-License-Identifier: MIT
// One set-up against the strict GitHub of fake_github.mjs: what its tests share.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Place, until } from '../system/program.mjs';
import { FakeGitHub } from './fake_github.mjs';

export const url = 'https://agent.example.com/webhooks/github';

export class Scene {
    static async start(t, { env = {} } = {}) {
        const scene = new Scene();
        scene.github = await FakeGitHub.start(t);
        scene.place = new Place(env);
        t.after(() => scene.place.leave());
        scene.folder = join(scene.place.dir, 'out');
        mkdirSync(scene.folder);
        return scene;
    }

    file(name) {
        return join(this.folder, name);
    }

    read(name) {
        return readFileSync(this.file(name), 'utf8');
    }

    // Nobody but its owner may read it, and it ends with a line end.
    assertPrivate(name) {
        assert.equal(statSync(this.file(name)).mode & 0o777, 0o600, name);
        assert.ok(this.read(name).endsWith('\n'), name);
    }

    has(name) {
        return existsSync(this.file(name));
    }

    // Begins `setup`, with these arguments after those that name the GitHub.
    // `shell`: what a shell does with it, as in `"$0" "$@" > file`.
    launch(args, { env = {}, input, output = true, shell } = {}) {
        const whole = ['setup', '--host', this.github.web, ...(output ? ['--output', this.folder] : []), ...args];
        const [file, ...before] = shell ? ['/bin/sh', '-c', shell, process.env.RUNS_AGENT_BINARY] : [process.env.RUNS_AGENT_BINARY];
        const running = this.place.launch(file, [...before, ...whole], { ...this.place.env, DISPLAY: ':0', ...env }, this.place.dir);
        if (input !== undefined) running.child.stdin.end(input);
        running.said = (pattern, stream = 'stdout') => until(`${pattern}: ${running.stdout}${running.stderr}`, () => pattern.exec(running[stream]));
        running.at = async (stream) => (await running.said(/^ +(http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32})$/m, stream))[1];
        return running;
    }

    app(args = [], options) {
        return this.launch(['--org', 'octo', '--url', url, ...args], options);
    }

    // Runs it to its end; {code, stdout, stderr}.
    async ended(running) {
        const bound = setTimeout(() => running.child.kill('SIGKILL'), 60_000);
        const { code, signal } = await running.ended;
        clearTimeout(bound);
        assert.equal(signal, null, running.stdout + running.stderr);
        return { code, stdout: running.stdout, stderr: running.stderr };
    }

    // What a browser does that a person presses both buttons in; the page that it ends on, and its address.
    async press(address, { onManifest, state } = {}) {
        const first = await (await fetch(address)).text();
        const action = unescaped(/<form method="post" action="([^"]+)"/.exec(first)[1]);
        const manifest = unescaped(/name="manifest" value="([^"]+)"/.exec(first)[1]);
        onManifest?.(JSON.parse(manifest), action);
        const asked = await fetch(action, { method: 'POST', body: new URLSearchParams({ manifest }) });
        const question = await asked.text();
        assert.equal(asked.status, 200, question);
        const back = await fetch(new URL(/action="([^"]+)"/.exec(question)[1], action), {
            method: 'POST', redirect: 'manual', body: new URLSearchParams({ name: unescaped(/name="name" value="([^"]*)"/.exec(question)[1]) }),
        });
        assert.equal(back.status, 302);
        const end = new URL(back.headers.get('location'));
        if (state) end.searchParams.set('state', state);
        return end.href;
    }

    async arrive(address) {
        const answer = await fetch(address);
        return { status: answer.status, text: await answer.text(), headers: answer.headers };
    }

    get app_() {
        return [...this.github.apps.values()].at(-1);
    }

    // No secret in anything that was printed.
    assertNothingShown(...pages) {
        for (const secret of this.github.secrets) {
            assert.ok(!this.place.output.includes(secret), 'a secret was printed');
            for (const text of pages) assert.ok(!text.includes(secret), 'a secret is on a page');
        }
        assert.equal(this.github.bug, undefined);
    }
}

function unescaped(text) {
    return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
        .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

export { until };
