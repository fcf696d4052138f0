// SPDX-License-Identifier: MIT
#include "runs_server/recording/spec_tests.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/test_list.hpp"
#include "runs_server/recording/test_rows.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

bool is_open(Database& database, const std::string& spec_id) {
    Statement row = database.prepare("SELECT completed_at IS NULL FROM specs WHERE id = ?");
    return row.bind(spec_id).step() && row.integer(0) != 0;
}

}  // namespace

std::optional<KnownTests> listed_tests(Database& database, const std::string& spec_id) {
    Statement row = database.prepare("SELECT tests, earlier, unnamed FROM tests WHERE spec_id = ?");
    if (!row.bind(spec_id).step()) return std::nullopt;
    return KnownTests{row.text(0), row.text(1), unnamed_of(row.text(2))};
}

KnownTests tests_of(Database& database, const std::string& spec_id) {
    KnownTests known = listed_tests(database, spec_id).value_or(KnownTests());
    std::string rows = done_tests_json(database, spec_id);
    if (known.earlier != "[]")
        rows = to_json(that_count(read_tests(rows), read_tests(known.earlier)));
    if (rows == "[]") return known;
    // What was told of again has taken the place of what was before, which is written down when the
    // spec is complete.
    if (known.earlier != "[]" && is_open(database, spec_id))
        known.earlier =
            to_json(remaining_tests(read_tests(known.earlier), occurrences(read_tests(rows))));
    if (known.current == "[]") {
        known.current = std::move(rows);
        return known;
    }
    rapidjson::Document current = read_tests(known.current);
    add_tests(current, read_tests(rows));
    known.current = to_json(current);
    return known;
}

void keep_tests(Database& database, const std::string& spec_id, const KnownTests& tests) {
    database
        .prepare(
            "INSERT INTO tests(spec_id, tests, earlier, unnamed) VALUES(?,?,?,?) ON CONFLICT DO"
            " UPDATE SET tests = excluded.tests, earlier = excluded.earlier,"
            " unnamed = excluded.unnamed")
        .bind(spec_id)
        .bind(tests.current)
        .bind(tests.earlier)
        .bind(to_text(tests.unnamed))
        .run();
}

std::string make_lists_of_rows(Database& database, const std::string& spec_id) {
    const KnownTests known = tests_of(database, spec_id);
    if (!has_rows(database, spec_id)) return known.current;
    keep_tests(database, spec_id, known);
    end_rows(database, spec_id, "");
    // A test that is under way goes on, and its spec waits for it.
    database
        .prepare(
            "UPDATE suite_tests SET done = 1 WHERE spec_id = ?1 AND test_id NOT IN"
            " (SELECT test_id FROM records WHERE spec_id = ?1 AND stale = 0)")
        .bind(spec_id)
        .run();
    database
        .prepare(
            "UPDATE specs SET tests_open = (SELECT count(*) FROM suite_tests t"
            " WHERE t.spec_id = specs.id AND t.done = 0) WHERE id = ?")
        .bind(spec_id)
        .run();
    return known.current;
}

void wait_for_rows(Database& database, const std::string& spec_id) {
    database
        .prepare(
            "UPDATE specs SET completed_at = NULL, stats = NULL WHERE id = ?1 AND tests_open > 0"
            " AND EXISTS(SELECT 1 FROM records WHERE spec_id = ?1 AND stale = 0 AND rank = 0)")
        .bind(spec_id)
        .run();
}

SpecOutcome outcome_in_row(Database& database, const std::string& spec_id) {
    SpecOutcome outcome;
    Statement row = database.prepare(
        "SELECT overall, passes, failures, pending, skipped, flaky, retries, stats, exception,"
        " failed, failed_before FROM specs WHERE id = ?");
    if (!row.bind(spec_id).step()) return outcome;
    outcome.counters = {row.integer(0), row.integer(1), row.integer(2), row.integer(3),
                        row.integer(4), row.integer(5), row.integer(6)};
    outcome.stats_json = row.optional_text(7);
    outcome.exception_json = row.optional_text(8);
    outcome.failed = row.integer(9) > 0;
    outcome.failed_before = row.integer(10) > 0;
    return outcome;
}

void keep_outcome(Database& database, const std::string& spec_id, const SpecOutcome& outcome,
                  CompletedAt completed, Time now) {
    const Counters& counters = outcome.counters;
    const bool anew = completed == CompletedAt::last;
    database
        .prepare(
            "UPDATE specs SET completed_at = CASE WHEN ?1 IS NULL THEN NULL WHEN ?2 THEN ?3"
            " ELSE coalesce(completed_at, ?3) END, stats = ?1, failed = ?4, failed_before = ?5,"
            " exception = ?6, overall = ?7, passes = ?8, failures = ?9, pending = ?10,"
            " skipped = ?11, flaky = ?12, retries = ?13 WHERE id = ?14")
        .bind(outcome.stats_json)
        .bind(anew)
        .bind(now)
        .bind(outcome.failed)
        .bind(outcome.failed_before)
        .bind(outcome.exception_json)
        .bind(counters.overall)
        .bind(counters.passes)
        .bind(counters.failures)
        .bind(counters.pending)
        .bind(counters.skipped)
        .bind(counters.flaky)
        .bind(counters.retries)
        .bind(spec_id)
        .run();
}

}  // namespace runs_agent::runs_server
