// SPDX-License-Identifier: MIT
// script/releasing: what the release workflow runs, in a repository with a remote of its own. That
// nothing is published by halves, and that each step can be done again.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Scratch, sha256 } from './scratch.mjs';

test('check: a prepared commit of main may be released', (t) => {
    const scratch = new Scratch(t);
    assert.match(scratch.passes('check', ['1.2.3'], { GITHUB_REF: 'refs/heads/main' }), /may be released as v1\.2\.3/);
});

test('check: says what is in the way', (t) => {
    const scratch = new Scratch(t);
    for (const version of ['', 'v1.2.3', '1.2', '1.2.3.4', '01.2.3', '1.2.3-rc1', '1.2.3; id', '../x'])
        assert.equal(scratch.script('check', [version]).code, 2, version);
    scratch.refuses('check', ['1.2.4'], /CMakeLists\.txt says 1\.2\.3, not 1\.2\.4/);
    scratch.refuses('check', ['1.2.4'], /CHANGELOG\.md has no section "## 1\.2\.4"/);
    scratch.refuses('check', ['1.2.3'], /releases are made from main, not from refs\/heads\/x/, { GITHUB_REF: 'refs/heads/x' });

    scratch.write('CMakeLists.txt', 'project(runs-agent VERSION 1.2.3 LANGUAGES C)\n');
    scratch.refuses('check', ['1.2.3'], /files of the checkout are changed/);
    scratch.commit('Not pushed');
    scratch.refuses('check', ['1.2.3'], /is not on main/);

    scratch.write('CHANGELOG.md', '## 1.2.3 (not released yet)\n\nThings.\n');
    scratch.refuses('check', ['1.2.3'], /says of 1\.2\.3 that it is not released/);
    scratch.write('CHANGELOG.md', '## 1.2.30\n\nThings.\n');
    scratch.refuses('check', ['1.2.3'], /no section "## 1\.2\.3"/);
});

test('check: what another commit released stays; what an attempt left here is taken up', (t) => {
    const scratch = new Scratch(t);
    scratch.passes('tag', ['1.2.3', scratch.dist()]);
    scratch.passes('check', ['1.2.3']);
    scratch.commit('More');
    scratch.must('git', ['push', '--quiet', 'origin', 'HEAD:main']);
    scratch.refuses('check', ['1.2.3'], /v1\.2\.3 is a release of another commit/);
});

test('collect: the files of both machines, with sums of all', (t) => {
    const scratch = new Scratch(t);
    const dist = scratch.dist();
    const sums = readFileSync(join(dist, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
    const expected = ['runs-agent-linux-arm64.spdx.json', 'runs-agent-linux-arm64.tar.gz', 'runs-agent-linux-x64.spdx.json',
        'runs-agent-linux-x64.tar.gz', 'runs-agent_1.2.3_amd64.deb', 'runs-agent_1.2.3_arm64.deb'];
    assert.deepEqual(sums, expected.map((name) => `${sha256(join(dist, name))}  ${name}`));
    assert.deepEqual(readdirSync(dist).sort(), ['SHA256SUMS', 'action.sha256', ...expected].sort());
    // Of the archives, and of the programs in them.
    const tops = ['arm64', 'x64'].map((arch) => `runs-agent-linux-${arch}`);
    const out = join(scratch.dir, 'unpacked');
    mkdirSync(out);
    for (const top of tops) scratch.must('tar', ['-xzf', join(dist, `${top}.tar.gz`)], out);
    assert.equal(readFileSync(join(dist, 'action.sha256'), 'utf8'), [
        ...tops.map((top) => `${sha256(join(dist, `${top}.tar.gz`))}  ${top}.tar.gz\n`),
        ...tops.map((top) => `${sha256(join(out, top, 'runs-agent'))}  ${top}/runs-agent\n`),
    ].join(''));
});

test('collect: refuses what was changed, is missing, or is too much', (t) => {
    const scratch = new Scratch(t);
    const [x64, arm64] = [scratch.build('x64', 'amd64'), scratch.build('arm64', 'arm64')];
    let count = 0;
    const refused = (why, dirs = [x64, arm64]) =>
        scratch.refuses('collect', ['1.2.3', join(scratch.dir, `out${count++}`), ...dirs], why);

    refused(/runs-agent-linux-arm64\.tar\.gz[^]*not the files of release 1\.2\.3/, [x64]);
    refused(/was built twice/, [x64, x64]);
    writeFileSync(join(x64, 'notes.txt'), 'x');
    refused(/notes\.txt has no sum/);
    rmSync(join(x64, 'notes.txt'));
    const archive = join(x64, 'runs-agent-linux-x64.tar.gz');
    const before = sha256(archive);
    scratch.must('tar', ['-czf', archive, 'SHA256SUMS'], x64);
    refused(/is not what was built/);
    const sums = join(x64, 'SHA256SUMS');
    writeFileSync(sums, readFileSync(sums, 'utf8').replace(before, sha256(archive)));
    refused(/runs-agent-linux-x64\.tar\.gz holds no runs-agent-linux-x64\/runs-agent/);
    rmSync(join(arm64, 'SHA256SUMS'));
    refused(/has no SHA256SUMS/, [arm64]);
});

test('tag: one commit on top, with the sums and nothing else; done again it is the same', (t) => {
    const scratch = new Scratch(t);
    const dist = scratch.dist();
    const head = scratch.must('git', ['rev-parse', 'HEAD']);
    const output = join(scratch.dir, 'output');
    scratch.passes('tag', ['1.2.3', dist], { GITHUB_OUTPUT: output });

    const tagged = scratch.ref('refs/tags/v1.2.3');
    assert.equal(readFileSync(output, 'utf8'), `commit=${tagged}\n`);
    assert.equal(scratch.ref('refs/tags/v1.2.3^'), head);
    assert.equal(scratch.must('git', ['diff', '--name-status', head, tagged]), 'A\taction.sha256');
    assert.equal(scratch.must('git', ['show', `${tagged}:action.sha256`]), readFileSync(join(dist, 'action.sha256'), 'utf8').trim());
    assert.equal(scratch.must('git', ['status', '--porcelain']), '');
    assert.equal(scratch.ref('refs/heads/main'), head);

    assert.match(scratch.passes('tag', ['1.2.3', dist]), /already/);
    assert.equal(scratch.ref('refs/tags/v1.2.3'), tagged);
});

test('tag: never names other files than it did', (t) => {
    const scratch = new Scratch(t);
    scratch.passes('tag', ['1.2.3', scratch.dist()]);
    const tagged = scratch.ref('refs/tags/v1.2.3');
    const other = scratch.dist('1.2.3', '-again');
    scratch.refuses('tag', ['1.2.3', other], /already, of other files/);
    assert.equal(scratch.ref('refs/tags/v1.2.3'), tagged);

    const pins = readFileSync(join(other, 'action.sha256'), 'utf8').trimEnd().split('\n');
    const changed = pins.with(3, pins[3].replace(/^[0-9a-f]{64}/, 'a'.repeat(64)));
    for (const lines of [pins.slice(0, 2), pins.slice(1), [...pins, pins[0]], changed]) {
        writeFileSync(join(other, 'action.sha256'), `${lines.join('\n')}\n`);
        scratch.refuses('tag', ['1.2.4', other], /does not fit the archives/);
    }
    writeFileSync(join(other, 'action.sha256'), `${pins.join('\n')}\n`);
    cpSync(join(other, 'runs-agent-linux-x64.spdx.json'), join(other, 'runs-agent-linux-x64.tar.gz'));
    scratch.refuses('tag', ['1.2.4', other], /holds no runs-agent-linux-x64\/runs-agent/);
    assert.equal(scratch.ref('refs/tags/v1.2.4'), '');
});

test('move: v1 goes forward and never back, and no other tag moves', (t) => {
    const scratch = new Scratch(t, '1.2.3');
    scratch.refuses('move', ['1.2.3'], /no tag v1\.2\.3 yet/);
    const release = (version) => {
        scratch.prepare(version);
        scratch.passes('tag', [version, scratch.dist(version)]);
        return scratch.passes('move', [version]);
    };
    release('1.2.3');
    const first = scratch.ref('refs/tags/v1.2.3');
    assert.equal(scratch.ref('refs/tags/v1'), first);
    release('1.10.0');
    assert.equal(scratch.ref('refs/tags/v1'), scratch.ref('refs/tags/v1.10.0'));
    assert.match(release('1.2.4'), /stays where it is/);
    assert.equal(scratch.ref('refs/tags/v1'), scratch.ref('refs/tags/v1.10.0'));
    release('2.0.0');
    assert.equal(scratch.ref('refs/tags/v2'), scratch.ref('refs/tags/v2.0.0'));
    assert.equal(scratch.ref('refs/tags/v1'), scratch.ref('refs/tags/v1.10.0'));
    assert.equal(scratch.ref('refs/tags/v1.2.3'), first);

    const names = (version) => scratch.passes('rolling', [version]).split('\n').filter(Boolean);
    assert.deepEqual(names('2.0.1'), ['2.0', '2', 'latest']);
    assert.deepEqual(names('1.11.0'), ['1.11', '1']);
    assert.deepEqual(names('1.2.5'), ['1.2']);
    assert.deepEqual(names('1.2.2'), []);
});

test('publish: a draft until every file is there; it goes on where it stopped', (t) => {
    const scratch = new Scratch(t);
    const dist = scratch.dist();
    const release = join(scratch.github, 'v1.2.3');
    const state = () => readFileSync(join(release, 'state'), 'utf8').trim();

    scratch.refuses('publish', ['1.2.3', dist], /^$/); // no tag yet: gh --verify-tag refuses
    assert.ok(!existsSync(release));
    scratch.passes('tag', ['1.2.3', dist]);

    scratch.refuses('publish', ['1.2.3', dist], /connection reset/, { FAKE_BREAK: '3' });
    assert.equal(state(), 'draft');
    scratch.passes('publish', ['1.2.3', dist]);
    assert.equal(state(), 'published');
    assert.equal(readFileSync(join(release, 'latest'), 'utf8'), 'yes\n');
    assert.equal(readFileSync(join(release, 'notes'), 'utf8').trim(), 'New in 1.2.3.');
    const files = readdirSync(dist).filter((name) => name !== 'action.sha256').sort();
    assert.deepEqual(readdirSync(join(release, 'assets')).sort(), files);
    for (const name of files) assert.equal(sha256(join(release, 'assets', name)), sha256(join(dist, name)));

    assert.match(scratch.passes('publish', ['1.2.3', dist]), /published already/);
    scratch.refuses('publish', ['1.2.3', scratch.dist('1.2.3', '-again')], /published with other files/);
    assert.equal(sha256(join(release, 'assets/SHA256SUMS')), sha256(join(dist, 'SHA256SUMS')));
});

test('publish: a draft with a file too much stays a draft; an old line is not the latest', (t) => {
    const scratch = new Scratch(t, '2.0.0');
    scratch.passes('tag', ['2.0.0', scratch.dist('2.0.0')]);
    scratch.prepare('1.2.4');
    const dist = scratch.dist('1.2.4');
    scratch.passes('tag', ['1.2.4', dist]);
    scratch.refuses('publish', ['1.2.4', dist], /connection reset/, { FAKE_BREAK: '1' });
    const stray = join(scratch.github, 'v1.2.4/assets/stray');
    writeFileSync(stray, 'x');
    scratch.refuses('publish', ['1.2.4', dist], /has not the files it should have/);
    assert.equal(readFileSync(join(scratch.github, 'v1.2.4/state'), 'utf8'), 'draft\n');
    rmSync(stray);
    scratch.passes('publish', ['1.2.4', dist]);
    assert.equal(readFileSync(join(scratch.github, 'v1.2.4/latest'), 'utf8'), 'no\n');
});

test('image: its name follows its digest, and the rolling names follow the releases', (t) => {
    const scratch = new Scratch(t);
    const told = () => readFileSync(join(scratch.github, 'docker'), 'utf8').trimEnd().split('\n');
    const digest = `sha256:${'a'.repeat(64)}`;
    const output = join(scratch.dir, 'output');
    const image = 'ghcr.io/octo/runs-agent';

    scratch.refuses('image', ['1.2.3', image], /nothing is no digest/);
    scratch.refuses('image', ['1.2.3', image, 'latest'], /latest is no digest/);
    assert.ok(!existsSync(join(scratch.github, 'docker')));

    const other = `sha256:${'b'.repeat(64)}`;
    scratch.refuses('image', ['1.2.2', image, digest], /:1\.2\.2 is sha256:b+ in the registry, not this image/, { FAKE_DIGEST: other });
    scratch.refuses('image', ['1.2.3', image, digest], /could not be looked up: ERROR: 503 from the registry/,
        { FAKE_TROUBLE: '503 from the registry' });
    scratch.passes('image', ['1.2.3', image, digest], { GITHUB_OUTPUT: output });
    assert.equal(told().at(-1), `create --tag ${image}:1.2.3 ${image}@${digest}`);
    assert.equal(readFileSync(output, 'utf8'), `digest=${digest}\n`);

    // Done again it finds its name; another image does not take it.
    const named = told().length;
    scratch.passes('image', ['1.2.3', image, digest], { FAKE_WARNING: 'the plugin is old' });
    scratch.refuses('image', ['1.2.3', image, other], /:1\.2\.3 is sha256:a+ in the registry.*choose the next version/s);
    assert.equal(told().length, named);

    // By digest: somebody may have moved the name.
    scratch.refuses('image', ['--rolling', '1.2.3', image], /nothing is no digest/);
    scratch.passes('image', ['--rolling', '1.2.3', image, digest]);
    assert.equal(told().at(-1), `create --tag ${image}:1.2 --tag ${image}:1 --tag ${image}:latest ${image}@${digest}`);

    scratch.passes('tag', ['1.2.3', scratch.dist()]);
    const before = told().length;
    assert.match(scratch.passes('image', ['--rolling', '1.2.2', image, digest]), /No name moves/);
    assert.equal(told().length, before);
});

test('tested: asks whether CI passed for the commit itself', (t) => {
    const scratch = new Scratch(t);
    const head = scratch.must('git', ['rev-parse', 'HEAD']);
    const says = (text) => writeFileSync(join(scratch.github, `ci-${head}`), text);
    const url = 'https://github.com/octo/runs-agent/actions/runs/1';

    scratch.refuses('tested', [], /has not passed for [0-9a-f]{40}\. It has not run at all/);
    for (const state of ['in_progress ', 'completed failure', 'completed cancelled']) {
        says(`${state} ${url}\n`);
        scratch.refuses('tested', [], new RegExp(`has not passed.*${state} ${url}`, 's'));
    }
    says(`completed failure ${url}\ncompleted success ${url}2\n`);
    assert.match(scratch.passes('tested', []), /CI passed for [0-9a-f]{40}: .*runs\/12\n/);
    scratch.commit('More');
    scratch.refuses('tested', [], /It has not run at all/);
});

test('tag, move: a refused push says what a maintainer can do', (t) => {
    const scratch = new Scratch(t);
    const dist = scratch.dist();
    const hook = join(scratch.remote, 'hooks/update');
    const refuse = () => writeFileSync(hook, '#!/bin/sh\necho "without workflows permission" >&2\nexit 1\n', { mode: 0o755 });
    refuse();
    scratch.refuses('tag', ['1.2.3', dist], /without workflows permission.*could not be pushed.*start a release of main as it is now/s);
    rmSync(hook);
    scratch.passes('tag', ['1.2.3', dist]);
    refuse();
    scratch.refuses('move', ['1.2.3'], /v1 could not be moved.*script\/releasing\/move 1\.2\.3/s);
    assert.equal(scratch.ref('refs/tags/v1'), '');
});
