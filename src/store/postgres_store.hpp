// SPDX-License-Identifier: MIT
// The store that many replicas share: a PostgreSQL database.
#pragma once

#include "base/error.hpp"
#include "store/store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace runs_agent::store {

struct PostgresStoreOptions {
    /// A visitor reads, replays and drops, and executes nothing: for the command line.
    bool visitor = false;
    /// A visitor who brings nothing up to date either: tables that are not there, or are of an
    /// older version, are an Errc::not_found. Waits for some seconds at most.
    bool looks = false;
    /// Of this machine's clock and the server's: check() fails where they differ by more. What
    /// waits for a time is due by the clocks of the replicas.
    std::optional<std::chrono::milliseconds> max_clock_difference;
    std::chrono::milliseconds beat{1'000};           // how often a replica says that it is there
    std::chrono::milliseconds silent_after{10'000};  // then it is taken for dead
    std::size_t connections = 5;                     // and one more to be heard of by
    /// As in SqliteStoreOptions; on several threads at once.
    std::function<void(std::chrono::nanoseconds took, std::size_t jobs)> on_commit = {};
    /// Is told, while the store is opened, what holds the tables that are to be brought up to date.
    std::function<void(const std::string& held_by)> on_migration_waits = {};
};

/// What the URL says of where the database is, for people: without a password. Errc::bad_input
/// where it cannot be read; the message repeats nothing of it.
Result<std::string> describe_postgres_url(const std::string& url);

/// Connects, brings the schema up to date, and says that this replica is there. Blocks, so it is
/// for the start of a program. Errc::bad_input for a URL that is wrong, else Errc::store.
Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url,
                                                   const PostgresStoreOptions& options = {});

}  // namespace runs_agent::store
