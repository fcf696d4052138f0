// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/made_up.hpp"

#include <chrono>

namespace runs_agent::webhooks {

std::string action_for(const github::WorkflowRun& run) {
    return run.status == "completed" || run.status == "in_progress" ? run.status : "requested";
}

std::string guid_for(const github::WorkflowRun& run) {
    std::string guid = "catch-up-" + std::to_string(run.id) + "-" + std::to_string(run.attempt) +
                       "-" + action_for(run);
    if (run.updated_at == Time()) return guid;
    const auto at = std::chrono::floor<std::chrono::seconds>(run.updated_at).time_since_epoch();
    return guid + "-" + std::to_string(at.count());
}

Delivery synthesize_delivery(const github::WorkflowRun& run, const github::Repository& repository,
                             const std::string& workflow_json, const std::string& host) {
    Delivery made;
    made.guid = guid_for(run);
    made.event = "workflow_run";
    made.host = host;
    made.payload = R"({"action":")" + action_for(run) + R"(","workflow_run":)" + run.json +
                   R"(,"repository":)" + repository.json;
    if (!workflow_json.empty()) made.payload += R"(,"workflow":)" + workflow_json;
    made.payload += "}";
    return made;
}

}  // namespace runs_agent::webhooks
