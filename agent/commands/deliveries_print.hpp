// SPDX-License-Identifier: MIT
// Deliveries as people read them.
#pragma once

#include "store/store.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent {

/// A table, a line each.
std::string describe_deliveries(const std::vector<store::DeliveryRow>& rows);
/// The whole story of one delivery: what it was, which rule, why, each call with its answers.
std::string describe_delivery(const store::DeliveryDetail& detail);

/// What people did by hand, a line each.
std::string describe_acts(const std::vector<store::HandRecord>& acts);
/// "replayed 130 deliveries (145 calls), left alone 4 (why)"
std::string describe_outcome(const store::ByHand& by, const store::HandOutcome& outcome);
/// The same of one that was named.
std::string describe_outcome_of_one(const store::ByHand& by, const store::HandOutcome& outcome);

}  // namespace runs_agent::agent
