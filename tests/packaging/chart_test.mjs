// SPDX-License-Identifier: MIT
// The Helm chart, linted and rendered by the real Helm: what it makes fits Kubernetes' schemas, what one object names
// stands in another, the daemon takes what it is given, and values that cannot work are refused in words.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { documents } from '../docs/documents.mjs';
import { simpleCommands } from '../docs/shell.mjs';
import { promtool } from '../prometheus/prometheus.mjs';
import { Place, request, until } from '../system/program.mjs';
import { absent, chart, helm } from './helm.mjs';
import { checkDeployment, objectsOf, require } from './manifests.mjs';

const { parse, stringify } = require('yaml');
const sets = readdirSync(join(chart, 'ci'));
const file = (name) => join(chart, 'ci', name);
const secrets = ['Secret/runs-agent', 'Secret/runs-agent-database', 'Secret/agent-secrets', 'Secret/agent-example-com', 'ConfigMap/our-policy'];

// What the chart makes of these arguments; it must.
function rendered(...args) {
    const { code, stdout, stderr } = helm('template', 'ours', chart, ...args);
    assert.equal(code, 0, stderr);
    return objectsOf(stdout);
}

describe('the chart', { skip: absent }, () => {
    test('is what Helm takes for one, with each set of values', () => {
        assert.deepEqual(sets.sort(), ['everything-values.yaml', 'postgresql-values.yaml', 'sqlite-values.yaml', 'tls-values.yaml']);
        for (const name of sets) {
            const { code, stdout } = helm('lint', '--strict', '--values', file(name), chart);
            assert.equal(code, 0, stdout);
        }
    });

    test('makes what Kubernetes takes, of each set of values', () => {
        for (const name of sets) checkDeployment(rendered('--values', file(name)), secrets);
    });

    test('SQLite: one replica with a disk of its own', () => {
        const { spec, pod, of } = checkDeployment(rendered('--values', file('sqlite-values.yaml')), secrets);
        assert.equal(spec.replicas, 1);
        assert.ok(pod.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === of('PersistentVolumeClaim')[0].metadata.name));
        assert.equal(of('Service')[0].spec.publishNotReadyAddresses, true);
        const existing = rendered('--values', file('sqlite-values.yaml'), '--set', 'persistence.existingClaim=disk');
        assert.deepEqual(existing.filter(({ kind }) => kind === 'PersistentVolumeClaim'), []);
        assert.doesNotThrow(() => checkDeployment(existing, [...secrets, 'PersistentVolumeClaim/disk']));
    });

    test('PostgreSQL: three replicas, spread, of which one may go', () => {
        const { spec, pod, container, of } = checkDeployment(rendered('--values', file('postgresql-values.yaml')), secrets);
        assert.equal(spec.replicas, 3);
        assert.equal(of('PodDisruptionBudget')[0].spec.maxUnavailable, 1);
        assert.deepEqual(pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey), ['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
        assert.ok(container.lifecycle.preStop.sleep);
        assert.equal(of('Service')[0].spec.publishNotReadyAddresses, false);
        assert.ok(of('NetworkPolicy')[0].spec.egress.some(({ ports }) => ports.some(({ port }) => port === 5432)));
        const older = rendered('--values', file('postgresql-values.yaml'), '--kube-version', 'v1.28.0');
        assert.equal(checkDeployment(older, secrets).container.lifecycle, undefined, 'Kubernetes 1.28 knows no sleep');
    });

    test('TLS of its own: the pair from a Secret, and all who ask do so by it', () => {
        const { pod, container, of } = checkDeployment(rendered('--values', file('tls-values.yaml')), secrets);
        const values = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
        assert.equal(values.RUNS_AGENT_TLS_CERTIFICATE_FILE, '/run/secrets/tls/tls.crt');
        assert.equal(values.RUNS_AGENT_TLS_KEY_FILE, '/run/secrets/tls/tls.key');
        assert.equal(pod.volumes.find(({ name }) => name === 'tls').secret.secretName, 'agent-example-com');
        // Azure's load balancer would ask for / by it, which is a 404 here, and let nothing through.
        const protocols = (some) => some('Service').map(({ spec }) => spec.ports[0].appProtocol);
        assert.deepEqual(protocols(of), [undefined, undefined]);
        const named = checkDeployment(rendered('--values', file('tls-values.yaml'), '--set', 'service.appProtocol=https'), secrets);
        assert.deepEqual(protocols(named.of), ['https', undefined]);
        assert.deepEqual(of('ServiceMonitor')[0].spec.endpoints[0].tlsConfig, { serverName: 'agent.example.com' });
        const other = rendered('--values', file('tls-values.yaml'), '--set', 'tls.certificateKey=cert,tls.keyKey=key');
        assert.deepEqual(checkDeployment(other, secrets).pod.volumes.find(({ name }) => name === 'tls').secret.items.map(({ key }) => key), ['cert', 'key']);
    });

    test('everything that can be switched on is there', async (t) => {
        const place = new Place();
        t.after(() => place.leave());
        const objects = rendered('--values', file('everything-values.yaml'));
        const { container, of } = checkDeployment(objects, secrets);
        const values = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
        assert.equal(values.GITHUB_APP_ID, '1234567', 'as YAML has large numbers');
        assert.deepEqual([values.RUNS_AGENT_LOG, values.RUNS_AGENT_KEEP_BODIES], ['debug', '3d']);
        assert.deepEqual(container.args, ['serve', '--dry-run']);
        assert.match(container.image, /^registry\.example\.com\/ci\/runs-agent@sha256:/);
        assert.deepEqual(of('Service').map(({ metadata }) => metadata.name), ['agent', 'agent-admin']);
        assert.equal(of('Secret')[0].stringData['database-url'], 'postgresql://agent@db1.example/runs_agent?passfile=/nowhere');

        // It finds the Service, by a port that is there; its job is the one that alerts ask for.
        const [{ spec: monitor }] = of('ServiceMonitor');
        const found = of('Service').filter(({ metadata }) => Object.entries(monitor.selector.matchLabels).every(([key, value]) => metadata.labels[key] === value));
        assert.deepEqual(found.map(({ metadata }) => metadata.name), ['agent']);
        assert.ok(found[0].spec.ports.some(({ name }) => name === monitor.endpoints[0].port));
        const job = monitor.endpoints[0].relabelings.find(({ targetLabel }) => targetLabel === 'job').replacement;
        const [{ spec: rules }] = of('PrometheusRule');
        const expressions = rules.groups.flatMap(({ rules: some }) => some.map(({ expr }) => expr));
        assert.ok(expressions.some((text) => text.includes(`job="${job}"`)));
        const shipped = readFileSync(new URL('../../packaging/prometheus/alerts.yml', import.meta.url), 'utf8');
        assert.equal(readFileSync(join(chart, 'files/alerts.yml'), 'utf8'), shipped, 'cp packaging/prometheus/alerts.yml packaging/helm/runs-agent/files/');
        assert.deepEqual(rules, parse(shipped));
        const path = join(place.dir, 'rules.yml');
        writeFileSync(path, stringify(rules));
        assert.equal((await promtool(['check', 'rules', path])).code, 0);
    });

    test('what docs/deploy.md shows of it works', (t) => {
        const dir = mkdtempSync(join(tmpdir(), 'runs-agent-chart-'));
        t.after(() => rmSync(dir, { recursive: true }));
        const { blocks } = documents().find(({ name }) => name === 'docs/deploy.md');
        const values = blocks.filter(({ language, text }) => language === 'yaml' && text.startsWith('# values.yaml\n'));
        assert.equal(values.length, 1);
        writeFileSync(join(dir, 'values.yaml'), values[0].text);
        const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => simpleCommands(text)).filter(([first]) => first === 'helm');
        assert.deepEqual(commands.map(([, what]) => what), ['install', 'upgrade']);
        for (const [, , ...args] of commands) {
            const here = args.filter((one) => one !== '--install').map((one) => one.replace(/^packaging\//, `${dirname(dirname(dirname(chart)))}/packaging/`).replace('values.yaml', join(dir, 'values.yaml')));
            const { code, stdout, stderr } = helm('template', ...here);
            assert.equal(code, 0, stderr);
            checkDeployment(objectsOf(stdout), secrets);
        }
    });

    test('values that cannot work are refused in words', () => {
        const refused = (...args) => {
            const { code, stderr } = helm('template', 'ours', chart, ...args);
            assert.notEqual(code, 0, args.join(' '));
            return stderr;
        };
        const sqlite = (...args) => refused('--values', file('sqlite-values.yaml'), ...args.flatMap((one) => ['--set', one]));
        const postgresql = (...args) => refused('--values', file('postgresql-values.yaml'), ...args.flatMap((one) => ['--set', one]));
        assert.match(refused(), /image\.repository is not set/);
        assert.match(sqlite('replicas=3'), /replicas is 3, but a SQLite database has one writer: set replicas to 1, or database\.kind to postgresql/);
        assert.match(sqlite('replicas=0'), /replicas/);
        assert.match(sqlite('database.kind=postgresql'), /nothing says where it is/);
        assert.match(sqlite('database.kind=mysql'), /database\/kind/);
        assert.match(sqlite('database.existingSecret=x'), /set database\.kind to postgresql, or leave them out/);
        assert.match(postgresql('database.url=postgresql://x/y'), /both set: leave one out/);
        assert.match(postgresql('persistence.existingClaim=x'), /leave it out/);
        assert.match(sqlite('admin.enabled=true'), /secrets\.adminTokenKey/);
        assert.match(sqlite('ingress.enabled=true'), /ingress\.host/);
        assert.match(sqlite('github.appId=x'), /both github\.appId and secrets\.githubAppPrivateKeyKey/);
        assert.match(sqlite('tls.existingSecret=x', 'tls.keyKey=tls.crt'), /tls\.certificateKey and tls\.keyKey are the same/);
        assert.match(sqlite('metrics.serviceMonitor.tlsConfig.serverName=x'), /is for tls\.existingSecret/);
        const monitored = ['tls.existingSecret=x', 'metrics.serviceMonitor.enabled=true'];
        for (const config of [[], ['metrics.serviceMonitor.tlsConfig.ca.secret.name=x'], ['metrics.serviceMonitor.tlsConfig.insecureSkipVerify=false']])
            assert.match(sqlite(...monitored, ...config), /set metrics\.serviceMonitor\.tlsConfig\.serverName to a name in the certificate/);
        assert.match(sqlite('env.RUNS_AGENT_TLS_CERTIFICATE_FILE=x'), /set tls\.existingSecret, so that the probes ask by HTTPS too/);
        assert.match(sqlite('args={--embedded}'), /packaging\/compose has/);
        assert.match(postgresql('existingPolicyConfigMap=x'), /policy and existingPolicyConfigMap/);
        assert.match(sqlite('secrets.existingSecret='), /existingSecret/);
        for (const typo of ['replcas=1', 'secrets.webhookKey=x', 'ingress.hosts=x', 'policy.default=x', 'env.RUNS-AGENT=x'])
            assert.match(sqlite(typo), /not allowed|propertyNames|does not match/, typo);
    });

    // The container's variables, with the image's, and its files in a folder: the daemon starts, and its probes answer.
    async function start(t, objects) {
        const { container, of } = checkDeployment(objects, secrets);
        const place = new Place();
        t.after(() => place.leave());
        const image = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
        const ofImage = Object.fromEntries([.../\nENV ((?:.*\\\n)*.*)/.exec(image)[1].matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
        const given = { ...ofImage, ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])) };
        assert.equal(given.RUNS_AGENT_LISTEN.split(':')[1], String(container.ports[0].containerPort));
        const inside = (path) => join(place.dir, 'root', path);
        for (const { mountPath } of container.volumeMounts) mkdirSync(inside(mountPath), { recursive: true });
        writeFileSync(inside(given.RUNS_AGENT_CONFIG), of('ConfigMap')[0].data['policy.yml']);
        for (const [name, value] of Object.entries(given)) {
            if (name.endsWith('_FILE')) writeFileSync(inside(value), 'a-secret-of-some-length', { mode: 0o440 });
            if (value.startsWith('/')) given[name] = inside(value);
        }
        if (given.RUNS_AGENT_TLS_CERTIFICATE_FILE) makePair(given.RUNS_AGENT_TLS_CERTIFICATE_FILE, given.RUNS_AGENT_TLS_KEY_FILE);
        Object.assign(given, { RUNS_AGENT_LISTEN: '127.0.0.1:0', RUNS_AGENT_ADMIN_LISTEN: '127.0.0.1:0', PATH: process.env.PATH, CURRENTS_API_URL: 'http://127.0.0.1:9/v1' });
        const running = place.launch(process.env.RUNS_AGENT_BINARY, [...container.args, '--log-format', 'json'], given);
        const listening = await until('the daemon', () => {
            assert.equal(running.child.exitCode, null, running.stderr);
            return running.stderr.split('\n').find((line) => line.includes('"webhooks.listening"'));
        });
        assert.ok(dirname(given.RUNS_AGENT_STATE_DIR).startsWith(place.dir));
        return { container, address: JSON.parse(listening).address };
    }
    function makePair(certificate, key) {
        for (const path of [certificate, key]) rmSync(path);
        execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=agent.example.com', '-days', '2', '-out', certificate, '-keyout', key], { stdio: 'ignore' });
    }
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'];

    test('the daemon starts with what the chart gives it, and answers its probes', async (t) => {
        const { container, address } = await start(t, rendered('--values', file('sqlite-values.yaml'), '--set', 'policy.defaults.cancel_on={cancelled}'));
        for (const probe of probes) {
            const { status, body } = await request({ address, path: container[probe].httpGet.path });
            assert.equal(status, 200, `${probe}: ${body}`);
        }
    });

    // The kubelet looks at no certificate (kubernetes.io, "Configure Liveness, Readiness and Startup Probes").
    test('with TLS of its own, too', async (t) => {
        const { container, address } = await start(t, rendered('--values', file('tls-values.yaml')));
        for (const probe of probes) {
            const { path, scheme } = container[probe].httpGet;
            const answer = await fetchInsecurely(`${scheme.toLowerCase()}://${address}${path}`);
            assert.equal(answer, 200, probe);
        }
    });
});

function fetchInsecurely(url) {
    return new Promise((done, failed) => {
        https.get(url, { rejectUnauthorized: false }, (answer) => done(answer.resume().statusCode)).on('error', failed);
    });
}
