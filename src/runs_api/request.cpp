// SPDX-License-Identifier: MIT
#include "runs_api/request.hpp"

#include "base/text.hpp"
#include "json/writing.hpp"
#include "net/http_message.hpp"
#include "runs_api/machines.hpp"

#include <algorithm>

namespace runs_agent::runs_api {

namespace {

// The limits of the service's documents (docs/runs-api.md).
constexpr int max_limit = 100;
constexpr std::size_t max_search = 200;

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

void write_member(JsonWriter& writer, const char* name, std::string_view text) {
    if (!text.empty()) json::put(writer, name, text);
}

/// A path of dots alone would be taken for a step up.
Result<std::string> path_segment(std::string_view id, std::string_view what) {
    if (id.empty()) return fail(Errc::bad_input, "the " + std::string(what) + " is empty");
    if (id == "." || id == "..")
        return fail(Errc::bad_input, "\"" + std::string(id) + "\" is no " + std::string(what));
    return net::percent_encode(id);
}

class Query {
public:
    explicit Query(std::string path) : text_(std::move(path)) {}

    void add(std::string_view name, std::string_view value) {
        text_ += separator_ + net::percent_encode(name) + "=" + net::percent_encode(value);
        separator_ = '&';
    }
    void add_if_given(std::string_view name, std::string_view value) {
        if (!value.empty()) add(name, value);
    }
    void add_all(std::string_view name, const std::vector<std::string>& values) {
        for (const std::string& value : values) add(name, value);
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
    char separator_ = '?';
};

Result<void> check_branch(std::string_view branch) {
    if (branch.empty()) return {};
    if (branch.size() > longest_branch)
        return fail(Errc::bad_input, "the branch is longer than 250 characters");
    if (!is_branch_filter(branch))
        return fail(Errc::bad_input,
                    "the branch may hold visible ASCII characters without spaces, and one '*' at "
                    "its end for \"begins with\", such as release/*");
    return {};
}

Result<void> check_tags(const std::vector<std::string>& tags) {
    if (std::any_of(tags.begin(), tags.end(), [](const auto& tag) { return tag.empty(); }))
        return fail(Errc::bad_input, "a tag is empty");
    return {};
}

Result<void> check_list(const ListRuns& query) {
    if (query.limit < 1 || query.limit > max_limit)
        return fail(Errc::bad_input,
                    "the limit is " + std::to_string(query.limit) + "; it must be from 1 to 100");
    if (!query.starting_after.empty() && !query.ending_before.empty())
        return fail(Errc::bad_input,
                    "starting-after and ending-before exclude each other; give one of them");
    if (query.search.size() > max_search)
        return fail(Errc::bad_input, "the search text is longer than 200 characters");
    for (const std::string& status : query.statuses)
        if (!parse_run_status(status))
            return fail(Errc::bad_input, "\"" + status +
                                             "\" is no status; there are RUNNING, FAILING, PASSED "
                                             "and FAILED");
    for (const std::string& state : query.completion_states)
        if (!parse_completion_state(state))
            return fail(Errc::bad_input, "\"" + state +
                                             "\" is no completion state; there are IN_PROGRESS, "
                                             "COMPLETE, CANCELED and TIMEOUT");
    return check_tags(query.tags);
}

}  // namespace

Result<std::string> run_path(std::string_view run_id, std::string_view operation) {
    const auto id = path_segment(run_id, "run id");
    if (id.has_error()) return id.error();
    return "/runs/" + *id + std::string(operation);
}

Result<std::string> instance_path(std::string_view instance_id) {
    const auto id = path_segment(instance_id, "instance id");
    if (id.has_error()) return id.error();
    return "/instances/" + *id;
}

Result<std::string> find_path(const FindRun& query) {
    if (query.project_id.empty())
        return fail(Errc::bad_input,
                    "finding a run needs a project id; set CURRENTS_PROJECT_ID or --project-id");
    if (const auto valid = check_branch(query.branch); valid.has_error()) return valid.error();
    if (const auto valid = check_tags(query.tags); valid.has_error()) return valid.error();
    Query text("/runs/find");
    text.add("projectId", query.project_id);
    text.add_if_given("ciBuildId", query.ci_build_id);
    text.add_if_given("branch", query.branch);
    text.add_all("tags[]", query.tags);
    if (query.pw_last_run) text.add("pwLastRun", "true");
    return text.take();
}

std::string projects_path(const ListProjects& query) {
    Query text("/projects");
    text.add_if_given("starting_after", query.starting_after);
    return text.take();
}

Result<std::string> list_path(const ListRuns& query) {
    if (query.project_id.empty())
        return fail(Errc::bad_input,
                    "listing runs needs a project id; set CURRENTS_PROJECT_ID or --project-id");
    const auto project = path_segment(query.project_id, "project id");
    if (project.has_error()) return project.error();
    if (const auto valid = check_list(query); valid.has_error()) return valid.error();
    Query text("/projects/" + *project + "/runs");
    text.add("limit", std::to_string(query.limit));
    text.add_if_given("starting_after", query.starting_after);
    text.add_if_given("ending_before", query.ending_before);
    text.add_all("branches[]", query.branches);
    text.add_all("tags[]", query.tags);
    text.add_all("status", query.statuses);
    text.add_all("completion_state", query.completion_states);
    text.add_if_given("search", query.search);
    return text.take();
}

Result<std::string> cancel_ci_body(const CancelGithubCi& request) {
    const std::string& id = request.github_run_id;
    if (!all_digits(id))
        return fail(Errc::bad_input,
                    "the GitHub run id must be a decimal number, as github.run_id gives it");
    if (request.github_run_attempt < 1)
        return fail(Errc::bad_input, "the GitHub run attempt must be 1 or more");
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_member(writer, "githubRunId", id);
    writer.Key("githubRunAttempt");
    if (request.encoding == AttemptEncoding::integer)
        writer.Int64(request.github_run_attempt);
    else
        json::put(writer, std::to_string(request.github_run_attempt));
    write_member(writer, "projectId", request.project_id);
    write_member(writer, "ciBuildId", request.ci_build_id);
    writer.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize());
}

Result<std::string> reset_body(const ResetRun& request) {
    const auto& machines = request.machine_ids;
    if (machines.empty() || machines.size() > max_machines_per_reset)
        return fail(Errc::bad_input,
                    "a reset takes 1 to 63 machine ids, not " + std::to_string(machines.size()));
    if (std::any_of(machines.begin(), machines.end(), [](const auto& id) { return id.empty(); }))
        return fail(Errc::bad_input, "a machine id is empty");
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    writer.Key("machineId");
    writer.StartArray();
    for (const std::string& machine : machines) json::put(writer, machine);
    writer.EndArray();
    if (request.is_batched_or_8n) {
        writer.Key("isBatchedOr8n");
        writer.Bool(*request.is_batched_or_8n);
    }
    writer.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace runs_agent::runs_api
