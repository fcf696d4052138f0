// SPDX-License-Identifier: MIT
#include "runs_server/recording/run_state.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using runs_api::CompletionState;
using runs_api::RunStatus;

RunState run_state_of(const RunFacts& facts, Time now) {
    RunState state;
    Time ended = facts.active_at;
    const bool has_ended =
        facts.specs > 0 ? facts.specs_complete == facts.specs : facts.without_tests;
    if (has_ended) {
        state.completion = CompletionState::complete;
    } else if (now - facts.active_at > facts.inactivity) {
        state.completion = CompletionState::timeout;
        ended = facts.active_at + facts.inactivity;
    }
    if (facts.canceled_at) {
        // One that had ended by itself did not go on until somebody cancelled it.
        const bool had_ended = state.completion != CompletionState::in_progress;
        ended = had_ended ? std::min(ended, *facts.canceled_at) : *facts.canceled_at;
        state.completion = CompletionState::canceled;
    }
    const bool over = state.completion != CompletionState::in_progress;
    bool failed = facts.specs_failed > 0;
    if (over) {
        failed = failed || facts.specs_failed_before > 0;
        state.status = failed ? RunStatus::failed : RunStatus::passed;
        state.duration = ended - facts.created_at;
    } else {
        state.status = failed ? RunStatus::failing : RunStatus::running;
    }
    return state;
}

}  // namespace runs_agent::runs_server
