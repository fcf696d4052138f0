// SPDX-License-Identifier: MIT
// The official MCP server, @currents/mcp, unchanged, over stdio, as an assistant starts it. Every tool
// of this version that asks for projects, runs or instances is called.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join, dirname } from 'node:path';
import test from 'node:test';
import { Api } from './recording.mjs';

const deps = createRequire(new URL('../.deps/package.json', import.meta.url));
const { Client } = deps('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = deps('@modelcontextprotocol/sdk/client/stdio.js');
const server = join(dirname(deps.resolve('@currents/mcp/package.json')), 'build/index.js');

async function connect(t, api) {
    const transport = new StdioClientTransport({
        command: process.execPath,
        args: [server],
        env: {
            PATH: process.env.PATH,
            CURRENTS_API_URL: `http://${api.address}/v1`,
            CURRENTS_API_KEY: api.place.secrets.CURRENTS_API_KEY,
        },
        stderr: 'ignore',
    });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    t.after(() => client.close());
    return client;
}

test('projects, runs, a run and an instance, as the MCP server shows them', async (t) => {
    const api = await Api.start(t);
    for (let i = 2; i <= 12; ++i) await api.place.agent(['projects', 'set', `p${i}`]);
    const made = [];
    for (let i = 0; i < 4; ++i) made.unshift((await api.halfARun({ ciBuildId: `b${i}` })).runId);
    const client = await connect(t, api);
    const call = async (name, args = {}) => {
        const { content, isError } = await client.callTool({ name, arguments: args });
        assert.ok(!isError, content[0].text);
        return content[0].text;
    };
    const json = async (name, args) => JSON.parse(await call(name, args));

    const { tools } = await client.listTools();
    const known = tools.map((tool) => tool.name);
    const needed = [
        'currents-get-projects', 'currents-get-runs', 'currents-get-run-details', 'currents-get-spec-instance',
    ];
    for (const name of needed) assert.ok(known.includes(name), name);

    // More than a page of them: the server follows the cursors.
    const projects = await json('currents-get-projects');
    assert.equal(projects.length, 12);
    const first = await json('currents-get-runs', { projectId: 'p1', limit: 3 });
    assert.deepEqual(first.data.map((run) => run.runId), made.slice(0, 3));
    assert.equal(first.has_more, true);
    const cursor = first.data.at(-1).cursor;
    const rest = await json('currents-get-runs', { projectId: 'p1', limit: 3, cursor });
    assert.deepEqual([rest.data.map((run) => run.runId), rest.has_more], [made.slice(3), false]);

    const { data: run } = await json('currents-get-run-details', { runId: made[0] });
    assert.deepEqual([run.completionState, run.status, run.specs.length], ['IN_PROGRESS', 'FAILING', 2]);
    const { data: instance } = await json('currents-get-spec-instance', { instanceId: run.specs[0].instanceId });
    assert.equal(instance.results.tests.length, 2);
    assert.match(await call('currents-get-run-details', { runId: 'nobody' }), /Failed to retrieve/);
});
