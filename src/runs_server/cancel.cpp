#include "runs_server/cancel.hpp"

#include "runs_server/answers.hpp"
#include "runs_server/keys.hpp"
#include "runs_server/run_json.hpp"

#include <rapidjson/document.h>

#include <charconv>

namespace runs_agent::runs_server {

using sqlite::Database;

namespace {

constexpr const char* already_cancelled = "Run is cancelled";

RunRow cancel(Database& database, const RunRow& run, const std::string& actor,
              const std::string& reason, Time now) {
    database
        .prepare("UPDATE runs SET canceled_at = ?, canceled_by = ?, cancel_reason = ? WHERE id = ?")
        .bind(now)
        .bind(actor)
        .bind(reason)
        .bind(run.id)
        .run();
    return *find_by_id(database, run.id);
}

std::string text_of(const rapidjson::Document& body, const char* name) {
    const auto found = body.FindMember(name);
    if (found == body.MemberEnd() || !found->value.IsString()) return {};
    return {found->value.GetString(), found->value.GetStringLength()};
}

/// A number, or a text that is one: clients send both (docs/runs-api.md).
std::optional<std::int64_t> number_of(const rapidjson::Document& body, const char* name) {
    const auto found = body.FindMember(name);
    if (found == body.MemberEnd()) return std::nullopt;
    if (found->value.IsInt64()) return found->value.GetInt64();
    if (!found->value.IsString()) return std::nullopt;
    const std::string_view text(found->value.GetString(), found->value.GetStringLength());
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return number;
}

bool is_wrong_text(const rapidjson::Document& body, const char* name) {
    const auto found = body.FindMember(name);
    return found != body.MemberEnd() && !found->value.IsString() && !found->value.IsNull();
}

}  // namespace

net::HttpResponse cancel_run(Database& database, const std::string& run_id,
                             const std::string& actor, Time now) {
    const auto run = find_by_id(database, run_id);
    if (!run) return run_not_found();
    if (run->facts.canceled_at) return failed(422, already_cancelled);
    return ok(cancellation_data(cancel(database, *run, actor, "apiRequest", now)));
}

net::HttpResponse cancel_github_ci(Database& database, const std::string& body,
                                   const std::string& actor, Time now) {
    rapidjson::Document request;
    request.Parse<rapidjson::kParseIterativeFlag>(body.c_str(), body.size());
    if (request.HasParseError() || !request.IsObject())
        return failed(400, "the body must be a JSON object");
    const auto run_id = number_of(request, "githubRunId");
    if (!run_id || *run_id <= 0) return failed(400, "githubRunId must be a string of digits");
    const auto attempt = number_of(request, "githubRunAttempt");
    if (!attempt || *attempt <= 0) return failed(400, "githubRunAttempt must be an integer from 1");
    for (const char* name : {"projectId", "ciBuildId"})
        if (is_wrong_text(request, name))
            return failed(400, std::string(name) + " must be a string");

    const auto runs = find_by_github(database, std::to_string(*run_id), *attempt,
                                     text_of(request, "projectId"), text_of(request, "ciBuildId"));
    if (runs.empty()) return run_not_found();
    std::optional<RunRow> newest;
    for (const RunRow& run : runs) {
        if (run.facts.canceled_at) continue;
        RunRow cancelled = cancel(database, run, actor, "apiRequest", now);
        if (!newest) newest = std::move(cancelled);
    }
    if (!newest) return failed(422, already_cancelled);
    return ok(cancellation_data(*newest));
}

net::HttpResponse cancel_by_reporter(Database& database, const std::string& body, Time now) {
    rapidjson::Document request;
    request.Parse<rapidjson::kParseIterativeFlag>(body.c_str(), body.size());
    if (request.HasParseError() || !request.IsObject())
        return failed(400, "the body must be a JSON object");
    if (!find_key(database, KeyKind::record, text_of(request, "recordKey")))
        return failed(401, "Invalid record key provided");
    const std::string project = text_of(request, "projectId");
    const std::string run_id = text_of(request, "runId");
    const std::string build_id = text_of(request, "ciBuildId");
    if (project.empty()) return failed(400, "projectId is required");
    if (run_id.empty() && build_id.empty())
        return failed(400, "one of runId and ciBuildId is required");
    auto run = run_id.empty() ? find_by_build_id(database, project, build_id)
                              : find_by_id(database, run_id);
    if (run && run->project_id != project) run.reset();

    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    json.Key("runId");
    if (!run) {
        json.Null();
        json.Key("cancellation");
        json.Null();
    } else {
        json.String(run->id);
        if (!run->facts.canceled_at)
            run = cancel(database, *run, "reporter", "recordKeyRequest", now);
        put_raw(json, "cancellation", cancellation_data(*run));
    }
    json.EndObject();
    return ok({buffer.GetString(), buffer.GetSize()});
}

}  // namespace runs_agent::runs_server
