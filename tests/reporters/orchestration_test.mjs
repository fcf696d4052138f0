// SPDX-License-Identifier: MIT
// pwc-p: machines of one run ask what to run next. One dies, and the others run what it had; a re-run
// runs what failed, and nothing else.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cancelled, until } from '../system/program.mjs';
import { begun, decided, died, send } from './github.mjs';
import { Project, Recorded, githubJob } from './project.mjs';

const patience = 120_000;

// Spec files whose tests write into a file that they ran, in which process's name, and wait.
function specs(names, milliseconds, more = '') {
    const text = (name) => `
import { appendFileSync } from 'node:fs';
test('${name}', async () => {
    appendFileSync(process.env.RAN, process.env.CURRENTS_MACHINE_ID + ' ${name}\\n');
    await new Promise((done) => setTimeout(done, ${milliseconds}));
    ${more}
});`;
    return Object.fromEntries(names.map((name) => [`${name}.spec.js`, text(name)]));
}

const ran = (project) => {
    const file = join(project.dir, 'ran');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

const machine = (project, name, env) =>
    project.start('pwc-p', ['run', '--pwc-batch-size', '1'], {
        RAN: join(project.dir, 'ran'),
        CURRENTS_MACHINE_ID: name,
        ...env,
    });

// A machine that is gone: the process and all that it has started.
function killAll(pid) {
    const children = readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((name) => {
            try {
                const [, after] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ');
                return Number(after.split(' ')[1]) === pid;
            } catch {
                return false; // it has ended
            }
        });
    process.kill(pid, 'SIGKILL');
    for (const child of children) killAll(Number(child));
}

async function exit(running) {
    const timer = setTimeout(() => running.child.kill('SIGKILL'), patience);
    const { code } = await running.ended;
    clearTimeout(timer);
    return code;
}

// At once: they wait for timers more than they compute.
describe('pwc-p', { concurrency: true }, () => {
    test('two machines, one of which dies: the other runs all, each test once', async (t) => {
        const recorded = await Recorded.start(t);
        const names = ['a', 'b', 'c', 'd', 'e'];
        const project = new Project(recorded, 'machines', {
            config: { projects: [{ name: 'alpha' }] },
            specs: specs(names, 3_000),
        });
        const env = githubJob(3003);
        await send(recorded, begun(3003, 1));
        const dying = machine(project, 'runner-1', env);
        const other = machine(project, 'runner-2', env);
        const of = (name) => ran(project).filter((line) => line.startsWith(name));
        await until('both to be at work', () => of('runner-1').length > 0 && of('runner-2').length > 0);
        killAll(dying.child.pid);
        await dying.ended;
        const lost = of('runner-1');
        const guid = await send(recorded, died(3003, 'runner-1'), 'workflow_job');
        assert.equal(await exit(other), 0, other.stdout);
        const shown = await decided(recorded, guid);
        assert.equal(shown.rule, 'R6');
        const run = await recorded.find('octo/demo-3003-1');
        assert.equal(run.completionState, 'COMPLETE');
        assert.equal(run.status, 'PASSED');
        assert.equal(run.groups[0].tests.passes, 5);
        // The other ran what was lost, too, and nothing twice: what the dead one had finished stays.
        const last = lost.at(-1);
        const finished = lost.slice(0, -1).map((line) => line.split(' ')[1]);
        const rest = names.filter((name) => !finished.includes(name)).map((name) => `runner-2 ${name}`);
        assert.deepEqual(ran(project).sort(), [...lost, ...rest].sort());
        assert.ok(rest.includes(last.replace('runner-1', 'runner-2')));
    });

    test('a re-run under a shared build id runs what failed, and nothing else', async (t) => {
        const recorded = await Recorded.start(t, { policy: 'defaults: {ci_build_id: "shop-${{ github.run_id }}"}\n' });
        const project = new Project(recorded, 'rerun', {
            config: { projects: [{ name: 'alpha' }] },
            specs: {
                ...specs(['a', 'c'], 10),
                ...specs(['b'], 10, `expect(process.env.GITHUB_RUN_ATTEMPT).toBe('2');`),
            },
        });
        const build = { CURRENTS_CI_BUILD_ID: 'shop-4004' };
        const first = machine(project, 'runner-1', { ...githubJob(4004), ...build });
        assert.equal(await exit(first), 1, first.stdout);
        const failed = await recorded.find('shop-4004');
        assert.equal(failed.status, 'FAILED', first.stdout);
        assert.equal(failed.completionState, 'COMPLETE');
        await send(recorded, begun(4004, 1, { status: 'completed', conclusion: 'failure' }));

        const shown = await decided(recorded, await send(recorded, begun(4004, 2)));
        assert.equal(shown.rule, 'R3');
        assert.equal((await recorded.find('shop-4004')).completionState, 'IN_PROGRESS');
        writeFileSync(join(project.dir, 'ran'), '');
        const second = machine(project, 'runner-9', { ...githubJob(4004, 2), ...build });
        assert.equal(await exit(second), 0, second.stdout);
        assert.deepEqual(ran(project), ['runner-9 b']);
        const run = await recorded.find('shop-4004');
        assert.equal(run.completionState, 'COMPLETE');
        assert.equal(run.status, 'PASSED');
        assert.equal(run.groups[0].tests.passes, 3);

        // Who comes when all is done has nothing to do.
        writeFileSync(join(project.dir, 'ran'), '');
        const late = machine(project, 'runner-10', { ...githubJob(4004, 2), ...build });
        assert.equal(await exit(late), 0, late.stdout);
        assert.equal(readFileSync(join(project.dir, 'ran'), 'utf8'), '');
    });

    test('a re-run with --last-failed runs the failed tests of a spec alone', async (t) => {
        const recorded = await Recorded.start(t, { policy: 'defaults: {ci_build_id: "shop-${{ github.run_id }}"}\n' });
        const of = (name, expectation) => specs([name], 10, expectation)[`${name}.spec.js`];
        const fails = of('two', `expect(process.env.GITHUB_RUN_ATTEMPT).toBe('2');`).replace(/import .*/, '');
        const project = new Project(recorded, 'last-failed', {
            config: { projects: [{ name: 'alpha' }] },
            specs: { 'a.spec.js': of('one') + fails, 'b.spec.js': of('three') },
        });
        const build = { CURRENTS_CI_BUILD_ID: 'shop-6006', CURRENTS_MACHINE_ID: 'm', RAN: join(project.dir, 'ran') };
        assert.equal((await project.test([], { ...githubJob(6006), ...build })).code, 1);
        await send(recorded, begun(6006, 1, { status: 'completed', conclusion: 'failure' }));
        await decided(recorded, await send(recorded, begun(6006, 2)));
        assert.equal((await recorded.find('shop-6006')).completionState, 'IN_PROGRESS');

        writeFileSync(join(project.dir, 'ran'), '');
        const again = await project.test(['--last-failed'], { ...githubJob(6006, 2), ...build });
        assert.equal(again.code, 0, again.stdout);
        assert.deepEqual(ran(project), ['m two']);
        const run = await recorded.find('shop-6006');
        assert.deepEqual([run.completionState, run.status], ['COMPLETE', 'PASSED']);
        assert.equal(run.groups[0].tests.passes, 3);
    });

    test('a machine that is told to go gives its specs back, and what it still sends completes none', async (t) => {
        const recorded = await Recorded.start(t);
        const project = new Project(recorded, 'signal', {
            config: { projects: [{ name: 'alpha' }] },
            specs: specs(['a', 'b'], 4_000),
        });
        const env = { CURRENTS_CI_BUILD_ID: 'signal' };
        const going = project.start('pwc-p', ['run', '--pwc-batch-size', '1', '--pwc-reset-signal', 'SIGUSR2'], {
            RAN: join(project.dir, 'ran'),
            CURRENTS_MACHINE_ID: 'spot-1',
            ...env,
        });
        await until('it to be at work', () => ran(project).length === 1);
        going.child.kill('SIGUSR2');
        await exit(going);
        const open = await recorded.find('signal');
        assert.equal(open.completionState, 'IN_PROGRESS', going.stdout);
        assert.ok(open.specs.every(({ completedAt, machineId }) => completedAt === null && machineId === null));
        const next = machine(project, 'spot-2', env);
        assert.equal(await exit(next), 0, next.stdout);
        const run = await recorded.find('signal');
        assert.equal(run.completionState, 'COMPLETE');
        assert.deepEqual(run.groups[0].tests.passes, 2);
        assert.ok(run.specs.every(({ machineId }) => machineId === 'spot-2'));
    });

    test('a cancelled run ends its machines', async (t) => {
        const recorded = await Recorded.start(t);
        const project = new Project(recorded, 'stopped', {
            config: { projects: [{ name: 'alpha' }] },
            specs: specs(['a', 'b', 'c', 'd', 'e', 'f'], 1_000),
        });
        const running = machine(project, 'runner-1', githubJob(5005));
        await until('it to be at work', () => ran(project).length === 1);
        await send(recorded, cancelled(5005));
        assert.equal(await exit(running), 1, running.stdout);
        assert.match(running.stdout + running.stderr, /Run is cancelled/);
        const run = await recorded.find('octo/demo-5005-1');
        assert.equal(run.completionState, 'CANCELED');
        assert.ok(ran(project).length < 6);
    });

    test('a server that is killed in mid-run loses nothing, and hands nothing out twice', async (t) => {
        const recorded = await Recorded.start(t);
        const names = ['a', 'b', 'c'];
        const project = new Project(recorded, 'killed', {
            config: { projects: [{ name: 'alpha' }] },
            specs: specs(names, 2_000),
        });
        const running = machine(project, 'runner-1', { CURRENTS_CI_BUILD_ID: 'killed' });
        await until('it to be at work', () => ran(project).length === 1);
        await recorded.restart();
        await until('the next one', () => ran(project).length === 2);
        await recorded.restart();
        assert.equal(await exit(running), 0, running.stdout);
        assert.deepEqual(ran(project).sort(), names.map((name) => `runner-1 ${name}`));
        const run = await recorded.find('killed');
        assert.equal(run.completionState, 'COMPLETE');
        assert.equal(run.groups[0].tests.passes, 3);
    });
});
