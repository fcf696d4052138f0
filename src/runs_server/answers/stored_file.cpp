// SPDX-License-Identifier: MIT
#include "runs_server/answers/stored_file.hpp"

#include "runs_server/answers/room.hpp"

namespace runs_agent::runs_server {

using net::HttpResponse;
using sqlite::Database;
using sqlite::Statement;

std::optional<std::int64_t> store_file(Database& database, const char* table, const std::string& id,
                                       const std::string& content_type,
                                       const std::string& content) {
    const std::string name(table);
    Statement row =
        database.prepare("SELECT rowid, size, content_type FROM " + name + " WHERE id = ?");
    if (!row.bind(id).step()) return std::nullopt;
    const std::int64_t place = row.integer(0);
    const auto size = static_cast<std::int64_t>(content.size());
    const std::string type = content_type.empty() ? row.text(2) : safe_media_type(content_type);
    // A reporter's retry, say: to write it once more would keep all of what was there in memory,
    // until it is committed.
    if (row.optional_integer(1) == size && row.text(2) == type &&
        database.is_blob(table, "content", place, content))
        return size;
    // Its place first and then its bytes: bound to a statement they would be copied, twice, and so
    // they would where the row is changed once they are there.
    database
        .prepare("UPDATE " + name +
                 " SET content = zeroblob(?1), size = ?1, content_type = ?2 WHERE rowid = ?3")
        .bind(size)
        .bind(type)
        .bind(place)
        .run();
    database.write_blob(table, "content", place, content);
    return size;
}

HttpResponse stored_file(Database& database, const char* table, const std::string& id,
                         std::string_view missing,
                         const std::shared_ptr<net::MemoryBudget>& memory) {
    Statement row = database.prepare("SELECT rowid, content_type, size FROM " + std::string(table) +
                                     " WHERE id = ? AND size IS NOT NULL");
    if (!row.bind(id).step()) return failed(404, missing);
    const auto size = static_cast<std::size_t>(row.integer(2));
    return with_room(memory, size, [&] {
        HttpResponse response;
        response.headers.add("Content-Type", row.text(1));
        // It is anybody's file: a browser must not run it in this server's name.
        response.headers.add("X-Content-Type-Options", "nosniff");
        response.headers.add("Content-Security-Policy", "sandbox");
        response.body = database.read_blob(table, "content", row.integer(0), size);
        return response;
    });
}

}  // namespace runs_agent::runs_server
