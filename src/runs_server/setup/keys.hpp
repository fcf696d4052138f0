// SPDX-License-Identifier: MIT
// API keys (for reading and cancelling) and record keys (for reporters). Only hashes are kept.
#pragma once

#include "base/time.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

enum class KeyKind { api, record };

struct Key {
    std::int64_t id = 0;
    KeyKind kind = KeyKind::api;
    std::string name;
    bool read_only = false;
    Time created_at{};
    std::optional<Time> revoked_at;
};

/// A new random key of 160 bits, with a prefix that says what it is.
std::string make_key(KeyKind kind);

/// Stores a key by its hash. A key that is there already (and revoked, perhaps) is made valid
/// again.
void add_key(sqlite::Database& database, KeyKind kind, const std::string& name, bool read_only,
             const std::string& key, Time now);

/// Revokes the keys of that kind and name but this one.
void revoke_others(sqlite::Database& database, KeyKind kind, const std::string& name,
                   const std::string& key, Time now);

/// The valid key of that kind; absent where it is unknown or revoked.
std::optional<Key> find_key(sqlite::Database& database, KeyKind kind, const std::string& key);

/// SHA-256, in hex, of every valid key of that kind.
std::set<std::string> key_hashes(sqlite::Database& database, KeyKind kind);

std::vector<Key> list_keys(sqlite::Database& database);
bool revoke_key(sqlite::Database& database, std::int64_t id, Time now);

}  // namespace runs_agent::runs_server
