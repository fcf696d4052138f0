// SPDX-License-Identifier: MIT
// Deliveries as people read them.
#pragma once

#include "store/store.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent {

/// Where the calls of a delivery stand, in a word or two.
std::string progress(const store::DeliveryRow& row);

/// A table, a line each.
std::string describe_deliveries(const std::vector<store::DeliveryRow>& rows);
/// The whole story of one delivery: what it was, which rule, why, each call with its answers.
std::string describe_delivery(const store::DeliveryDetail& detail);

}  // namespace runs_agent::agent
