// From a workflow_run payload to the facts that decisions need. Payloads are read tolerantly: public
// examples contradict themselves, Gitea and Forgejo leave fields out, and new values appear.
// Source: docs.github.com, "Webhook events and payloads", workflow_run.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "decide/facts.hpp"

namespace runs_agent::webhooks {

/// Reads the JSON payload of a workflow_run event. `host` is the GitHub it came from ("github.com",
/// or X-GitHub-Enterprise-Host). Errc::bad_input where it is not JSON or lacks what nothing can be
/// decided without: the run's id and the repository's name.
Result<decide::WorkflowRun> read_workflow_run(std::string_view payload, std::string host);

}  // namespace runs_agent::webhooks
