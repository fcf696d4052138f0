// SPDX-License-Identifier: MIT
#include "runs_server/reporting/test_record.hpp"

#include "runs_server/answers/answers.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/plain.hpp"
#include "runs_server/recording/make_run.hpp"
#include "runs_server/recording/record_spec.hpp"
#include "runs_server/recording/reports.hpp"
#include "runs_server/recording/spec_progress.hpp"
#include "runs_server/reporting/announcement.hpp"
#include "runs_server/reporting/gate.hpp"
#include "runs_server/reporting/read_test.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::runs_server {

using net::HttpResponse;
using rapidjson::Value;
using sqlite::Database;
using sqlite::Statement;

namespace {

struct FoundSpec {
    std::string id;
    bool complete = false;
};

std::optional<FoundSpec> find_spec(Database& database, const std::string& run_id,
                                   const RecordedSpec& spec) {
    Statement row = database.prepare(
        "SELECT id, completed_at IS NOT NULL FROM specs WHERE run_id = ? AND group_name = ?"
        " AND spec = ?");
    if (!row.bind(run_id).bind(spec.group).bind(spec.spec).step()) return std::nullopt;
    return FoundSpec{row.text(0), row.integer(1) != 0};
}

bool is_lost(Database& database, const std::string& spec_id, const std::string& machine_id) {
    return database.prepare("SELECT 1 FROM lost_claims WHERE spec_id = ? AND machine_id = ?")
        .bind(spec_id)
        .bind(machine_id)
        .step();
}

/// How long ago a request can have been made that comes for the first, second… time. Source:
/// @currents/playwright 2.5.0: 30 s until it gives an answer up, and pauses of 3, 15 and 30 s.
std::chrono::seconds longest_delay(int attempt) {
    constexpr std::array<int, 4> seconds{0, 33, 78, 138};
    const auto known = std::min<std::size_t>(static_cast<std::size_t>(attempt), seconds.size() - 1);
    return std::chrono::seconds(seconds[known]);
}

/// Did the test surely begin when the run was cancelled already? Told by how long it has run, as
/// clocks of machines differ; and what says so may be under way for long, as it is sent again.
bool began_after_cancel(const Gate& gate, const Value& body, const TestReport& report, int attempt,
                        Time now) {
    if (!gate.canceled_at) return false;
    const auto since = milliseconds_since_begin(body);
    if (!since) return !report.done;
    const auto ago = std::chrono::milliseconds(*since) + longest_delay(attempt);
    return now - ago > *gate.canceled_at;
}

/// A failure is never turned away.
bool is_failure(const TestReport& report) {
    return report.done && report.state == "failed";
}

/// A test of which something new is told, and what was known.
struct TestNews {
    std::string spec_id;
    std::string test_id;
    TestOutcome before;
};

/// Its row is written. A run that timed out stays so until it is reset.
void take(Database& database, const Gate& gate, const TestNews& told, const TestReport& report,
          bool is_open, LogLines& log, Time now) {
    const bool news = settle_test(database, told.spec_id, told.test_id, told.before, now);
    // One that is complete lasts no longer because something is repeated.
    if (is_open && (news || is_unfinished(database, gate.run_id)))
        mark_active(database, gate.run_id, now);
    if (is_failure(report)) count_failure(database, gate, log, now);
}

/// A row as it is, for who changes it.
struct KnownRow {
    std::string spec_id;
    std::string test_id;
    std::string machine_id;
    bool stale = false;
    std::int64_t sequence = 0;
    std::string fixed_json;
    std::string changing_json;
    bool done = false;
};

std::optional<KnownRow> find_row(Database& database, const std::string& record_id) {
    Statement row = database.prepare(
        "SELECT spec_id, test_id, machine_id, stale, sequence, fixed, changing, rank > 0 FROM "
        "records"
        " WHERE id = ?");
    if (!row.bind(record_id).step()) return std::nullopt;
    return KnownRow{row.text(0),    row.text(1), row.text(2), row.integer(3) != 0,
                    row.integer(4), row.text(5), row.text(6), row.integer(7) != 0};
}

}  // namespace

HttpResponse begin_spec(Database& database, const std::string& run_id, const std::string& body,
                        Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_object(body, root); !wrong.empty())
        return failed(400, wrong);
    RecordedSpec spec;
    spec.group = text(&root, "groupId");
    spec.spec = text(&root, "spec");
    const std::string machine = text(&root, "machineId");
    if (spec.group.empty() || spec.spec.empty() || machine.empty())
        return failed(400, "groupId, spec and machineId must be texts that are not empty");
    const auto run = find_by_id(database, run_id);
    if (!run) return run_not_found();
    const auto known = find_spec(database, run_id, spec);
    Told told;
    told.begins = true;
    told.lost = known && is_lost(database, known->id, machine);
    Judged judged = judge(database, gate_of(*run), told, now);
    if (judged.refused) return std::move(*judged.refused);

    const Value* const worker = member(&root, "worker");
    spec.worker_index = read_counter(worker, "workerIndex");
    spec.parallel_index = read_counter(worker, "parallelIndex");
    add_group(database, run_id, {spec.group, "[]"}, unknown_platform);
    // One whose claim a reset has ended does not get the spec back by going on.
    if (judged.verdict == Verdict::take) claim(database, run_id, machine, spec, now);
    const auto found = find_spec(database, run_id, spec);
    database.prepare("UPDATE specs SET begun = 1 WHERE id = ? AND machine_id = ?")
        .bind(found->id)
        .bind(machine)
        .run();
    record_reporter(database, run_id, machine);
    if (!found->complete) mark_active(database, run_id, now);
    return plain_object([&](Json& json) {
        put(json, "instanceId", found->id);
        // From two on the reporter keeps what it printed of the spec to itself.
        put(json, "claimedCount", static_cast<std::int64_t>(found->complete ? 2 : 1));
    });
}

HttpResponse add_record(Database& database, std::string body, int attempt, LogLines& log,
                        Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_in_place(body, root); !wrong.empty())
        return failed(400, wrong);
    NewTestRow row;
    row.spec_id = text(&root, "instanceId");
    row.test_id = text(&root, "testId");
    row.machine_id = text(&root, "machineId");
    if (row.test_id.empty() || row.machine_id.empty())
        return failed(400, "testId and machineId must be texts that are not empty");
    const auto gate = gate_of_spec(database, row.spec_id);
    if (!gate) return failed(404, "Instance not found");
    row.report = read_test_report(root, text(&root, "expectedStatus"));
    Told told;
    told.begins = true;
    told.under_way = !began_after_cancel(*gate, root, row.report, attempt, now);
    told.failure = is_failure(row.report);
    told.lost = is_lost(database, row.spec_id, row.machine_id);
    Judged judged = judge(database, *gate, told, now);
    if (judged.refused) return std::move(*judged.refused);

    row.fixed_json = fixed_members(root);
    row.stale = judged.verdict == Verdict::drop;
    const TestOutcome before = outcome_of(database, row.spec_id, row.test_id);
    if (!row.stale) await_tests(database, row.spec_id, {row.test_id}, now);
    const std::string id = add_row(database, row);
    if (row.stale) tell_dropped(log, *gate, row.spec_id, row.machine_id);
    if (!row.stale)
        take(database, *gate, {row.spec_id, row.test_id, before}, row.report, !judged.timed_out,
             log, now);
    return plain_object([&](Json& json) { put(json, "recordId", id); });
}

HttpResponse change_record(Database& database, const std::string& record_id, std::string body,
                           LogLines& log, Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_in_place(body, root); !wrong.empty())
        return failed(400, wrong);
    const auto row = find_row(database, record_id);
    const auto gate = row ? gate_of_spec(database, row->spec_id) : std::nullopt;
    if (!gate) return failed(404, "Test record not found");
    const auto nothing = [](Json&) {};
    const std::int64_t sequence = number(&root, "_t").value_or(0);
    Told told;
    told.lost = row->stale;
    told.outdated = sequence <= row->sequence;
    const TestReport report = read_test_report(root, expected_status_of(row->fixed_json));
    told.failure = is_failure(report);
    Judged judged = judge(database, *gate, told, now);
    if (judged.refused) return std::move(*judged.refused);
    if (told.lost) tell_dropped(log, *gate, row->spec_id, row->machine_id);
    if (judged.verdict == Verdict::drop) return plain_object(nothing);

    if (report.done == row->done && report.changing_json == row->changing_json) {
        touch_row(database, record_id, sequence);
        return plain_object(nothing);
    }
    const TestOutcome before = outcome_of(database, row->spec_id, row->test_id);
    change_row(database, record_id, report);
    take(database, *gate, {row->spec_id, row->test_id, before}, report, !judged.timed_out, log,
         now);
    return plain_object(nothing);
}

}  // namespace runs_agent::runs_server
