#include "runs_server/schema.hpp"

#include <array>

namespace runs_agent::runs_server {

namespace {

constexpr std::array<const char*, 1> steps{R"sql(
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
)sql"};

}  // namespace

std::span<const char* const> migrations() {
    return steps;
}

}  // namespace runs_agent::runs_server
