// SPDX-License-Identifier: MIT
#include "observe/metrics.hpp"

namespace runs_agent {

namespace {

struct Family {
    Metrics::Counter counter;
    const char* name;
    const char* label;
    const char* help;
};

constexpr Family families[] = {
    {Metrics::Counter::deliveries, "runs_agent_deliveries_total", "status",
     "Requests to the webhook, by what was answered."},
    {Metrics::Counter::tries, "runs_agent_tries_total", "status",
     "Tries of planned calls, by the HTTP status of the Runs API's answer; 0: none came."},
    {Metrics::Counter::calls, "runs_agent_calls_finished_total", "state",
     "Planned calls that ended, by the state they ended in."},
    {Metrics::Counter::cuts, "runs_agent_webhook_connections_cut_total", "reason",
     "Connections of the webhook listener that were ended in favour of others."},
    {Metrics::Counter::catch_up_rounds, "runs_agent_catch_up_rounds_total", "result",
     "Rounds of catching up with missed webhooks, by how far they came."},
};

}  // namespace

std::string Metrics::text() const {
    std::string text;
    for (const Family& family : families) {
        text += std::string("# HELP ") + family.name + " " + family.help + "\n# TYPE " +
                family.name + " counter\n";
        for (const auto& [key, value] : counts_)
            if (key.first == family.counter)
                text += std::string(family.name) + "{" + family.label + "=\"" + key.second +
                        "\"} " + std::to_string(value) + "\n";
    }
    return text;
}

}  // namespace runs_agent
