// SPDX-License-Identifier: MIT
#include "runs_server/recording/reports.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/merge_report.hpp"
#include "runs_server/recording/rows.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

std::string digest_of(const RecordedSpec& spec) {
    std::string all;
    for (const std::string* part : {&spec.started, &spec.stats_json, &spec.tests_json})
        all += std::to_string(part->size()) + ':' + *part;
    return to_hex(sha256(all + spec.exception_json.value_or("")));
}

std::optional<EarlierReport> earlier_report(Database& database, const std::string& spec_id,
                                            const std::string& machine_id,
                                            const std::string& digest) {
    Statement row = database.prepare(
        "SELECT taken, stale FROM reports WHERE spec_id = ? AND machine_id = ? AND digest = ?");
    if (!row.bind(spec_id).bind(machine_id).bind(digest).step()) return std::nullopt;
    return EarlierReport{row.integer(0) != 0, row.integer(1) != 0};
}

void record_report(Database& database, const std::string& spec_id, const std::string& machine_id,
                   const RecordedSpec& spec, const std::string& digest, bool taken) {
    const auto beside = beside_unnamed_failure(spec);
    database
        .prepare(
            "INSERT INTO reports(spec_id, machine_id, digest, taken, unnamed) VALUES(?,?,?,?,?)"
            " ON CONFLICT DO NOTHING")
        .bind(spec_id)
        .bind(machine_id)
        .bind(digest)
        .bind(taken)
        .bind(beside ? std::optional(to_json(*beside)) : std::nullopt)
        .run();
}

void close_reports(Database& database, const std::string& spec_id, Unnamed& owed) {
    if (owed.outstanding()) {
        Statement rows = database.prepare(
            "SELECT machine_id, unnamed FROM reports"
            " WHERE spec_id = ? AND stale = 0 AND unnamed IS NOT NULL");
        rows.bind(spec_id);
        while (rows.step()) owed.owners[rows.text(0)].merge(texts_of(rows.text(1)));
        Statement count =
            database.prepare("SELECT count(DISTINCT machine_id) FROM reports WHERE spec_id = ?");
        count.bind(spec_id).step();
        owed.sole = count.integer(0) <= 1;
    } else {
        owed = {};
    }
    database.prepare("UPDATE reports SET stale = 1 WHERE spec_id = ?").bind(spec_id).run();
}

std::set<std::string> reporters_with(Database& database, const std::string& spec_id,
                                     const std::string& machine_id) {
    Statement rows =
        database.prepare("SELECT DISTINCT machine_id FROM reports WHERE spec_id = ? AND stale = 0");
    rows.bind(spec_id);
    std::set<std::string> found{machine_id};
    while (rows.step()) found.insert(rows.text(0));
    return found;
}

bool is_at_work(Database& database, const std::string& run_id, const std::string& machine_id) {
    return database.prepare("SELECT 1 FROM reporters WHERE run_id = ? AND machine_id = ?")
        .bind(run_id)
        .bind(machine_id)
        .step();
}

void record_reporter(Database& database, const std::string& run_id, const std::string& machine_id) {
    database.prepare("INSERT INTO reporters(run_id, machine_id) VALUES(?,?) ON CONFLICT DO NOTHING")
        .bind(run_id)
        .bind(machine_id)
        .run();
}

}  // namespace runs_agent::runs_server
