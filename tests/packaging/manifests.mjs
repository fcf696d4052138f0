// SPDX-License-Identifier: MIT
// Kubernetes' objects as the tests read them: do they fit the API's schemas, is each key one that it knows, does what
// one names stand in another, and does the program know its variables?
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const require = createRequire(new URL('../.deps/package.json', import.meta.url));
const { parseAllDocuments } = require('yaml');

export function objectsOf(text) {
    return parseAllDocuments(text).flatMap((one) => {
        assert.deepEqual(one.errors, []);
        return one.toJS() ?? [];
    });
}

// A value whose reads are recorded: the schemas' validators read each key that they know, and no other.
function watched(value, path, reads) {
    if (value === null || typeof value !== 'object') return value;
    return new Proxy(value, {
        get(target, key) {
            if (typeof key === 'string' && Object.hasOwn(target, key)) reads.add(`${path}.${key}`);
            return typeof key === 'symbol' || !Object.hasOwn(target, key) ? target[key] : watched(target[key], `${path}.${key}`, reads);
        },
    });
}
function* pathsOf(value, path) {
    if (value === null || typeof value !== 'object') return;
    for (const [key, below] of Object.entries(value)) {
        if (!Array.isArray(value)) yield `${path}.${key}`;
        yield* pathsOf(below, `${path}.${key}`);
    }
}

// Throws where an object does not fit its schema, or has a key that the schema does not know.
export function validate(object) {
    const { apiVersion, kind } = object;
    const Model = require(`kubernetes-models/${apiVersion}/${kind}`)[kind];
    const reads = new Set();
    Model.prototype.validate.call(watched(object, '', reads)); // not new Model(…), which copies, and so reads everything
    const unknown = [...pathsOf(object, '')].filter((path) => !reads.has(path));
    assert.deepEqual(unknown, [], `${kind} ${object.metadata.name}: unknown keys`);
}

// The variables that the program has. Source: docs/policy.md, whose table is held against `config print` in tests/docs.
const policy = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
const table = /\n## Environment variables\n(.*?)\n## /s.exec(`${policy}\n## `)[1];
const variables = new Set([...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name)));
assert.ok(variables.size > 25);
export const isKnown = (name) => variables.has(name) || (name.endsWith('_FILE') && name !== 'RUNS_AGENT_CONFIG_FILE' && variables.has(name.slice(0, -5)));

// One Deployment of ours with what goes with it. `elsewhere`: the Secrets and ConfigMaps that somebody else makes.
export function checkDeployment(objects, elsewhere = []) {
    for (const object of objects) if (!/^monitoring/.test(object.apiVersion)) validate(object);
    const of = (kind) => objects.filter((object) => object.kind === kind);
    const names = new Set([...objects.map(({ kind, metadata: { name } }) => `${kind}/${name}`), ...elsewhere]);
    const [{ spec, metadata }] = of('Deployment');
    const pod = spec.template.spec;
    const [container] = pod.containers;
    const labels = spec.template.metadata.labels;
    const selects = (selector, text) => {
        for (const [key, value] of Object.entries(selector)) assert.equal(labels[key], value, `${text} selects no pod: ${key}`);
    };

    // Restricted, as the Pod Security Standards say, and nothing of the cluster's.
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
    assert.deepEqual({ ...container.securityContext }, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    assert.equal(pod.automountServiceAccountToken, false);
    assert.ok(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC);
    assert.ok(pod.terminationGracePeriodSeconds >= 60, 'an orderly stop may take longer');

    // Volumes, and what they are of.
    assert.deepEqual(container.volumeMounts.map(({ name }) => name).sort(), pod.volumes.map(({ name }) => name).sort());
    for (const { name, secret, configMap, persistentVolumeClaim: claim } of pod.volumes) {
        if (secret) assert.ok(names.has(`Secret/${secret.secretName}`), `${name}: nobody makes the Secret ${secret.secretName}`);
        if (configMap) assert.ok(names.has(`ConfigMap/${configMap.name}`), `${name}: nobody makes the ConfigMap ${configMap.name}`);
        if (claim) assert.ok(names.has(`PersistentVolumeClaim/${claim.claimName}`), `${name}: nobody makes the claim ${claim.claimName}`);
    }
    // Variables: the program knows each, once; a file is where a volume has it.
    const given = container.env.map(({ name }) => name);
    assert.deepEqual(given, [...new Set(given)], 'a variable is there twice');
    for (const { name, value } of container.env) {
        assert.ok(isKnown(name), `the program has no variable ${name}`);
        assert.equal(typeof value, 'string', name);
        if (!/_FILE$|^RUNS_AGENT_CONFIG$/.test(name)) continue;
        const mount = container.volumeMounts.find(({ mountPath }) => value.startsWith(`${mountPath}/`));
        assert.ok(mount, `${name} names a file that no volume has`);
        const { secret } = pod.volumes.find((volume) => volume.name === mount.name);
        const file = value.slice(mount.mountPath.length + 1);
        if (secret?.items) assert.ok(secret.items.some(({ path }) => path === file), `${name}: the volume does not have ${file}`);
    }
    for (const needed of ['GITHUB_WEBHOOK_SECRET_FILE', 'CURRENTS_API_KEY_FILE']) assert.ok(given.includes(needed), needed);

    // Who asks, and by which way in.
    const ports = new Set(container.ports.map(({ name }) => name));
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) assert.ok(ports.has(container[probe].httpGet.port), probe);
    // As the daemon speaks: a probe that asks in the other way takes it for dead.
    const scheme = given.includes('RUNS_AGENT_TLS_CERTIFICATE_FILE') ? 'HTTPS' : 'HTTP';
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) assert.equal(container[probe].httpGet.scheme ?? 'HTTP', scheme, probe);
    for (const endpoint of of('ServiceMonitor').flatMap((one) => one.spec.endpoints)) assert.equal(endpoint.scheme ?? 'http', scheme.toLowerCase());
    assert.deepEqual([container.livenessProbe.httpGet.path, container.readinessProbe.httpGet.path], ['/healthz', '/readyz']);
    for (const service of of('Service')) {
        selects(service.spec.selector, service.metadata.name);
        for (const { targetPort } of service.spec.ports) assert.ok(ports.has(targetPort), targetPort);
    }
    selects(spec.selector.matchLabels, metadata.name);
    for (const kind of ['PodDisruptionBudget', 'NetworkPolicy'])
        for (const object of of(kind)) selects((object.spec.selector ?? object.spec.podSelector).matchLabels, kind);
    for (const { labelSelector } of pod.topologySpreadConstraints ?? []) selects(labelSelector.matchLabels, 'a spread');
    for (const { spec: network } of of('NetworkPolicy')) {
        // Of what is not named in a policy's types, everything is let through.
        assert.deepEqual(network.policyTypes, ['Ingress', 'Egress']);
        for (const rule of network.ingress) {
            assert.ok(rule.from.length > 0, 'anybody in the cluster may come in');
            for (const { port } of rule.ports) assert.ok(ports.has(port), port);
        }
    }
    for (const ingress of of('Ingress'))
        for (const { path, pathType, backend } of ingress.spec.rules.flatMap(({ http }) => http.paths)) {
            assert.deepEqual([path, pathType], ['/webhooks/github', 'Exact'], 'more than deliveries can be reached');
            const service = of('Service').find((one) => one.metadata.name === backend.service.name);
            assert.ok(service.spec.ports.some(({ name }) => name === backend.service.port.name), 'the Ingress leads nowhere');
        }

    // One writer, or as many as there are, of which some may go.
    const replicated = given.includes('RUNS_AGENT_DATABASE_FILE');
    const claimed = pod.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim);
    assert.equal(claimed, !replicated);
    assert.deepEqual([spec.replicas > 1, spec.strategy.type], replicated ? [true, 'RollingUpdate'] : [false, 'Recreate']);
    assert.equal(of('PodDisruptionBudget').length, spec.replicas > 1 ? 1 : 0);
    assert.equal((pod.topologySpreadConstraints ?? []).length > 0, spec.replicas > 1);
    return { spec, pod, container, of };
}
