// SPDX-License-Identifier: MIT
#include "runs_server/caching/cache.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/plain.hpp"
#include "runs_server/answers/stored_file.hpp"
#include "runs_server/caching/cache_name.hpp"
#include "runs_server/setup/keys.hpp"

#include <chrono>
#include <optional>

namespace runs_agent::runs_server {

using net::HttpResponse;
using rapidjson::Document;
using sqlite::Database;
using sqlite::Statement;

namespace {

/// Reads a body of whoever has a record key; or the answer for who has none.
std::optional<HttpResponse> read_known(Database& database, const std::string& body,
                                       Document& root) {
    if (const std::string wrong = parse_object(body, root); !wrong.empty())
        return failed(400, wrong);
    if (!find_key(database, KeyKind::record, text(&root, "recordKey")))
        return failed(401, "Invalid record key provided");
    return std::nullopt;
}

HttpResponse no_name() {
    return refused("CACHE_ID_MISSING",
                   "this CI does not tell its jobs apart: pass --id to `currents cache`");
}

/// What nobody looks for any more. One that is being read may be the last but one.
void forget_old(Database& database, const std::string& name, Time now) {
    constexpr std::chrono::hours kept{30 * 24};
    database.prepare("DELETE FROM caches WHERE at < ?").bind(now - kept).run();
    database
        .prepare(
            "DELETE FROM caches WHERE name = ?1 AND seq NOT IN"
            " (SELECT seq FROM caches WHERE name = ?1 ORDER BY seq DESC LIMIT 2)")
        .bind(name)
        .run();
}

/// Returns what its files name it by.
std::int64_t add_cache(Database& database, const std::string& key, const std::string& name,
                       Time now) {
    forget_old(database, name, now);
    database.prepare("INSERT INTO caches(id, name, at) VALUES(?,?,?)")
        .bind(key)
        .bind(name)
        .bind(now)
        .run();
    return database.last_insert_rowid();
}

std::string add_file(Database& database, std::int64_t cache, const char* kind) {
    std::string id = random_hex(16);
    database.prepare("INSERT INTO cache_files(id, cache_seq, kind) VALUES(?,?,?)")
        .bind(id)
        .bind(cache)
        .bind(std::string(kind))
        .run();
    return id;
}

std::string url_of(const ArtifactUrls& urls, std::string_view method, const std::string& file,
                   Time now) {
    return urls.at(method, "/caches/" + file, now);
}

}  // namespace

HttpResponse make_cache(Database& database, const std::string& body, const ArtifactUrls& urls,
                        Time now) {
    Document root;
    if (auto no = read_known(database, body, root)) return std::move(*no);
    const std::string name = cache_name_of(root);
    if (name.empty()) return no_name();
    const std::string key = random_hex(16);
    const std::int64_t cache = add_cache(database, key, name, now);
    return plain_object([&](Json& json) {
        put(json, "cacheId", name);
        put(json, "orgId", "runs-agent");
        put(json, "cacheKey", key);
        put(json, "metaCacheKey", key + "_meta");
        for (const auto& [member_name, kind] :
             {std::pair{"uploadUrl", "archive"}, std::pair{"metaUploadUrl", "meta"},
              std::pair{"refMetaUploadUrl", "reference"}})
            put(json, member_name, url_of(urls, "PUT", add_file(database, cache, kind), now));
    });
}

HttpResponse find_cache(Database& database, const std::string& body, const ArtifactUrls& urls,
                        Time now) {
    Document root;
    if (auto no = read_known(database, body, root)) return std::move(*no);
    const std::string name = cache_name_of(root);
    if (name.empty()) return no_name();
    // A job that broke off before it had anything to keep leaves the attempt before in its place.
    Statement row = database.prepare(
        "SELECT f.id FROM caches c JOIN cache_files f ON f.cache_seq = c.seq"
        " AND f.kind = 'reference' JOIN cache_files a ON a.cache_seq = c.seq"
        " AND a.kind = 'archive' WHERE c.name = ? AND f.size IS NOT NULL AND a.size IS NOT NULL"
        " ORDER BY c.seq DESC LIMIT 1");
    const std::string file = row.bind(name).step() ? row.text(0) : "none";
    return plain_object([&](Json& json) {
        put(json, "cacheId", name);
        put(json, "refMetaReadUrl", url_of(urls, "GET", file, now));
    });
}

HttpResponse cache_to_read(Database& database, const std::string& body, const ArtifactUrls& urls,
                           Time now) {
    Document root;
    if (auto no = read_known(database, body, root)) return std::move(*no);
    Statement row = database.prepare(
        "SELECT f.id FROM caches c JOIN cache_files f ON f.cache_seq = c.seq"
        " AND f.kind = 'archive' WHERE c.id = ? AND f.size IS NOT NULL");
    if (!row.bind(text(&root, "cacheKey")).step()) return failed(404, "Cache not found");
    return plain_object(
        [&](Json& json) { put(json, "readUrl", url_of(urls, "GET", row.text(0), now)); });
}

HttpResponse make_debug_log(Database& database, const std::string& body, const ArtifactUrls& urls,
                            Time now) {
    Document root;
    if (const std::string wrong = parse_object(body, root); !wrong.empty())
        return failed(400, wrong);
    const std::string run_id = text(&root, "runId");
    if (run_id.empty()) return failed(400, "runId must be a text that is not empty");
    // What `currents cache` finds has a reference, which this has not.
    const std::string name = "debug-log/" + run_id;
    const std::string file =
        add_file(database, add_cache(database, random_hex(16), name, now), "archive");
    return plain_object([&](Json& json) {
        put(json, "readUrl", url_of(urls, "GET", file, now));
        put(json, "uploadUrl", url_of(urls, "PUT", file, now));
    });
}

HttpResponse put_cache_file(Database& database, const std::string& file_id,
                            const std::string& content_type, const std::string& content) {
    const auto size = store_file(database, "cache_files", file_id, content_type, content);
    if (!size) return failed(404, "Cache not found");
    return ok_object([&](Json& json) { put(json, "size", *size); });
}

HttpResponse get_cache_file(Database& database, const std::string& file_id,
                            const std::shared_ptr<net::MemoryBudget>& memory) {
    return stored_file(database, "cache_files", file_id, "Cache not found", memory);
}

}  // namespace runs_agent::runs_server
