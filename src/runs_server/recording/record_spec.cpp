// SPDX-License-Identifier: MIT
#include "runs_server/recording/record_spec.hpp"

#include "base/encoding.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "runs_server/recording/reports.hpp"
#include "runs_server/recording/spec_progress.hpp"
#include "runs_server/recording/spec_stats.hpp"
#include "runs_server/recording/spec_tests.hpp"
#include "runs_server/recording/test_list.hpp"
#include "runs_server/recording/test_rows.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

void claim(Database& database, const std::string& run_id, const std::string& machine_id,
           const RecordedSpec& spec, Time now) {
    database
        .prepare(
            "INSERT INTO specs(id, run_id, group_name, spec, machine_id, claimed_at, worker_index,"
            " parallel_index) VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(run_id, group_name, spec) DO"
            " UPDATE SET machine_id = excluded.machine_id, claimed_at = excluded.claimed_at,"
            " worker_index = excluded.worker_index, parallel_index = excluded.parallel_index"
            " WHERE specs.machine_id IS NULL AND specs.completed_at IS NULL")
        .bind(random_hex(8))
        .bind(run_id)
        .bind(spec.group)
        .bind(spec.spec)
        .bind(machine_id)
        .bind(now)
        .bind(spec.worker_index)
        .bind(spec.parallel_index)
        .run();
}

namespace {

/// What the row says of a spec: whose is it?
struct SpecRow {
    std::string id;
    std::string machine_id;  // empty: nobody's
    bool completed = false;
    bool failed = false;
};

std::optional<SpecRow> find_spec_row(Database& database, const std::string& run_id,
                                     const std::string& group, const std::string& spec) {
    Statement row = database.prepare(
        "SELECT id, machine_id, completed_at IS NOT NULL, failed > 0 FROM specs"
        " WHERE run_id = ? AND group_name = ? AND spec = ?");
    row.bind(run_id).bind(group).bind(spec);
    if (!row.step()) return std::nullopt;
    return SpecRow{row.text(0), row.text(1), row.integer(2) != 0, row.integer(3) != 0};
}

SpecResults results_of(Database& database, const std::string& spec_id) {
    SpecOutcome row = outcome_in_row(database, spec_id);
    SpecResults results;
    results.counters = row.counters;
    results.stats_json = row.stats_json.value_or("");
    results.exception_json = std::move(row.exception_json);
    results.failed = row.failed;
    results.tests = tests_of(database, spec_id);
    return results;
}

/// Whoever reports a spec first is the machine that it shows.
void complete(Database& database, const std::string& run_id, const std::string& machine_id,
              const RecordedSpec& spec, Time now) {
    database
        .prepare(
            "INSERT INTO specs(id, run_id, group_name, spec, machine_id, claimed_at,"
            " completed_at, started, worker_index, parallel_index) VALUES(?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT(run_id, group_name, spec) DO UPDATE SET"
            " machine_id = excluded.machine_id, claimed_at = coalesce(claimed_at,"
            " excluded.claimed_at), completed_at = excluded.completed_at,"
            " started = excluded.started, worker_index = excluded.worker_index,"
            " parallel_index = excluded.parallel_index WHERE specs.completed_at IS NULL")
        .bind(random_hex(8))
        .bind(run_id)
        .bind(spec.group)
        .bind(spec.spec)
        .bind(machine_id)
        .bind(now)
        .bind(now)
        .bind(spec.started)
        .bind(spec.worker_index)
        .bind(spec.parallel_index)
        .run();
}

void keep(Database& database, const std::string& spec_id, const SpecResults& results, Time now) {
    const SpecOutcome row{results.counters, results.stats_json, results.exception_json,
                          results.failed, false};
    keep_outcome(database, spec_id, row, CompletedAt::last, now);
    keep_tests(database, spec_id, results.tests);
}

/// What a complete spec's results are with another report.
Merged merged(Database& database, const std::string& spec_id, const std::string& machine_id,
              const RecordedSpec& spec) {
    return merge_report(results_of(database, spec_id), spec,
                        reporters_with(database, spec_id, machine_id));
}

/// A report from before the reset says nothing new, whatever became of its answer: the spec is as
/// it was then, and what is reported anew takes its place. Whoever has begun it is waited for.
void repeat_stale(Database& database, const std::string& run_id, const std::string& machine_id,
                  const RecordedSpec& spec, const SpecRow& row, Time now) {
    const bool is_anothers = !row.machine_id.empty() && row.machine_id != machine_id;
    if (row.completed || is_anothers) return;
    complete(database, run_id, machine_id, spec, now);
    keep(database, row.id, as_before(tests_of(database, row.id), spec), now);
}

/// Tests of the spec were told of one by one so far: they are its first report. Returns whether it
/// is complete by that.
bool take_rows(Database& database, const std::string& run_id, const SpecRow& row,
               const RecordedSpec& next, Time now) {
    // Then there is nothing to do but for rows that came after that.
    if (row.completed && !has_rows(database, row.id)) return false;
    const SpecClock clock = clock_of_rows(database, row.id);
    RecordedSpec rows = next;
    rows.tests_json = make_lists_of_rows(database, row.id);
    if (row.completed || rows.tests_json == "[]") return false;
    rows.counters = count_tests(read_tests(rows.tests_json));
    rows.stats_json = stats_json(clock, rows.counters);
    rows.started = clock.started_at;
    rows.failed = rows.counters.failures > 0;
    rows.exception_json.reset();
    KnownTests known = tests_of(database, row.id);
    known.current = "[]";
    complete(database, run_id, row.machine_id, rows, now);
    keep(database, row.id, first_report(known, rows), now);
    return true;
}

/// True where the results are among those of the spec now, or were when they came first.
bool take_report(Database& database, const std::string& run_id, const std::string& machine_id,
                 const RecordedSpec& spec, Time now) {
    const std::string digest = digest_of(spec);
    auto row = find_spec_row(database, run_id, spec.group, spec.spec);
    if (row) {
        const auto before = earlier_report(database, row->id, machine_id, digest);
        if (before && before->stale) repeat_stale(database, run_id, machine_id, spec, *row, now);
        if (before) return before->taken;
    }
    if (row && take_rows(database, run_id, *row, spec, now))
        row = find_spec_row(database, run_id, spec.group, spec.spec);
    if (row && row->completed) {
        const Merged whole = merged(database, row->id, machine_id, spec);
        if (whole.news) keep(database, row->id, whole.results, now);
        record_report(database, row->id, machine_id, spec, digest, whole.news);
        return whole.news;
    }
    complete(database, run_id, machine_id, spec, now);
    if (!row) row = find_spec_row(database, run_id, spec.group, spec.spec);
    const auto machines = reporters_with(database, row->id, machine_id);
    keep(database, row->id, first_report(tests_of(database, row->id), spec, machines), now);
    record_report(database, row->id, machine_id, spec, digest, true);
    return true;
}

/// Why a spec's results or claim were not taken, and what can be done about it.
std::string not_taken(const RecordedSpec& spec, const SpecRow& row, bool cancelled) {
    const char* const elsewhere = "; for results of its own, record under another CI build id";
    if (!row.completed)
        return spec.spec + " was begun by another machine, " + row.machine_id +
               ", which keeps it until it is reset; whoever reports it first has run it";
    std::string text = spec.spec + " has results already";
    if (cancelled) return text + elsewhere;
    if (!row.failed) return text + ", and has passed" + elsewhere;
    return text + "; a reset of machine " + row.machine_id + " makes way for others";
}

}  // namespace

void plan_spec(Database& database, const std::string& run_id, const PlannedSpec& planned) {
    database
        .prepare(
            "INSERT INTO specs(id, run_id, group_name, spec, tests_known, tags_json)"
            " VALUES(?,?,?,?,?,?) ON CONFLICT(run_id, group_name, spec) DO UPDATE SET"
            // Another shard may have announced other tests of it.
            " tests_known = max(tests_known, excluded.tests_known),"
            " tags_json = excluded.tags_json")
        .bind(random_hex(8))
        .bind(run_id)
        .bind(planned.group)
        .bind(planned.spec)
        .bind(planned.tests)
        .bind(planned.tags_json)
        .run();
}

Novelty novelty_of(Database& database, const std::string& run_id, const PlannedSpec& planned) {
    const auto row = find_spec_row(database, run_id, planned.group, planned.spec);
    if (!row) return Novelty::new_spec;
    if (!row->completed || planned.test_ids.empty()) return Novelty::known;
    const KnownTests tests = tests_of(database, row->id);
    // A reporter that lists no tests is not asked which it has.
    if (test_ids(tests).empty()) return Novelty::known;
    // What was reported before a reset alone is to be run again.
    const auto done = test_ids({tests.current, "[]"});
    const bool all_done =
        std::includes(done.begin(), done.end(), planned.test_ids.begin(), planned.test_ids.end());
    return all_done ? Novelty::known : Novelty::more_tests;
}

SpecNovelty novelty_of(Database& database, const std::string& run_id, const std::string& machine_id,
                       const RecordedSpec& recorded) {
    const auto row = find_spec_row(database, run_id, recorded.group, recorded.spec);
    if (!row) return {Novelty::new_spec, {}};
    const std::string failed_on = row->completed && row->failed ? row->machine_id : "";
    if (!recorded.finished)
        return {
            row->machine_id == machine_id && !row->completed ? Novelty::repeated : Novelty::known,
            failed_on};
    const auto before = earlier_report(database, row->id, machine_id, digest_of(recorded));
    if (before && (row->completed || !before->stale)) return {Novelty::repeated, failed_on};
    if (!row->completed) return {Novelty::known, failed_on};
    const bool news = merged(database, row->id, machine_id, recorded).news;
    return {news ? Novelty::more_tests : Novelty::known, failed_on};
}

void set_results_aside(Database& database, const std::string& spec_id,
                       const std::set<std::string>& machines) {
    Statement row = database.prepare("SELECT completed_at IS NOT NULL FROM specs WHERE id = ?");
    if (!row.bind(spec_id).step()) return;
    const bool completed = row.integer(0) != 0;
    const bool rows = has_rows(database, spec_id);
    // One that was only begun has nothing to set aside but what was before.
    if (completed || rows) {
        const SpecResults results = results_of(database, spec_id);
        KnownTests kept = completed ? set_aside(results) : set_aside(results.tests);
        if (!completed) kept.unnamed = results.tests.unnamed;
        close_reports(database, spec_id, kept.unnamed);
        keep_tests(database, spec_id, kept);
        database.prepare("UPDATE specs SET failed_before = ? WHERE id = ?")
            .bind(failed_before(kept))
            .bind(spec_id)
            .run();
    }
    for (const std::string& machine : machines) {
        end_rows(database, spec_id, machine);
        database
            .prepare(
                "INSERT INTO lost_claims(spec_id, machine_id) VALUES(?,?) ON CONFLICT DO NOTHING")
            .bind(spec_id)
            .bind(machine)
            .run();
    }
    await_failed(database, spec_id);
}

Recorded record_specs(Database& database, const std::string& run_id, const std::string& machine_id,
                      const std::vector<RecordedSpec>& specs, bool may_begin, Time now) {
    Recorded recorded;
    for (const RecordedSpec& spec : specs) {
        if (!spec.finished && !may_begin) {
            recorded.warnings.push_back(spec.spec + " was not begun: Run is cancelled");
            continue;
        }
        bool taken = false;
        if (spec.finished) {
            taken = take_report(database, run_id, machine_id, spec, now);
        } else {
            claim(database, run_id, machine_id, spec, now);
        }
        const SpecRow row = *find_spec_row(database, run_id, spec.group, spec.spec);
        if (spec.finished) wait_for_rows(database, row.id);
        if (!spec.finished) taken = row.machine_id == machine_id && !row.completed;
        if (!taken) {
            recorded.warnings.push_back(not_taken(spec, row, !may_begin));
            continue;
        }
        const auto ids = expect_artifacts(database, row.id, machine_id, spec.artifacts, now);
        for (std::size_t i = 0; i < ids.size(); ++i)
            recorded.artifacts.push_back({ids[i], spec.artifacts[i].path});
    }
    return recorded;
}

}  // namespace runs_agent::runs_server
