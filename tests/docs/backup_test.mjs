// SPDX-License-Identifier: MIT
// docs/backup-and-upgrade.md: its commands save a database that was lost, on the machine that the quick start has set up.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { cancelled, deliver, until } from '../system/program.mjs';
import { documents } from './documents.mjs';
import { Machine, follow } from './machine.mjs';

// The blocks of a document below one heading.
function under(name, heading) {
    const page = documents().find((one) => one.name === name);
    const from = page.text.indexOf(`\n## ${heading}`);
    assert.ok(from > 0, `${name} has no ${heading}`);
    const [first, last] = [page.lineOf(from + 1), page.lineOf(page.text.indexOf('\n## ', from + 1))];
    return [page, page.blocks.filter(({ line }) => line > first && line < last)];
}

test('a database that was lost is there again, and is after an upgrade', async (t) => {
    const machine = await Machine.bare(t);
    for (const heading of ['1. ', '2. ', '3. ']) await follow(machine, ...under('docs/quick-start.md', heading));
    const first = (await deliver(machine.listen, machine.secret, cancelled(1))).guid;
    const here = 'docs/backup-and-upgrade.md';
    await follow(machine, ...under(here, 'Back up'));
    const daily = await machine.type('/etc/cron.daily/runs-agent-backup && ls /var/backups/runs-agent');
    assert.equal(daily.code, 0, daily.stderr);
    assert.match(daily.stdout, /^\d{4}-\d\d-\d\d\.db\netc\.tar\.gz\ntoday\.db\n$/);
    assert.match((await machine.type('tar -tzf /var/backups/runs-agent/etc.tar.gz')).stdout, /etc\/runs-agent\/webhook-secret/);
    assert.equal((await machine.type('stat -c %a /var/backups/runs-agent /var/backups/runs-agent/today.db')).stdout, '700\n600\n');

    // What came later is lost with the database, which a disk has filled with nothing.
    const lost = (await deliver(machine.listen, machine.secret, cancelled(2))).guid;
    const database = join(machine.root, 'var/lib/runs-agent/runs-agent.db');
    await until('it to be on disk', () => readdirSync(join(machine.root, 'var/lib/runs-agent')).length > 1);
    await machine.type('systemctl stop runs-agent');
    writeFileSync(database, Buffer.alloc(readFileSync(database).length));
    await machine.type('systemctl start runs-agent');
    assert.notEqual((await machine.type('runs-agent health --ready')).code, 0);
    await follow(machine, ...under(here, 'Restore'));
    const list = async () => (await machine.type('sudo runs-agent deliveries list')).stdout;
    assert.ok((await list()).includes(first));
    assert.ok(!(await list()).includes(lost), 'the test has lost nothing');
    assert.equal((await deliver(machine.listen, machine.secret, cancelled(3))).status, 202);

    await follow(machine, ...under(here, 'Upgrade'));
    assert.ok((await list()).includes(first));
});
