#include "runs_server/ingest.hpp"

#include "base/encoding.hpp"
#include "net/http_server.hpp"
#include "runs_server/keys.hpp"
#include "runs_server/projects.hpp"
#include "runs_server/record_request.hpp"
#include "runs_server/record_spec.hpp"
#include "runs_server/run_json.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using runs_api::CompletionState;
using sqlite::Database;
using sqlite::Statement;

namespace {

RunRow create(Database& database, const RecordRequest& request, Time now) {
    const auto previous =
        request.previous_ci_build_id.empty()
            ? std::nullopt
            : find_by_build_id(database, request.project_id, request.previous_ci_build_id);
    const std::string id = random_hex(8);
    database
        .prepare(
            "INSERT INTO runs(id, project_id, ci_build_id, github_run_id, github_run_attempt,"
            " created_at, active_at, branch, commit_json, framework_json, tags_json,"
            " previous_run_id, pull_request) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .bind(id)
        .bind(request.project_id)
        .bind(request.ci_build_id)
        .bind(request.github_run_id)
        .bind(request.github_run_attempt)
        .bind(now)
        .bind(now)
        .bind(request.branch)
        .bind(request.commit_json)
        .bind(request.framework_json)
        .bind(request.tags_json)
        .bind(previous ? std::optional(previous->id) : std::nullopt)
        .bind(request.pull_request)
        .run();
    return *find_by_id(database, id);
}

void add_group(Database& database, const std::string& run_id, const std::string& group,
               const std::string& platform_json, const std::string& tags_json) {
    database
        .prepare(
            "INSERT INTO groups(run_id, name, platform_json, tags_json) VALUES(?,?,?,?)"
            " ON CONFLICT DO NOTHING")
        .bind(run_id)
        .bind(group)
        .bind(platform_json)
        .bind(tags_json)
        .run();
}

/// A group that the run has not seen yet is work of its own, however complete the others are.
bool knows_group(Database& database, const RunRow& run, const std::string& group) {
    Statement row = database.prepare("SELECT 1 FROM groups WHERE run_id = ? AND name = ?");
    row.bind(run.id).bind(group);
    return row.step();
}

/// Does the request bring what a run that has ended does not take? The same results sent a second
/// time (a reporter's retry) are no such thing.
bool asks_for_another_go(Database& database, const RunRow& run, const RecordRequest& request) {
    if (request.instances.empty()) return !request.suite.empty();
    return std::any_of(request.instances.begin(), request.instances.end(),
                       [&](const RecordedSpec& recorded) {
                           return !was_recorded(database, run.id, request.machine_id, recorded);
                       });
}

/// Why the run does not take this; empty where it does.
std::string refusal(Database& database, const RunRow& run, CompletionState state,
                    const RecordRequest& request) {
    const bool begins = std::any_of(request.instances.begin(), request.instances.end(),
                                    [](const RecordedSpec& spec) { return !spec.finished; });
    if (state == CompletionState::canceled) return begins ? "Run is cancelled" : "";
    if (state == CompletionState::in_progress) return {};
    const bool timed_out = state == CompletionState::timeout;
    if (!timed_out && !knows_group(database, run, request.group)) return {};
    if (!asks_for_another_go(database, run, request)) return {};
    return std::string(timed_out ? "Run timed out" : "Run is complete") +
           ": reset it, or record under another CI build id";
}

void put_artifacts(Json& json, const std::vector<ExpectedArtifact>& artifacts,
                   const ArtifactUrls& urls, Time now) {
    json.Key("artifactUploadUrls");
    json.StartArray();
    for (const ExpectedArtifact& artifact : artifacts) {
        json.StartObject();
        put(json, "artifactId", artifact.id);
        put(json, "path", artifact.path);
        put(json, "uploadUrl", urls.of("PUT", artifact.id, now));
        put(json, "readUrl", urls.of("GET", artifact.id, now));
        json.EndObject();
    }
    json.EndArray();
}

/// Without the envelope that every other answer has: reporters read these members at the top.
std::string answer(const RunRow& run, const RecordRequest& request, bool is_new,
                   const Recorded& recorded, const ArtifactUrls& urls, Time now) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    const std::string url = urls.base_url + "/runs/" + run.id;
    json.StartObject();
    put(json, "runId", run.id);
    put(json, "groupId", request.group);
    put(json, "machineId", request.machine_id);
    put(json, "ciBuildId", run.ci_build_id);
    put(json, "dashboardUrl", url);
    put(json, "runUrl", url);
    json.Key("isNewRun");
    json.Bool(is_new);
    put_cancellation(json, run);
    json.Key("warnings");
    json.StartArray();
    for (const std::string& warning : recorded.warnings) {
        json.StartObject();
        put(json, "message", warning);
        json.EndObject();
    }
    json.EndArray();
    put_artifacts(json, recorded.artifacts, urls, now);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

net::HttpResponse record(Database& database, const std::string& body, const ArtifactUrls& urls,
                         Time now) {
    auto read = read_record_request(body);
    if (const auto* wrong = std::get_if<std::string>(&read)) return failed(400, *wrong);
    auto& request = std::get<RecordRequest>(read);
    if (!find_key(database, KeyKind::record, request.record_key))
        return failed(401, "Invalid record key provided");
    if (!project_exists(database, request.project_id)) return failed(404, "Project not found");

    if (request.ci_build_id.empty()) request.ci_build_id = random_hex(8);
    if (request.machine_id.empty()) request.machine_id = random_hex(6);
    auto run = find_by_build_id(database, request.project_id, request.ci_build_id);
    const bool is_new = !run;
    if (!run) run = create(database, request, now);
    const CompletionState before = derive(run->facts, now).completion;
    if (const std::string why = refusal(database, *run, before, request); !why.empty())
        return failed(422, why);

    // A run that had ended before ends no later because a reporter repeats itself.
    const bool is_news =
        before == CompletionState::in_progress || !knows_group(database, *run, request.group);
    for (const PlannedGroup& group : request.groups)
        add_group(database, run->id, group.group, request.platform_json, group.tags_json);
    add_group(database, run->id, request.group, request.platform_json, "[]");
    for (const RecordedSpec& recorded : request.instances)
        add_group(database, run->id, recorded.group, request.platform_json, "[]");
    for (const PlannedSpec& planned : request.suite) plan_spec(database, run->id, planned);
    const Recorded recorded =
        record_specs(database, run->id, request.machine_id, request.instances, now);
    if (is_news) touch(database, run->id, now);
    return net::json_response(200, answer(*run, request, is_new, recorded, urls, now));
}

}  // namespace runs_agent::runs_server
