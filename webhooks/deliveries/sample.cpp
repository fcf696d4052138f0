// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/sample.hpp"

#include "base/time_text.hpp"
#include "json/writing.hpp"

namespace runs_agent::webhooks {

namespace {

using Object = json::ObjectWriter;

void add_repository(Object& json, const char* key, const std::string& full_name) {
    const auto slash = full_name.find('/');
    json.begin(key);
    json.number("id", 186'853'002);
    json.text("name", slash == std::string::npos ? full_name : full_name.substr(slash + 1));
    json.text("full_name", full_name);
    json.text("default_branch", "main");
    json.text("html_url", "https://github.com/" + full_name);
    json.end();
}

void add_user(Object& json, const char* key, const std::string& login) {
    json.begin(key);
    json.text("login", login);
    json.text("type", "User");
    json.end();
}

std::string status_of(const std::string& action) {
    return action == "requested" ? "queued" : action;
}

void add_workflow_run(Object& json, const Sample& sample, const std::string& now) {
    const bool completed = sample.action == "completed";
    json.begin("workflow_run");
    json.number("id", sample.run_id);
    json.text("name", sample.workflow);
    json.number("run_number", sample.run_number);
    json.number("run_attempt", sample.run_attempt);
    json.text("event", sample.run_event);
    json.text("status", status_of(sample.action));
    json.text_or_null("conclusion", completed ? sample.conclusion : "");
    json.number("workflow_id", 5'001);
    json.text("path", ".github/workflows/" + sample.workflow + ".yml");
    json.text("head_branch", sample.branch);
    json.text("head_sha", "6dcb09b5b57875f334f61aebed695e2e4193db5e");
    json.empty_list("pull_requests");
    json.text("created_at", now);
    json.text("run_started_at", now);
    json.text("updated_at", now);
    add_user(json, "actor", sample.actor);
    add_user(json, "triggering_actor", sample.actor);
    add_repository(json, "repository", sample.repository);
    add_repository(json, "head_repository",
                   sample.head_repository.empty() ? sample.repository : sample.head_repository);
    json.end();
    json.begin("workflow");
    json.number("id", 5'001);
    json.text("name", sample.workflow);
    json.text("path", ".github/workflows/" + sample.workflow + ".yml");
    json.text("state", "active");
    json.end();
}

void add_workflow_job(Object& json, const Sample& sample, const std::string& now) {
    const bool completed = sample.action == "completed";
    json.begin("workflow_job");
    json.number("id", sample.run_id * 10);
    json.number("run_id", sample.run_id);
    json.number("run_attempt", sample.run_attempt);
    json.text("workflow_name", sample.workflow);
    json.text("head_branch", sample.branch);
    json.text("name", "tests");
    json.text("status", status_of(sample.action));
    json.text_or_null("conclusion", completed ? sample.conclusion : "");
    json.text("started_at", now);
    json.text_or_null("completed_at", completed ? now : "");
    json.text("runner_name", "runner-1");
    json.empty_list("labels");
    json.empty_list("steps");
    json.end();
}

}  // namespace

Result<std::string> make_payload(const Sample& sample, Time now) {
    const std::string time = to_iso8601(now);
    Object json;
    if (sample.event == "ping") {
        json.text("zen", "Approachable is better than simple.");
        json.number("hook_id", 109'948'940);
    } else if (sample.event == "workflow_run") {
        json.text("action", sample.action);
        add_workflow_run(json, sample, time);
    } else if (sample.event == "workflow_job") {
        json.text("action", sample.action);
        add_workflow_job(json, sample, time);
    } else {
        return fail(Errc::bad_input, "no sample is known for the event \"" + sample.event +
                                         "\"; give its payload with --file, or use workflow_run, "
                                         "workflow_job or ping");
    }
    add_repository(json, "repository", sample.repository);
    add_user(json, "sender", sample.actor);
    return json.finish();
}

}  // namespace runs_agent::webhooks
