// SPDX-License-Identifier: MIT
// Every link of a document leads somewhere: to a file of the repository, and to a heading that it has.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Document, documents, root } from './documents.mjs';

const here = documents();

// What is wrong with the links of these documents, one text each.
function faults(some, known = here) {
    return some.flatMap((document) => document.links.flatMap(({ target, line }) => {
        if (/^(https?|mailto):/.test(target)) return [];
        const { path, anchor } = document.lead(target);
        if (path !== document.name && (path.startsWith('..') || !existsSync(join(root, path)))) return [`${document.at(line)}: there is no ${path}`];
        if (anchor === undefined) return [];
        const other = known.find(({ name }) => name === path) ?? (path === document.name ? document : undefined);
        if (!other) return [`${document.at(line)}: ${path} is no document, so it has no #${anchor}`];
        return other.anchors.has(anchor) ? [] : [`${document.at(line)}: ${path} has no heading #${anchor}`];
    }));
}

test('every link leads somewhere', () => {
    for (const name of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/rules.md', 'bench/README.md'])
        assert.ok(here.some((document) => document.name === name), `${name} is not looked at`);
    assert.ok(here.flatMap(({ links }) => links).length > 150);
    assert.deepEqual(faults(here), []);
});

test('a link that leads nowhere is seen', () => {
    const broken = new Document('docs/made-up.md', [
        '# A heading', '[no file](policies.md)', '[no heading](policy.md#the-ci-build-ids)', '[none here](#a-headin)',
        '[outside](../../etc/passwd)', '![a picture](images/pages.png)', 'two\n[on](nowhere.md)\nlines', '[text](../LICENSE#mit)',
    ].join('\n'));
    assert.deepEqual(faults([broken]), [
        'docs/made-up.md:2: there is no docs/policies.md', 'docs/made-up.md:3: docs/policy.md has no heading #the-ci-build-ids',
        'docs/made-up.md:4: docs/made-up.md has no heading #a-headin', 'docs/made-up.md:5: there is no ../etc/passwd',
        'docs/made-up.md:6: there is no docs/images/pages.png', 'docs/made-up.md:8: there is no docs/nowhere.md',
        'docs/made-up.md:10: LICENSE is no document, so it has no #mit',
    ]);
    const right = new Document('docs/made-up.md', '# A heading\n[itself](#a-heading) [key](policy.md#the-ci-build-id) [file](../LICENSE)\n```sh\n[x](y)\n```');
    assert.deepEqual(faults([right]), []);
});

test('headings are named as GitHub names them', () => {
    const { anchors } = new Document('x.md', '# R1: a `run` (of one)\n## The same\n## The same\n### `config check` and `config print`\n## A [link](x.md), too');
    assert.deepEqual([...anchors], ['r1-a-run-of-one', 'the-same', 'the-same-1', 'config-check-and-config-print', 'a-link-too']);
});

// Comments of sources and shipped files name documents as well.
test('every document that a file names is there', () => {
    const files = execFileSync('git', ['grep', '-lE', '\\bdocs/[a-z-]+\\.md\\b'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
    assert.ok(files.length > 20);
    const missing = files.filter((file) => !file.startsWith('tests/docs/')).flatMap((file) =>
        [...readFileSync(join(root, file), 'utf8').matchAll(/\bdocs\/([a-z-]+\.md)\b/g)]
            .filter(([, name]) => !existsSync(join(root, 'docs', name))).map(([named]) => `${file}: ${named}`));
    assert.deepEqual(missing, []);
});

// A name that only documents have is misspelt, or gone.
test('every variable that a document names is known to something else', () => {
    const named = new Map();
    for (const document of here) {
        if (document.name === 'CHANGELOG.md') continue;
        for (const [name] of document.text.matchAll(/\b(RUNS_AGENT|CURRENTS|GITHUB)_[A-Z_]*[A-Z]\b/g)) named.set(name, document.name);
    }
    assert.ok(named.size > 40);
    const elsewhere = execFileSync('git', ['grep', '-hoE', '(RUNS_AGENT|CURRENTS|GITHUB)_[A-Z_]*[A-Z]', '--', ':!*.md'], { cwd: root, encoding: 'utf8' });
    const known = new Set([...elsewhere.split('\n'), 'CURRENTS_ENVIRONMENT']); // the last is @currents/playwright's
    const unknown = [...named].filter(([name]) => !known.has(name) && !known.has(name.replace(/_FILE$/, '')));
    assert.deepEqual(unknown, []);
});

test('every document of docs/ can be reached from README.md', () => {
    const seen = new Set();
    const follow = (name) => {
        if (seen.has(name)) return;
        seen.add(name);
        const document = here.find((one) => one.name === name);
        for (const { target } of document?.links ?? [])
            if (!/^\w+:/.test(target)) follow(document.lead(target).path);
    };
    follow('README.md');
    assert.deepEqual(here.map(({ name }) => name).filter((name) => name.startsWith('docs/') && !seen.has(name)), []);
});
