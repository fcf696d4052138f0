#include "runs_server/record_spec.hpp"

#include "base/encoding.hpp"
#include "runs_server/artifacts.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

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

/// True where the results were taken.
bool complete(Database& database, const std::string& run_id, const std::string& machine_id,
              const RecordedSpec& spec, Time now) {
    const Counters& counters = spec.counters;
    database
        .prepare(
            "INSERT INTO specs(id, run_id, group_name, spec, machine_id, claimed_at,"
            " completed_at, started, stats, exception, failed, overall, passes, failures, pending,"
            " skipped, flaky, retries, worker_index, parallel_index)"
            " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT(run_id, group_name, spec) DO UPDATE SET"
            " machine_id = excluded.machine_id, claimed_at = coalesce(claimed_at,"
            " excluded.claimed_at), completed_at = excluded.completed_at,"
            " started = excluded.started, stats = excluded.stats, exception = excluded.exception,"
            " failed = excluded.failed, overall = excluded.overall, passes = excluded.passes,"
            " failures = excluded.failures, pending = excluded.pending,"
            " skipped = excluded.skipped, flaky = excluded.flaky, retries = excluded.retries,"
            " worker_index = excluded.worker_index, parallel_index = excluded.parallel_index"
            " WHERE specs.completed_at IS NULL")
        .bind(random_hex(8))
        .bind(run_id)
        .bind(spec.group)
        .bind(spec.spec)
        .bind(machine_id)
        .bind(now)
        .bind(now)
        .bind(spec.started)
        .bind(spec.stats_json)
        .bind(spec.exception_json)
        .bind(spec.failed)
        .bind(counters.overall)
        .bind(counters.passes)
        .bind(counters.failures)
        .bind(counters.pending)
        .bind(counters.skipped)
        .bind(counters.flaky)
        .bind(counters.retries)
        .bind(spec.worker_index)
        .bind(spec.parallel_index)
        .run();
    return database.changes() > 0;
}

void keep_tests(Database& database, const std::string& spec_id, const std::string& tests_json) {
    database
        .prepare(
            "INSERT INTO tests(spec_id, tests) VALUES(?,?)"
            " ON CONFLICT DO UPDATE SET tests = excluded.tests")
        .bind(spec_id)
        .bind(tests_json)
        .run();
}

/// What the row says after claim() or complete(): whose is it?
struct Standing {
    std::string id;
    std::string machine_id;
    bool completed = false;
    std::string started;
};

std::optional<Standing> standing(Database& database, const std::string& run_id,
                                 const RecordedSpec& spec) {
    Statement row = database.prepare(
        "SELECT id, machine_id, completed_at IS NOT NULL, started FROM specs"
        " WHERE run_id = ? AND group_name = ? AND spec = ?");
    row.bind(run_id).bind(spec.group).bind(spec.spec);
    if (!row.step()) return std::nullopt;
    return Standing{row.text(0), row.text(1), row.integer(2) != 0, row.text(3)};
}

bool holds(const Standing& row, const std::string& machine_id, const RecordedSpec& spec) {
    return row.machine_id == machine_id && row.completed == spec.finished &&
           (!spec.finished || row.started == spec.started);
}

}  // namespace

void plan_spec(Database& database, const std::string& run_id, const PlannedSpec& planned) {
    database
        .prepare(
            "INSERT INTO specs(id, run_id, group_name, spec, tests_known, tags_json)"
            " VALUES(?,?,?,?,?,?) ON CONFLICT(run_id, group_name, spec) DO UPDATE SET"
            " tests_known = excluded.tests_known, tags_json = excluded.tags_json")
        .bind(random_hex(8))
        .bind(run_id)
        .bind(planned.group)
        .bind(planned.spec)
        .bind(planned.tests)
        .bind(planned.tags_json)
        .run();
}

bool is_known(Database& database, const std::string& run_id, const std::string& group,
              const std::string& spec) {
    RecordedSpec named;
    named.group = group;
    named.spec = spec;
    return standing(database, run_id, named).has_value();
}

bool was_recorded(Database& database, const std::string& run_id, const std::string& machine_id,
                  const RecordedSpec& recorded) {
    const auto row = standing(database, run_id, recorded);
    return row && holds(*row, machine_id, recorded);
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
            taken = complete(database, run_id, machine_id, spec, now);
        } else {
            claim(database, run_id, machine_id, spec, now);
        }
        const Standing row = *standing(database, run_id, spec);
        if (taken) keep_tests(database, row.id, spec.tests_json);
        if (!holds(row, machine_id, spec)) {
            recorded.warnings.push_back(spec.spec + (row.completed
                                                         ? " has results already; a reset makes way"
                                                           " for others"
                                                         : " was begun by another machine"));
            continue;
        }
        const auto ids = expect_artifacts(database, row.id, spec.artifacts, now);
        for (std::size_t i = 0; i < ids.size(); ++i)
            recorded.artifacts.push_back({ids[i], spec.artifacts[i].path});
    }
    return recorded;
}

}  // namespace runs_agent::runs_server
