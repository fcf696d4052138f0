// SPDX-License-Identifier: MIT
// Looks keys, and ids that open as they do, up beside the database's queues, on a connection and a
// thread of its own: strangers' keys, however many, then keep no write and no read waiting, and a
// look takes some microseconds.
#pragma once

#include "base/error.hpp"
#include "runs_server/setup/keys.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace runs_agent::runs_server {

class KeyLookup {
public:
    /// Opens the database, which must have been migrated. Throws sqlite::SqliteError.
    explicit KeyLookup(const std::string& database_path);

    /// The valid key of that kind as it is now, whoever made or revoked it last; absent where it is
    /// unknown or revoked. Errc::store, and Errc::busy where too many wait.
    boost::asio::awaitable<Result<std::optional<Key>>> find(KeyKind kind, std::string key);

    /// Was this record key valid when it was looked up last, or else when this was made? Without a
    /// look into the database. On the thread of those who wait.
    bool was_valid(const std::string& record_key) const;

    /// Is it the id of a run that cypress-cloud has announced, and `claim_id`, unless it is empty,
    /// that of a claim in it? Whoever knows them was told them, and may report. Errc as above.
    boost::asio::awaitable<Result<bool>> knows(std::string run_id, std::string claim_id);

private:
    boost::asio::awaitable<Result<bool>> look_for_claim(std::string run_id, std::string claim_id);
    boost::asio::awaitable<Result<std::optional<Key>>> look(KeyKind kind, std::string key);

    sqlite::Database database_;
    std::set<std::string> valid_;  // hashes of record keys
    // Shared with those who wait, who may be there until after this.
    std::shared_ptr<std::atomic<std::size_t>> waiting_ =
        std::make_shared<std::atomic<std::size_t>>(0);
    boost::asio::thread_pool thread_{1};
};

}  // namespace runs_agent::runs_server
