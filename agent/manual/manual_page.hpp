// SPDX-License-Identifier: MIT
// The manual page, in the language of man(7).
#pragma once

#include "agent/manual/options.hpp"

#include <string>

namespace runs_agent::agent {

std::string manual_page(const CommandTold& program, const std::string& version);

}  // namespace runs_agent::agent
