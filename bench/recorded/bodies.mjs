// SPDX-License-Identifier: MIT
// What @currents/playwright 2.5.0 sends, of a suite whose tests are numbers.
const ids = (test) => `4bb17c2992a2b9ccc470-${String(test).padStart(20, '0')}`;
const time = () => new Date().toISOString();
const location = { column: 37, file: '/srv/shop/tests/checkout.spec.ts', line: 2 };

export const specOf = (test, perSpec) => `tests/shop/checkout-${Math.floor(test / perSpec)}.spec.ts`;
const named = (test, perSpec) => ({ testId: ids(test), spec: specOf(test, perSpec), title: ['the shop', `takes order ${test}`] });

const job = (runId) => ({
    provider: 'githubActions', ciBuildId: { source: 'server', value: null },
    params: { githubActions: 'true', githubWorkflow: 'e2e', githubJob: 'test', githubRunId: String(runId), githubRunAttempt: '1',
        githubRepository: 'octo/shop', githubRef: 'refs/heads/main', githubRefName: 'main',
        githubSha: '0123456789abcdef0123456789abcdef01234567' },
});

// The whole suite as it stands in each machine's announcement, made once.
export function suiteOf(tests, perSpec) {
    const all = Array.from({ length: tests }, (_, test) => ({ isOnly: false, ...named(test, perSpec), tags: [] }));
    return JSON.stringify([{ name: 'shop', tags: [], tests: all }]);
}

// POST /runs/v1; `own` are the tests of this machine.
export function announcement({ key, runId, machineId, own, perSpec, suite }) {
    const whole = {
        platform: { browserName: 'chromium', browserVersion: '140', osName: 'linux', osVersion: 'Debian - 12', osCpus: [], osMemory: { free: 1, total: 2 } },
        commit: { branch: 'main', remoteOrigin: null, authorEmail: null, authorName: null, message: null, sha: '0123456789abcdef0123456789abcdef01234567', ghaEventData: null },
        ci: job(runId), group: 'shop', browser: { name: 'chromium', version: '140' }, tests: own.map((test) => named(test, perSpec)),
        config: { pw: { argv: ['/usr/bin/node', 'playwright', 'test'], workers: 8, version: '1.65.1' }, currents: { removeTitleTags: false, disableTestTags: false } },
        projectId: 'bench', recordKey: key, machineId, tags: [], coverage: [],
    };
    return `${JSON.stringify(whole).slice(0, -1)},"fullTestSuite":${suite}}`;
}

export const beginning = ({ runId, machineId, spec, worker }) => JSON.stringify({
    runId, groupId: 'shop', machineId, spec, worker: { workerIndex: worker, parallelIndex: worker }, startTime: time(),
});

// Steps of a test that does something, of about so many bytes.
function steps(bytes) {
    const one = { title: 'Click getByRole(\'button\', { name: \'Add to cart\' })', category: 'pw:api', duration: 12, steps: [], startTime: time(), location };
    return Array.from({ length: Math.max(1, Math.round(bytes / JSON.stringify(one).length)) }, () => one);
}

function attempt(worker, done, bytes) {
    return {
        _s: done ? 'passed' : 'pending', _e: done ? 3 : 0, attempt: 0, steps: bytes > 0 ? steps(bytes) : [], workerIndex: worker, parallelIndex: worker,
        startTime: time(), ...(done ? { duration: 900, status: 'passed' } : {}), stdout: [], stderr: [], errors: [],
    };
}

// POST /test-record of a test that begins, or (`done`) of one that was quick.
export function testRecord({ runId, instanceId, machineId, test, perSpec, worker, done, bytes }) {
    const { testId, spec, title } = named(test, perSpec);
    return JSON.stringify({
        _v: 0, _ct: time(), _t: 0, _s: done ? 'passed' : 'pending', _d: done, _f: false, runId, instanceId, testId, projectId: 'bench', groupId: 'shop',
        machineId, spec, expectedStatus: 'passed', annotations: [], tags: [], timeout: 30000, location, title, retries: 0,
        attempts: [attempt(worker, done, bytes)],
    });
}

// PUT /test-record/{id} of a test that has ended.
export const update = (worker, bytes) => JSON.stringify({
    _t: 1, _v: 0, _e: 3, _d: true, _f: false, _s: 'passed', attempts: [attempt(worker, true, bytes)], annotations: [], tags: [],
});

// A workflow_run of GitHub's, with what else it says of a repository.
export function workflowRun(id, conclusion) {
    const user = { login: 'octocat', id: 1, type: 'User', site_admin: false, avatar_url: 'https://github.com/images/error/octocat_happy.gif' };
    const repository = { id: 7, full_name: 'octo/shop', name: 'shop', default_branch: 'main', owner: user, private: false,
        ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`part${n}_url`, 'https://api.github.com/repos/octo/shop/part{/sha}'])) };
    const at = time();
    return JSON.stringify({
        action: 'completed', repository, sender: user, workflow: { id: 7, name: 'e2e', path: '.github/workflows/e2e.yml' },
        workflow_run: {
            id, run_attempt: 1, run_number: id, workflow_id: 7, name: 'e2e', path: '.github/workflows/e2e.yml', head_branch: 'main',
            head_sha: '0123456789abcdef0123456789abcdef01234567', head_repository: repository, repository, event: 'push', status: 'completed', conclusion,
            actor: user, triggering_actor: user, created_at: at, run_started_at: at, updated_at: at, pull_requests: [],
        },
    });
}
