// SPDX-License-Identifier: MIT
#include "runs_server/recording/spec_stats.hpp"

#include "runs_server/answers/json_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace runs_agent::runs_server {

using rapidjson::Value;

std::int64_t read_counter(const Value* object, const char* name) {
    // Counters are added up: what no spec can have would make the sums overflow.
    constexpr std::int64_t most = 1'000'000'000;
    const Value* const found = member(object, name);
    if (found != nullptr && found->IsNumber())
        return std::llround(std::clamp(found->GetDouble(), 0.0, static_cast<double>(most)));
    return std::clamp<std::int64_t>(number(object, name).value_or(0), 0, most);
}

SpecClock read_clock(const Value* stats) {
    return {read_counter(stats, "suites"), read_counter(stats, "wallClockDuration"),
            text(stats, "wallClockStartedAt"), text(stats, "wallClockEndedAt")};
}

SpecClock joined(const SpecClock& one, const SpecClock& other) {
    SpecClock both = one;
    both.suites = std::max(one.suites, other.suites);
    both.duration = one.duration + other.duration;
    // Reporters write times of one form, which sort as texts.
    if (both.started_at.empty() ||
        (!other.started_at.empty() && other.started_at < both.started_at))
        both.started_at = other.started_at;
    both.ended_at = std::max(one.ended_at, other.ended_at);
    return both;
}

std::string stats_json(const SpecClock& clock, const Counters& counters) {
    const std::array<std::pair<const char*, std::int64_t>, 10> numbers{
        {{"suites", clock.suites},
         {"tests", counters.overall},
         {"overall", counters.overall},
         {"passes", counters.passes},
         {"failures", counters.failures},
         {"pending", counters.pending},
         {"skipped", counters.skipped},
         {"flaky", counters.flaky},
         {"retries", counters.retries},
         {"wallClockDuration", clock.duration}}};
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    for (const auto& [name, value] : numbers) put(json, name, value);
    for (const auto& [name, time] : {std::pair{"wallClockStartedAt", &clock.started_at},
                                     std::pair{"wallClockEndedAt", &clock.ended_at}}) {
        json.Key(name);
        if (time->empty()) {
            json.Null();
        } else {
            json.String(*time);
        }
    }
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::string joined_stats(const std::string& one, const std::string& other,
                         const Counters& counters) {
    rapidjson::Document first;
    rapidjson::Document second;
    first.Parse(one.data(), one.size());
    second.Parse(other.data(), other.size());
    return stats_json(joined(read_clock(&first), read_clock(&second)), counters);
}

}  // namespace runs_agent::runs_server
