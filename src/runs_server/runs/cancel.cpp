// SPDX-License-Identifier: MIT
#include "runs_server/runs/cancel.hpp"

#include "runs_server/answers/answers.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/cancellation.hpp"
#include "runs_server/recording/rows.hpp"
#include "runs_server/setup/keys.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;

namespace {

RunRow cancel(Database& database, const RunRow& run, const std::string& actor,
              const std::string& reason, Time now) {
    mark_cancelled(database, run.id, actor, reason, now);
    return *find_by_id(database, run.id);
}

net::HttpResponse cancelled(const RunRow& run) {
    return ok_object([&](Json& json) {
        put(json, "runId", run.id);
        put_cancellation_members(json, run);
    });
}

/// Absent, null or a text: what the contract allows for what narrows a search.
bool is_wrong_text(const rapidjson::Value& body, const char* name) {
    const rapidjson::Value* const found = member(&body, name);
    return found != nullptr && !found->IsString() && !found->IsNull();
}

}  // namespace

net::HttpResponse cancel_run(Database& database, const std::string& run_id,
                             const std::string& actor, Time now) {
    const auto run = find_by_id(database, run_id);
    if (!run) return run_not_found();
    // In the words of the service's documents.
    if (run->facts.canceled_at) return refused(run_cancelled, "Run already cancelled");
    return cancelled(cancel(database, *run, actor, "apiRequest", now));
}

net::HttpResponse cancel_github_ci(Database& database, const std::string& body,
                                   const std::string& actor, Time now) {
    rapidjson::Document request;
    if (const std::string wrong = parse_object(body, request); !wrong.empty())
        return failed(400, wrong);
    const auto run_id = number(&request, "githubRunId");
    if (!run_id || *run_id <= 0) return failed(400, "githubRunId must be a string of digits");
    const auto attempt = number(&request, "githubRunAttempt");
    if (!attempt || *attempt <= 0) return failed(400, "githubRunAttempt must be an integer from 1");
    for (const char* name : {"projectId", "ciBuildId"})
        if (is_wrong_text(request, name))
            return failed(400, std::string(name) + " must be a string");

    const auto runs = find_by_github(database, std::to_string(*run_id), *attempt,
                                     text(&request, "projectId"), text(&request, "ciBuildId"));
    if (runs.empty()) return run_not_found();
    std::optional<RunRow> newest;
    for (const RunRow& run : runs) {
        if (run.facts.canceled_at) continue;
        RunRow changed = cancel(database, run, actor, "apiRequest", now);
        if (!newest) newest = std::move(changed);
    }
    // The official action takes these words alone for done; every job of a run but the first gets
    // them.
    if (!newest) return refused(run_cancelled, "Run is cancelled");
    return cancelled(*newest);
}

net::HttpResponse cancel_by_reporter(Database& database, const std::string& body, Time now) {
    rapidjson::Document request;
    if (const std::string wrong = parse_object(body, request); !wrong.empty())
        return failed(400, wrong);
    if (!find_key(database, KeyKind::record, text(&request, "recordKey")))
        return failed(401, "Invalid record key provided");
    const std::string project = text(&request, "projectId");
    const std::string run_id = text(&request, "runId");
    const std::string build_id = text(&request, "ciBuildId");
    if (project.empty()) return failed(400, "projectId is required");
    if (run_id.empty() && build_id.empty())
        return failed(400, "one of runId and ciBuildId is required");
    auto run = run_id.empty() ? find_by_build_id(database, project, build_id)
                              : find_by_id(database, run_id);
    if (run && run->project_id != project) run.reset();

    if (run && !run->facts.canceled_at)
        run = cancel(database, *run, "reporter", "recordKeyRequest", now);
    return ok_object([&](Json& json) {
        json.Key("runId");
        if (run) {
            json.String(run->id);
            put_cancellation(json, *run);
        } else {
            json.Null();
            json.Key("cancellation");
            json.Null();
        }
    });
}

}  // namespace runs_agent::runs_server
