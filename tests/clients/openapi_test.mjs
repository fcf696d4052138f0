// SPDX-License-Identifier: MIT
// The OpenAPI document itself: valid, true about what it says of every address, and a check that bites.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { CheckedApi, wholePath } from './checked_api.mjs';
import { Api } from './recording.mjs';

const deps = createRequire(new URL('../.deps/package.json', import.meta.url));

const fetchDocument = async (api) => (await fetch(`http://${api.address}/v1/docs/openapi.json`)).json();

test('it is a valid OpenAPI document, served without a key', async (t) => {
    const api = await Api.start(t);
    const document = await fetchDocument(api);
    const { Validator } = await import(deps.resolve('@seriousme/openapi-schema-validator'));
    const { valid, errors } = await new Validator().validate(document);
    assert.ok(valid, JSON.stringify(errors));
    assert.match(document.openapi, /^3\./);
    assert.match(document.info.version, /^\d+\.\d+\.\d+$/);
});

test('every address and method that it names is there, and no other method is', async (t) => {
    const api = await Api.start(t);
    const { paths } = await fetchDocument(api);
    const methods = ['get', 'put', 'post', 'delete', 'patch'];
    for (const [template, operations] of Object.entries(paths)) {
        const path = wholePath(template, operations).replaceAll(/\{\w+\}/g, 'x');
        for (const method of methods) {
            const { status, headers } = await api.ask(method.toUpperCase(), path, { base: '' });
            const where = `${method} ${path}`;
            if (operations[method]) assert.notEqual(status, 405, where);
            // /runs/find and /runs/cancel are ids, too, where another method is asked for.
            else if (status === 405) assert.ok(!headers.allow.toLowerCase().includes(method), where);
            else assert.match(path, /^\/v1\/runs\/(find|cancel)$/, where);
        }
    }
});

test('an answer that does not fit is found out', async (t) => {
    const api = await Api.start(t);
    const document = await fetchDocument(api);
    document.components.schemas.Project.properties.name = { type: 'integer' };
    delete document.paths['/projects/{projectId}'].get.responses['404'];
    const checked = await CheckedApi.start();
    t.after(() => checked.close());
    checked.target = api.server.addresses.api;
    checked.document = Promise.resolve(document);
    const ask = (path) =>
        fetch(`http://${checked.address}/v1${path}`, { headers: { Authorization: `Bearer ${api.key}` } });
    await ask('/projects/p1');
    await ask('/projects/nobody');
    assert.equal(checked.misfits.length, 2);
    assert.match(checked.misfits[0], /\/data\/name must be integer/);
    assert.match(checked.misfits[1], /404 is not documented/);
});
