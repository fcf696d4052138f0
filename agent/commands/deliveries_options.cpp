// SPDX-License-Identifier: MIT
#include "agent/commands/deliveries_options.hpp"

#include "admin/filter.hpp"

#include <CLI/CLI.hpp>

namespace runs_agent::agent {

bool DeliveriesOptions::is_empty() const {
    return text().empty();
}

std::string DeliveriesOptions::text() const {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    const auto add = [&text](const char* key, const std::string& value) {
        if (!value.empty()) text = admin::with_term(text, key, value);
    };
    add("repo", repository);
    add("workflow", workflow);
    add("branch", branch);
    add("rule", rule);
    add("state", dead ? "dead" : state);
    add("since", since);
    add("run", run_id ? std::to_string(*run_id) : "");
    return text;
}

Result<store::DeliverySearch> DeliveriesOptions::search(Time now) const {
    return admin::parse_filter(text(), now);
}

void add_filter_options(CLI::App& command, DeliveriesOptions& options) {
    command
        .add_option("--filter", options.words,
                    "As on the page: 'repo:octo/* rule:R1 state:dead since:24h branch:main', and "
                    "words of ids and names")
        ->type_name("TEXT");
    command.add_option("--repository", options.repository, "Only of this owner/name; a glob")
        ->type_name("GLOB");
    command.add_option("--workflow", options.workflow, "Only of this workflow; a glob")
        ->type_name("GLOB");
    command.add_option("--branch", options.branch, "Only of this branch; a glob")
        ->type_name("GLOB");
    command.add_option("--rule", options.rule, "Only where this rule fired: R1 to R6");
    command
        .add_option("--state", options.state,
                    "Only undecided, nothing, open, held, dead, dropped or done")
        ->type_name("STATE");
    command.add_option("--since", options.since, "Only those received since: 24h, 7d, or a time")
        ->type_name("WHEN");
    command.add_option("--run-id", options.run_id, "Only of this workflow run");
    command.add_flag("--dead", options.dead, "Only with a dead letter");
}

}  // namespace runs_agent::agent
