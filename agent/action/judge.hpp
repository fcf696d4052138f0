// What the service's answers mean for a step: pure, from answers to outcomes.
#pragma once

#include "agent/action/outcome.hpp"
#include "agent/action/request.hpp"
#include "runs_api/runs_api.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent::action {

/// Nothing recorded and cancelled already are what was wanted, so both are successes.
Outcome judge_cancel(const Request& request, const Result<runs_api::Answer>& answer);

/// With the data for the output file where it is a re-run's business.
Outcome judge_find(const Request& request, const Result<runs_api::Answer>& answer);

/// Of the look-up before a reset: absent where the run was found.
std::optional<Outcome> judge_lookup(const Request& request, const Result<runs_api::Answer>& answer);

/// After the last call of a reset (the first that failed, or the last that went well); `done` of
/// `machines` were reset.
Outcome judge_reset(const Request& request, const std::string& run_id,
                    const Result<runs_api::Answer>& answer, std::size_t done, std::size_t machines);

}  // namespace runs_agent::agent::action
