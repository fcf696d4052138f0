// SPDX-License-Identifier: MIT
// What follows for a step from the service's answers (runs_api/meaning.hpp says what they mean):
// pure, from answers to outcomes.
#pragma once

#include "agent/action/asked/request.hpp"
#include "agent/action/told/outcome.hpp"
#include "execute/answer.hpp"
#include "runs_api/runs_api.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent::action {

/// Nothing recorded and cancelled already are what was wanted, so both are successes.
Outcome judge_cancel(const Request& request, const Result<runs_api::Answer>& answer);

/// Of the search for a run: absent where there is one.
std::optional<Outcome> judge_search(const Request& request, const Result<runs_api::Answer>& answer);

/// Of the run that was found; `status` is what read_run_results() says of it.
Outcome found_run(const Request& request, const runs_api::Document& data, std::string status);

/// Of the look at a run before a reset: absent where there is one.
std::optional<Outcome> judge_lookup(const Request& request, const Result<runs_api::Answer>& answer);

/// Of the search for a build id that found no run.
Outcome judge_no_run(const Request& request, const execute::Reply& reply);

/// There is a run, but `why`; `status` is what read_run_results() says of it.
Outcome nothing_to_reset(const Request& request, const std::string& run_id, std::string status,
                         const std::string& why);

/// After the last call of a reset (the first that failed, or the last that went well); `done` of
/// `machines` were reset.
Outcome judge_reset(const Request& request, const std::string& run_id,
                    const Result<runs_api::Answer>& answer, std::size_t done, std::size_t machines);

/// Of a call that the daemon's rules planned, and its executor's code made.
Outcome judge_call(const Request& request, const store::Call& call, const execute::Reply& reply,
                   Time now);

}  // namespace runs_agent::agent::action
