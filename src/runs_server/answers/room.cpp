// SPDX-License-Identifier: MIT
#include "runs_server/answers/room.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr std::uint64_t copies = 3;
constexpr std::uint64_t spec_size = 700;      // names of members, times, ids
constexpr std::uint64_t artifact_size = 500;  // with its signed addresses
/// A guess that is too high must not keep one answer alone from being made.
constexpr std::uint64_t max_of_one = 96ULL * 1024 * 1024;

/// Of a query that gives a count of specs, the bytes of what they hold, and a count of artifacts.
std::uint64_t room_of(Statement& row) {
    row.step();
    const auto number = [&row](int column) {
        return static_cast<std::uint64_t>(row.integer(column));
    };
    const std::uint64_t room =
        copies * (number(0) * spec_size + number(1) + number(2) * artifact_size);
    return std::min(room, max_of_one);
}

}  // namespace

std::shared_ptr<net::MemoryShare> take_room(const std::shared_ptr<net::MemoryBudget>& memory,
                                            std::uint64_t bytes) {
    auto share = std::make_shared<net::MemoryShare>(memory, net::MemoryBudget::Use::working);
    return share->resize(bytes) ? share : nullptr;
}

std::uint64_t room_for_run(Database& database, const std::string& run_id) {
    Statement row = database.prepare(
        "SELECT count(*), coalesce(sum(length(CAST(spec AS BLOB)) + length(CAST(group_name AS "
        "BLOB))"
        " + length(CAST(tags_json AS BLOB)) + coalesce(length(CAST(stats AS BLOB)), 0)"
        " + coalesce(length(CAST(exception AS BLOB)), 0)), 0),"
        " (SELECT count(*) FROM artifacts a JOIN specs o ON o.id = a.spec_id WHERE o.run_id = ?1)"
        " FROM specs WHERE run_id = ?1");
    row.bind(run_id);
    return room_of(row);
}

std::uint64_t room_for_instance(Database& database, const std::string& instance_id) {
    Statement row = database.prepare(
        "SELECT count(*), coalesce(sum(length(CAST(t.tests AS BLOB))"
        " + length(CAST(t.earlier AS BLOB)) + coalesce(length(CAST(s.exception AS BLOB)), 0)), 0)"
        " + (SELECT coalesce(sum(length(CAST(fixed AS BLOB)) + length(CAST(changing AS BLOB))), 0)"
        " FROM records WHERE spec_id = ?1),"
        " (SELECT count(*) FROM artifacts WHERE spec_id = ?1)"
        " FROM specs s LEFT JOIN tests t ON t.spec_id = s.id WHERE s.id = ?1");
    row.bind(instance_id);
    return room_of(row);
}

}  // namespace runs_agent::runs_server
