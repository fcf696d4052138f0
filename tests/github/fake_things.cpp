// SPDX-License-Identifier: MIT
#include "tests/github/fake_things.hpp"

#include "base/time_text.hpp"
#include "json/writing.hpp"

namespace runs_agent::tests {

namespace {

using Object = json::ObjectWriter;

/// "2026-11-23T10:20:30Z", as runs have it.
std::string seconds_of(Time time) {
    const std::string text = to_iso8601(time);
    return text.substr(0, text.find('.')) + "Z";
}

std::string user(const std::string& login, const std::string& type = "User") {
    Object json;
    json.text("login", login);
    json.number("id", 1);
    json.text("type", type);
    json.flag("site_admin", false);
    return json.finish();
}

Time or_else(Time time, Time otherwise) {
    return time == Time() ? otherwise : time;
}

std::string status_text(int status_code) {
    if (status_code == 0) return "failed to connect to host";
    return status_code < 300 ? "OK" : "Invalid HTTP Response: " + std::to_string(status_code);
}

}  // namespace

std::string owner_of(const std::string& repository) {
    return repository.substr(0, repository.find('/'));
}

std::string to_json(const FakeRepository& repository) {
    Object json;
    json.number("id", repository.id);
    json.text("node_id", "MDEwOlJlcG9zaXRvcnk=");
    json.text("name", repository.full_name.substr(repository.full_name.find('/') + 1));
    json.text("full_name", repository.full_name);
    json.flag("private", true);
    json.raw("owner", user(owner_of(repository.full_name), "Organization"));
    json.text("html_url", "https://github.com/" + repository.full_name);
    json.raw("description", "null");
    json.flag("fork", false);
    json.text("url", "https://api.github.com/repos/" + repository.full_name);
    json.text("default_branch", repository.default_branch);
    json.raw("permissions", R"({"admin":false,"push":true,"pull":true})");
    return json.finish();
}

std::string to_json(const FakeRepository& repository, const FakeRun& run) {
    const Time started = or_else(run.started_at, run.created_at);
    Object json;
    json.number("id", run.id);
    json.text("name", run.run_name.empty() ? run.workflow : run.run_name);
    json.text("display_title", run.run_name.empty() ? "Fix the build" : run.run_name);
    json.text("head_branch", run.branch);
    json.text("head_sha", run.sha);
    json.text("path", ".github/workflows/" + run.workflow + ".yml");
    json.number("run_number", run.number);
    json.text("event", run.event);
    json.text("status", run.status);
    json.text_or_null("conclusion", run.conclusion);
    json.number("workflow_id", run.workflow_id);
    json.raw("pull_requests", "[]");
    json.text("created_at", seconds_of(run.created_at));
    json.text("updated_at", seconds_of(or_else(run.updated_at, started)));
    json.raw("actor", user(run.actor));
    json.number("run_attempt", run.attempt);
    json.text("run_started_at", seconds_of(started));
    json.raw("triggering_actor", user(run.actor));
    json.raw("repository", to_json(repository));
    FakeRepository head = repository;
    if (!run.head_repository.empty()) head.full_name = run.head_repository;
    json.raw("head_repository", run.head_repository == "-" ? "null" : to_json(head));
    return json.finish();
}

std::string to_json(const FakeDelivery& delivery, bool with_request) {
    Object json;
    json.number("id", delivery.id);
    json.text("guid", delivery.guid);
    json.text("delivered_at", to_iso8601(delivery.delivered_at));
    json.flag("redelivery", delivery.redelivery);
    json.raw("duration", "0.27");
    json.text("status", status_text(delivery.status_code));
    json.number("status_code", delivery.status_code);
    json.text("event", delivery.event);
    json.text_or_null("action", delivery.action);
    json.raw("installation_id", "null");
    json.raw("repository_id", "1");
    if (!with_request) return json.finish();
    json.text("url", "https://agent.example.com/webhooks/github");
    Object headers;
    headers.text("X-GitHub-Delivery", delivery.guid);
    headers.text("X-GitHub-Event", delivery.event);
    headers.text("X-Hub-Signature-256", "sha256=********");
    Object request;
    request.raw("headers", headers.finish());
    request.raw("payload", delivery.payload);
    json.raw("request", request.finish());
    json.raw("response", R"({"headers":{},"payload":""})");
    return json.finish();
}

std::string failure_json(int status, const std::string& message) {
    Object json;
    json.text("message", message);
    json.text("documentation_url", "https://docs.github.com/rest");
    json.text("status", std::to_string(status));
    return json.finish();
}

}  // namespace runs_agent::tests
