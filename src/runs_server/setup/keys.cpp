// SPDX-License-Identifier: MIT
#include "runs_server/setup/keys.hpp"

#include "base/encoding.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

const char* name_of(KeyKind kind) {
    return kind == KeyKind::api ? "api" : "record";
}

Key read_key(const Statement& row) {
    Key key;
    key.id = row.integer(0);
    key.kind = row.text(1) == "api" ? KeyKind::api : KeyKind::record;
    key.name = row.text(2);
    key.read_only = row.integer(3) != 0;
    key.created_at = row.time(4);
    key.revoked_at = row.optional_time(5);
    return key;
}

}  // namespace

std::string make_key(KeyKind kind) {
    return (kind == KeyKind::api ? "ra_api_" : "ra_rec_") + random_hex(20);
}

void add_key(Database& database, KeyKind kind, const std::string& name, bool read_only,
             const std::string& key, Time now) {
    database
        .prepare(
            "INSERT INTO keys(kind, name, hash, read_only, created_at) VALUES(?,?,?,?,?)"
            " ON CONFLICT(kind, hash) DO UPDATE SET name = excluded.name,"
            " read_only = excluded.read_only, revoked_at = NULL")
        .bind(name_of(kind))
        .bind(name)
        .bind(to_hex(sha256(key)))
        .bind(read_only)
        .bind(now)
        .run();
}

void revoke_others(Database& database, KeyKind kind, const std::string& name,
                   const std::string& key, Time now) {
    database
        .prepare(
            "UPDATE keys SET revoked_at = ? WHERE kind = ? AND name = ? AND hash <> ?"
            " AND revoked_at IS NULL")
        .bind(now)
        .bind(name_of(kind))
        .bind(name)
        .bind(to_hex(sha256(key)))
        .run();
}

std::optional<Key> find_key(Database& database, KeyKind kind, const std::string& key) {
    // Looking up by a hash tells by its time nothing that helps to guess a key.
    Statement row = database.prepare(
        "SELECT id, kind, name, read_only, created_at, revoked_at FROM keys"
        " WHERE hash = ? AND kind = ? AND revoked_at IS NULL");
    row.bind(to_hex(sha256(key))).bind(name_of(kind));
    if (!row.step()) return std::nullopt;
    return read_key(row);
}

std::set<std::string> key_hashes(Database& database, KeyKind kind) {
    Statement rows =
        database.prepare("SELECT hash FROM keys WHERE kind = ? AND revoked_at IS NULL");
    rows.bind(name_of(kind));
    std::set<std::string> hashes;
    while (rows.step()) hashes.insert(rows.text(0));
    return hashes;
}

std::vector<Key> list_keys(Database& database) {
    Statement rows = database.prepare(
        "SELECT id, kind, name, read_only, created_at, revoked_at FROM keys ORDER BY id");
    std::vector<Key> keys;
    while (rows.step()) keys.push_back(read_key(rows));
    return keys;
}

bool revoke_key(Database& database, std::int64_t id, Time now) {
    database.prepare("UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
        .bind(now)
        .bind(id)
        .run();
    return database.changes() > 0;
}

}  // namespace runs_agent::runs_server
