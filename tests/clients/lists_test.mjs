// SPDX-License-Identifier: MIT
// Projects, a project's runs with cursors and filters, instances.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Api, instance, outcome, suite } from './recording.mjs';

test('projects come in pages, with what was set for them', async (t) => {
    const api = await Api.start(t);
    for (const id of ['p2', 'p3', 'p4', 'p5']) await api.place.agent(['projects', 'set', id]);
    const set = await api.place.data([
        'projects', 'set', 'p3', '--name', 'The shop', '--inactivity-timeout', '600', '--default-branch', 'trunk',
    ]);
    assert.equal(set.inactivityTimeoutSeconds, 600);
    const { data: project } = await api.get('/projects/p3');
    assert.equal(project.name, 'The shop');
    assert.deepEqual([project.inactivityTimeoutSeconds, project.defaultBranchName, project.failFast], [600, 'trunk', null]);
    assert.equal((await api.get('/projects/p1')).data.inactivityTimeoutSeconds, 1800);
    assert.equal((await api.get('/projects/nobody')).status, 404);
    for (const seconds of ['179', '43201'])
        assert.equal((await api.place.agent(['projects', 'set', 'p3', '--inactivity-timeout', seconds])).code, 2);

    const ids = async (query) => {
        const { data, hasMore } = await api.get(`/projects?${query}`);
        return [data.map((one) => one.projectId).join(), hasMore];
    };
    assert.deepEqual(await ids(''), ['p1,p2,p3,p4,p5', false]);
    assert.deepEqual(await ids('limit=2'), ['p1,p2', true]);
    const { data: [, last] } = await api.get('/projects?limit=2');
    assert.deepEqual(await ids(`limit=2&starting_after=${last.cursor}`), ['p3,p4', true]);
    assert.deepEqual(await ids('limit=2&starting_after=p4'), ['p5', false]);
    assert.deepEqual(await ids('limit=2&ending_before=p4'), ['p2,p3', true]);
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'starting_after=p1&ending_before=p3'])
        assert.equal((await api.get(`/projects?${query}`)).status, 400, query);
});

test("a project's runs: the newest first, in pages, both ways", async (t) => {
    const api = await Api.start(t);
    const made = [];
    for (let i = 0; i < 7; ++i) made.unshift((await api.halfARun({ ciBuildId: `b${i}` })).runId);
    const list = (query) => api.get(`/projects/p1/runs?${query}`);
    const pages = [];
    for (let cursor = '', more = true; more; ) {
        const { data, hasMore } = await list(`limit=3${cursor}`);
        pages.push(data.map((run) => run.runId));
        cursor = `&starting_after=${data.at(-1).cursor}`;
        more = hasMore;
    }
    assert.deepEqual(pages, [made.slice(0, 3), made.slice(3, 6), made.slice(6)]);
    const { data: oldest } = await list('limit=7');
    assert.equal(oldest[0].specs, undefined, 'lists have no specs');
    const before = await list(`limit=3&ending_before=${oldest.at(-1).cursor}`);
    assert.deepEqual([before.data.map((run) => run.runId), before.hasMore], [made.slice(3, 6), true]);
    const newest = await list(`limit=3&ending_before=${oldest[2].cursor}`);
    assert.deepEqual([newest.data.map((run) => run.runId), newest.hasMore], [made.slice(0, 2), false]);
    for (const query of ['limit=0', 'limit=101', 'starting_after=x', 'starting_after=1&ending_before=2'])
        assert.equal((await list(query)).status, 400, query);
    assert.equal((await api.get('/projects/nobody/runs')).status, 404);
});

test('a cursor of a run that was deleted misses none that was made since', async (t) => {
    const api = await Api.start(t);
    await api.wholeRun({ ciBuildId: 'b0' });
    const gone = await api.wholeRun({ ciBuildId: 'b1' });
    const { data: [{ cursor }] } = await api.get('/projects/p1/runs?limit=1');
    await api.delete(`/runs/${gone.runId}`);
    const next = await api.wholeRun({ ciBuildId: 'b2' });
    const { data } = await api.get(`/projects/p1/runs?ending_before=${cursor}`);
    assert.deepEqual(data.map((run) => run.runId), [next.runId]);
});

test("a project's runs, filtered", async (t) => {
    const api = await Api.start(t);
    let made = 0;
    const person = (authorName, branch, message) => ({ authorName, authorEmail: `${authorName}@x`, branch, message, sha: `c0ffee${++made}` });
    const make = async (ciBuildId, more, how = 'halfARun') => [ciBuildId, (await api[how]({ ciBuildId, ...more })).runId];
    const runs = Object.fromEntries([
        await make('one', { commit: person('ann', 'main', 'Sell shoes'), tags: ['a', 'b'] }),
        await make('two', { commit: person('bob', 'topic', 'Sell hats'), tags: ['a'] }, 'wholeRun'),
        await make('three', { commit: person('ann', 'topic-2', 'Mend'), tags: ['b'] }),
    ]);
    await api.put(`/runs/${runs.three}/cancel`);
    const found = async (query) => {
        const { status, data, error } = await api.get(`/projects/p1/runs?${query}`);
        assert.equal(status, 200, error);
        return data.map((run) => run.meta.ciBuildId).reverse().join();
    };
    const tomorrow = new Date(Date.now() + 864e5).toISOString();
    for (const [query, expected] of [
        ['', 'one,two,three'],
        ['branches[]=topic', 'two'],
        ['branches[]=topic&branches[]=main', 'one,two'],
        ['branches%5B%5D=topic-2', 'three'],
        ['tags[]=a&tags[]=b', 'one'],
        ['tags[]=a&tags[]=b&tag_operator=AND', 'one'],
        ['tags[]=a&tags[]=b&tag_operator=OR', 'one,two,three'],
        ['authors[]=ann', 'one,three'],
        ['authors[]=bob@x', 'two'],
        ['search=Sell', 'one,two'],
        ['search=thre', 'three'],
        ['search=sell', 'one,two'],
        ['search=THREE', 'three'],
        ['search=Ann', 'one,three'],
        ['search=bob@', 'two'],
        ['search=topic-', 'three'],
        ['search=C0FFEE2', 'two'],
        ['search=Playwright', 'one,two,three'],
        ['search=chrom', 'one,two,three'],
        ['search=carl', ''],
        ['status=FAILING', 'one'],
        ['status=PASSED&status=FAILED', 'two,three'],
        ['status[]=PASSED', 'two'],
        ['completion_state=CANCELED', 'three'],
        ['completion_state=IN_PROGRESS&completion_state=COMPLETE', 'one,two'],
        ['date_start=2020-01-01', 'one,two,three'],
        ['date_start=2020-01-01T10:00:00', 'one,two,three'],
        ['date_end=2020-01-01T10:00:00.5', ''],
        ['date_end=2020-01-01T10:00', ''],
        ['date_start=2020-01-01T10:00%2B02:00', 'one,two,three'],
        ['date_end=2020-01-01T10:00Z', ''],
        ['date_start=&date_end=&status=&status[]=&completion_state=&tag_operator=', 'one,two,three'],
        ['limit=&branches[]=&tags[]=&authors[]=&pr_id=&search=', 'one,two,three'],
        [`date_start=${tomorrow}`, ''],
        [`date_end=${tomorrow}`, 'one,two,three'],
        ['date_end=2020-01-01T00:00:00Z', ''],
        [`search=${'%C3%A9'.repeat(200)}`, ''],
        ['pr_id=12', ''],
        ['branches[]=topic&status=FAILED', ''],
    ])
        assert.equal(await found(query), expected, query);
    for (const [query, field] of [
        ['tag_operator=XOR', 'tag_operator'],
        ['status=GREEN', 'status'],
        ['completion_state=DONE', 'completion_state'],
        [`search=${'x'.repeat(201)}`, 'search'],
        [`search=${'%C3%A9'.repeat(201)}`, 'search'],
        ['date_start=yesterday', 'date_start'],
        ['date_end=2026-13-01', 'date_end'],
    ]) {
        const answer = await api.get(`/projects/p1/runs?${query}`);
        assert.equal(answer.status, 400, query);
        assert.ok(answer.error.startsWith(`${field} must be`), answer.error);
    }
});

test('an instance: how a spec went, with its tests and their attempts', async (t) => {
    const api = await Api.start(t);
    await api.record({ fullTestSuite: suite({ 'a.spec.ts': ['t1', 't2'], 'b.spec.ts': ['t3'] }) });
    const tests = [outcome('t1', 'passed', ['failed', 'passed']), outcome('t2', 'failed', ['failed'])];
    const { runId } = await api.record({ instances: [instance('a.spec.ts', tests)] });
    const [done, open] = (await api.run(runId)).specs;
    const shown = await api.data('GET', `/instances/${done.instanceId}`);
    assert.deepEqual(
        [shown.runId, shown.projectId, shown.groupId, shown.spec, shown.machineId],
        [runId, 'p1', 'chromium', 'a.spec.ts', 'm1'],
    );
    assert.deepEqual(shown.tags, ['nightly', 'smoke']);
    assert.equal(shown.framework.type, 'playwright');
    assert.equal(shown.platform.browserName, 'chromium');
    assert.equal(shown.commit.branch, 'main');
    assert.deepEqual(shown.results.stats, done.results.stats);
    const [flaky, failed] = shown.results.tests;
    assert.deepEqual(flaky.attempts.map((one) => one.state), ['failed', 'passed']);
    assert.equal(flaky.attempts[0].error.message, 'expected 5');
    assert.equal(flaky.attempts[1].error, null);
    assert.equal(flaky.attempts[0].wallClockDuration, 100);
    assert.deepEqual([flaky.isFlaky, flaky.displayError], [true, null]);
    assert.equal(failed.displayError, 'at refund');

    const waiting = await api.data('GET', `/instances/${open.instanceId}`);
    assert.deepEqual([waiting.results, waiting.machineId, waiting.claimedAt], [null, null, null]);
    assert.equal((await api.get('/instances/nobody')).status, 404);
});
