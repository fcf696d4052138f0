// SPDX-License-Identifier: MIT
#include "runs_server/setup/schema.hpp"

#include <array>

namespace runs_agent::runs_server {

namespace {

constexpr std::array<const char*, 10> steps{
    R"sql(
CREATE TABLE projects(
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    inactivity INTEGER NOT NULL DEFAULT 1800000) WITHOUT ROWID;

CREATE TABLE keys(
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    read_only INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER);

CREATE TABLE runs(
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES projects(id),
    ci_build_id TEXT NOT NULL,
    github_run_id TEXT NOT NULL,
    github_run_attempt INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    canceled_at INTEGER,
    canceled_by TEXT NOT NULL DEFAULT '',
    cancel_reason TEXT NOT NULL DEFAULT '',
    branch TEXT NOT NULL,
    commit_json TEXT NOT NULL,
    framework_json TEXT NOT NULL,
    tags_json TEXT NOT NULL,
    UNIQUE(project_id, ci_build_id));
CREATE INDEX runs_of_github ON runs(github_run_id, github_run_attempt);
CREATE INDEX runs_of_project ON runs(project_id, seq);

CREATE TABLE groups(
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    platform_json TEXT NOT NULL,
    PRIMARY KEY(run_id, name)) WITHOUT ROWID;

CREATE TABLE specs(
    id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    group_name TEXT NOT NULL,
    spec TEXT NOT NULL,
    tags_json TEXT NOT NULL DEFAULT '[]',
    machine_id TEXT,
    claimed_at INTEGER,
    completed_at INTEGER,
    started TEXT NOT NULL DEFAULT '',
    results TEXT,
    tests_known INTEGER NOT NULL DEFAULT 0,
    overall INTEGER NOT NULL DEFAULT 0,
    passes INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    pending INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    flaky INTEGER NOT NULL DEFAULT 0,
    retries INTEGER NOT NULL DEFAULT 0,
    UNIQUE(run_id, group_name, spec));
)sql",
    R"sql(
ALTER TABLE projects ADD COLUMN default_branch TEXT;

ALTER TABLE runs ADD COLUMN previous_run_id TEXT;
ALTER TABLE runs ADD COLUMN pull_request TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN inactivity INTEGER NOT NULL DEFAULT 1800000;
CREATE INDEX runs_by_previous ON runs(previous_run_id) WHERE previous_run_id IS NOT NULL;
UPDATE runs SET inactivity = (SELECT p.inactivity FROM projects p WHERE p.id = project_id);

ALTER TABLE groups ADD COLUMN tags_json TEXT NOT NULL DEFAULT '[]';

ALTER TABLE specs ADD COLUMN worker_index INTEGER NOT NULL DEFAULT 0;
ALTER TABLE specs ADD COLUMN parallel_index INTEGER NOT NULL DEFAULT 0;
ALTER TABLE specs ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE specs ADD COLUMN stats TEXT;
ALTER TABLE specs ADD COLUMN exception TEXT;
CREATE TABLE tests(
    spec_id TEXT PRIMARY KEY REFERENCES specs(id) ON DELETE CASCADE,
    tests TEXT NOT NULL);
INSERT INTO tests SELECT id, results -> '$.tests' FROM specs WHERE results IS NOT NULL;
UPDATE specs SET stats = results -> '$.stats', failed = failures > 0;
ALTER TABLE specs DROP COLUMN results;
CREATE INDEX specs_of_run ON specs(run_id, completed_at, failed);
CREATE INDEX specs_of_machine ON specs(run_id, machine_id);

ALTER TABLE keys RENAME TO old_keys;
CREATE TABLE keys(
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    read_only INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    UNIQUE(kind, hash));
INSERT INTO keys SELECT * FROM old_keys;
DROP TABLE old_keys;

CREATE TABLE artifacts(
    id TEXT PRIMARY KEY,
    spec_id TEXT NOT NULL REFERENCES specs(id) ON DELETE CASCADE,
    level TEXT NOT NULL,
    test_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    path TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    size INTEGER,
    content BLOB,
    UNIQUE(spec_id, level, test_id, attempt, path));

CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO settings VALUES('url_key', lower(hex(randomblob(32))));
)sql",
    R"sql(
ALTER TABLE tests ADD COLUMN earlier TEXT NOT NULL DEFAULT '[]';

CREATE TABLE reports(
    spec_id TEXT NOT NULL REFERENCES specs(id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY(spec_id, machine_id, digest)) WITHOUT ROWID;

ALTER TABLE artifacts RENAME TO old_artifacts;
CREATE TABLE artifacts(
    id TEXT PRIMARY KEY,
    spec_id TEXT NOT NULL REFERENCES specs(id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    level TEXT NOT NULL,
    test_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    path TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    size INTEGER,
    content BLOB,
    UNIQUE(spec_id, machine_id, level, test_id, attempt, path));
INSERT INTO artifacts SELECT id, spec_id, coalesce((SELECT machine_id FROM specs WHERE
    specs.id = spec_id), ''), level, test_id, attempt, path, type, name, content_type, created_at,
    size, content FROM old_artifacts ORDER BY rowid;
DROP TABLE old_artifacts;

CREATE TABLE last_seq(seq INTEGER NOT NULL);
INSERT INTO last_seq SELECT coalesce(max(seq), 0) FROM runs;
)sql",
    R"sql(
ALTER TABLE tests ADD COLUMN unnamed TEXT NOT NULL DEFAULT '';

ALTER TABLE reports ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reports ADD COLUMN unnamed TEXT;
UPDATE reports SET stale = 1 WHERE digest = '';

ALTER TABLE specs ADD COLUMN failed_before INTEGER NOT NULL DEFAULT 0;
UPDATE specs SET failed_before = 1 WHERE completed_at IS NULL AND EXISTS(SELECT 1 FROM tests t,
    json_each(t.earlier) e WHERE t.spec_id = specs.id
    AND json_extract(e.value, '$.state') = 'failed');
CREATE INDEX specs_failed_before ON specs(run_id) WHERE failed_before > 0;

CREATE TABLE reporters(
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    PRIMARY KEY(run_id, machine_id)) WITHOUT ROWID;
INSERT INTO reporters SELECT run_id, machine_id FROM specs WHERE machine_id IS NOT NULL
    UNION SELECT s.run_id, r.machine_id FROM reports r JOIN specs s ON s.id = r.spec_id;
)sql",
    R"sql(
ALTER TABLE projects ADD COLUMN fail_fast INTEGER;

ALTER TABLE runs ADD COLUMN github_repository TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN fail_after INTEGER;

ALTER TABLE specs ADD COLUMN tests_open INTEGER NOT NULL DEFAULT 0;
ALTER TABLE specs ADD COLUMN expected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE specs ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE specs ADD COLUMN handed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX specs_to_hand_out ON specs(run_id, expected DESC, tests_known DESC, spec, group_name)
    WHERE machine_id IS NULL AND completed_at IS NULL;

CREATE TABLE suites(
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    PRIMARY KEY(run_id, digest)) WITHOUT ROWID;

CREATE TABLE suite_tests(
    spec_id TEXT NOT NULL REFERENCES specs(id) ON DELETE CASCADE,
    test_id TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(spec_id, test_id)) WITHOUT ROWID;

CREATE TABLE records(
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    spec_id TEXT NOT NULL REFERENCES specs(id) ON DELETE CASCADE,
    stale INTEGER NOT NULL DEFAULT 0,
    test_id TEXT NOT NULL,
    rank INTEGER NOT NULL,
    state TEXT NOT NULL,
    flaky INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    machine_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER,
    fixed TEXT NOT NULL,
    changing TEXT NOT NULL);
CREATE INDEX records_of_spec ON records(spec_id, stale, test_id, rank, state, flaky, retries);
CREATE INDEX records_of_machine ON records(spec_id, machine_id, stale);

CREATE TABLE lost_claims(
    spec_id TEXT NOT NULL REFERENCES specs(id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    PRIMARY KEY(spec_id, machine_id)) WITHOUT ROWID;

CREATE TABLE durations(
    project_id TEXT NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    group_name TEXT NOT NULL,
    spec TEXT NOT NULL,
    milliseconds INTEGER NOT NULL,
    PRIMARY KEY(project_id, group_name, spec)) WITHOUT ROWID;

CREATE TABLE orchestrations(
    id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    lanes INTEGER NOT NULL,
    lanes_of_groups TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX orchestrations_of_run ON orchestrations(run_id);

CREATE TABLE answered(
    seq INTEGER PRIMARY KEY,
    request TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    body TEXT NOT NULL);
)sql",
    R"sql(
ALTER TABLE specs ADD COLUMN cypress INTEGER NOT NULL DEFAULT 0;
CREATE INDEX specs_of_cypress ON specs(run_id, group_name) WHERE cypress = 1;

CREATE TABLE cypress_machines(
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    group_name TEXT NOT NULL,
    specs TEXT NOT NULL,
    PRIMARY KEY(run_id, machine_id, group_name)) WITHOUT ROWID;

CREATE TABLE claims(
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    spec_id TEXT NOT NULL REFERENCES specs(id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    batch INTEGER NOT NULL,
    at INTEGER NOT NULL,
    tests TEXT);
CREATE INDEX claims_of_spec ON claims(spec_id, seq);
CREATE INDEX claims_of_machine ON claims(machine_id, seq);

CREATE TABLE caches(
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    at INTEGER NOT NULL);
CREATE INDEX caches_by_name ON caches(name, seq);
CREATE INDEX caches_by_time ON caches(at);

CREATE TABLE cache_files(
    id TEXT PRIMARY KEY,
    cache_seq INTEGER NOT NULL REFERENCES caches(seq) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    content_type TEXT NOT NULL DEFAULT '',
    size INTEGER,
    content BLOB,
    UNIQUE(cache_seq, kind));
)sql",
    R"sql(
CREATE TABLE given_back(
    spec_id TEXT NOT NULL REFERENCES specs(id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    PRIMARY KEY(spec_id, machine_id)) WITHOUT ROWID;
)sql",
    R"sql(
ALTER TABLE runs ADD COLUMN deleted_at INTEGER;
CREATE INDEX runs_deleted ON runs(seq) WHERE deleted_at IS NOT NULL;
)sql",
    R"sql(
ALTER TABLE groups ADD COLUMN environment TEXT;

CREATE TABLE hooks(
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    headers TEXT,
    events TEXT NOT NULL,
    label TEXT,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0);
CREATE INDEX hooks_of_project ON hooks(project_id, seq);

CREATE TABLE outbox(
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    hook_id TEXT NOT NULL REFERENCES hooks(id) ON DELETE CASCADE,
    run_id TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0);
CREATE INDEX outbox_of_run ON outbox(hook_id, run_id, seq);
CREATE INDEX outbox_due ON outbox(hook_id, due_at, seq);
CREATE INDEX outbox_by_time ON outbox(created_at);

ALTER TABLE runs ADD COLUMN told TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN changed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE runs ADD COLUMN base_url TEXT NOT NULL DEFAULT '';
UPDATE runs SET changed = 0, told = CASE WHEN canceled_at IS NOT NULL THEN 'CANCELED'
    WHEN EXISTS(SELECT 1 FROM specs s WHERE s.run_id = runs.id)
        AND NOT EXISTS(SELECT 1 FROM specs s WHERE s.run_id = runs.id AND s.completed_at IS NULL)
    THEN 'COMPLETE' WHEN active_at + inactivity < CAST(strftime('%s', 'now') AS INTEGER) * 1000
    THEN 'TIMEOUT' ELSE 'IN_PROGRESS' END;
CREATE INDEX runs_changed ON runs(seq) WHERE changed = 1;
CREATE INDEX runs_under_way ON runs(seq) WHERE told = 'IN_PROGRESS';

CREATE TRIGGER spec_added AFTER INSERT ON specs BEGIN
    UPDATE runs SET changed = 1 WHERE id = NEW.run_id AND changed = 0
        AND (told IN ('COMPLETE', 'TIMEOUT') OR (told = 'IN_PROGRESS'
            AND NOT EXISTS(SELECT 1 FROM specs WHERE run_id = NEW.run_id AND completed_at IS NULL)));
END;
CREATE TRIGGER spec_ended AFTER UPDATE OF completed_at ON specs
    WHEN (NEW.completed_at IS NULL) <> (OLD.completed_at IS NULL) BEGIN
    UPDATE runs SET changed = 1 WHERE id = NEW.run_id AND changed = 0
        AND (told IN ('COMPLETE', 'TIMEOUT') OR (told = 'IN_PROGRESS'
            AND NOT EXISTS(SELECT 1 FROM specs WHERE run_id = NEW.run_id AND completed_at IS NULL)));
END;
CREATE TRIGGER run_cancelled AFTER UPDATE OF canceled_at ON runs
    WHEN NEW.canceled_at IS NOT OLD.canceled_at BEGIN
    UPDATE runs SET changed = 1 WHERE seq = NEW.seq;
END;
CREATE TRIGGER run_goes_on AFTER UPDATE OF active_at ON runs WHEN OLD.told = 'TIMEOUT' BEGIN
    UPDATE runs SET changed = 1 WHERE seq = NEW.seq;
END;
)sql",
    R"sql(
ALTER TABLE orchestrations ADD COLUMN reset_after INTEGER NOT NULL DEFAULT 0;
DROP INDEX orchestrations_of_run;
CREATE INDEX orchestrations_of_machine ON orchestrations(run_id, machine_id);
)sql"};

}  // namespace

std::span<const char* const> migrations() {
    return steps;
}

}  // namespace runs_agent::runs_server
