// SPDX-License-Identifier: MIT
#include "runs_server/orchestrating/lanes.hpp"

#include "runs_server/answers/json_text.hpp"

#include <algorithm>
#include <optional>

namespace runs_agent::runs_server {

using rapidjson::Value;

namespace {

constexpr std::int64_t max_lanes = 1000;

/// A number from 1; absent for "auto", and for what is none.
std::optional<std::int64_t> positive(const Value* object, std::string_view name) {
    const auto found = number(object, name);
    if (!found || *found < 1) return std::nullopt;
    return std::min(*found, max_lanes);
}

}  // namespace

Lanes read_lanes(const Value& body) {
    Lanes lanes;
    const std::int64_t workers = positive(&body, "globalWorkers").value_or(1);
    const auto size = positive(&body, "globalBatchSize");
    lanes.of_all = size.value_or(workers);
    const Value* const own_workers = member(&body, "projectWorkers");
    const Value* const own_sizes = member(&body, "projectBatchSizes");
    if (own_workers != nullptr && own_workers->IsObject() && !size)
        for (const auto& [name, value] : own_workers->GetObject())
            if (const auto own = positive(own_workers, json::text_of(name)))
                lanes.of_groups[std::string(json::text_of(name))] = *own;
    if (own_sizes == nullptr || !own_sizes->IsObject()) return lanes;
    for (const auto& [name, value] : own_sizes->GetObject()) {
        const std::string group(json::text_of(name));
        const auto own = positive(own_sizes, group);
        lanes.of_groups[group] =
            own.value_or(positive(own_workers, group).value_or(workers));  // "auto"
    }
    return lanes;
}

std::string to_text(const std::map<std::string, std::int64_t>& of_groups) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    for (const auto& [group, lanes] : of_groups) put(json, group.c_str(), lanes);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::map<std::string, std::int64_t> lanes_of_groups(const std::string& text) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
    std::map<std::string, std::int64_t> lanes;
    if (!document.IsObject()) return lanes;
    for (const auto& [name, value] : document.GetObject())
        if (value.IsInt64()) lanes[std::string(json::text_of(name))] = value.GetInt64();
    return lanes;
}

}  // namespace runs_agent::runs_server
