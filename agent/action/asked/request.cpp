// SPDX-License-Identifier: MIT
#include "agent/action/asked/request.hpp"

#include "agent/action/asked/addresses.hpp"
#include "agent/action/asked/complete_request.hpp"
#include "agent/action/asked/embedded_sums.hpp"
#include "agent/action/asked/own_event.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace runs_agent::agent::action {

namespace {

Error wrong(std::string message) {
    return fail(Errc::bad_input, std::move(message));
}

Result<Command> read_command(const std::string& text) {
    if (text.empty() || text == "cancel") return Command::cancel;
    if (text == "reset") return Command::reset;
    if (text == "find") return Command::find;
    if (text == "supersede") return Command::supersede;
    return wrong("there is no command \"" + text + "\"; use cancel, reset, find or supersede");
}

Result<bool> read_switch(const std::string& name, const std::string& text, bool usual) {
    // YAML 1.2's core schema, as GitHub's own toolkit reads it.
    if (text.empty()) return usual;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    return wrong(name + " is \"" + text + "\"; it must be true or false");
}

Result<std::int64_t> read_attempt(const std::string& text) {
    if (text.empty()) return std::int64_t{1};  // Gitea's runners do not always tell it
    const std::int64_t number = parse_number<std::int64_t>(text).value_or(0);
    if (number < 1 || number > 1'000'000)
        return wrong("github-run-attempt is \"" + text +
                     "\"; it must be a number from 1, as github.run_attempt gives it");
    return number;
}

/// Reads settings one after the other; the first error is kept.
class Reader {
public:
    explicit Reader(const Inputs& inputs) : inputs_(inputs) {}

    std::string input(std::string_view name) { return keep(inputs_.input(name)); }
    std::string either(std::string_view name, const std::string& variable) {
        return keep(inputs_.either(name, variable));
    }
    template <class T>
    T keep(Result<T> value) {
        if (value.has_value()) return std::move(*value);
        if (!error_) error_ = value.error();
        return T();
    }
    const std::optional<Error>& error() const { return error_; }
    const Inputs& inputs() const { return inputs_; }

private:
    const Inputs& inputs_;
    std::optional<Error> error_;
};

/// The elements, each once.
std::vector<std::string> each_once(std::vector<std::string> texts) {
    std::vector<std::string> once;
    for (std::string& text : texts)
        if (std::find(once.begin(), once.end(), text) == once.end())
            once.push_back(std::move(text));
    return once;
}

void read_projects(Reader& reader, Request& request) {
    // A daemon's CURRENTS_PROJECT_ID may name several, and so may a job's.
    request.project_ids = each_once(split_list(reader.either("project-id", "CURRENTS_PROJECT_ID")));
    if (request.project_ids.size() == 1) request.project_id = request.project_ids.front();
}

/// The text of a build id that was given for this step, and the input it came by.
struct GivenBuildId {
    std::string text;
    std::string name = "ci-build-id";
};

GivenBuildId read_given_build_id(Reader& reader, const Request& request) {
    GivenBuildId given;
    given.text = reader.input(given.name);
    if (request.command != Command::find) return given;
    // The official action that finds failed tests calls it by the second name.
    if (given.text.empty()) {
        given.name = "previous-ci-build-id";
        given.text = reader.input(given.name);
    }
    // Before names are put in: what they stand for is text, not sums.
    given.text = reader.keep(evaluate_sums(given.text, given.name));
    return given;
}

Result<std::string> build_id_of_job(const Inputs& inputs, const Request& request) {
    auto variable = inputs.variable("CURRENTS_CI_BUILD_ID");
    if (variable.has_error() || variable->empty()) return variable;
    auto made = render_build_id(*variable, "CURRENTS_CI_BUILD_ID", inputs, attempt_meant(request));
    if (made.has_error() || request.command != Command::find || is_template(*variable)) return made;
    return of_previous_attempt(std::move(*made), request.attempt);
}

void read_build_id(Reader& reader, Request& request) {
    const GivenBuildId given = read_given_build_id(reader, request);
    const Inputs& inputs = reader.inputs();
    if (request.command == Command::supersede) {
        if (asks_nothing(request)) return;
        // Of other runs' ids, which are made of it where they are known.
        request.ci_build_id =
            given.text.empty() ? reader.keep(inputs.variable("CURRENTS_CI_BUILD_ID")) : given.text;
        reader.keep(build_ids_of_other_runs(request.ci_build_id, request.attempt));
        return;
    }
    // What is searched by branch or tags was given for this step; the variable is the job's.
    const bool by_branch = given.text.empty() && (!request.branch.empty() || !request.tags.empty());
    request.searches_before =
        request.command == Command::find && !by_branch && reader.input("ci-build-id").empty();
    const bool of_no_use = request.command == Command::reset && !request.run_id.empty();
    if (by_branch || of_no_use || asks_nothing(request)) return;
    auto made = given.text.empty()
                    ? build_id_of_job(inputs, request)
                    : render_build_id(given.text, given.name, inputs, attempt_meant(request));
    if (made.has_value())
        request.ci_build_id = std::move(*made);
    else if (request.command == Command::cancel)
        request.bad_build_id = made.error();  // the run may be named otherwise
    else
        reader.keep(std::move(made));
}

/// Only of the service that is asked: where a record key goes, the API has no part in it.
void read_addresses(Reader& reader, Request& request) {
    const std::string given = reader.either("api-url", "CURRENTS_API_URL");
    const std::string director = reader.input("director-url");
    const bool by_record_key =
        request.command == Command::cancel && request.cancel_by == CancelBy::record_key;
    auto api = api_url(given);
    if (api.has_value()) request.api_url = std::move(*api);
    if (!by_record_key || director.empty()) {
        if (api.has_error()) reader.keep<bool>(api.error());
    }
    if (by_record_key && !reader.error())
        request.director_url = reader.keep(director_url(director, request.api_url));
}

/// Is it of any use which attempt is meant?
bool needs_attempt(const Request& request) {
    if (request.run_id.empty()) return true;
    return request.command == Command::reset ? request.machine_ids.empty()
                                             : request.cancel_by == CancelBy::github_run;
}

/// GitHub's own API, with the job's token or another.
void read_github(Reader& reader, Request& request) {
    request.github_token = reader.either("github-token", "GITHUB_TOKEN");
    request.repository = reader.keep(reader.inputs().variable("GITHUB_REPOSITORY"));
    request.github_api_url = reader.keep(reader.inputs().variable("GITHUB_API_URL"));
    if (request.github_api_url.empty()) request.github_api_url = "https://api.github.com";
    if (request.command != Command::supersede) return;
    request.workflow = reader.keep(reader.inputs().variable("GITHUB_WORKFLOW"));
    request.cancel_workflow =
        reader.keep(read_switch("cancel-workflow", reader.input("cancel-workflow"), false));
    request.include = split_list(reader.input("include"));
    request.supersedes_nothing = why_supersedes_nothing(reader.inputs(), request);
}

/// Which of them came as inputs: those beat a key of the job's environment.
GivenKeys read_keys(Reader& reader, Request& request) {
    std::string token = reader.input("api-token");
    if (token.empty()) token = reader.input("api-key");
    request.record_key = reader.input("record-key");
    const GivenKeys given{!token.empty(), !request.record_key.empty()};
    // A job may export its record key for the reporters; a token for this step goes before it.
    if (!given.record_key && !given.api_key)
        request.record_key = reader.keep(reader.inputs().variable("CURRENTS_RECORD_KEY"));
    if (token.empty()) token = reader.keep(reader.inputs().variable("CURRENTS_API_KEY"));
    request.api_key = std::move(token);
    return given;
}

void refuse_run_id(Reader& reader, const std::string& instead) {
    if (!reader.input("run-id").empty()) reader.keep<bool>(wrong(instead));
}

void read_search(Reader& reader, Request& request) {
    request.branch = reader.input("branch");
    request.tags = split_list(reader.input("tag"));
    request.pw_last_run =
        reader.keep(read_switch("pw-last-run", reader.input("pw-last-run"), true));
    request.output = last_run_file(reader.inputs());
    refuse_run_id(reader, "command: find takes no run-id; use ci-build-id, branch or tag");
}

/// What is of one command's business alone.
void read_own(Reader& reader, Request& request) {
    switch (request.command) {
        case Command::find:
            return read_search(reader, request);
        case Command::supersede:
            refuse_run_id(reader,
                          "command: supersede takes no run-id; use cancel to cancel one run");
            return read_github(reader, request);
        case Command::reset:
            request.machine_ids = split_list(reader.input("machine-id"));
            read_github(reader, request);
            break;
        case Command::cancel:
            break;
    }
    request.run_id = reader.either("run-id", "CURRENTS_RUN_ID");
}

}  // namespace

std::string last_run_file(const Inputs& inputs) {
    const auto given = [&inputs](std::string_view name) {
        auto value = inputs.input(name);
        return value.has_value() ? std::move(*value) : std::string();
    };
    if (given("command") != "find") return {};
    if (std::string output = given("output"); !output.empty()) return output;
    const std::string folder = given("pw-output-dir");
    return (folder.empty() ? "test-results" : folder) + "/.last-run.json";
}

Result<Request> read_request(const Inputs& inputs) {
    Reader reader(inputs);
    Request request;
    request.command = reader.keep(read_command(reader.input("command")));
    if (reader.error()) return *reader.error();
    const GivenKeys given = read_keys(reader, request);
    read_projects(reader, request);
    request.attempt.github_run_id = reader.either("github-run-id", "GITHUB_RUN_ID");
    const auto attempt = read_attempt(reader.either("github-run-attempt", "GITHUB_RUN_ATTEMPT"));
    if (attempt.has_value()) request.attempt.number = *attempt;
    read_own(reader, request);
    if (reader.error()) return *reader.error();
    if (attempt.has_error() && request.command != Command::cancel && needs_attempt(request))
        return attempt.error();
    read_build_id(reader, request);
    if (reader.error()) return *reader.error();
    if (const auto whole = complete_request(inputs, request, given); whole.has_error())
        return whole.error();
    if (attempt.has_error() && needs_attempt(request)) return attempt.error();
    if (!asks_nothing(request)) read_addresses(reader, request);
    if (reader.error()) return *reader.error();
    return request;
}

}  // namespace runs_agent::agent::action
