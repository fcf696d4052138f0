// SPDX-License-Identifier: MIT
// What catching up asks for: which deliveries and attempts were heard of; and store/sources.hpp.
// Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/sources.hpp"
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

std::vector<std::string> unknown_guids(postgres::Connection& connection,
                                       const std::vector<std::string>& guids);
std::vector<HeardAttempt> heard_attempts(postgres::Connection& connection, const std::string& host,
                                         const std::vector<std::int64_t>& run_ids);
std::vector<OpenAttempt> open_attempts(postgres::Connection& connection, const std::string& host,
                                       Time heard_since, int limit);

}  // namespace runs_agent::store
