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

std::string_view advice_on_connecting(std::string_view words) {
    constexpr std::array<std::array<std::string_view, 2>, 6> known{{
        {"certificate verify failed",
         "name the certificate of whoever signed the server's in sslrootcert, or add it to the"
         " system's (SSL_CERT_FILE)"},
        {"does not match host name",
         "name the server in RUNS_AGENT_DATABASE as its certificate does, or give it one of that"
         " name"},
        {"root certificate file", "sslrootcert must name a file of certificates that can be read"},
        {"server does not support SSL",
         "switch TLS on there (ssl = on), or say sslmode=disable for a network that you trust"},
        {"password authentication failed",
         "see the user and the password in RUNS_AGENT_DATABASE, RUNS_AGENT_DATABASE_FILE or libpq's"
         " password file"},
        {"no pg_hba.conf entry",
         "let the user in from this address in the server's pg_hba.conf, or see which user and"
         " database RUNS_AGENT_DATABASE names"},
    }};
    for (const auto& [said, advice] : known)
        if (words.find(said) != std::string_view::npos) return advice;
    return "see that the server runs and can be reached, and that RUNS_AGENT_DATABASE names it, its"
           " user and its database";
}

}  // namespace runs_agent::postgres
