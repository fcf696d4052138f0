// SPDX-License-Identifier: MIT
// Whether a run still takes what a reporter is about to begin. Looked at with every test, so
// without summing up the run's specs.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/answers/log_lines.hpp"
#include "runs_server/recording/rows.hpp"
#include "runs_server/recording/verdict.hpp"
#include "sqlite/database.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace runs_agent::runs_server {

struct Gate {
    std::string run_id;
    std::optional<Time> canceled_at;
    std::string canceled_by;
    std::string cancel_reason;
    Time active_at{};
    std::chrono::milliseconds inactivity{0};
    std::int64_t fail_after = 0;  // failed tests that cancel the run; 0: none do
};

/// Of the run that a spec belongs to; absent where there is no such spec.
std::optional<Gate> gate_of_spec(sqlite::Database& database, const std::string& spec_id);
Gate gate_of(const RunRow& run);

/// What becomes of what a reporter tells of that run (verdict.hpp).
struct Judged {
    Verdict verdict = Verdict::take;
    std::optional<net::HttpResponse> refused;  // the 422 where it is: RUN_CANCELLED, RUN_EXPIRED
    bool timed_out = false;                    // the run did: what is taken opens it for no more
};
Judged judge(sqlite::Database& database, const Gate& gate, const Told& told, Time now);

/// Tells the log of results that were dropped as their claim is lost.
void tell_dropped(LogLines& log, const Gate& gate, std::string_view spec_id,
                  std::string_view machine_id);

/// The answer to something that is about to begin where the run lets nothing begin; absent where it
/// does.
std::optional<net::HttpResponse> refuse_beginning(sqlite::Database& database, const Gate& gate,
                                                  Time now);

/// A test has failed: cancels the run where as many have as it allows. Source: the service's
/// documentation, "Fail fast strategy".
void count_failure(sqlite::Database& database, const Gate& gate, LogLines& log, Time now);

/// Has it specs without results, or no specs at all where it may get some? Not by the time: see
/// run_state.hpp.
bool is_unfinished(sqlite::Database& database, const std::string& run_id);

/// Of a run that takes what came, which is written: its inactivity counts from now, and it lasts
/// until now, unless it is complete as nothing of that was new to it.
void mark_active_if_open(sqlite::Database& database, const std::string& run_id, Time now);

}  // namespace runs_agent::runs_server
