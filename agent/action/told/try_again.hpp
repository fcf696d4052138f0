// SPDX-License-Identifier: MIT
// Which answers a step waits for to become better, and what it says where they did not.
#pragma once

#include <string_view>

namespace runs_agent::agent::action {

/// Is an answer with this status asked for again, for as long as a step may take? Those of
/// runs_api::Meaning::later are, but for what proxies say beyond 504 of a service that is down:
/// that lasts longer, and the official action does not try those again either.
bool is_tried_again(int status);

/// What a person can do about an answer that tells of the service's trouble; empty: another.
std::string_view advice_on_trouble(int status);

}  // namespace runs_agent::agent::action
