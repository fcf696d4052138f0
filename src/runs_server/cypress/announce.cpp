// SPDX-License-Identifier: MIT
#include "runs_server/cypress/announce.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/plain.hpp"
#include "runs_server/cypress/claims.hpp"
#include "runs_server/orchestrating/hand_out.hpp"
#include "runs_server/recording/make_run.hpp"
#include "runs_server/recording/record_spec.hpp"
#include "runs_server/recording/reports.hpp"
#include "runs_server/reporting/gate.hpp"
#include "runs_server/setup/keys.hpp"
#include "runs_server/setup/projects.hpp"

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

namespace runs_agent::runs_server {

using net::HttpResponse;
using rapidjson::Value;
using sqlite::Database;
using sqlite::Statement;

namespace {

std::string framework_json(const CypressClient& client) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "type", "cypress");
    put(json, "version", client.cypress);
    put(json, "clientVersion", client.version);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

/// A number of failed tests, or false for never; absent: as the project has it.
std::optional<std::int64_t> read_fail_after(const Value& root) {
    const Value* const given = member(&root, "autoCancelAfterFailures");
    if (given == nullptr) return std::nullopt;
    if (given->IsFalse()) return 0;
    if (given->IsInt64() && given->GetInt64() > 0) return given->GetInt64();
    return std::nullopt;
}

/// What the body says, or the answer to who says something else.
std::variant<RecordRequest, HttpResponse> read_request(Database& database, const Value& root,
                                                       const CypressClient& client) {
    auto read = read_record_request(root);
    if (const auto* wrong = std::get_if<std::string>(&read)) return failed(400, *wrong);
    auto& request = std::get<RecordRequest>(read);
    if (!project_exists(database, request.project_id))
        return refused("PROJECT_NOT_FOUND", "Project not found: there is no " + request.project_id);
    if (request.ci_build_id.empty())
        return refused("BUILD_ID_MISSING",
                       "ciBuildId is required, as this CI does not tell its builds apart: pass"
                       " --ci-build-id");
    request.framework_json = framework_json(client);
    request.fail_after = read_fail_after(root);
    request.machine_id = text(&root, "providedMachineId");
    if (request.machine_id.empty()) request.machine_id = random_hex(6);
    return std::move(request);
}

void announce_spec(Database& database, const std::string& run_id, const std::string& group,
                   const std::string& spec) {
    plan_spec(database, run_id, {group, spec, 0, "[]", {}});
    database
        .prepare(
            "UPDATE specs SET cypress = 1 WHERE run_id = ? AND group_name = ? AND spec = ?"
            " AND cypress = 0")
        .bind(run_id)
        .bind(group)
        .bind(spec)
        .run();
}

/// Returns what its user should know.
std::vector<std::string> take_specs(Database& database, const RunRow& run,
                                    const RecordRequest& request, const Value* specs) {
    add_group(database, run.id, {request.group, "[]"}, request.platform_json);
    const auto known = texts(specs);
    for (const std::string& spec : known) announce_spec(database, run.id, request.group, spec);
    join_group(database, run.id, request.group, request.machine_id, to_json(known));
    expect_durations(database, run.id);
    Statement row = database.prepare(
        "SELECT 1 FROM specs WHERE run_id = ? AND group_name = ? AND cypress = 1"
        " AND completed_at IS NULL LIMIT 1");
    if (row.bind(run.id).bind(request.group).step()) return {};
    return {"all specs of group " + request.group +
            " have results in this run: reset it to run"
            " what failed again, or record under another CI build id"};
}

}  // namespace

CypressClient cypress_client_of(const net::Headers& headers) {
    const auto value = [&headers](std::string_view name) {
        return std::string(headers.find(name).value_or(""));
    };
    const std::string attempt = value("x-cypress-request-attempt");
    constexpr std::string_view digits = "123456789";
    const bool again = attempt.size() == 1 && digits.find(attempt) != std::string_view::npos;
    return {value("x-cypress-version"), value("x-ccy-version"), again ? attempt[0] - '0' : 0};
}

HttpResponse announce_cypress(Database& database, std::string body, const CypressClient& client,
                              const ArtifactUrls& urls, Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_in_place(body, root); !wrong.empty())
        return failed(400, wrong);
    if (!find_key(database, KeyKind::record, text(&root, "recordKey")))
        return failed(401, "Invalid record key provided");
    auto read = read_request(database, root, client);
    if (auto* const no = std::get_if<HttpResponse>(&read)) return std::move(*no);
    const auto& request = std::get<RecordRequest>(read);

    auto run = find_by_build_id(database, request.project_id, request.ci_build_id);
    const bool is_new = !run;
    if (run) {
        const Gate gate = gate_of(*run);
        if (auto no = refuse_cancelled(gate)) return std::move(*no);
        if (auto no = refuse_expired(database, gate, now)) return std::move(*no);
    } else {
        run = make_run(database, request, now);
    }
    record_reporter(database, run->id, request.machine_id);
    const auto warnings = take_specs(database, *run, request, member(&root, "specs"));
    mark_active_if_open(database, run->id, now);
    return plain_object([&](Json& json) {
        put(json, "runId", run->id);
        put(json, "groupId", request.group);
        put(json, "machineId", request.machine_id);
        put(json, "ciBuildId", run->ci_build_id);
        put(json, "runUrl", urls.base_url + "/runs/" + run->id);
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
    });
}

}  // namespace runs_agent::runs_server
