// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/facts.hpp"

namespace runs_agent::webhooks {

std::variant<decide::Event, Ignored> read_facts(std::string_view event, const std::string& host,
                                                const Payload& payload) {
    if (event == "ping") return Ignored{"ping: the webhook reaches this daemon"};
    if (event == "workflow_job") {
        auto job = payload.workflow_job(host);
        if (job.has_error()) return Ignored{job.error().message};
        // Of a job, only its end is of use: three in four of these deliveries are not kept.
        if (job->action != "completed") return Ignored{"the job has not ended"};
        return decide::Event(std::move(*job));
    }
    if (event != "workflow_run")
        return Ignored{"only workflow_run and workflow_job events are acted on"};
    auto run = payload.workflow_run(host);
    if (run.has_error()) return Ignored{run.error().message};
    return decide::Event(std::move(*run));
}

}  // namespace runs_agent::webhooks
