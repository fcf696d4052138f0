// SPDX-License-Identifier: MIT
// The second half of reading a request: is everything there that its command needs, and which way
// does it go?
#pragma once

#include "agent/action/asked/inputs.hpp"
#include "agent/action/asked/request.hpp"

namespace runs_agent::agent::action {

/// The keys that came as inputs, not from the job's environment.
struct GivenKeys {
    bool api_key = false;
    bool record_key = false;
};

/// Chooses the route, and fills in what can be guessed. Errc::bad_input.
Result<void> complete_request(const Inputs& inputs, Request& request, const GivenKeys& given);

/// Which attempt's run is meant. A search on a re-run is for what the attempt before left behind.
Attempt attempt_meant(const Request& request);

}  // namespace runs_agent::agent::action
