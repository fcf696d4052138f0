#include "runs_server/record_spec.hpp"

#include "base/encoding.hpp"
#include "runs_server/artifacts.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

KnownTests tests_of(Database& database, const std::string& spec_id) {
    Statement row = database.prepare("SELECT tests, earlier FROM tests WHERE spec_id = ?");
    if (!row.bind(spec_id).step()) return {};
    return {row.text(0), row.text(1)};
}

namespace {

/// Marks the spec as begun by the machine, unless another has begun it or it is complete.
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

/// What the row says of a spec: whose is it?
struct Standing {
    std::string id;
    std::string machine_id;
    bool completed = false;
};

std::optional<Standing> standing(Database& database, const std::string& run_id,
                                 const std::string& group, const std::string& spec) {
    Statement row = database.prepare(
        "SELECT id, machine_id, completed_at IS NOT NULL FROM specs"
        " WHERE run_id = ? AND group_name = ? AND spec = ?");
    row.bind(run_id).bind(group).bind(spec);
    if (!row.step()) return std::nullopt;
    return Standing{row.text(0), row.text(1), row.integer(2) != 0};
}

SpecResults results_of(Database& database, const std::string& spec_id) {
    SpecResults results;
    Statement row = database.prepare(
        "SELECT overall, passes, failures, pending, skipped, flaky, retries, stats, exception,"
        " failed FROM specs WHERE id = ?");
    row.bind(spec_id).step();
    results.counters = {row.integer(0), row.integer(1), row.integer(2), row.integer(3),
                        row.integer(4), row.integer(5), row.integer(6)};
    results.stats_json = row.text(7);
    results.exception_json = row.optional_text(8);
    results.failed = row.integer(9) > 0;
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
    const Counters& counters = results.counters;
    database
        .prepare(
            "UPDATE specs SET completed_at = ?, stats = ?, exception = ?, failed = ?, overall = ?,"
            " passes = ?, failures = ?, pending = ?, skipped = ?, flaky = ?, retries = ?"
            " WHERE id = ?")
        .bind(now)
        .bind(results.stats_json)
        .bind(results.exception_json)
        .bind(results.failed)
        .bind(counters.overall)
        .bind(counters.passes)
        .bind(counters.failures)
        .bind(counters.pending)
        .bind(counters.skipped)
        .bind(counters.flaky)
        .bind(counters.retries)
        .bind(spec_id)
        .run();
    database
        .prepare(
            "INSERT INTO tests(spec_id, tests, earlier) VALUES(?,?,?) ON CONFLICT DO UPDATE SET"
            " tests = excluded.tests, earlier = excluded.earlier")
        .bind(spec_id)
        .bind(results.tests.current)
        .bind(results.tests.earlier)
        .run();
}

/// The same for the same results alone.
std::string digest_of(const RecordedSpec& spec) {
    std::string all;
    for (const std::string* part : {&spec.started, &spec.stats_json, &spec.tests_json})
        all += std::to_string(part->size()) + ':' + *part;
    return to_hex(sha256(all + spec.exception_json.value_or("")));
}

/// Whether the same report was taken; absent where there was none.
std::optional<bool> earlier_report(Database& database, const std::string& spec_id,
                                   const std::string& machine_id, const std::string& digest) {
    Statement row = database.prepare(
        "SELECT taken FROM reports WHERE spec_id = ? AND machine_id = ? AND digest = ?");
    if (!row.bind(spec_id).bind(machine_id).bind(digest).step()) return std::nullopt;
    return row.integer(0) != 0;
}

void remember_report(Database& database, const std::string& spec_id, const std::string& machine_id,
                     const std::string& digest, bool taken) {
    database
        .prepare(
            "INSERT INTO reports(spec_id, machine_id, digest, taken) VALUES(?,?,?,?)"
            " ON CONFLICT DO NOTHING")
        .bind(spec_id)
        .bind(machine_id)
        .bind(digest)
        .bind(taken)
        .run();
}

/// True where the results are among those of the spec now.
bool take_report(Database& database, const std::string& run_id, const std::string& machine_id,
                 const RecordedSpec& spec, Time now) {
    const std::string digest = digest_of(spec);
    auto row = standing(database, run_id, spec.group, spec.spec);
    if (row && row->completed) {
        if (const auto before = earlier_report(database, row->id, machine_id, digest))
            return *before;
        const Merged merged = merge_report(results_of(database, row->id), spec);
        if (merged.news) keep(database, row->id, merged.results, now);
        remember_report(database, row->id, machine_id, digest, merged.news);
        return merged.news;
    }
    complete(database, run_id, machine_id, spec, now);
    if (!row) row = standing(database, run_id, spec.group, spec.spec);
    keep(database, row->id, first_report(tests_of(database, row->id), spec), now);
    remember_report(database, row->id, machine_id, digest, true);
    return true;
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
    const auto row = standing(database, run_id, planned.group, planned.spec);
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

Novelty novelty_of(Database& database, const std::string& run_id, const std::string& machine_id,
                   const RecordedSpec& recorded) {
    const auto row = standing(database, run_id, recorded.group, recorded.spec);
    if (!row) return Novelty::new_spec;
    if (!recorded.finished)
        return row->machine_id == machine_id && !row->completed ? Novelty::repeated
                                                                : Novelty::known;
    if (!row->completed) return Novelty::known;
    if (earlier_report(database, row->id, machine_id, digest_of(recorded)))
        return Novelty::repeated;
    return merge_report(results_of(database, row->id), recorded).news ? Novelty::more_tests
                                                                      : Novelty::known;
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
        const Standing row = *standing(database, run_id, spec.group, spec.spec);
        if (!spec.finished) taken = row.machine_id == machine_id && !row.completed;
        if (!taken) {
            recorded.warnings.push_back(spec.spec + (row.completed
                                                         ? " has results already; a reset makes way"
                                                           " for others"
                                                         : " was begun by another machine"));
            continue;
        }
        const auto ids = expect_artifacts(database, row.id, machine_id, spec.artifacts, now);
        for (std::size_t i = 0; i < ids.size(); ++i)
            recorded.artifacts.push_back({ids[i], spec.artifacts[i].path});
    }
    return recorded;
}

}  // namespace runs_agent::runs_server
