// SPDX-License-Identifier: MIT
#include "agent/action/doing/github_facts.hpp"

#include "agent/action/told/github_refusal.hpp"
#include "webhooks/deliveries/made_up.hpp"
#include "webhooks/deliveries/payload.hpp"

namespace runs_agent::agent::action {

Result<decide::WorkflowRun> facts_of(const github::WorkflowRun& run, const std::string& host) {
    github::Repository unsaid;
    unsaid.json = "{}";
    const auto payload =
        webhooks::Payload::parse(webhooks::synthesize_delivery(run, unsaid, "", host).payload);
    if (payload.has_error()) return payload.error();
    return payload->workflow_run(host);
}

Result<decide::WorkflowRun> own_facts(const Request& request, const std::string& host,
                                      Result<github::Answer<github::WorkflowRun>> answer) {
    const auto run =
        taken(std::move(answer), "look at workflow run " + request.attempt.github_run_id + " of " +
                                     request.repository);
    if (run.has_error()) return run.error();
    return facts_of(*run, host);
}

}  // namespace runs_agent::agent::action
