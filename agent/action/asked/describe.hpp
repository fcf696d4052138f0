// SPDX-License-Identifier: MIT
// What a step was asked to do, in words for people, and where they can look at the run.
#pragma once

#include "agent/action/asked/request.hpp"

#include <string>
#include <string_view>

namespace runs_agent::agent::action {

/// "cancel", "reset", "find", "supersede".
std::string_view to_string(Command command);

/// "cancel what GitHub run 1001, attempt 2 recorded", for people.
std::string describe(const Request& request);

/// "project p1", "projects p1, p2"; empty where none is named.
std::string projects_of(const Request& request);

/// Where people look at a run.
std::string run_url(const Request& request, std::string_view run_id);

}  // namespace runs_agent::agent::action
