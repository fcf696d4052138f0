// SPDX-License-Identifier: MIT
#include "runs_server/recording/rows.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/ci_build_id.hpp"

#include <limits>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// Every look-up of runs: the same columns, the specs summed up beside them.
std::string select(const std::string& where) {
    return "SELECT r.seq, r.id, r.project_id, r.ci_build_id, r.branch, r.commit_json,"
           " r.framework_json, r.tags_json, r.canceled_by, r.cancel_reason, r.created_at,"
           " r.active_at, r.canceled_at, r.previous_run_id, r.pull_request, r.inactivity,"
           " (SELECT count(*) FROM specs s WHERE s.run_id = r.id),"
           " (SELECT count(*) FROM specs s WHERE s.run_id = r.id AND s.completed_at IS NOT NULL),"
           " (SELECT count(*) FROM specs s WHERE s.run_id = r.id AND s.failed > 0),"
           " (SELECT count(*) FROM specs s WHERE s.run_id = r.id AND s.failed_before > 0),"
           " EXISTS(SELECT 1 FROM suites u WHERE u.run_id = r.id AND u.digest = '')"
           " FROM runs r WHERE r.deleted_at IS NULL AND " +
           where;
}

RunRow read_row(const Statement& row) {
    RunRow run;
    run.seq = row.integer(0);
    run.id = row.text(1);
    run.project_id = row.text(2);
    run.ci_build_id = row.text(3);
    run.branch = row.text(4);
    run.commit_json = row.text(5);
    run.framework_json = row.text(6);
    run.tags_json = row.text(7);
    run.canceled_by = row.text(8);
    run.cancel_reason = row.text(9);
    run.facts.created_at = row.time(10);
    run.facts.active_at = row.time(11);
    run.facts.canceled_at = row.optional_time(12);
    run.previous_run_id = row.optional_text(13);
    run.pull_request = row.text(14);
    run.facts.inactivity = std::chrono::milliseconds(row.integer(15));
    run.facts.specs = row.integer(16);
    run.facts.specs_complete = row.integer(17);
    run.facts.specs_failed = row.integer(18);
    run.facts.specs_failed_before = row.integer(19);
    run.facts.without_tests = row.integer(20) != 0;
    return run;
}

std::optional<RunRow> first(Statement& rows) {
    if (!rows.step()) return std::nullopt;
    return read_row(rows);
}

std::vector<RunRow> all(Statement& rows) {
    std::vector<RunRow> runs;
    while (rows.step()) runs.push_back(read_row(rows));
    return runs;
}

}  // namespace

std::optional<RunRow> find_by_id(Database& database, const std::string& run_id) {
    Statement rows = database.prepare(select("r.id = ?"));
    rows.bind(run_id);
    return first(rows);
}

std::optional<RunRow> find_by_build_id(Database& database, const std::string& project_id,
                                       const std::string& ci_build_id) {
    Statement rows = database.prepare(select("r.project_id = ? AND r.ci_build_id = ?"));
    rows.bind(project_id).bind(ci_build_id);
    return first(rows);
}

std::optional<RunRow> find_by_build_or_attempt(Database& database, const std::string& project_id,
                                               const std::string& ci_build_id) {
    if (auto run = find_by_build_id(database, project_id, ci_build_id)) return run;
    const GithubBuild build = github_build_of(ci_build_id);
    if (build.run_id.empty()) return std::nullopt;
    Statement rows =
        database.prepare(select("r.github_run_id = ? AND r.github_run_attempt = ?"
                                " AND r.project_id = ? AND r.github_repository IN ('', ?)"));
    rows.bind(build.run_id).bind(build.attempt).bind(project_id).bind(build.repository);
    auto runs = all(rows);
    // Of several nobody can tell which is meant.
    if (runs.size() != 1) return std::nullopt;
    return std::move(runs.front());
}

void mark_active(Database& database, const std::string& run_id, Time now) {
    database.prepare("UPDATE runs SET active_at = ? WHERE id = ?").bind(now).bind(run_id).run();
}

std::vector<RunRow> find_by_github(Database& database, const std::string& github_run_id,
                                   std::int64_t attempt, const std::string& project_id,
                                   const std::string& ci_build_id) {
    Statement rows = database.prepare(
        select("r.github_run_id = ?1 AND r.github_run_attempt = ?2"
               " AND (?3 = '' OR r.project_id = ?3) AND (?4 = '' OR r.ci_build_id = ?4)"
               " ORDER BY r.seq DESC"));
    rows.bind(github_run_id).bind(attempt).bind(project_id).bind(ci_build_id);
    return all(rows);
}

std::vector<RunRow> runs_before(Database& database, const std::string& project_id,
                                std::optional<std::int64_t> before, int limit) {
    Statement rows =
        database.prepare(select("r.project_id = ?1 AND r.seq < ?2 ORDER BY r.seq DESC LIMIT ?3"));
    rows.bind(project_id)
        .bind(before.value_or(std::numeric_limits<std::int64_t>::max()))
        .bind(limit);
    return all(rows);
}

std::vector<RunRow> runs_after(Database& database, const std::string& project_id,
                               std::int64_t after, int limit) {
    Statement rows =
        database.prepare(select("r.project_id = ?1 AND r.seq > ?2 ORDER BY r.seq LIMIT ?3"));
    rows.bind(project_id).bind(after).bind(limit);
    return all(rows);
}

std::set<std::string> texts_of(const std::string& json) {
    rapidjson::Document document;
    document.Parse(json.c_str(), json.size());
    return texts(&document);
}

}  // namespace runs_agent::runs_server
