// SPDX-License-Identifier: MIT
#include "runs_server/http/once.hpp"

#include "base/encoding.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr std::chrono::hours kept{24};
constexpr std::size_t longest_key = 256;

}  // namespace

std::string identity_of(const net::HttpRequest& request) {
    if (request.method == "GET" || request.method == "HEAD") return {};
    const auto key = request.headers.find("x-currents-idempotency-key");
    if (!key || key->empty() || key->size() > longest_key) return {};
    // Two who use one key do not get each other's answers.
    const auto record_key = request.headers.find("x-currents-key").value_or("");
    std::string all = request.method;
    for (const std::string_view part : {std::string_view(request.target), *key, record_key})
        (all += '\n') += part;
    return to_hex(sha256(all));
}

std::optional<KeptAnswer> answered_before(Database& database, const std::string& identity) {
    Statement row = database.prepare("SELECT seq, body FROM answered WHERE request = ?");
    if (!row.bind(identity).step()) return std::nullopt;
    return KeptAnswer{row.integer(0), net::json_response(200, row.text(1))};
}

void record_answer(Database& database, const std::string& identity,
                   const net::HttpResponse& response, Time now) {
    constexpr int good = 200;
    if (response.status != good) return;
    // Two go where one comes: so what is too old does not pile up, and no request takes long.
    database
        .prepare(
            "DELETE FROM answered WHERE seq IN (SELECT seq FROM answered ORDER BY seq LIMIT 2)"
            " AND at < ?")
        .bind(now - kept)
        .run();
    database.prepare("INSERT OR REPLACE INTO answered(request, at, body) VALUES(?,?,?)")
        .bind(identity)
        .bind(now)
        .bind(response.body)
        .run();
}

}  // namespace runs_agent::runs_server
