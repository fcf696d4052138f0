// SPDX-License-Identifier: MIT
#include "agent/action/asked/complete_request.hpp"

#include "agent/action/asked/describe.hpp"
#include "base/text.hpp"
#include "github/request.hpp"

namespace runs_agent::agent::action {

namespace {

Error wrong(std::string message) {
    return fail(Errc::bad_input, std::move(message));
}

/// The default build id, for what can be found by nothing else.
Result<void> guess_build_id(const Inputs& inputs, Request& request) {
    auto made = render_build_id(default_build_id(), "the default ci-build-id", inputs,
                                attempt_meant(request));
    if (made.has_error())
        return wrong("nothing says which run is meant; set run-id or ci-build-id (" +
                     made.error().message + ")");
    request.ci_build_id = std::move(*made);
    request.guessed_build_id = true;
    return {};
}

Error several_projects(const Request& request, const std::string& why) {
    return wrong(why + ", and there are several: " + projects_of(request) +
                 "; set project-id to the one that is meant");
}

/// Does the step name another attempt than the one that it is part of?
bool names_another_attempt(const Inputs& inputs, const Attempt& attempt) {
    const auto run = inputs.variable("GITHUB_RUN_ID");
    const auto number = inputs.variable("GITHUB_RUN_ATTEMPT");
    const auto differs = [](const Result<std::string>& own, const std::string& given) {
        return own.has_value() && !own->empty() && *own != given;
    };
    return differs(run, attempt.github_run_id) || differs(number, std::to_string(attempt.number));
}

bool is_given(const Inputs& inputs, std::string_view name) {
    const auto value = inputs.input(name);
    return value.has_error() || !value->empty();
}

/// Also by one that is wrong.
bool names_build_id(const Request& request) {
    return !request.ci_build_id.empty() || request.bad_build_id;
}

/// Does the job's environment, or an input, name the very run that is meant?
bool names_the_run(const Inputs& inputs, const Request& request) {
    if (request.run_id.empty() && !names_build_id(request)) return false;
    return is_given(inputs, "run-id") || is_given(inputs, "ci-build-id") ||
           !names_another_attempt(inputs, request.attempt);
}

/// A record key that is an input goes before everything. Of two keys of the job's environment it is
/// the record key, as in the official action, which reads no CURRENTS_API_KEY: that one may be for
/// reading alone. It takes a project and a run to do.
bool goes_by_record_key(const Inputs& inputs, const Request& request, const GivenKeys& given) {
    if (request.api_key.empty()) return true;
    if (request.record_key.empty() || request.project_ids.empty()) return false;
    if (given.record_key) return !request.run_id.empty() || names_build_id(request);
    return !given.api_key && !request.project_id.empty() && names_the_run(inputs, request);
}

Result<void> complete_with_api_key(const Inputs& inputs, Request& request, bool key_given) {
    // CURRENTS_RUN_ID is this job's run, and so is CURRENTS_CI_BUILD_ID: an input that names
    // another GitHub run goes before them. The official action takes the latter from its input
    // alone here, since the reporters may have been given another one; and where the key is its
    // input, all that narrows what the GitHub run recorded.
    if (!is_given(inputs, "run-id") &&
        (key_given || names_another_attempt(inputs, request.attempt)))
        request.run_id.clear();
    if (!is_given(inputs, "ci-build-id")) {
        request.ci_build_id.clear();
        request.bad_build_id.reset();
    }
    if (key_given && request.run_id.empty() && !is_given(inputs, "project-id")) {
        request.project_id.clear();
        request.project_ids.clear();
    }
    request.cancel_by = request.run_id.empty() ? CancelBy::github_run : CancelBy::run_id;
    if (request.cancel_by == CancelBy::github_run && request.bad_build_id)
        return *request.bad_build_id;
    if (request.cancel_by == CancelBy::github_run && request.attempt.github_run_id.empty())
        return wrong(
            "nothing says which run is meant; set run-id, or github-run-id (GITHUB_RUN_ID)");
    return {};
}

Result<void> complete_cancel(const Inputs& inputs, Request& request, const GivenKeys& given) {
    if (!goes_by_record_key(inputs, request, given))
        return complete_with_api_key(inputs, request, given.api_key);
    if (request.record_key.empty())
        return wrong(
            "there is no key; set api-token (CURRENTS_API_KEY), or record-key "
            "(CURRENTS_RECORD_KEY) with project-id and ci-build-id");
    request.cancel_by = CancelBy::record_key;
    if (request.project_ids.empty())
        return wrong("a record key needs the project; set project-id (CURRENTS_PROJECT_ID)");
    if (request.project_id.empty())
        return several_projects(request, "a record key belongs to one project");
    if (!request.run_id.empty()) return {};
    if (request.bad_build_id) return *request.bad_build_id;
    if (request.ci_build_id.empty()) return guess_build_id(inputs, request);
    return {};
}

/// The run id as a number, and where GitHub's API is.
Result<void> complete_github(Request& request) {
    const std::string& id = request.attempt.github_run_id;
    request.github_run_id = parse_number<std::int64_t>(id).value_or(0);
    if (request.github_run_id <= 0)
        return wrong("github-run-id (GITHUB_RUN_ID) is \"" + id +
                     "\"; it must be a decimal number");
    const auto host = github::host_of_api(request.github_api_url);
    if (host.has_error()) return wrong("GITHUB_API_URL: " + host.error().message);
    const auto path = github::repository_path(request.repository);
    if (path.has_error()) return wrong("GITHUB_REPOSITORY: " + path.error().message);
    return {};
}

Error needs_api_key(const Request& request) {
    std::string why =
        "command: " + std::string(to_string(request.command)) +
        " needs an API key, a record key does not do; set api-token (CURRENTS_API_KEY)";
    if (request.command == Command::find)
        why +=
            ". The job's OpenID Connect token (id-token: write), which the official last-failed "
            "action takes in its place from 2.2 on, is not taken here";
    return wrong(why);
}

Result<void> complete_search(const Inputs& inputs, Request& request) {
    if (asks_nothing(request)) return {};
    if (request.api_key.empty()) return needs_api_key(request);
    // Only a help: a reset does without.
    if (!request.github_token.empty() && complete_github(request).has_error())
        request.github_token.clear();
    if (request.command == Command::reset && !request.run_id.empty()) return {};
    if (request.project_ids.empty())
        return wrong("command: " + std::string(to_string(request.command)) +
                     " finds the run in its project; set project-id (CURRENTS_PROJECT_ID)");
    if (request.command == Command::find && request.project_id.empty())
        return several_projects(request, "command: find asks one project");
    if (!request.ci_build_id.empty() || !request.branch.empty() || !request.tags.empty()) return {};
    return guess_build_id(inputs, request);
}

Result<void> complete_supersede(Request& request) {
    if (asks_nothing(request)) return {};
    if (request.api_key.empty()) return needs_api_key(request);
    if (request.github_token.empty())
        return wrong(
            "command: supersede asks GitHub which runs are older; set github-token (GITHUB_TOKEN) "
            "to ${{ github.token }}, in a job with the permission actions: read");
    return complete_github(request);
}

}  // namespace

bool asks_nothing(const Request& request) {
    const bool is_first = request.searches_before && request.attempt.number == 1;
    return (request.command == Command::find && is_first) || !request.supersedes_nothing.empty();
}

Result<void> complete_request(const Inputs& inputs, Request& request, const GivenKeys& given) {
    switch (request.command) {
        case Command::cancel:
            return complete_cancel(inputs, request, given);
        case Command::supersede:
            return complete_supersede(request);
        case Command::reset:
        case Command::find:
            break;
    }
    return complete_search(inputs, request);
}

Attempt attempt_meant(const Request& request) {
    Attempt meant = request.attempt;
    if (request.command == Command::find && meant.number > 1) --meant.number;
    return meant;
}

}  // namespace runs_agent::agent::action
