// SPDX-License-Identifier: MIT
#include "runs_server/runs/delete_run.hpp"

#include "runs_server/answers/answers.hpp"

#include <array>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// What a run may have many of, what is large last: with each spec goes what little it has left.
/// A portion is some tens of milliseconds: of files 8 MiB, and one of them whole, as each page of
/// what goes is read and written.
constexpr std::array portions{
    "DELETE FROM records WHERE seq IN (SELECT r.seq FROM specs s JOIN records r ON r.spec_id = s.id"
    " WHERE s.run_id = ? LIMIT 500)",
    "DELETE FROM suite_tests WHERE (spec_id, test_id) IN (SELECT t.spec_id, t.test_id FROM specs s"
    " JOIN suite_tests t ON t.spec_id = s.id WHERE s.run_id = ? LIMIT 4000)",
    "DELETE FROM artifacts WHERE id IN (SELECT id FROM (SELECT a.id AS id,"
    " sum(coalesce(a.size, 0)) OVER (ORDER BY a.rowid) - coalesce(a.size, 0) AS before"
    " FROM specs s JOIN artifacts a ON a.spec_id = s.id WHERE s.run_id = ?)"
    " WHERE before < 8388608 LIMIT 50)",
    "DELETE FROM specs WHERE id IN (SELECT id FROM specs WHERE run_id = ? LIMIT 500)",
    "DELETE FROM runs WHERE id = ?"};

}  // namespace

net::HttpResponse delete_run(Database& database, const std::string& run_id,
                             const std::string& actor, Time now) {
    database
        .prepare(
            "UPDATE runs SET deleted_at = ?, ci_build_id = ci_build_id || char(10) || id"
            " WHERE id = ? AND deleted_at IS NULL")
        .bind(now)
        .bind(run_id)
        .run();
    if (database.changes() == 0) return run_not_found();
    database.prepare("UPDATE runs SET previous_run_id = NULL WHERE previous_run_id = ?")
        .bind(run_id)
        .run();
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "runId", run_id);
    put(json, "actor", actor);
    json.EndObject();
    return ok({buffer.GetString(), buffer.GetSize()});
}

bool remove_some(Database& database) {
    Statement row =
        database.prepare("SELECT id FROM runs WHERE deleted_at IS NOT NULL ORDER BY seq LIMIT 1");
    if (!row.step()) return false;
    const std::string run_id = row.text(0);
    for (const char* const portion : portions) {
        database.prepare(portion).bind(run_id).run();
        if (database.changes() > 0) return true;
    }
    return true;
}

}  // namespace runs_agent::runs_server
