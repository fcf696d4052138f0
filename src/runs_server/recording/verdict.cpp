// SPDX-License-Identifier: MIT
#include "runs_server/recording/verdict.hpp"

namespace runs_agent::runs_server {

using runs_api::CompletionState;

namespace {

bool is_refused(CompletionState state, const Told& told) {
    switch (state) {
        case CompletionState::in_progress:
            return false;
        case CompletionState::canceled:
            return told.begins && !told.results && !told.under_way;
        case CompletionState::complete:
            return told.again;
        case CompletionState::timeout:
            return told.counts && !told.failure;  // a failure is never turned away
    }
    return false;
}

}  // namespace

Verdict verdict_on(CompletionState state, const Told& told) {
    const bool is_dead = told.lost || told.outdated;
    // Whoever is about to begin something is to learn of the run's end, whosever it was.
    if (is_dead && !told.begins) return Verdict::drop;
    if (is_refused(state, told)) return Verdict::refuse;
    return is_dead ? Verdict::drop : Verdict::take;
}

}  // namespace runs_agent::runs_server
