// SPDX-License-Identifier: MIT
#include "store/postgres/lanes.hpp"

#include <vector>

namespace runs_agent::store {

std::int64_t lane_of(std::initializer_list<std::string_view> parts) {
    constexpr std::uint64_t prime = 0x100000001b3;
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&hash](std::string_view bytes) {
        for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * prime;
    };
    for (const std::string_view part : parts) {
        add(std::to_string(part.size()));
        add(":");
        add(part);
    }
    return static_cast<std::int64_t>(hash);
}

std::int64_t run_lane(const decide::RunKey& run) {
    return lane_of({"run", run.host, std::to_string(run.run_id)});
}

std::int64_t group_lane(const std::string& group) {
    return lane_of({"group", group});
}

std::int64_t call_lane(const decide::PlannedCall& call) {
    return lane_of({"call", call.run.host, std::to_string(call.run.run_id), call.project_id,
                    decide::asks_github(call.operation) ? "github" : ""});
}

std::int64_t salt_of(postgres::Connection& connection) {
    postgres::Statement row = connection.prepare("SELECT coalesce(current_schema(), '')");
    row.step();
    return lane_of({"schema", row.text(0)});
}

void HeldLanes::try_all(std::span<const std::int64_t> lanes) {
    std::vector<std::int64_t> salted;
    for (const std::int64_t lane : lanes)
        if (!held_.contains(lane)) salted.push_back(lane ^ salt_);
    if (salted.empty()) return;
    postgres::Statement rows = connection_.prepare(
        "SELECT lane FROM unnest(?) AS lane WHERE pg_try_advisory_xact_lock(lane)");
    rows.bind_array(salted);
    while (rows.step()) held_.insert(rows.integer(0) ^ salt_);
}

bool HeldLanes::take(std::int64_t lane) {
    if (!has(lane)) try_all(std::span(&lane, 1));
    return has(lane);
}

}  // namespace runs_agent::store
