// SPDX-License-Identifier: MIT
#include "runs_server/setup/key_lookup.hpp"

#include "base/encoding.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent::runs_server {

namespace asio = boost::asio;

namespace {

/// More than connections can be open; each waits for one look at a time.
constexpr std::size_t max_waiting = 4096;

/// No key is longer; what is need not be hashed.
constexpr std::size_t longest_key = 4096;
constexpr std::size_t longest_id = 64;

/// Counts one who waits, however the wait ends.
class Waiting {
public:
    explicit Waiting(std::shared_ptr<std::atomic<std::size_t>> count) : count_(std::move(count)) {
        ++*count_;
    }
    ~Waiting() { --*count_; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    std::shared_ptr<std::atomic<std::size_t>> count_;
};

Error too_many() {
    return fail(Errc::busy, "too many keys wait to be looked up; try again shortly");
}

bool is_claim(sqlite::Database& database, const std::string& run_id, const std::string& claim_id) {
    sqlite::Statement row = database.prepare(
        "SELECT 1 FROM claims c JOIN specs s ON s.id = c.spec_id WHERE c.id = ? AND s.run_id = ?");
    return row.bind(claim_id).bind(run_id).step();
}

bool is_announced(sqlite::Database& database, const std::string& run_id) {
    sqlite::Statement row =
        database.prepare("SELECT 1 FROM specs WHERE run_id = ? AND cypress = 1 LIMIT 1");
    return row.bind(run_id).step();
}

}  // namespace

KeyLookup::KeyLookup(const std::string& database_path)
    : database_(database_path), valid_(key_hashes(database_, KeyKind::record)) {}

bool KeyLookup::was_valid(const std::string& record_key) const {
    return !record_key.empty() && record_key.size() <= longest_key &&
           valid_.contains(to_hex(sha256(record_key)));
}

asio::awaitable<Result<std::optional<Key>>> KeyLookup::look(KeyKind kind, std::string key) {
    try {
        co_return find_key(database_, kind, key);
    } catch (const sqlite::SqliteError& error) {
        co_return fail(Errc::store, error.what());
    }
}

asio::awaitable<Result<std::optional<Key>>> KeyLookup::find(KeyKind kind, std::string key) {
    if (key.empty() || key.size() > longest_key) co_return std::optional<Key>();
    if (*waiting_ >= max_waiting) co_return too_many();
    const Waiting waiting(waiting_);
    std::string hash = kind == KeyKind::record ? to_hex(sha256(key)) : "";
    auto looking = look(kind, std::move(key));
    Result<std::optional<Key>> found =
        co_await asio::co_spawn(thread_, std::move(looking), asio::use_awaitable);
    if (found.has_error() || hash.empty()) co_return found;
    if (*found) {
        valid_.insert(std::move(hash));
    } else {
        valid_.erase(hash);
    }
    co_return found;
}

asio::awaitable<Result<bool>> KeyLookup::look_for_claim(std::string run_id, std::string claim_id) {
    try {
        co_return claim_id.empty() ? is_announced(database_, run_id)
                                   : is_claim(database_, run_id, claim_id);
    } catch (const sqlite::SqliteError& error) {
        co_return fail(Errc::store, error.what());
    }
}

asio::awaitable<Result<bool>> KeyLookup::knows(std::string run_id, std::string claim_id) {
    if (run_id.empty() || run_id.size() > longest_id || claim_id.size() > longest_id)
        co_return false;
    if (*waiting_ >= max_waiting) co_return too_many();
    const Waiting waiting(waiting_);
    auto looking = look_for_claim(std::move(run_id), std::move(claim_id));
    co_return co_await asio::co_spawn(thread_, std::move(looking), asio::use_awaitable);
}

}  // namespace runs_agent::runs_server
