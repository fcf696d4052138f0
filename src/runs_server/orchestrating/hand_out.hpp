// SPDX-License-Identifier: MIT
// Which specs a machine gets, and that it has them.
#pragma once

#include "base/time.hpp"
#include "runs_server/orchestrating/lanes.hpp"
#include "sqlite/database.hpp"

#include <string>
#include <vector>

namespace runs_agent::runs_server {

struct HandedSpec {
    std::string id;
    std::string spec;
    std::int64_t expected = 0;  // milliseconds; 0: nobody knows
};

struct Batch {
    std::string group;
    std::int64_t lanes = 1;         // how many the machine runs at once of that group
    std::vector<HandedSpec> specs;  // empty: there is nothing to run
};

/// Of an announced run: how long each spec is going to take, by how long it took of late. What
/// nobody has run takes as long as the others do on average.
void expect_durations(sqlite::Database& database, const std::string& run_id);

/// Hands out, and remembers it. What a machine was given and never began, as the answer was lost,
/// it is given once more, before anything else; where it does not begin it even then, it is for the
/// others, and that machine does not get it again until one of the run is reset.
Batch hand_out(sqlite::Database& database, const std::string& run_id, const std::string& machine_id,
               const Lanes& lanes, Time now);

}  // namespace runs_agent::runs_server
