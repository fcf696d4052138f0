// SPDX-License-Identifier: MIT
// Deliveries as programs read them.
#pragma once

#include "store/store.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent {

/// One JSON object a line.
std::string to_json_lines(const std::vector<store::DeliveryRow>& rows);
/// One JSON object.
std::string to_json(const store::DeliveryDetail& detail);

}  // namespace runs_agent::agent
