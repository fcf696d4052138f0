// SPDX-License-Identifier: MIT
#include "postgres/error.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::postgres {

namespace {

// https://www.postgresql.org/docs/15/errcodes-appendix.html
constexpr std::string_view read_only = "25006";            // demoted, or a standby
constexpr std::string_view idle_in_transaction = "25P03";  // ended by its time-out
constexpr std::string_view no_connections_left = "53300";

constexpr std::array<std::string_view, 5> passing{
    "40001",  // serialization_failure
    "40P01",  // deadlock_detected
    "55P03",  // lock_not_available: lock_timeout
    "57014",  // query_canceled: statement_timeout
    no_connections_left,
};

}  // namespace

bool PostgresError::lost_connection() const {
    // 08: connection exceptions; 57P: the server goes down, comes up, or drops us.
    return state_.empty() || state_.starts_with("08") || state_.starts_with("57P") ||
           state_ == read_only || state_ == idle_in_transaction;
}

bool PostgresError::passes() const {
    return lost_connection() || std::find(passing.begin(), passing.end(), state_) != passing.end();
}

std::string_view advice_for(std::string_view state) {
    if (state == no_connections_left)
        return "raise max_connections of the server, or run fewer replicas";
    if (state == "55P03" || state == "57014")
        return "something else holds what it waits for: see pg_stat_activity and pg_locks";
    if (state == "42501") return "grant the user what it needs: it must own the schema";
    if (state.starts_with("53")) return "the server is out of disk, memory or connections";
    if (state == read_only)
        return "name every server of the cluster in RUNS_AGENT_DATABASE, so that the primary is"
               " found";
    return "";
}

}  // namespace runs_agent::postgres
