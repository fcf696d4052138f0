// SPDX-License-Identifier: MIT
// The `stats` of a spec's results: what a reporter counts, read and written.
#pragma once

#include "runs_server/recording/record_request.hpp"

#include <rapidjson/document.h>

#include <string>

namespace runs_agent::runs_server {

/// What `stats` tells besides its counters of tests.
struct SpecClock {
    std::int64_t suites = 0;
    std::int64_t duration = 0;  // milliseconds
    std::string started_at;     // as sent; may be empty
    std::string ended_at;
};

/// A counter, rounded and cut to what a spec can have: 0 to 1,000,000,000. 0 where there is none.
std::int64_t read_counter(const rapidjson::Value* object, const char* name);

SpecClock read_clock(const rapidjson::Value* stats);

/// Of two parts of one spec: from the first's beginning to the last's end; the time that was taken
/// adds up.
SpecClock joined(const SpecClock& one, const SpecClock& other);

/// The member `stats` as answers show it.
std::string stats_json(const SpecClock& clock, const Counters& counters);

/// Both parts' clocks, with the counters of the whole.
std::string joined_stats(const std::string& one, const std::string& other,
                         const Counters& counters);

}  // namespace runs_agent::runs_server
