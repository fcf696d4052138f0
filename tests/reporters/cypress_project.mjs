// SPDX-License-Identifier: MIT
// A Cypress project of a test's own, recorded by cypress-cloud from npm, unchanged, which starts the
// stand-in for the cypress program (cypress/index.js).
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../.deps/node_modules', import.meta.url));
const cypressCloud = join(modules, '.bin/cypress-cloud');
const patience = 60_000;

export class CypressProject {
    // `specs` are lists of what comes of their tests, by file name; see cypress/index.js.
    constructor(recorded, name, specs, { video = false, batchSize = 3 } = {}) {
        this.recorded = recorded;
        this.dir = join(recorded.place.dir, name);
        this.ran = join(this.dir, 'ran');
        mkdirSync(join(this.dir, 'cypress/e2e'), { recursive: true });
        symlinkSync(modules, join(this.dir, 'node_modules'));
        this.#write('package.json', '{"type":"module"}');
        this.#write('currents.config.js', `export default { e2e: { batchSize: ${batchSize} } };`);
        this.#write(
            'cypress.config.js',
            `import { appendFileSync } from 'node:fs';
import { cloudPlugin } from 'cypress-cloud/plugin';
export default {
    video: ${video},
    e2e: {
        specPattern: 'cypress/e2e/**/*.cy.js',
        async setupNodeEvents(on, config) {
            const told = {};
            await cloudPlugin((event, handler) => (told[event] = handler), config);
            on('before:spec', (spec) => {
                appendFileSync(${JSON.stringify(this.ran)}, process.env.MACHINE + ' ' + spec.relative + '\\n');
                return told['before:spec'](spec);
            });
            on('after:spec', told['after:spec']);
            return config;
        },
    },
};`,
        );
        for (const [file, tests] of Object.entries(specs))
            this.#write(`cypress/e2e/${file}.cy.js`, `export default ${JSON.stringify(tests)};`);
    }

    #write(file, text) {
        writeFileSync(join(this.dir, file), text);
    }

    // "machine spec" for each spec that a machine has begun, in their order.
    begun() {
        if (!existsSync(this.ran)) return [];
        const shortened = (line) => line.replace('cypress/e2e/', '').replace('.cy.js', '');
        return readFileSync(this.ran, 'utf8').trim().split('\n').map(shortened);
    }

    // A machine, as a job's environment is; its `done` is a promise of its exit code.
    start(machine, { program = cypressCloud, args = ['--parallel'], env = {}, address = this.recorded.address } = {}) {
        const { place } = this.recorded;
        const running = place.launch(
            process.execPath,
            [program, ...args],
            {
                PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
                HOME: place.dir,
                TMPDIR: place.dir,
                CURRENTS_API_URL: `http://${address}`,
                CURRENTS_RECORD_KEY: place.secrets.CURRENTS_RECORD_KEY,
                CURRENTS_PROJECT_ID: 'p1',
                CURRENTS_MACHINE_ID: machine,
                MACHINE: machine,
                ...env,
            },
            this.dir,
        );
        running.child.stdin.end();
        running.done = this.#done(running);
        return running;
    }

    async #done(running) {
        const timer = setTimeout(() => running.child.kill('SIGKILL'), patience);
        const { code, signal } = await running.ended;
        clearTimeout(timer);
        return code ?? signal;
    }
}

// What the specs say that comes of their tests, counted as the contract has it.
export function countsOf(specs) {
    const tests = Object.values(specs).flat();
    const last = ({ attempts = ['passed'] }) => attempts.at(-1);
    const count = (state) => tests.filter((test) => last(test) === state).length;
    return {
        overall: tests.length,
        passes: count('passed'),
        failures: count('failed'),
        pending: count('pending'),
        skipped: count('skipped'),
        flaky: tests.filter((test) => last(test) === 'passed' && test.attempts?.length > 1).length,
        retries: tests.reduce((sum, { attempts = ['passed'] }) => sum + attempts.length - 1, 0),
    };
}

// Passing tests that take their time.
export const slow = (names, milliseconds) =>
    Object.fromEntries(names.map((name) => [name, [{ title: [name], wait: milliseconds }]]));

export function assertCounts(run, wanted) {
    const { tests } = run.groups[0];
    for (const [name, value] of Object.entries(wanted))
        assert.equal(tests[name], value, `${name} of ${JSON.stringify(tests)}`);
}
