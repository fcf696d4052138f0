// SPDX-License-Identifier: MIT
// A peer of bench/receiver: Octokit's own middleware, which checks the signature, in Node.js' HTTP
// server; each delivery is one insert into SQLite, synchronised to disk like the daemon's, before the
// answer. It decides nothing and calls nobody, which the daemon does besides.
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { Webhooks, createNodeMiddleware } from '@octokit/webhooks';

const database = new DatabaseSync(process.env.PEER_DATABASE);
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE deliveries (guid TEXT PRIMARY KEY, event TEXT NOT NULL, payload TEXT NOT NULL, received INTEGER NOT NULL) WITHOUT ROWID`);
const insert = database.prepare('INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, ?)');

const webhooks = new Webhooks({ secret: process.env.GITHUB_WEBHOOK_SECRET });
webhooks.onAny(({ id, name, payload }) => insert.run(id, name, JSON.stringify(payload), Date.now()));
const server = createServer(createNodeMiddleware(webhooks, { path: '/webhooks/github' }));
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
process.on('SIGTERM', () => {
    console.log(`stored ${database.prepare('SELECT count(*) AS all_of_them FROM deliveries').get().all_of_them}`);
    process.exit();
});
