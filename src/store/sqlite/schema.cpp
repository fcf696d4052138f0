// SPDX-License-Identifier: MIT
#include "store/sqlite/schema.hpp"

#include <array>

namespace runs_agent::store {

namespace {

constexpr std::array<const char*, 13> migrations{
    R"sql(
CREATE TABLE deliveries(
    id INTEGER PRIMARY KEY,
    guid TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    action TEXT NOT NULL,
    host TEXT NOT NULL,
    hook_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    run_id INTEGER,
    facts TEXT,
    decided_at INTEGER,
    rule TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '');
CREATE INDEX deliveries_undecided ON deliveries(id) WHERE decided_at IS NULL;
CREATE INDEX deliveries_of_run ON deliveries(run_id) WHERE run_id IS NOT NULL;
CREATE INDEX deliveries_by_age ON deliveries(received_at);

CREATE TABLE bodies(
    delivery_id INTEGER PRIMARY KEY REFERENCES deliveries(id) ON DELETE CASCADE,
    gzip BLOB NOT NULL);

CREATE TABLE attempts(
    host TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    run_group TEXT NOT NULL,
    run_number INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    conclusion TEXT NOT NULL,
    heard_at INTEGER NOT NULL,
    PRIMARY KEY(host, run_id, attempt)) WITHOUT ROWID;
CREATE INDEX attempts_of_group ON attempts(run_group, run_number);
CREATE INDEX attempts_open ON attempts(run_group, run_number) WHERE completed = 0;
CREATE INDEX attempts_by_age ON attempts(heard_at);

CREATE TABLE calls(
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    delivery_id INTEGER NOT NULL REFERENCES deliveries(id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    repository TEXT NOT NULL,
    operation TEXT NOT NULL,
    rule TEXT NOT NULL,
    project_id TEXT NOT NULL,
    ci_build_id TEXT NOT NULL,
    only_if_in_progress INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    planned_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    leased INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    not_found INTEGER NOT NULL DEFAULT 0,
    first_tried_at INTEGER,
    last_tried_at INTEGER,
    finished_at INTEGER,
    changed INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '');
CREATE INDEX calls_of_delivery ON calls(delivery_id);
CREATE INDEX calls_open_of_run ON calls(host, run_id, id) WHERE state IN ('pending', 'held');
CREATE INDEX calls_of_run ON calls(host, run_id);
CREATE INDEX calls_due ON calls(due_at) WHERE state = 'pending';
CREATE INDEX calls_held ON calls(last_tried_at) WHERE state = 'held';
CREATE INDEX calls_dead ON calls(delivery_id) WHERE state = 'dead';

CREATE TABLE tries(
    id INTEGER PRIMARY KEY,
    call_id INTEGER NOT NULL REFERENCES calls(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    took INTEGER NOT NULL,
    status INTEGER NOT NULL,
    result TEXT NOT NULL);
CREATE INDEX tries_of_call ON tries(call_id);
)sql",
    R"sql(
ALTER TABLE deliveries ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;

ALTER TABLE calls ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
UPDATE calls SET refused = 1 WHERE state = 'held';
DROP INDEX calls_open_of_run;
CREATE INDEX calls_open_of_run ON calls(host, run_id, project_id, id)
    WHERE state IN ('pending', 'held');
CREATE INDEX calls_refused ON calls(last_tried_at)
    WHERE refused > 0 AND state IN ('pending', 'held');

CREATE TABLE moved_calls(
    delivery_id INTEGER NOT NULL REFERENCES deliveries(id) ON DELETE CASCADE,
    call_id INTEGER NOT NULL REFERENCES calls(id) ON DELETE CASCADE,
    PRIMARY KEY(delivery_id, call_id)) WITHOUT ROWID;
CREATE INDEX moved_calls_of_call ON moved_calls(call_id);

CREATE TABLE written(id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
)sql",
    R"sql(
ALTER TABLE attempts ADD COLUMN head_sha TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN started_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE calls ADD COLUMN machine_id TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN claimed_before INTEGER NOT NULL DEFAULT 0;

DROP INDEX deliveries_of_run;
CREATE INDEX deliveries_of_run ON deliveries(run_id, id) WHERE run_id IS NOT NULL;
)sql",
    R"sql(
CREATE TABLE hooks(
    host TEXT NOT NULL,
    kind TEXT NOT NULL,
    hook_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    heard_at INTEGER NOT NULL,
    PRIMARY KEY(host, kind, hook_id)) WITHOUT ROWID;

CREATE TABLE repositories(
    host TEXT NOT NULL,
    repository TEXT NOT NULL,
    heard_at INTEGER NOT NULL,
    PRIMARY KEY(host, repository)) WITHOUT ROWID;
INSERT INTO repositories SELECT host, repository, max(received_at) FROM deliveries
    WHERE run_id IS NOT NULL AND repository <> '' GROUP BY host, repository;

CREATE TABLE looks(name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
)sql",
    R"sql(
ALTER TABLE calls ADD COLUMN withdrawn TEXT NOT NULL DEFAULT '';
CREATE INDEX calls_withdrawn ON calls(due_at) WHERE state = 'pending' AND withdrawn <> '';
)sql",
    // An attempt may go on after an end (decide/attempt.hpp): started_at is that of the moment it
    // was last told to go on. `live`: the newest attempt of its run, which goes on as far as is
    // known and which no newer run has superseded; deciding looks at these alone.
    R"sql(
ALTER TABLE attempts ADD COLUMN alive_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN ended_started_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN ended_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN first_started_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN unclear INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN live INTEGER NOT NULL DEFAULT 0;
UPDATE calls SET state = 'succeeded', leased = 0, finished_at = due_at,
    outcome = 'not needed any more: the run waited for approval, and had not ended'
    WHERE state IN ('pending', 'held') AND operation IN ('cancel-ci', 'cancel-run') AND EXISTS
    (SELECT 1 FROM attempts a WHERE a.host = calls.host AND a.run_id = calls.run_id
    AND a.attempt = calls.attempt AND a.conclusion = 'action_required');
UPDATE attempts SET completed = 0, conclusion = '' WHERE conclusion = 'action_required';
UPDATE attempts SET first_started_at = started_at;
UPDATE attempts SET ended_started_at = started_at WHERE completed = 1;
UPDATE attempts SET live = 1 WHERE completed = 0 AND NOT EXISTS (SELECT 1 FROM attempts n
    WHERE n.host = attempts.host AND n.run_id = attempts.run_id AND n.attempt > attempts.attempt);
CREATE INDEX attempts_live ON attempts(run_group, head_sha, run_number) WHERE live = 1;

ALTER TABLE calls ADD COLUMN as_of INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN life INTEGER NOT NULL DEFAULT 0;
)sql",
    // What a person gave up is no dead letter. Bodies are found by their age. Hosts have one
    // spelling (base/host_name.hpp): lower case, no dot at the end, no port that goes without
    // saying. Where two spellings of a host told of one attempt, the newer one's word stays.
    R"sql(
UPDATE calls SET state = 'dropped' WHERE state = 'dead' AND outcome LIKE 'given up by hand%';

ALTER TABLE deliveries ADD COLUMN has_body INTEGER NOT NULL DEFAULT 0;
UPDATE deliveries SET has_body = 1 WHERE id IN (SELECT delivery_id FROM bodies);
CREATE INDEX deliveries_with_body ON deliveries(received_at) WHERE has_body = 1;

CREATE TABLE told_hosts(told TEXT PRIMARY KEY, host TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO told_hosts SELECT told, lower(told) FROM
    (SELECT host AS told FROM deliveries UNION SELECT host FROM attempts UNION
     SELECT host FROM calls UNION SELECT host FROM hooks UNION SELECT host FROM repositories);
UPDATE told_hosts SET host = substr(host, 1, length(host) - 4) WHERE host LIKE '_%:443';
UPDATE told_hosts SET host = substr(host, 1, length(host) - 3) WHERE host LIKE '_%:80';
UPDATE told_hosts SET host = rtrim(host, '.');
DELETE FROM told_hosts WHERE host = told OR host = '';
UPDATE OR REPLACE hooks SET host = (SELECT t.host FROM told_hosts t WHERE t.told = hooks.host)
    WHERE host IN (SELECT told FROM told_hosts);
UPDATE OR REPLACE repositories
    SET host = (SELECT t.host FROM told_hosts t WHERE t.told = repositories.host)
    WHERE host IN (SELECT told FROM told_hosts);
DELETE FROM attempts WHERE EXISTS (SELECT 1 FROM attempts n WHERE n.host IN
    (SELECT told FROM told_hosts UNION SELECT host FROM told_hosts)
    AND n.run_id = attempts.run_id AND n.attempt = attempts.attempt
    AND coalesce((SELECT t.host FROM told_hosts t WHERE t.told = n.host), n.host) =
        coalesce((SELECT t.host FROM told_hosts t WHERE t.told = attempts.host), attempts.host)
    AND (n.heard_at, n.host) > (attempts.heard_at, attempts.host));
UPDATE OR REPLACE attempts SET host = t.host, run_group =
    replace(run_group, length(t.told) || ':' || t.told, length(t.host) || ':' || t.host)
    FROM told_hosts t WHERE t.told = attempts.host;
UPDATE deliveries SET host = t.host,
    facts = replace(facts, '"host":"' || t.told || '"', '"host":"' || t.host || '"')
    FROM told_hosts t WHERE t.told = deliveries.host;
UPDATE OR IGNORE calls SET host = t.host,
    key = replace(key, '/' || t.told || '/', '/' || t.host || '/')
    FROM told_hosts t WHERE t.told = calls.host;
UPDATE calls SET state = 'succeeded', leased = 0, finished_at = due_at,
    outcome = 'not needed any more: the same call was planned under its host''s other spelling'
    WHERE state IN ('pending', 'held') AND host IN (SELECT told FROM told_hosts);
DROP TABLE told_hosts;
)sql",
    // Of rows from before, an end was told once as far as is known.
    R"sql(
ALTER TABLE attempts ADD COLUMN ended_first INTEGER NOT NULL DEFAULT 0;
UPDATE attempts SET ended_first = ended_at WHERE conclusion <> '';
)sql",
    // What people look for (searching.hpp), and what they do by hand. The names that a delivery is
    // found by are read from its facts where they are asked for; `deliveries_names` holds them,
    // narrow, in the order of arrival.
    R"sql(
ALTER TABLE deliveries ADD COLUMN workflow TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(facts) THEN json_extract(facts, '$.workflow_name') END) VIRTUAL;
ALTER TABLE deliveries ADD COLUMN workflow_path TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(facts) THEN json_extract(facts, '$.workflow_path') END) VIRTUAL;
ALTER TABLE deliveries ADD COLUMN branch TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(facts) THEN json_extract(facts, '$.head_branch') END) VIRTUAL;
ALTER TABLE deliveries ADD COLUMN actor TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(facts) THEN coalesce(json_extract(facts, '$.triggering_actor'),
    json_extract(facts, '$.actor')) END) VIRTUAL;
ALTER TABLE deliveries ADD COLUMN conclusion TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(facts) THEN json_extract(facts, '$.conclusion') END) VIRTUAL;
ALTER TABLE deliveries ADD COLUMN job TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(facts) THEN json_extract(facts, '$.job_name') END) VIRTUAL;
CREATE INDEX deliveries_names ON deliveries(id, received_at, host, repository, workflow,
    workflow_path, branch, actor, conclusion, job);
CREATE INDEX deliveries_acted ON deliveries(rule, id)
    WHERE rule IN ('R1', 'R2', 'R3', 'R4', 'R6');
DROP INDEX deliveries_by_age;
CREATE INDEX deliveries_by_age ON deliveries(received_at, rule);

CREATE INDEX calls_open_of_delivery ON calls(delivery_id) WHERE state IN ('pending', 'held');
CREATE INDEX calls_dropped ON calls(delivery_id) WHERE state = 'dropped';
CREATE INDEX calls_dead_by_age ON calls(finished_at) WHERE state = 'dead';
CREATE INDEX calls_changed ON calls(finished_at, operation) WHERE changed = 1;
CREATE INDEX calls_changed_of_delivery ON calls(delivery_id) WHERE changed = 1;

CREATE TABLE acts(
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    act TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    delivery TEXT NOT NULL,
    subject TEXT NOT NULL,
    filter TEXT NOT NULL,
    calls INTEGER NOT NULL);
CREATE INDEX acts_of_delivery ON acts(delivery, id);
CREATE INDEX acts_by_age ON acts(at);
)sql",
    // The text that decide::to_text(Tellings) makes; of rows from before, ended_at and alive_at
    // are all that is known.
    R"sql(
ALTER TABLE attempts ADD COLUMN tellings TEXT NOT NULL DEFAULT '';
)sql",
    // Services that asked to be left alone (Store::record_pause).
    R"sql(
CREATE TABLE pauses(service TEXT PRIMARY KEY, until INTEGER NOT NULL, length INTEGER NOT NULL)
    WITHOUT ROWID;
)sql",
    // What of the policy held when it was decided (decide::Decision::policy); NULL: not kept.
    R"sql(
ALTER TABLE deliveries ADD COLUMN policy TEXT;
)sql",
    // How many specs a reset opened again; NULL: not noted, or it is no reset.
    R"sql(
ALTER TABLE calls ADD COLUMN specs INTEGER;
)sql"};

}  // namespace

std::span<const char* const> sqlite_migrations() {
    return migrations;
}

}  // namespace runs_agent::store
