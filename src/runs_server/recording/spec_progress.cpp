// SPDX-License-Identifier: MIT
#include "runs_server/recording/spec_progress.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/merge_report.hpp"
#include "runs_server/recording/reports.hpp"
#include "runs_server/recording/spec_tests.hpp"
#include "runs_server/recording/test_list.hpp"

#include <map>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// Returns whether it was otherwise before.
bool mark_test(Database& database, const std::string& spec_id, const std::string& test_id,
               bool done) {
    database
        .prepare(
            "UPDATE suite_tests SET done = ?3 WHERE spec_id = ?1 AND test_id = ?2 AND done <> ?3")
        .bind(spec_id)
        .bind(test_id)
        .bind(done)
        .run();
    return database.changes() > 0;
}

void add_open(Database& database, const std::string& spec_id, std::int64_t more) {
    if (more == 0) return;
    database.prepare("UPDATE specs SET tests_open = tests_open + ? WHERE id = ?")
        .bind(more)
        .bind(spec_id)
        .run();
}

bool is_complete(Database& database, const std::string& spec_id) {
    Statement row = database.prepare("SELECT completed_at IS NOT NULL FROM specs WHERE id = ?");
    return row.bind(spec_id).step() && row.integer(0) != 0;
}

bool has_open(Database& database, const std::string& spec_id) {
    Statement row = database.prepare("SELECT tests_open > 0 FROM specs WHERE id = ?");
    return row.bind(spec_id).step() && row.integer(0) != 0;
}

/// `changed` is what was, `by` what is in its place.
Counters exchanged(Counters counters, const Counters& changed, const Counters& by) {
    counters = sum_of(counters, by);
    for (const auto counter :
         {&Counters::overall, &Counters::passes, &Counters::failures, &Counters::pending,
          &Counters::skipped, &Counters::flaky, &Counters::retries})
        counters.*counter -= changed.*counter;
    return counters;
}

void keep(Database& database, const std::string& spec_id, SpecOutcome outcome, Time now) {
    if (!has_open(database, spec_id)) {
        outcome.stats_json = stats_json(clock_of_rows(database, spec_id), outcome.counters);
        outcome.failed_before = false;
    }
    keep_outcome(database, spec_id, outcome, CompletedAt::first, now);
}

SpecOutcome unfinished(const Counters& counters, bool failed, bool failed_before,
                       std::optional<std::string> exception_json) {
    return {counters, std::nullopt, std::move(exception_json), failed, failed_before};
}

/// With what lists say of the spec beside the rows: results from before a reset, or a batch of
/// another reporter.
SpecOutcome with_lists(Database& database, const std::string& spec_id, const KnownTests& listed) {
    RecordedSpec rows;
    rows.tests_json = tests_of(database, spec_id).current;
    rows.counters = count_tests(read_tests(rows.tests_json));
    rows.stats_json = "{}";
    if (listed.current != "[]")
        rows.exception_json = outcome_in_row(database, spec_id).exception_json;
    rows.failed = rows.counters.failures > 0 || rows.exception_json;
    const KnownTests before{"[]", listed.earlier, listed.unnamed};
    const SpecResults whole = first_report(before, rows, reporters_with(database, spec_id, ""));
    keep_tests(database, spec_id, {listed.current, whole.tests.earlier, whole.tests.unnamed});
    if (has_open(database, spec_id))
        return unfinished(rows.counters, rows.failed, failed_before(whole.tests),
                          rows.exception_json);
    return unfinished(whole.counters, whole.failed, false, whole.exception_json);
}

/// Has anything been listed of the spec since its last reset, or before? Without reading the lists,
/// which may be long.
enum class Lists { none, before_reset, any };
Lists lists_of(Database& database, const std::string& spec_id) {
    Statement row = database.prepare("SELECT tests = '[]' FROM tests WHERE spec_id = ?");
    if (!row.bind(spec_id).step()) return Lists::none;
    return row.integer(0) != 0 ? Lists::before_reset : Lists::any;
}

/// What was before the reset is put beside the rows once, when the spec is complete: with every
/// result that would be the longer the larger the spec is. Until then it failed as it did before.
SpecOutcome progress_of(Database& database, const std::string& spec_id, const Counters& counters,
                        bool was_complete) {
    const Lists lists = lists_of(database, spec_id);
    if (lists == Lists::none)
        return unfinished(counters, counters.failures > 0, false, std::nullopt);
    if (lists == Lists::before_reset && !was_complete && has_open(database, spec_id))
        return unfinished(counters, counters.failures > 0,
                          outcome_in_row(database, spec_id).failed_before, std::nullopt);
    return with_lists(database, spec_id, listed_tests(database, spec_id).value_or(KnownTests()));
}

}  // namespace

void record_duration(Database& database, const std::string& spec_id, std::int64_t milliseconds) {
    // What no job lasts is a clock that was wrong, and would stay in what is expected for long.
    constexpr std::int64_t absurd = 24LL * 60 * 60 * 1000;
    if (milliseconds <= 0 || milliseconds > absurd) return;
    database
        .prepare(
            "INSERT INTO durations(project_id, group_name, spec, milliseconds)"
            " SELECT r.project_id, s.group_name, s.spec, ?1 FROM specs s JOIN runs r"
            " ON r.id = s.run_id WHERE s.id = ?2"
            " ON CONFLICT DO UPDATE SET milliseconds = (milliseconds + excluded.milliseconds) / 2")
        .bind(milliseconds)
        .bind(spec_id)
        .run();
}

void await_tests(Database& database, const std::string& spec_id,
                 const std::set<std::string>& test_ids, Time now) {
    std::int64_t more = 0;
    for (const std::string& test_id : test_ids) {
        database
            .prepare("INSERT INTO suite_tests(spec_id, test_id) VALUES(?,?) ON CONFLICT DO NOTHING")
            .bind(spec_id)
            .bind(test_id)
            .run();
        more += database.changes();
    }
    if (more == 0) return;
    add_open(database, spec_id, more);
    if (!is_complete(database, spec_id)) return;
    const Counters counters = outcome_in_row(database, spec_id).counters;
    keep(database, spec_id, progress_of(database, spec_id, counters, true), now);
}

void await_again(Database& database, const std::string& run_id, const std::string& group,
                 const std::vector<TestToRun>& tests) {
    Statement rows = database.prepare(
        "SELECT spec, id FROM specs WHERE run_id = ? AND group_name = ? AND completed_at IS NULL"
        " AND id IN (SELECT spec_id FROM tests)");
    rows.bind(run_id).bind(group);
    std::map<std::string, std::string> reset;
    while (rows.step()) reset[rows.text(0)] = rows.text(1);
    for (const TestToRun& test : tests) {
        const auto found = reset.find(test.spec);
        if (found == reset.end()) continue;
        if (outcome_of(database, found->second, test.test_id).done) continue;
        if (mark_test(database, found->second, test.test_id, false))
            add_open(database, found->second, 1);
    }
}

bool settle_test(Database& database, const std::string& spec_id, const std::string& test_id,
                 const TestOutcome& before, Time now) {
    const TestOutcome after = outcome_of(database, spec_id, test_id);
    if (after == before) return false;
    if (mark_test(database, spec_id, test_id, after.done))
        add_open(database, spec_id, after.done ? -1 : 1);
    const bool was_complete = is_complete(database, spec_id);
    const Counters counters = exchanged(outcome_in_row(database, spec_id).counters,
                                        counters_of(before), counters_of(after));
    keep(database, spec_id, progress_of(database, spec_id, counters, was_complete), now);
    if (!was_complete && is_complete(database, spec_id))
        record_duration(database, spec_id, clock_of_rows(database, spec_id).duration);
    return true;
}

void await_failed(Database& database, const std::string& spec_id) {
    const KnownTests known = listed_tests(database, spec_id).value_or(KnownTests());
    database.prepare("UPDATE suite_tests SET done = 0 WHERE spec_id = ?").bind(spec_id).run();
    const rapidjson::Document earlier = read_tests(known.earlier);
    for (const rapidjson::Value& test : earlier.GetArray()) {
        const std::string state = text(&test, "state");
        if (state == "passed" || state == "pending")
            mark_test(database, spec_id, text(&test, "testId"), true);
    }
    database
        .prepare(
            "UPDATE specs SET tests_open = (SELECT count(*) FROM suite_tests t WHERE"
            " t.spec_id = specs.id AND t.done = 0) WHERE id = ?")
        .bind(spec_id)
        .run();
}

}  // namespace runs_agent::runs_server
