-- SPDX-License-Identifier: MIT
-- For bench/replicas: so many deliveries of the last days, three of each run, as like the first one in the database (a
-- cancelled run's) as they can be; their attempts, every twentieth run's call with its try, and every hundredth delivery's
-- body. psql's variables: rows, days, now (milliseconds).
SET session_replication_role = replica; -- no look-up of each foreign key
SET synchronous_commit = off;

SELECT nextval('deliveries_id_seq') AS next \gset

INSERT INTO deliveries(id, guid, event, action, host, hook_id, repository, received_at, run_id, facts, decided_at, rule,
    reason, has_body, run_lane, group_lane, named, workflow, workflow_path, branch, actor, conclusion, job)
SELECT :next + g, gen_random_uuid()::text, t.event, t.action, t.host, t.hook_id, t.repository, at,
    run, replace(t.facts, '"run_id":' || t.run_id || ',', '"run_id":' || run || ','), at, t.rule, t.reason,
    CASE WHEN g % 100 = 0 THEN 1 ELSE 0 END, hashtextextended(run::text, 0), hashtextextended('group ' || run % 50000, 0),
    t.named, t.workflow, t.workflow_path, t.branch, t.actor, t.conclusion, t.job
FROM deliveries t, LATERAL (SELECT g, 1000000000 + :next + g / 3 AS run,
    :now - (:days * 86400000.0 * (:rows - g) / :rows)::bigint AS at FROM generate_series(1, :rows) g) AS many
WHERE t.id = (SELECT min(id) FROM deliveries);
SELECT setval('deliveries_id_seq', :next + :rows) \g /dev/null

INSERT INTO bodies(delivery_id, gzip)
SELECT d.id, b.gzip FROM deliveries d, (SELECT gzip FROM bodies ORDER BY delivery_id LIMIT 1) b
WHERE d.id > :next AND d.has_body = 1;

-- LATERAL: "(f(row)).*" would call f once for each column.
INSERT INTO attempts SELECT made.*
FROM attempts t, (SELECT run_id AS run, max(received_at) AS at FROM deliveries WHERE id > :next GROUP BY run_id) AS runs,
    LATERAL jsonb_populate_record(t, jsonb_build_object('run_id', run, 'run_group', 'group ' || run % 50000,
        'run_number', run, 'heard_at', at, 'group_lane', hashtextextended('group ' || run % 50000, 0))) AS made
WHERE t.ctid = (SELECT min(ctid) FROM attempts);

INSERT INTO calls SELECT made.*
FROM calls t, deliveries d, LATERAL jsonb_populate_record(t, jsonb_build_object('id', nextval('calls_id_seq'),
    'key', 'call ' || d.id, 'delivery_id', d.id, 'run_id', d.run_id, 'state', 'succeeded', 'leased', 0,
    'finished_at', d.received_at, 'lane', d.run_lane)) AS made
WHERE t.id = (SELECT min(id) FROM calls) AND d.id > :next AND d.id % 60 = 0;
INSERT INTO tries SELECT made.*
FROM tries t, calls c,
    LATERAL jsonb_populate_record(t, jsonb_build_object('id', nextval('tries_id_seq'), 'call_id', c.id)) AS made
WHERE t.id = (SELECT min(id) FROM tries) AND c.delivery_id > :next;
VACUUM ANALYZE;
