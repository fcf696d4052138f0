// SPDX-License-Identifier: MIT
#include "agent/action/asked/own_event.hpp"

#include "decide/glob.hpp"
#include "decide/superseded.hpp"

namespace runs_agent::agent::action {

namespace {

/// Empty where it is not told, or cannot be read.
std::string told(const Inputs& inputs, const std::string& variable) {
    auto value = inputs.variable(variable);
    return value.has_value() ? std::move(*value) : std::string();
}

}  // namespace

std::string why_supersedes_nothing(const Inputs& inputs, const Request& request) {
    if (told(inputs, "GITHUB_RUN_ID") != request.attempt.github_run_id) return {};
    const std::string event = told(inputs, "GITHUB_EVENT_NAME");
    if (event.empty()) return {};
    if (event != "push" && event != "pull_request") {
        decide::WorkflowRun run;
        run.event = event;
        decide::Settings settings;
        settings.superseded = true;
        return decide::why_left_alone(run, settings);
    }
    constexpr std::string_view tags = "refs/tags/";
    std::string ref = told(inputs, "GITHUB_REF");
    if (event != "push" || !ref.starts_with(tags)) return {};
    ref.erase(0, tags.size());
    return decide::any_glob_matches(request.include, ref) ? "" : "it is by the push of a tag";
}

}  // namespace runs_agent::agent::action
