// SPDX-License-Identifier: MIT
// Stands in front of the embedded Runs API and holds each of its answers against the OpenAPI document
// that it serves itself. Clients notice nothing: requests and answers pass unchanged.
import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

const deps = createRequire(new URL('../.deps/package.json', import.meta.url));
const Ajv = deps('ajv/dist/2020').default;
const addFormats = deps('ajv-formats').default;

const prefix = '/v1';

// An address as it is asked: of one path below several servers only the server differs.
export function wholePath(template, { servers }) {
    return ((servers?.[0].url ?? prefix) + template).replaceAll(/\/+/g, '/').replace(/\/$/, '');
}

function collect(stream) {
    return new Promise((done, failed) => {
        const chunks = [];
        stream.on('data', (chunk) => chunks.push(chunk));
        stream.on('error', failed);
        stream.on('aborted', () => failed(new Error('it broke off')));
        stream.on('end', () => done(Buffer.concat(chunks)));
    });
}

export class CheckedApi {
    target = null; // HOST:PORT of the server behind
    misfits = [];
    seen = new Set(); // "get /runs/{runId} 200"
    #validators = new Map();

    static async start() {
        const api = new CheckedApi();
        api.server = http.createServer((question, answer) => api.#pass(question, answer));
        await new Promise((done) => api.server.listen(0, '127.0.0.1', done));
        api.address = `127.0.0.1:${api.server.address().port}`;
        return api;
    }

    close() {
        this.server.closeAllConnections();
        this.server.close();
    }

    assertAllFit() {
        assert.deepEqual(this.misfits, [], 'answers that the OpenAPI document does not describe');
    }

    async #document() {
        this.document ??= fetch(`http://${this.target}${prefix}/docs/openapi.json`).then((answer) =>
            answer.json(),
        );
        return this.document;
    }

    async #pass(question, answer) {
        const body = await collect(question).catch(() => null);
        if (body === null) return;
        const [host, port] = this.target.split(':');
        const { method, url: path, headers } = question;
        const forwarded = http.request({ host, port, method, path, headers }, async (response) => {
            const bytes = await collect(response).catch(() => null);
            if (bytes === null) return answer.destroy();
            await this.#check(method, path, response, bytes).catch((error) =>
                this.misfits.push(`${method} ${path}: ${error.message}`),
            );
            answer.writeHead(response.statusCode, response.rawHeaders);
            answer.end(bytes);
        });
        forwarded.on('error', () => answer.destroy());
        forwarded.end(body);
    }

    // The operation of the document that a request asks for: below /v1, or below a server that the
    // address names itself.
    #operation(document, method, path) {
        const segments = path.split('/');
        let found = null;
        for (const [template, operations] of Object.entries(document.paths)) {
            const wanted = wholePath(template, operations).split('/');
            const fits =
                wanted.length === segments.length &&
                wanted.every((part, i) => part.startsWith('{') || part === segments[i]);
            const operation = operations[method.toLowerCase()];
            // An address without placeholders goes before one with.
            if (fits && operation && (!found || !template.includes('{'))) found = { template, operation };
        }
        return found;
    }

    #validator(document, key, schema) {
        if (!this.ajv) {
            this.ajv = new Ajv({ strict: false, allErrors: true });
            addFormats(this.ajv);
            this.ajv.addSchema({ $id: 'api:', components: document.components });
        }
        if (!this.#validators.has(key)) {
            const absolute = JSON.parse(
                JSON.stringify(schema).replaceAll('"#/components', '"api:#/components'),
            );
            this.#validators.set(key, this.ajv.compile(absolute));
        }
        return this.#validators.get(key);
    }

    // What is wrong with a value that the document describes by that schema; empty where nothing is.
    async misfitOf(name, value) {
        const schema = { $ref: `#/components/schemas/${name}` };
        const validate = this.#validator(await this.#document(), name, schema);
        return validate(value) ? '' : this.ajv.errorsText(validate.errors);
    }

    async #check(method, target, response, bytes) {
        const path = target.split('?')[0];
        if (method === 'HEAD') return; // GET without what to check
        const document = await this.#document();
        const found = this.#operation(document, method, path);
        const status = response.statusCode;
        if (!found) {
            assert.ok([404, 405].includes(status), `answered ${status}, but is not documented`);
            return;
        }
        const key = `${method.toLowerCase()} ${found.template} ${status}`;
        this.seen.add(key);
        let described = found.operation.responses[status];
        assert.ok(described, `the status ${status} is not documented`);
        if (described.$ref) described = document.components.responses[described.$ref.split('/').at(-1)];
        if (described.content['*/*']) return;
        assert.match(response.headers['content-type'] ?? '', /^application\/json/);
        const text = response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
        const validate = this.#validator(document, key, described.content['application/json'].schema);
        if (!validate(JSON.parse(text)))
            throw new Error(`${status} ${this.ajv.errorsText(validate.errors)}`);
    }
}
