// SPDX-License-Identifier: MIT
// What catching up asks for: where deliveries come from, which were heard of, what was looked at.
// Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/store.hpp"

#include <map>
#include <mutex>

namespace runs_agent::store {

/// What this process has recorded of where deliveries come from, so that most record nothing. Any
/// thread.
class HeardSources {
public:
    /// Would record_source() change nothing, as far as is known?
    bool know(const NewDelivery& delivery) const;
    /// It was recorded.
    void note(const NewDelivery& delivery);

private:
    struct Heard {
        std::string owner;
        Time at{};
    };
    mutable std::mutex mutex_;
    std::map<std::string, Heard> heard_;  // by host, hook and repository
};

/// Notes where a delivery came from.
void record_source(postgres::Connection& connection, const NewDelivery& delivery);
void prune_sources(postgres::Connection& connection, Time before);
std::vector<HeardHook> hooks(postgres::Connection& connection, const std::string& host, Time since);
std::vector<std::string> repositories(postgres::Connection& connection, const std::string& host,
                                      Time since);
std::vector<std::string> unknown_guids(postgres::Connection& connection,
                                       const std::vector<std::string>& guids);
std::vector<HeardAttempt> heard_attempts(postgres::Connection& connection, const std::string& host,
                                         const std::vector<std::int64_t>& run_ids);
std::vector<OpenAttempt> open_attempts(postgres::Connection& connection, const std::string& host,
                                       Time heard_since, int limit);
std::optional<Time> last_look(postgres::Connection& connection, const std::string& name);
void record_look(postgres::Connection& connection, const std::string& name, Time at);

}  // namespace runs_agent::store
