// SPDX-License-Identifier: MIT
// At a terminal: what is missing is asked, and no secret is shown there.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Scene, until, url } from './scene.mjs';

// script(1) gives the program a terminal. What it shows is in `stdout`; lines end as a terminal has them.
function atTerminal(scene, args, env = {}) {
    const command = [process.env.RUNS_AGENT_BINARY, 'setup', '--host', scene.github.web, ...args].map((word) => `'${word}'`).join(' ');
    return scene.place.launch('script', ['--quiet', '--return', '--echo', 'never', '--command', command, '/dev/null'], { ...scene.place.env, DISPLAY: ':0', ...env }, scene.place.dir);
}

const shown = (running, pattern) => until(`${pattern}: ${running.stdout}`, () => pattern.exec(running.stdout.replaceAll('\r', '')));

test('the organization and the address are asked for, and nothing else', async (t) => {
    const scene = await Scene.start(t);
    const running = atTerminal(scene, ['--no-wait', '--output', scene.folder]);
    await shown(running, /Organization that is to own the App \(empty: your account\): $/);
    running.child.stdin.write('octo\n');
    await shown(running, /Address at which GitHub reaches the daemon.*: $/);
    running.child.stdin.write('agent.example.com\n');
    const [, address] = await shown(running, /^ +(http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32})$/m);
    await scene.arrive(await scene.press(address, { onManifest: (manifest) => assert.equal(manifest.hook_attributes.url, url) }));
    running.child.stdin.end();
    assert.equal((await scene.ended(running)).code, 0, running.stdout);
    assert.equal(scene.app_.owner, 'octo');
    scene.assertNothingShown();
});

test('what is told is not asked; an empty answer is one’s own account', async (t) => {
    const scene = await Scene.start(t);
    const running = atTerminal(scene, ['--url', url, '--no-wait', '--output', scene.folder]);
    await shown(running, /own the App .*: $/);
    running.child.stdin.write('\n');
    const [, address] = await shown(running, /^ +(http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32})$/m);
    assert.doesNotMatch(running.stdout, /Address at which/);
    await scene.arrive(await scene.press(address));
    running.child.stdin.end();
    assert.equal((await scene.ended(running)).code, 0, running.stdout);
    assert.equal(scene.app_.owner, 'ada');
    scene.assertNothingShown();
});

test('a webhook’s repository is asked for', async (t) => {
    const scene = await Scene.start(t);
    const running = atTerminal(scene, ['--webhook', '--url', url, '--no-wait', '--output', scene.folder], { GITHUB_TOKEN: scene.github.token });
    await shown(running, /Organization, or repository as OWNER\/NAME: $/);
    running.child.stdin.end('octo/shop\n');
    assert.equal((await scene.ended(running)).code, 0, running.stdout);
    assert.equal(scene.github.hooks[0].owner, 'octo/shop');
    scene.assertNothingShown();
});

test('a wrong answer is asked for again', async (t) => {
    const scene = await Scene.start(t);
    const running = atTerminal(scene, ['--no-wait', '--output', scene.folder]);
    const asked = (what, times) => until(`${what}, ${times}: ${running.stdout}`, () => running.stdout.split(what).length === times + 1);
    for (const [i, wrong] of ['a b', 'octo/shop'].entries()) {
        await asked('that is to own the App', i + 1);
        running.child.stdin.write(`${wrong}\n`);
    }
    await asked('that is to own the App', 3);
    running.child.stdin.write('octo\n');
    for (const [i, wrong] of ['localhost', 'ftp://x'].entries()) {
        await asked('Address at which', i + 1);
        running.child.stdin.write(`${wrong}\n`);
    }
    await asked('Address at which', 3);
    running.child.stdin.write('agent.example.com\n');
    const [, address] = await shown(running, /^ +(http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32})$/m);
    assert.match(running.stdout.replaceAll('\r', ''), /login(.*\n)*.*--org takes an organization(.*\n)*.*cannot reach this machine(.*\n)*.*neither http nor https/);
    await scene.arrive(await scene.press(address, { onManifest: (manifest) => assert.equal(manifest.hook_attributes.url, url) }));
    running.child.stdin.end();
    assert.equal((await scene.ended(running)).code, 0, running.stdout);
});

test('a Secret is not printed where it would be seen', async (t) => {
    const scene = await Scene.start(t);
    const running = atTerminal(scene, ['--org', 'octo', '--url', url, '--kubernetes']);
    running.child.stdin.end();
    assert.equal((await scene.ended(running)).code, 2);
    assert.match(running.stdout, /--kubernetes prints secrets, and this is a terminal; .*kubectl apply -f -/);
    assert.deepEqual(scene.github.asked, []);
});
