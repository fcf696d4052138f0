// SPDX-License-Identifier: MIT
// The HTTP API, held against its OpenAPI document: every answer of every address, and the same JSON as
// the command line's.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { until } from '../system/program.mjs';
import { tokens } from './browser.mjs';
import { scene } from './scenes.mjs';

const deps = createRequire(new URL('../.deps/package.json', import.meta.url));
const Ajv = deps('ajv/dist/2020').default;
const addFormats = deps('ajv-formats').default;

// Checks each answer against the document.
class Checked {
    static async of(agent) {
        const made = new Checked();
        made.agent = agent;
        made.document = (await agent.api('openapi.json', { token: '' })).json;
        made.ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
        made.ajv.addSchema({ $id: 'doc', ...made.document });
        made.seen = new Set();
        return made;
    }

    find(path, method) {
        const given = `/api/${path.split('?')[0]}`;
        const fits = (template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(given);
        const exact = this.document.paths[given] ? given : Object.keys(this.document.paths).find(fits);
        assert.ok(exact, `${given} is not described`);
        return [exact, this.document.paths[exact][method.toLowerCase()]];
    }

    fault({ status, json }, operation, template) {
        let response = operation?.responses[status];
        if (response?.$ref) response = this.document.components.responses[response.$ref.split('/').at(-1)];
        if (!response) return `${template}: ${status} is not described`;
        const schema = JSON.parse(JSON.stringify(response.content['application/json'].schema).replaceAll('"#/', '"doc#/'));
        const validate = this.ajv.compile(schema);
        return validate(json) ? '' : `${template}: ${this.ajv.errorsText(validate.errors)}`;
    }

    async ask(path, wanted = 200, options = {}) {
        const answer = await this.agent.api(path, options);
        assert.equal(answer.status, wanted, `${path}: ${answer.body}`);
        const method = options.method ?? 'GET';
        const [template, operation] = this.find(path, method);
        assert.equal(this.fault(answer, operation, template), '');
        this.seen.add(`${method} ${template} ${wanted}`);
        return answer.json;
    }
}

test('the document is valid, and a misfit would be found', async (t) => {
    const agent = await scene(t);
    const api = await Checked.of(agent);
    const { Validator } = await import(deps.resolve('@seriousme/openapi-schema-validator'));
    const { valid, errors } = await new Validator().validate(structuredClone(api.document));
    assert.ok(valid, JSON.stringify(errors));
    const health = await agent.api('health');
    const [template, operation] = api.find('health', 'GET');
    assert.equal(api.fault(health, operation, template), '');
    assert.match(api.fault({ status: 200, json: { ...health.json, held: 'x' } }, operation, template), /held/);
    assert.match(api.fault({ status: 200, json: { ...health.json, more: 1 } }, operation, template), /additional/);
    assert.match(api.fault({ status: 418, json: {} }, operation, template), /not described/);
});

test('every address answers as it is described', async (t) => {
    const agent = await scene(t, { heldToo: true });
    const api = await Checked.of(agent);
    const ask = (...all) => api.ask(...all);
    const all = await ask('deliveries?limit=3');
    assert.equal(all.deliveries.length, 3);
    const more = await ask(`deliveries?limit=500&before=${all.next}`);
    assert.equal(more.deliveries.length, agent.sent - 3);
    assert.equal(more.next, null);
    const { deliveries: newer } = await ask(`deliveries?after=${more.deliveries[0].delivery}`);
    assert.deepEqual(newer, all.deliveries);
    await ask('deliveries?q=colour:red', 400);
    await ask('deliveries?limit=0', 400);
    await ask('deliveries?before=nobody', 404);
    await ask('deliveries', 401, { token: '' });

    const [dead, other] = (await ask('deliveries?q=state:dead')).deliveries;
    const detail = await ask(`deliveries/${dead.delivery}`);
    assert.equal(detail.calls[0].state, 'dead');
    assert.deepEqual(detail, await agent.place.data(['deliveries', 'show', dead.delivery]), 'the same as the command line');
    await ask('deliveries/nobody', 404);
    assert.equal((await ask(`deliveries/${dead.delivery}/payload`)).workflow_run.id, Number(dead.githubRunId));
    await ask('deliveries/nobody/payload', 404);
    const run = await ask('runs/github.com/octo/shop/1001');
    assert.ok(run.deliveries.some(({ job }) => job === 'e2e (1, chrome)'));
    await ask('runs/github.com/octo/shop/424242', 404);
    await ask('runs/github.com/octo/shop/x', 404);
    assert.equal((await ask('health')).held, 1);
    const setup = await ask('setup?repository=octo/shop&workflow=e2e&branch=main');
    assert.deepEqual(setup.findings.filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check), ['held_calls', 'dead_letters']);
    assert.equal(setup.findings.find(({ check }) => check === 'rule').of, 'octo/shop');
    assert.ok(!(await ask('setup')).findings.some(({ check }) => check === 'rule'));
    const { hours } = await ask('counts');
    assert.equal(hours.length, 24);
    assert.equal(hours.reduce((sum, { deliveries }) => sum + deliveries, 0), agent.sent);

    const post = (path, wanted, body, more = {}) => ask(path, wanted, { method: 'POST', body, ...more });
    await post('deliveries/replay', 400, {});
    await post('deliveries/replay', 400, { q: 'state:dead', atMost: 0 });
    await post('deliveries/drop', 403, { q: 'state:dead' }, { token: tokens.read });
    await post(`deliveries/${dead.delivery}/drop`, 403, {}, { token: tokens.read });
    const tried = await post('deliveries/drop', 200, { q: 'state:dead', dryRun: true });
    assert.deepEqual(tried, { deliveries: 2, calls: 2, leftAlone: [], more: false });
    const bounded = await post('deliveries/drop', 200, { q: 'state:dead', atMost: 1, reason: 'tidying' }, { headers: { 'X-Actor': 'ci' } });
    assert.deepEqual(bounded, { deliveries: 1, calls: 1, leftAlone: [], more: true });
    // What has nothing left to do is left alone, and counted.
    const both = await post('deliveries/drop', 200, { ids: [dead.delivery, other.delivery] });
    assert.equal(both.deliveries, 1);
    assert.equal(both.leftAlone[0].deliveries, 1);
    await post('deliveries/nobody/replay', 404, {});
    await post('deliveries/nobody/drop', 404, {});
    await post(`deliveries/${dead.delivery}/replay`, 200, { reason: 'once more' });
    const { acts } = await ask('acts?limit=10');
    assert.deepEqual(acts.map(({ act, actor, reason }) => [act, actor, reason]), [
        ['replay', 'api', 'once more'], ['drop', 'api', null], ['drop', 'api: ci', 'tidying'],
    ]);
    assert.equal((await ask(`acts?delivery=${other.delivery}`)).acts.length, 1);
    await ask('acts?limit=x', 400);
    // Each operation was asked, and answered well.
    for (const [template, operations] of Object.entries(api.document.paths))
        for (const method of ['get', 'post'].filter((one) => operations[one] && !template.endsWith('openapi.json'))) {
            const answers = [...api.seen].filter((one) => one.startsWith(`${method.toUpperCase()} ${template} `));
            assert.ok(answers.length > 0, `${method} ${template} was not asked`);
        }
    // A method that is not described is not there.
    for (const [template, operations] of Object.entries(api.document.paths)) {
        if (template.endsWith('openapi.json')) continue;
        for (const method of ['GET', 'POST', 'PUT', 'DELETE'].filter((one) => !operations[one.toLowerCase()])) {
            const { status } = await agent.api(template.slice('/api/'.length).replaceAll(/\{\w+\}/g, '1'), { method });
            // "replay" is an id, too, where a delivery is asked for.
            assert.equal(status, 405, `${method} ${template}`);
        }
    }
});

test('the command line takes the same filter', async (t) => {
    const agent = await scene(t);
    const list = async (...args) => (await agent.place.agent(['deliveries', 'list', '--json', ...args])).stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
    const dead = (await agent.api('deliveries?q=state:dead')).json.deliveries;
    assert.deepEqual(await list('--dead'), dead);
    assert.deepEqual(await list('--filter', 'state:dead repo:octo/*'), dead);
    assert.deepEqual(await list('--state', 'dead', '--since', '24h', '--repository', 'OCTO/legacy'), dead);
    assert.deepEqual(await list('--filter', 'state:dead', 'repo:nobody/*'), []);
    const wrong = await agent.place.agent(['deliveries', 'list', '--filter', 'colour:red']);
    assert.equal(wrong.code, 2);
    const tried = await agent.place.agent(['deliveries', 'drop', '--dead', '--dry-run']);
    assert.match(tried.stdout, /^would drop 2 deliveries \(2 calls\)/);
    const done = await agent.place.agent(['deliveries', 'drop', '--dead', '--reason', 'tidying'], { env: { USER: 'ada' } });
    assert.match(done.stdout, /^dropped 2 deliveries \(2 calls\)\n$/);
    for (const args of [[], ['72d', '--dead']])
        assert.equal((await agent.place.agent(['deliveries', 'replay', ...args])).code, 2, 'one or a filter');
    const { stdout } = await agent.place.agent(['deliveries', 'acts']);
    assert.match(stdout, /drop {2}[0-9a-f-]+ {2}by command line: ada: tidying \(one of state:dead\)/);
    const shown = await agent.place.agent(['deliveries', 'show', dead[0].delivery]);
    assert.match(shown.stdout, /by hand\n.*drop .*tidying/);
    const replays = async () => [...(await agent.daemon.get('/metrics')).body.matchAll(/^runs_agent_replays_total\{source="(\w+)"\} (\d+)$/gm)].map(([, source, count]) => `${source} ${count}`);
    assert.deepEqual(await replays(), ['page 0', 'api 0', 'command_line 0']);
    assert.equal((await agent.place.agent(['deliveries', 'replay', dead[0].delivery])).code, 0);
    await agent.api(`deliveries/${dead[1].delivery}/replay`, { method: 'POST', body: {} });
    await until('both to be counted', async () => JSON.stringify(await replays()) === JSON.stringify(['page 0', 'api 1', 'command_line 1']));
    const { acts } = (await agent.api('acts')).json;
    assert.deepEqual(acts, (await agent.place.data(['deliveries', 'acts'])).acts);
});
