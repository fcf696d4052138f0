// SPDX-License-Identifier: MIT
#include "runs_server/recording/make_run.hpp"

#include "base/encoding.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;

RunRow make_run(Database& database, const RecordRequest& request, Time now) {
    const auto previous =
        request.previous_ci_build_id.empty()
            ? std::nullopt
            : find_by_build_id(database, request.project_id, request.previous_ci_build_id);
    const std::string id = random_hex(8);
    database.execute("UPDATE last_seq SET seq = seq + 1");
    database
        .prepare(
            "INSERT INTO runs(seq, id, ci_build_id, project_id, github_run_id, github_run_attempt,"
            " created_at, active_at, branch, commit_json, framework_json, tags_json,"
            " previous_run_id, pull_request, github_repository, fail_after, inactivity)"
            " VALUES((SELECT seq FROM last_seq),?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
            " coalesce(?, (SELECT fail_fast FROM projects WHERE id = ?3)),"
            " (SELECT inactivity FROM projects WHERE id = ?3))")
        .bind(id)
        .bind(request.ci_build_id)
        .bind(request.project_id)
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
        .bind(request.github_repository)
        .bind(request.fail_after)
        .run();
    return *find_by_id(database, id);
}

void add_group(Database& database, const std::string& run_id, const PlannedGroup& group,
               const std::string& platform_json) {
    database
        .prepare(
            "INSERT INTO groups(run_id, name, platform_json, tags_json, environment)"
            " VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET environment = excluded.environment"
            " WHERE excluded.environment IS NOT NULL"
            " AND environment IS NOT excluded.environment")
        .bind(run_id)
        .bind(group.group)
        .bind(platform_json)
        .bind(group.tags_json)
        .bind(group.environment)
        .run();
}

void put_joined(Json& json, const RunRow& run, const RecordRequest& request, bool is_new,
                const std::vector<std::string>& warnings, const std::string& run_url) {
    put(json, "runId", run.id);
    put(json, "groupId", request.group);
    put(json, "machineId", request.machine_id);
    put(json, "ciBuildId", run.ci_build_id);
    put(json, "runUrl", run_url);
    json.Key("isNewRun");
    json.Bool(is_new);
    json.Key("warnings");
    json.StartArray();
    for (const std::string& warning : warnings) {
        json.StartObject();
        put(json, "message", warning);
        json.EndObject();
    }
    json.EndArray();
}

}  // namespace runs_agent::runs_server
