// SPDX-License-Identifier: MIT
// The alert rules, the dashboard and /metrics, held against Prometheus' own tool and against each other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Place, cancelled, deliver, until } from '../system/program.mjs';
import { checkExpressions, metricsIn, promtool, require, rules, samplesOf, shipped } from './prometheus.mjs';

const { parse } = require('yaml');
const read = (path) => readFileSync(shipped(path), 'utf8');
const dashboard = () => JSON.parse(read('packaging/grafana/runs-agent.json'));
const panels = () => dashboard().panels;
const targets = () => panels().flatMap((panel) => (panel.targets ?? []).map((target) => ({ panel: panel.title, ...target })));

// Of a daemon that has GitHub to ask, so that nothing is left out.
async function scrape(t) {
    const place = new Place({ CURRENTS_API_URL: 'http://127.0.0.1:9/v1', GITHUB_TOKEN: 'none', GITHUB_API_URL: 'http://127.0.0.1:9' });
    t.after(() => place.leave());
    const daemon = await place.serve();
    return { place, daemon, text: (await daemon.get('/metrics')).body };
}

test('promtool finds nothing wrong with the rules', async () => {
    const { code, output } = await promtool(['check', 'rules', shipped('packaging/prometheus/alerts.yml')]);
    assert.equal(code, 0, output);
    assert.match(output, /17 rules found/);
    const scrapes = await promtool(['check', 'config', '--syntax-only', shipped('packaging/prometheus/scrape.yml')]);
    assert.equal(scrapes.code, 0, scrapes.output);
});

test('each alert fires and falls where it should', async () => {
    const { code, output } = await promtool(['test', 'rules', shipped('tests/prometheus/alerts_test.yml')]);
    assert.equal(code, 0, output);
    const seen = { 0: new Set(), 1: new Set() };
    for (const { name, promql_expr_test: checks } of parse(read('tests/prometheus/alerts_test.yml')).tests)
        for (const { exp_samples: [{ value }] } of checks) seen[value].add(name.split(':')[0]);
    for (const { alert } of rules())
        for (const value of [0, 1]) assert.ok(seen[value].has(alert), `${alert} is never seen as ${value}`);
});

test('each alert has a summary, a severity and a runbook that is there', () => {
    const headings = new Set([...read('docs/alerts.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name));
    for (const { alert, labels, annotations } of rules()) {
        assert.ok(['page', 'ticket'].includes(labels.severity), alert);
        assert.ok(annotations.summary && annotations.description, alert);
        assert.equal(annotations.runbook_url, `https://github.com/OWNER/runs-agent/blob/main/docs/alerts.md#${alert.toLowerCase()}`);
        assert.ok(headings.delete(alert), `docs/alerts.md has no heading ${alert}`);
    }
    assert.deepEqual([...headings], [], 'docs/alerts.md tells of alerts that are not there');
    for (const severity of ['page', 'ticket']) {
        const [row] = new RegExp(`^\\| \`${severity}\`.*`, 'm').exec(read('docs/alerts.md'));
        const named = [...row.matchAll(/\[(\w+)\]\(#/g)].map(([, name]) => `RunsAgent${name}`);
        assert.deepEqual(named, rules().filter(({ labels }) => labels.severity === severity).map(({ alert }) => alert), `docs/alerts.md, ${severity}`);
    }
});

test('promtool finds nothing wrong with /metrics', async (t) => {
    const { place, daemon, text } = await scrape(t);
    for (const page of [text, await after(place, daemon)]) {
        const { code, output } = await promtool(['check', 'metrics'], page);
        assert.equal(code, 0, output);
        assert.equal(output, '', 'nor anything that it would have otherwise');
    }
    // It would see a mistake.
    assert.notEqual((await promtool(['check', 'metrics'], text + 'x{a="1"} 1\nx{a="1"} 2\n')).code, 0);
});

// What it says when something has happened.
async function after(place, daemon) {
    await deliver(daemon.address, place.secrets.GITHUB_WEBHOOK_SECRET, cancelled(1));
    let page = '';
    await until('a call to have failed', async () => {
        page = (await daemon.get('/metrics')).body;
        return /operation="cancel-ci",code="none"} [1-9]/.test(page);
    });
    assert.match(page, /^runs_agent_webhook_requests_total\{event="workflow_run",outcome="accepted",code="202"\} 1$/m);
    assert.match(page, /^runs_agent_webhook_request_duration_seconds_count 1$/m);
    assert.match(page, /^runs_agent_decisions_total\{rule="R1",effect="planned"\} 1$/m);
    assert.match(page, /^runs_agent_calls\{state="pending"\} 1$/m);
    assert.match(page, /^runs_agent_oldest_pending_call_timestamp_seconds \d{10}/m);
    assert.match(page, /^runs_agent_store_commit_duration_seconds_count [1-9]/m);
    assert.match(page, /^runs_agent_store_bytes\{file="agent"\} [1-9]/m);
    return page;
}

test('what the rules and the dashboard ask for is there, and there from the start', async (t) => {
    const { text } = await scrape(t);
    const names = samplesOf(text).add('up').add('ALERTS');
    for (const { alert, expr } of rules())
        for (const name of metricsIn(expr)) assert.ok(names.has(name), `${alert} asks for ${name}`);
    for (const { panel, expr } of targets())
        for (const name of metricsIn(expr)) assert.ok(names.has(name), `${panel} asks for ${name}`);
    // And what is counted is shown somewhere.
    const shown = new Set([...targets(), ...rules()].flatMap(({ expr }) => metricsIn(expr)));
    const families = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)];
    for (const [, name, type] of families)
        assert.ok(shown.has(type === 'histogram' ? name + '_bucket' : name) || shown.has(name + '_count'), `${name} is shown nowhere`);
});

test('the dashboard has five rows, and Prometheus understands all of it', async () => {
    const rows = panels().filter((panel) => panel.type === 'row');
    assert.deepEqual(rows.map((row) => row.title.split(':')[0]), ['Is it well?', 'In', 'Decided', 'Out', 'Ground']);
    const ids = panels().map((panel) => panel.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(panels().every((panel) => panel.type === 'row' || panel.targets.length > 0));
    // Nothing lies on top of another.
    const taken = new Set();
    for (const { title, gridPos: { x, y, w, h } } of panels())
        for (let column = x; column < x + w; ++column)
            for (let line = y; line < y + h; ++line) {
                assert.ok(column < 24 && !taken.has(`${column},${line}`), title);
                taken.add(`${column},${line}`);
            }
    const plain = targets().map(({ expr }) => expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|instance)/g, '.*'));
    const { code, output } = await checkExpressions(plain);
    assert.equal(code, 0, output);
    assert.ok(output.includes(`${plain.length} rules found`), output);
    assert.ok(targets().every(({ expr }) => expr.startsWith('ALERTS{') || expr.includes('{job=~"$job",instance=~"$instance"')));
});
