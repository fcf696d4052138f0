// SPDX-License-Identifier: MIT
// What makes a shell complete the program's command lines.
#pragma once

#include "agent/manual/options.hpp"

#include <string>

namespace runs_agent::agent {

std::string bash_completion(const CommandTold& program);
std::string zsh_completion(const CommandTold& program);
std::string fish_completion(const CommandTold& program);

}  // namespace runs_agent::agent
