// SPDX-License-Identifier: MIT
#include "runs_server/recording/test_rows.hpp"

#include "base/encoding.hpp"
#include "base/time_text.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// Which of several rows of a test holds: the greatest, and of those the first.
int rank_of(const TestReport& report) {
    if (!report.done) return 0;
    if (report.state == "failed") return 3;
    return report.state == "skipped" ? 1 : 2;
}

/// SQLite gives the other columns of the row that has the greatest one.
/// https://www.sqlite.org/lang_select.html#bareagg
constexpr const char* weight = "max(rank * 1000000000000 - seq)";

std::optional<std::string> time_text(bool is_there, std::int64_t milliseconds) {
    if (!is_there) return std::nullopt;
    return to_iso8601(Time(std::chrono::milliseconds(milliseconds)));
}

}  // namespace

TestOutcome outcome_of(Database& database, const std::string& spec_id, const std::string& test_id) {
    Statement row = database.prepare(
        std::string("SELECT ") + weight +
        ", rank, state, flaky, retries FROM records WHERE spec_id = ? AND stale = 0"
        " AND test_id = ?");
    row.bind(spec_id).bind(test_id);
    if (!row.step() || row.is_null(0) || row.integer(1) == 0) return {};
    return {true, row.text(2), row.integer(3) != 0, row.integer(4)};
}

Counters counters_of(const TestOutcome& outcome) {
    Counters counters;
    if (!outcome.done) return counters;
    counters.overall = 1;
    counters.passes = outcome.state == "passed" ? 1 : 0;
    counters.failures = outcome.state == "failed" ? 1 : 0;
    counters.pending = outcome.state == "pending" ? 1 : 0;
    counters.skipped = outcome.state == "skipped" ? 1 : 0;
    counters.flaky = outcome.flaky ? 1 : 0;
    counters.retries = outcome.retries;
    return counters;
}

std::string add_row(Database& database, const NewTestRow& row) {
    std::string id = random_hex(12);
    database
        .prepare(
            "INSERT INTO records(id, spec_id, stale, test_id, rank, state, flaky, retries,"
            " machine_id, sequence, started, ended, fixed, changing)"
            " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .bind(id)
        .bind(row.spec_id)
        .bind(row.stale)
        .bind(row.test_id)
        .bind(rank_of(row.report))
        .bind(row.report.state)
        .bind(row.report.flaky)
        .bind(row.report.retries)
        .bind(row.machine_id)
        .bind(row.report.sequence)
        .bind(row.report.started)
        .bind(row.report.ended)
        .bind(row.stale ? "" : row.fixed_json)
        .bind(row.stale ? "" : row.report.changing_json)
        .run();
    return id;
}

void change_row(Database& database, const std::string& id, const TestReport& report) {
    database
        .prepare(
            "UPDATE records SET rank = ?, state = ?, flaky = ?, retries = ?, sequence = ?,"
            " started = ?, ended = ?, changing = ? WHERE id = ?")
        .bind(rank_of(report))
        .bind(report.state)
        .bind(report.flaky)
        .bind(report.retries)
        .bind(report.sequence)
        .bind(report.started)
        .bind(report.ended)
        .bind(report.changing_json)
        .bind(id)
        .run();
}

void touch_row(Database& database, const std::string& id, std::int64_t sequence) {
    database.prepare("UPDATE records SET sequence = ? WHERE id = ?").bind(sequence).bind(id).run();
}

bool has_rows(Database& database, const std::string& spec_id) {
    Statement row = database.prepare("SELECT 1 FROM records WHERE spec_id = ? AND stale = 0");
    return row.bind(spec_id).step();
}

std::string done_tests_json(Database& database, const std::string& spec_id) {
    Statement rows = database.prepare(
        std::string("SELECT fixed, changing, ") + weight +
        " FROM records WHERE spec_id = ? AND stale = 0 AND rank > 0 GROUP BY test_id ORDER BY seq");
    rows.bind(spec_id);
    std::string list = "[";
    while (rows.step()) {
        if (list.size() > 1) list += ',';
        ((((list += '{') += rows.text(0)) += ',') += rows.text(1)) += '}';
    }
    return list + "]";
}

SpecClock clock_of_rows(Database& database, const std::string& spec_id) {
    SpecClock clock;
    clock.suites = 1;
    Statement row = database.prepare(
        "SELECT min(started), max(ended) FROM records WHERE spec_id = ? AND stale = 0"
        " AND rank > 0");
    if (!row.bind(spec_id).step()) return clock;
    const auto started = row.optional_integer(0);
    const auto ended = row.optional_integer(1);
    clock.started_at = time_text(started.has_value(), started.value_or(0)).value_or("");
    clock.ended_at = time_text(ended.has_value(), ended.value_or(0)).value_or("");
    if (started && ended) clock.duration = std::max<std::int64_t>(*ended - *started, 0);
    return clock;
}

void end_rows(Database& database, const std::string& spec_id, const std::string& machine_id) {
    database
        .prepare(
            "UPDATE records SET stale = 1, fixed = '', changing = '' WHERE spec_id = ?1"
            " AND stale = 0 AND (rank > 0 OR machine_id = ?2)")
        .bind(spec_id)
        .bind(machine_id)
        .run();
}

}  // namespace runs_agent::runs_server
