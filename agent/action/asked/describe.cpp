// SPDX-License-Identifier: MIT
#include "agent/action/asked/describe.hpp"

#include "agent/action/asked/addresses.hpp"

namespace runs_agent::agent::action {

namespace {

std::string joined(const std::vector<std::string>& texts) {
    std::string text;
    for (const std::string& each : texts) text += (text.empty() ? "" : ", ") + each;
    return text;
}

std::string build_of_project(const Request& request) {
    return "build " + request.ci_build_id + " of " + projects_of(request);
}

std::string describe_cancel(const Request& request) {
    if (!request.run_id.empty()) return "cancel run " + request.run_id;
    if (request.cancel_by == CancelBy::record_key) return "cancel " + build_of_project(request);
    std::string text = "cancel what GitHub run " + request.attempt.github_run_id + ", attempt " +
                       std::to_string(request.attempt.number) + ", recorded";
    if (const std::string projects = projects_of(request); !projects.empty())
        text += " in " + projects;
    if (!request.ci_build_id.empty()) text += " as build " + request.ci_build_id;
    return text;
}

std::string describe_reset(const Request& request) {
    return "reset " +
           (request.run_id.empty() ? build_of_project(request) : "run " + request.run_id) +
           (request.machine_ids.empty()
                ? " on the machines that hold failed or unfinished specs"
                : (request.machine_ids.size() == 1 ? " on machine " : " on machines ") +
                      joined(request.machine_ids));
}

std::string describe_find(const Request& request) {
    if (asks_nothing(request)) return "find what the attempt before left";
    if (!request.ci_build_id.empty()) return "find " + build_of_project(request);
    std::string text = "find the newest run of " + projects_of(request);
    if (!request.branch.empty()) text += " on branch " + request.branch;
    if (!request.tags.empty()) text += " with " + joined(request.tags);
    return text;
}

std::string describe_supersede(const Request& request) {
    if (asks_nothing(request)) return "cancel what the runs before this one recorded";
    std::string text = "cancel what the runs before GitHub run " + request.attempt.github_run_id +
                       " of " + request.repository + " recorded";
    if (const std::string projects = projects_of(request); !projects.empty())
        text += " in " + projects;
    if (request.cancel_workflow) text += ", and these runs themselves";
    return text;
}

}  // namespace

std::string projects_of(const Request& request) {
    if (!request.project_id.empty()) return "project " + request.project_id;
    return request.project_ids.empty() ? "" : "projects " + joined(request.project_ids);
}

std::string_view to_string(Command command) {
    switch (command) {
        case Command::cancel:
            return "cancel";
        case Command::reset:
            return "reset";
        case Command::supersede:
            return "supersede";
        case Command::find:
            break;
    }
    return "find";
}

std::string describe(const Request& request) {
    switch (request.command) {
        case Command::cancel:
            return describe_cancel(request);
        case Command::reset:
            return describe_reset(request);
        case Command::supersede:
            return describe_supersede(request);
        case Command::find:
            break;
    }
    return describe_find(request);
}

std::string run_url(const Request& request, std::string_view run_id) {
    if (run_id.empty()) return {};
    const bool director =
        request.command == Command::cancel && request.cancel_by == CancelBy::record_key;
    return page_of_run(director ? request.director_url : request.api_url, run_id);
}

}  // namespace runs_agent::agent::action
