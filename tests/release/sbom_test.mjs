// SPDX-License-Identifier: MIT
// script/sbom, asked about the build that is being tested: valid SPDX 2.3, and true.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

const deps = createRequire(new URL('../.deps/package.json', import.meta.url));
const source = new URL('../../', import.meta.url).pathname;
const build = process.env.RUNS_AGENT_BUILD_DIR;
assert.ok(build, 'RUNS_AGENT_BUILD_DIR must name the build; ctest sets it');

// What SPDX 2.3 asks of a document, its packages and relationships; npm has no copy of its schema.
// Source: https://spdx.github.io/spdx-spec/v2.3, clauses 6, 7 and 11.
const text = { type: 'string', minLength: 1 };
const id = { type: 'string', pattern: '^SPDXRef-[a-zA-Z0-9.-]+$' };
const object = (properties, optional = []) => ({
    type: 'object', properties, additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const licence = { enum: ['MIT', 'BSL-1.0', 'Apache-2.0', 'PostgreSQL', 'blessing', 'Zlib', 'BSD-3-Clause', 'LGPL-2.1-or-later',
    'GPL-3.0-or-later WITH GCC-exception-3.1', 'GPL-2.0-only WITH Linux-syscall-note', 'NOASSERTION'] };
const schema = object({
    spdxVersion: { const: 'SPDX-2.3' },
    dataLicense: { const: 'CC0-1.0' },
    SPDXID: { const: 'SPDXRef-DOCUMENT' },
    name: text,
    documentNamespace: { type: 'string', pattern: '^https://[^#\\s]+$' },
    creationInfo: object({
        created: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' },
        creators: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^(Tool|Organization|Person): ?.+$' } },
    }),
    packages: { type: 'array', minItems: 1, items: object({
        SPDXID: id, name: text, versionInfo: text, packageFileName: text,
        supplier: { type: 'string', pattern: '^(Organization|Person): .+$' },
        sourceInfo: text, downloadLocation: { const: 'NOASSERTION' }, filesAnalyzed: { const: false },
        primaryPackagePurpose: { enum: ['APPLICATION', 'LIBRARY'] },
        licenseConcluded: licence, licenseDeclared: licence, copyrightText: { const: 'NOASSERTION' },
        checksums: { type: 'array', items: object({
            algorithm: { const: 'SHA256' }, checksumValue: { type: 'string', pattern: '^[0-9a-f]{64}$' } }) },
        externalRefs: { type: 'array', items: object({
            referenceCategory: { const: 'PACKAGE-MANAGER' }, referenceType: { const: 'purl' },
            referenceLocator: { type: 'string', pattern: '^pkg:deb/(debian|ubuntu)/[a-z0-9.%B-]+@[^@\\s+:]+\\?arch=[a-z0-9]+&distro=[a-z]+-[0-9.]+$' } }) },
    }, ['packageFileName', 'supplier', 'sourceInfo', 'primaryPackagePurpose', 'checksums', 'externalRefs']) },
    relationships: { type: 'array', minItems: 1, items: object({
        spdxElementId: id, relatedSpdxElement: id, relationshipType: { enum: ['DESCRIBES', 'CONTAINS', 'STATIC_LINK'] } }) },
});

function scratch(t) {
    const dir = mkdtempSync(join(tmpdir(), 'runs-agent-sbom-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    const archive = join(dir, 'runs-agent-linux-x64.tar.gz');
    writeFileSync(archive, 'an archive');
    return { dir, archive, result: archive.replace('.tar.gz', '.spdx.json') };
}
const sbom = (args, env = {}) =>
    spawnSync(join(source, 'script/sbom'), args, { env: { ...process.env, ...env }, encoding: 'utf8' });

test('it is valid, and names what was linked and compiled in, as dpkg has it', async (t) => {
    const { archive, result } = scratch(t);
    const { status, stderr } = sbom([archive, build]);
    assert.equal(status, 0, stderr);
    const written = readFileSync(result, 'utf8');
    const document = JSON.parse(written);

    const { default: Ajv } = await import(deps.resolve('ajv'));
    const ajv = new Ajv({ allErrors: true });
    assert.ok(ajv.validate(schema, document), ajv.errorsText());

    const [own, ...packages] = document.packages;
    const version = /^project\(runs-agent VERSION ([\d.]+)/m.exec(readFileSync(join(source, 'CMakeLists.txt'), 'utf8'))[1];
    assert.equal(own.versionInfo, version);
    assert.equal(own.checksums[0].checksumValue, createHash('sha256').update('an archive').digest('hex'));

    const ids = document.packages.map((each) => each.SPDXID);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(document.relationships.map((each) => each.relatedSpdxElement).sort(), [...ids].sort());
    assert.deepEqual(document.relationships.filter((each) => each.relationshipType === 'DESCRIBES'),
        [{ spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: own.SPDXID }]);

    for (const each of packages) {
        const installed = execFileSync('dpkg-query', ['-W', '-f', '${Version}\n', each.name], { encoding: 'utf8' });
        assert.ok(installed.split('\n').includes(each.versionInfo), `${each.name} ${each.versionInfo}`);
    }
    const how = (start) => {
        const found = packages.find((each) => each.name.startsWith(start));
        assert.ok(found, `${start} is missing`);
        return document.relationships.find((each) => each.relatedSpdxElement === found.SPDXID).relationshipType;
    };
    for (const library of ['libssl-dev', 'libsqlite3-dev', 'zlib1g-dev', 'libstdc++', 'libc6-dev'])
        assert.equal(how(library), 'STATIC_LINK', library);
    for (const header of ['rapidjson-dev', 'libcli11-dev']) assert.equal(how(header), 'CONTAINS', header);
    for (const other of ['libboost', 'libyaml-cpp']) how(other);
    assert.ok(!packages.some((each) => /gtest|googletest/.test(each.name)), 'the tests are not in the program');

    assert.equal(sbom([archive, build]).status, 0);
    assert.equal(readFileSync(result, 'utf8'), written, 'done again it is the same');
});

test('libpq, which script/libpq made, is of the source package that it was made from', (t) => {
    const { dir, archive, result } = scratch(t);
    // The build's link line, but with a static libpq in a folder of its own.
    const library = join(dir, 'libpq/lib/libpq.a');
    mkdirSync(join(dir, 'libpq/lib'), { recursive: true });
    mkdirSync(join(dir, 'bin'));
    writeFileSync(join(dir, 'bin/ninja'),
        `#!/bin/sh\nset -e\n/usr/bin/ninja "$@" | sed -E 's#/usr/[^ ]+/libpq\\.so[^ ]*#${library}#g'\n`);
    chmodSync(join(dir, 'bin/ninja'), 0o755);
    const env = { PATH: `${join(dir, 'bin')}:${process.env.PATH}` };
    assert.match(sbom([archive, build], env).stderr, /who made .*libpq\.a\?/);
    writeFileSync(join(dir, 'libpq/source'), 'postgresql-15 15.9-0+deb12u1\n');
    const { status, stderr } = sbom([archive, build], env);
    assert.equal(status, 0, stderr);
    const { packages, relationships } = JSON.parse(readFileSync(result, 'utf8'));
    const [libpq] = packages.filter(({ name }) => name === 'libpq');
    assert.equal(libpq.versionInfo, '15.9-0+deb12u1');
    assert.equal(libpq.licenseDeclared, 'PostgreSQL');
    assert.match(libpq.externalRefs[0].referenceLocator, /^pkg:deb\/\w+\/postgresql-15@15\.9-0%2Bdeb12u1\?arch=source&/);
    assert.equal(relationships.find(({ relatedSpdxElement }) => relatedSpdxElement === libpq.SPDXID).relationshipType, 'STATIC_LINK');
});

test('it says what it lacks, and writes nothing then', (t) => {
    const { dir, archive, result } = scratch(t);
    const refused = (args, why, env) => {
        const { status, stderr } = sbom(args, env);
        assert.notEqual(status, 0);
        assert.match(stderr, why);
        assert.throws(() => readFileSync(result));
    };
    refused([], /usage: script\/sbom ARCHIVE/);
    refused([join(dir, 'none.tar.gz'), build], /there is no .*none\.tar\.gz/);
    refused([archive, dir], /there is no .* to ask/);

    // A package whose licence nobody wrote down.
    mkdirSync(join(dir, 'bin'));
    const stub = join(dir, 'bin/dpkg-query');
    writeFileSync(stub, `#!/bin/sh\ncase "$*" in -W*zlib1g-dev*) printf '1\\tmystery\\t1' ;; *) exec /usr/bin/dpkg-query "$@" ;; esac\n`);
    chmodSync(stub, 0o755);
    refused([archive, build], /licence of the source package mystery is not known/, { PATH: `${join(dir, 'bin')}:${process.env.PATH}` });
});
