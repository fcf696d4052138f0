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
#include "runs_server/reporting/join_run.hpp"
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
    request.framework_json = framework_json("cypress", client.cypress, client.version);
    request.fail_after = read_fail_after(member(&root, "autoCancelAfterFailures"));
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

    auto joined = join_run(database, request, now);
    if (auto* const no = std::get_if<HttpResponse>(&joined)) return std::move(*no);
    const RunRow& run = std::get<Joined>(joined).run;
    const bool is_new = std::get<Joined>(joined).is_new;
    record_reporter(database, run.id, request.machine_id);
    const auto warnings = take_specs(database, run, request, member(&root, "specs"));
    mark_active_if_open(database, run.id, now);
    return plain_object([&](Json& json) {
        put_joined(json, run, request, is_new, warnings, urls.base_url + "/runs/" + run.id);
    });
}

}  // namespace runs_agent::runs_server
