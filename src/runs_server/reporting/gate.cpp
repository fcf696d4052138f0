// SPDX-License-Identifier: MIT
#include "runs_server/reporting/gate.hpp"

#include "runs_server/answers/answers.hpp"
#include "runs_server/recording/cancellation.hpp"

namespace runs_agent::runs_server {

using net::HttpResponse;
using runs_api::CompletionState;
using sqlite::Database;
using sqlite::Statement;

namespace {

/// As run_state.hpp has it, but that one which is complete may be said to be in progress: to that
/// its specs would have to be summed up.
CompletionState state_of(Database& database, const Gate& gate, Time now) {
    if (gate.canceled_at) return CompletionState::canceled;
    if (now - gate.active_at <= gate.inactivity) return CompletionState::in_progress;
    const auto run = find_by_id(database, gate.run_id);
    return run ? run_state_of(run->facts, now).completion : CompletionState::in_progress;
}

HttpResponse refusal(CompletionState state, const Gate& gate) {
    if (state == CompletionState::canceled)
        return refused(run_cancelled, "Run is cancelled (by " + gate.canceled_by + ": " +
                                          gate.cancel_reason + ")");
    return refused(run_expired,
                   "Run timed out: a reset lets it go on (with any machineId, also one that it does"
                   " not know), or record under another CI build id");
}

}  // namespace

std::optional<Gate> gate_of_spec(Database& database, const std::string& spec_id) {
    Statement row = database.prepare(
        "SELECT r.id, r.canceled_at, r.canceled_by, r.cancel_reason, r.active_at, r.inactivity,"
        " coalesce(r.fail_after, 0) FROM specs s JOIN runs r ON r.id = s.run_id WHERE s.id = ?"
        " AND r.deleted_at IS NULL");
    if (!row.bind(spec_id).step()) return std::nullopt;
    return Gate{row.text(0),   row.optional_time(1), row.text(2),
                row.text(3),   row.time(4),          std::chrono::milliseconds(row.integer(5)),
                row.integer(6)};
}

Gate gate_of(const RunRow& run) {
    Gate gate;
    gate.run_id = run.id;
    gate.canceled_at = run.facts.canceled_at;
    gate.canceled_by = run.canceled_by;
    gate.cancel_reason = run.cancel_reason;
    gate.active_at = run.facts.active_at;
    gate.inactivity = run.facts.inactivity;
    return gate;
}

Judged judge(Database& database, const Gate& gate, const Told& told, Time now) {
    const CompletionState state = state_of(database, gate, now);
    Judged judged;
    judged.verdict = verdict_on(state, told);
    judged.timed_out = state == CompletionState::timeout;
    if (judged.verdict == Verdict::refuse) judged.refused = refusal(state, gate);
    return judged;
}

void tell_dropped(LogLines& log, const Gate& gate, std::string_view spec_id,
                  std::string_view machine_id) {
    log.add([run = gate.run_id, spec = std::string(spec_id),
             machine = std::string(machine_id)](Log& to) {
        to.limited(LogLevel::info, "api.dropped",
                   {{"run", run}, {"instance", spec}, {"machine", machine}});
    });
}

std::optional<HttpResponse> refuse_beginning(Database& database, const Gate& gate, Time now) {
    Told told;
    told.begins = true;
    return judge(database, gate, told, now).refused;
}

bool is_unfinished(Database& database, const std::string& run_id) {
    const auto has = [&](const char* query) { return database.prepare(query).bind(run_id).step(); };
    if (has("SELECT 1 FROM specs WHERE run_id = ? AND completed_at IS NULL LIMIT 1")) return true;
    return !has("SELECT 1 FROM specs WHERE run_id = ? LIMIT 1") &&
           !has("SELECT 1 FROM suites WHERE run_id = ? AND digest = ''");
}

void mark_active_if_open(Database& database, const std::string& run_id, Time now) {
    // Not by the time: one that was complete, however long ago, and has more to do now, goes on.
    if (is_unfinished(database, run_id)) mark_active(database, run_id, now);
}

void count_failure(Database& database, const Gate& gate, LogLines& log, Time now) {
    if (gate.fail_after <= 0 || gate.canceled_at) return;
    Statement row =
        database.prepare("SELECT coalesce(sum(failures), 0) FROM specs WHERE run_id = ?");
    row.bind(gate.run_id).step();
    if (row.integer(0) < gate.fail_after) return;
    const std::int64_t failures = row.integer(0);
    mark_cancelled(database, gate.run_id, "failFast",
                   std::to_string(failures) + " failed tests, which are as many as it allows", now);
    log.add([run = gate.run_id, failures, allowed = gate.fail_after](Log& to) {
        to.limited(LogLevel::info, "api.fail_fast",
                   {{"run", run}, {"failures", failures}, {"allowed", allowed}});
    });
}

}  // namespace runs_agent::runs_server
