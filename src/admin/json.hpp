// SPDX-License-Identifier: MIT
// Deliveries, and what people did with them, as programs read them: the HTTP API and the command
// line's --json alike.
#pragma once

#include "store/store.hpp"

#include <string>
#include <vector>

namespace runs_agent::admin {

/// What is known of one workflow run: its deliveries with their calls, the oldest first.
struct RunStory {
    std::string host;
    std::string repository;
    std::int64_t run_id = 0;
    std::vector<store::DeliveryDetail> deliveries;
    bool more = false;  // there are older ones
};

/// Where the calls of a delivery stand, in a word or two.
std::string progress(const store::DeliveryRow& row);
/// What of the policy held when a delivery was decided, as far as that is known; empty: nothing
/// that it says was asked for.
std::string policy_then(const store::DeliveryRow& row);

/// One JSON object a line.
std::string to_json_lines(const std::vector<store::DeliveryRow>& rows);
/// One JSON object each.
std::string to_json(const store::DeliveryDetail& detail);
std::string to_json(const store::DeliveryPage& page);
std::string to_json(const RunStory& story);
std::string to_json(const std::vector<store::HandRecord>& acts);
std::string to_json(const store::HandOutcome& outcome);
std::string to_json(const std::vector<store::Counts>& counts);

}  // namespace runs_agent::admin
