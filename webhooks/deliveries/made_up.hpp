// SPDX-License-Identifier: MIT
// A delivery that never came, made up from what GitHub's REST API says of the workflow run now, so
// that what follows is what would have followed from the event.
#pragma once

#include "github/github.hpp"
#include "webhooks/deliveries/delivery.hpp"

#include <string>

namespace runs_agent::webhooks {

/// The `action` of the event that tells of this state.
std::string action_for(const github::WorkflowRun& run);
/// The GUID of the delivery that is made up for it: the same for the same state.
std::string guid_for(const github::WorkflowRun& run);
/// A workflow_run delivery as GitHub would have sent it. `workflow_json`: what `workflow` is in it,
/// empty where that is not known, or the run itself says what its workflow is called.
Delivery synthesize_delivery(const github::WorkflowRun& run, const github::Repository& repository,
                             const std::string& workflow_json, const std::string& host);

}  // namespace runs_agent::webhooks
