#include "webhooks/facts.hpp"

namespace runs_agent::webhooks {

std::variant<decide::WorkflowRun, Ignored> read_facts(std::string_view event,
                                                      const std::string& host,
                                                      const Payload& payload) {
    if (event == "ping") return Ignored{"ping: the webhook reaches this daemon"};
    if (event != "workflow_run") return Ignored{"only workflow_run events are acted on"};
    auto run = payload.workflow_run(host);
    if (run.has_error()) return Ignored{run.error().message};
    return std::move(*run);
}

}  // namespace runs_agent::webhooks
