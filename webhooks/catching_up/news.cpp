// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/news.hpp"

#include "decide/attempt.hpp"
#include "webhooks/deliveries/made_up.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace {

constexpr int max_attempts = 10;

}  // namespace

bool is_news(const github::WorkflowRun& run, const std::vector<store::HeardAttempt>& heard) {
    const auto known = std::find_if(heard.begin(), heard.end(), [&run](const auto& one) {
        return one.run_id == run.id && one.known.attempt == run.attempt;
    });
    if (known == heard.end()) return true;
    decide::WorkflowRun told;
    told.action = action_for(run);
    told.status = run.status;
    told.conclusion = run.conclusion;
    told.started_at = run.started_at;
    told.updated_at = run.updated_at;
    switch (decide::news_of(known->known, told)) {
        case decide::News::end:
            return !known->known.completed() || known->known.is_in_doubt();
        case decide::News::new_life:
            return true;
        case decide::News::new_end:
            // A run that has ended is still touched: its logs are deleted, say.
            return told.started_at > known->known.started_at();
        case decide::News::none:
        case decide::News::goes_on:
        case decide::News::unclear:
            break;
    }
    return false;
}

std::vector<int> unheard_attempts(const github::WorkflowRun& newest,
                                  const std::vector<store::HeardAttempt>& heard) {
    std::vector<int> unheard;
    for (int attempt = std::max(1, newest.attempt - max_attempts); attempt < newest.attempt;
         ++attempt) {
        const bool ended =
            std::any_of(heard.begin(), heard.end(), [&](const store::HeardAttempt& known) {
                return known.run_id == newest.id && known.known.attempt == attempt &&
                       known.known.completed();
            });
        if (!ended) unheard.push_back(attempt);
    }
    return unheard;
}

}  // namespace runs_agent::webhooks
