// SPDX-License-Identifier: MIT
// What one round of catching up leaves to the next.
#pragma once

#include "base/time.hpp"
#include "webhooks/catching_up/log_reading.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace runs_agent::webhooks {

struct CatchUpMemory {
    std::set<std::string> unrecoverable;          // GUIDs that will never be had
    std::set<std::pair<std::int64_t, int>> gone;  // runs, by id and attempt
    std::set<std::string> cut_short;              // repositories whose runs are too many to list
    std::map<std::string, LogReading> logs;       // by the look: what is not stored to the end yet
    std::map<std::string, Time> asked;            // by the look: when its turn was
    std::map<std::string, std::int64_t> asked_run;  // by repository: where asking broke off
    /// By the look, of all that is to be looked at: until when it was seen; Time(): never.
    std::map<std::string, Time> seen;
};

}  // namespace runs_agent::webhooks
