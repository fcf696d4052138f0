// SPDX-License-Identifier: MIT
// A stand-in for the cypress program's module API, as far as cypress-cloud uses it: run() calls the
// project's plugins as Cypress does, and gives the results in the form of Cypress 13. Its spec files
// say what comes of their tests: `export default [{title, attempts, screenshots, wait, error}]`.
// Source: Cypress's documentation, "Module API" and "after:spec".
'use strict';
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, join, relative, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const load = async (file) => (await import(pathToFileURL(file))).default;

// The project's configuration as plugins see it, and what they want to be told.
async function boot(project, env) {
    const projectRoot = resolve(project ?? process.cwd());
    const raw = await load(join(projectRoot, 'cypress.config.js'));
    const config = {
        projectRoot,
        env: { ...raw.env, ...env },
        specPattern: raw.e2e.specPattern,
        rawJson: { e2e: { specPattern: raw.e2e.specPattern } },
        resolved: { excludeSpecPattern: { value: [] } },
        browsers: [{ name: 'electron', displayName: 'Electron', version: '118', path: '' }],
        video: raw.video ?? false,
    };
    const handlers = {};
    await raw.e2e.setupNodeEvents((event, handler) => (handlers[event] = handler), config);
    return { config, handlers };
}

const now = () => new Date().toISOString();

// A picture of one point, as PNG.
const picture = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=',
    'base64',
);

function takeScreenshot(config, spec, testId, testAttemptIndex) {
    const dir = join(config.projectRoot, 'cypress/screenshots', spec.name);
    mkdirSync(dir, { recursive: true });
    const path = join(dir, `${testId}-${testAttemptIndex}.png`);
    writeFileSync(path, picture);
    return { screenshotId: `${testId}-${testAttemptIndex}`, name: null, testId, testAttemptIndex, takenAt: now(), path, height: 1, width: 1 };
}

async function runTest(test, index, config, spec) {
    const attempts = [];
    const screenshots = [];
    for (const [number, state] of (test.attempts ?? ['passed']).entries()) {
        const wallClockStartedAt = now();
        const begun = Date.now();
        if (test.wait) await new Promise((done) => setTimeout(done, test.wait));
        const error = state === 'failed' ? { name: 'AssertionError', message: 'expected 1 to equal 2', stack: 'AssertionError: expected 1 to equal 2\n    at cy' } : null;
        if (number < (test.screenshots ?? 0)) screenshots.push(takeScreenshot(config, spec, `r${index + 3}`, number));
        attempts.push({ state, error, wallClockStartedAt, wallClockDuration: Date.now() - begun, videoTimestamp: null });
    }
    const { state, error } = attempts.at(-1);
    return {
        screenshots,
        result: { testId: `r${index + 3}`, title: test.title, state, body: '() => {}', displayError: error && error.stack, attempts },
    };
}

// What the plugins have said to whoever started this is read when a later connection is answered. (The
// program itself takes its time to end.)
async function heard({ currents_ws: port }) {
    if (!port) return;
    await new Promise((done) => {
        const later = new WebSocket(`ws://localhost:${port}`);
        later.onopen = later.onerror = () => {
            later.close();
            done();
        };
    });
}

function statsOf(tests, startedAt, duration) {
    const count = (state) => tests.filter((test) => test.state === state).length;
    return {
        suites: 1,
        tests: tests.length,
        passes: count('passed'),
        pending: count('pending'),
        skipped: count('skipped'),
        failures: count('failed'),
        wallClockStartedAt: startedAt,
        wallClockEndedAt: now(),
        wallClockDuration: duration,
    };
}

async function runSpec(file, { config, handlers }) {
    const path = relative(config.projectRoot, file);
    const spec = { name: basename(file), relative: path, absolute: file, relativeToCommonRoot: basename(file) };
    await handlers['before:spec']?.(spec);
    console.log(`  Running:  ${path}`);
    const startedAt = now();
    const begun = Date.now();
    const outcomes = [];
    for (const [index, test] of (await load(file)).entries()) outcomes.push(await runTest(test, index, config, spec));
    const tests = outcomes.map(({ result }) => result);
    let video = null;
    if (config.video) {
        video = join(config.projectRoot, 'cypress/videos', `${spec.name}.mp4`);
        mkdirSync(join(config.projectRoot, 'cypress/videos'), { recursive: true });
        writeFileSync(video, `a video of ${path}`);
    }
    const stats = statsOf(tests, startedAt, Date.now() - begun);
    const results = {
        stats,
        reporter: 'spec',
        reporterStats: { suites: 1, tests: tests.length, passes: stats.passes, pending: stats.pending, failures: stats.failures },
        hooks: [],
        tests,
        error: null,
        video,
        spec,
        screenshots: outcomes.flatMap(({ screenshots }) => screenshots),
        shouldUploadVideo: true,
    };
    await handlers['after:spec']?.(spec, results);
    await heard(config.env);
    return results;
}

// A run of the module API has other names for some of it.
function ofModuleApi({ screenshots, stats, tests, ...rest }) {
    const attempt = ({ wallClockStartedAt, wallClockDuration, ...more }) => ({ ...more, startedAt: wallClockStartedAt, duration: wallClockDuration, screenshots: [] });
    return {
        ...rest,
        stats: { ...stats, startedAt: stats.wallClockStartedAt, endedAt: stats.wallClockEndedAt, duration: stats.wallClockDuration },
        tests: tests.map((test) => ({ ...test, attempts: test.attempts.map(attempt) })),
    };
}

async function run(options) {
    const booted = await boot(options.project, options.env);
    const runs = [];
    for (const file of options.spec.split(',')) {
        if (!existsSync(file)) throw new Error(`no spec file ${file}`);
        runs.push(ofModuleApi(await runSpec(file, booted)));
    }
    const sum = (name) => runs.reduce((all, { stats }) => all + stats[name], 0);
    return {
        status: 'finished',
        config: booted.config,
        runs,
        startedTestsAt: runs[0].stats.startedAt,
        endedTestsAt: runs.at(-1).stats.endedAt,
        totalDuration: sum('duration'),
        totalSuites: sum('suites'),
        totalTests: sum('tests'),
        totalPassed: sum('passes'),
        totalFailed: sum('failures'),
        totalPending: sum('pending'),
        totalSkipped: sum('skipped'),
        browserName: 'electron',
        browserVersion: '118',
        osName: process.platform,
        cypressVersion: JSON.parse(readFileSync(join(__dirname, 'package.json'))).version,
    };
}

module.exports = { boot, run };
