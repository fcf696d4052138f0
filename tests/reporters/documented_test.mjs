// SPDX-License-Identifier: MIT
// Every command of "Point the official clients at it" in docs/embedded-runs-api.md, as it stands there, with
// the packages from npm. One that the documents gain or lose fails here.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { CypressProject } from './cypress_project.mjs';
import { Project, Recorded, githubJob } from './project.mjs';

const document = readFileSync(new URL('../../docs/embedded-runs-api.md', import.meta.url), 'utf8');
const chapter = /\n## Point the official clients at it\n(.*?)\n## /s.exec(document)[1];
const blocks = (language) => [...chapter.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text);
const commands = blocks('sh').join('').split('\n')
    .filter((line) => line.startsWith('npx '))
    .map((line) => line.replace(/ +#.*/, '').slice('npx '.length));
const [target, assistant] = blocks('json').map((text) => JSON.parse(text));

const config = `
import { currentsReporter } from '@currents/playwright';
export default { testDir: 'tests', workers: 1, projects: [{ name: 'alpha' }], reporter: [currentsReporter()] };`;
const junit = '<testsuites name="shop"><testsuite name="c.spec.ts" file="c.spec.ts" tests="1">' +
    '<testcase name="pays" classname="c" file="c.spec.ts" time="0.1"/></testsuite></testsuites>';
let job = 5000;

// Runs commands one after the other in a project, each as a job of a run of its own, which it records.
async function recordedBy(recorded, project, wanted) {
    for (const command of wanted) {
        const [program, ...args] = command.split(' ');
        const runId = ++job;
        const running = project.start(program, args, githubJob(runId));
        const { code } = await running.ended;
        assert.equal(code, 0, `${command}\n${running.stdout}${running.stderr}`);
        const run = await recorded.find(`octo/demo-${runId}-1`);
        assert.deepEqual([run?.completionState, run?.status], ['COMPLETE', 'PASSED'], `${command}\n${running.stdout}`);
    }
}

const byProgram = (...programs) => commands.filter((command) => programs.includes(command.split(' ')[0]));

describe('the documented commands', { concurrency: 2 }, () => {
    test('are all tried', () => {
        assert.deepEqual([...new Set(commands.map((command) => command.split(' ')[0]))].sort(),
            ['currents', 'cypress-cloud', 'jest', 'nx', 'playwright', 'pwc', 'pwc-p']);
    });

    test('of Playwright', async (t) => {
        const recorded = await Recorded.start(t);
        const project = new Project(recorded, 'shop', { specs: { 'a.spec.js': `test('passes', () => expect(1).toBe(1));` } });
        writeFileSync(join(project.dir, 'playwright.config.js'), config);
        await recordedBy(recorded, project, byProgram('playwright', 'pwc', 'pwc-p'));
    });

    test('of Cypress, and of Nx', async (t) => {
        const recorded = await Recorded.start(t);
        const cypress = new CypressProject(recorded, 'shop', { a: [{ title: ['passes'] }] });
        const write = (file, value) => writeFileSync(join(cypress.dir, file), JSON.stringify(value));
        write('package.json', { name: 'shop', private: true, type: 'module' });
        write('nx.json', {});
        write('project.json', { name: 'shop-e2e', ...target });
        const quiet = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' };
        const start = (program, args, env) =>
            cypress.start('runner-1', { program: join(cypress.dir, 'node_modules/.bin', program), args, env: { ...quiet, ...env } });
        await recordedBy(recorded, { start }, byProgram('cypress-cloud', 'nx'));
    });

    test('of Jest and of the command line', async (t) => {
        const recorded = await Recorded.start(t);
        const project = new Project(recorded, 'shop', { specs: {} });
        writeFileSync(join(project.dir, 'package.json'), '{}');
        writeFileSync(join(project.dir, 'sum.test.js'), `test('adds', () => expect(1 + 1).toBe(2));`);
        writeFileSync(join(project.dir, 'junit.xml'), junit);
        mkdirSync(join(project.dir, 'some/folder'), { recursive: true });
        mkdirSync(join(project.dir, 'test-results'));
        writeFileSync(join(project.dir, 'some/folder/file'), 'kept');
        writeFileSync(join(project.dir, 'test-results/.last-run.json'), '{"status":"failed","failedTests":["t1"]}');
        const runId = ++job;
        const env = {
            ...githubJob(runId), GITHUB_JOB: 'e2e', CURRENTS_REST_API_URL: `http://${recorded.address}`,
            CURRENTS_API_KEY: recorded.place.secrets.CURRENTS_API_KEY,
            COMMIT_INFO_BRANCH: 'main', COMMIT_INFO_SHA: '0123456789abcdef0123456789abcdef01234567', COMMIT_INFO_MESSAGE: 'Sell more',
        };
        const state = async (ciBuildId) => (await recorded.find(ciBuildId))?.completionState;
        const after = {
            'currents upload': async () => assert.equal(await state(`octo/demo-${runId}-1`), 'COMPLETE'),
            'currents upload --ci-build-id build-1 --report-dir results --tag nightly': async () => assert.equal(await state('build-1'), 'COMPLETE'),
            'currents cancel --ci-build-id build-1': async () => assert.equal(await state('build-1'), 'CANCELED'),
            'currents api get-run --ci-build-id build-1 --output run.json': () =>
                assert.equal(JSON.parse(readFileSync(join(project.dir, 'run.json'))).completionState, 'CANCELED'),
            'currents api get-run --ci-build-id build-1 --pw-last-run --output test-results/.last-run.json': () =>
                assert.deepEqual(JSON.parse(readFileSync(join(project.dir, 'test-results/.last-run.json'))).failedTests, []),
            'currents cache get --preset last-run --continue': () => assert.ok(existsSync(join(project.dir, '.currents_env'))),
        };
        const tried = byProgram('jest', 'currents');
        for (const command of Object.keys(after)) assert.ok(tried.includes(command), `${command} is documented no more`);
        for (const command of tried) {
            const [program, ...args] = command.split(' ');
            const running = project.start(program, args, env);
            const { code } = await running.ended;
            assert.equal(code, 0, `${command}\n${running.stdout}${running.stderr}`);
            await after[command]?.();
        }
    });

    test('of the MCP server', async (t) => {
        const recorded = await Recorded.start(t);
        const deps = createRequire(new URL('../.deps/package.json', import.meta.url));
        const { Client } = deps('@modelcontextprotocol/sdk/client/index.js');
        const { StdioClientTransport } = deps('@modelcontextprotocol/sdk/client/stdio.js');
        const { args, env } = assistant.mcpServers.currents;
        const manifest = deps.resolve(`${args.at(-1)}/package.json`);
        const client = new Client({ name: 'test', version: '1' });
        await client.connect(new StdioClientTransport({
            command: process.execPath,
            args: [join(dirname(manifest), deps(manifest).bin)],
            env: {
                ...env, PATH: process.env.PATH, CURRENTS_API_KEY: recorded.place.secrets.CURRENTS_API_KEY,
                CURRENTS_API_URL: env.CURRENTS_API_URL.replace('127.0.0.1:4000', recorded.address),
            },
            stderr: 'ignore',
        }));
        t.after(() => client.close());
        const { content, isError } = await client.callTool({ name: 'currents-get-projects', arguments: {} });
        assert.ok(!isError && content[0].text.includes('p1'), content[0].text);
    });
});
