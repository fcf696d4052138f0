// SPDX-License-Identifier: MIT
// Whether a run still takes what a reporter is about to begin. Looked at with every test, so
// without summing up the run's specs.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/rows.hpp"
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

/// 422 RUN_CANCELLED, which ends the reporter; absent where the run is not cancelled.
std::optional<net::HttpResponse> refuse_cancelled(const Gate& gate);
/// 422 RUN_EXPIRED, after which the reporter's tests go on unrecorded; absent where it is not.
std::optional<net::HttpResponse> refuse_expired(sqlite::Database& database, const Gate& gate,
                                                Time now);

/// A test has failed: cancels the run where as many have as it allows. Source: the service's
/// documentation, "Fail fast strategy".
void count_failure(sqlite::Database& database, const Gate& gate, Time now);

/// Has it specs without results, or no specs at all? Not by the time: see run_state.hpp.
bool is_unfinished(sqlite::Database& database, const std::string& run_id);

/// Of a run that takes what came, which is written: its inactivity counts from now, and it lasts
/// until now, unless it is complete as nothing of that was new to it.
void mark_active_if_open(sqlite::Database& database, const std::string& run_id, Time now);

}  // namespace runs_agent::runs_server
