// SPDX-License-Identifier: MIT
#include "runs_server/reporting/start_run.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/cancellation.hpp"
#include "runs_server/recording/make_run.hpp"
#include "runs_server/recording/reports.hpp"
#include "runs_server/reporting/announcement.hpp"
#include "runs_server/reporting/gate.hpp"
#include "runs_server/setup/keys.hpp"
#include "runs_server/setup/projects.hpp"

namespace runs_agent::runs_server {

using rapidjson::Value;
using sqlite::Database;

namespace {

/// A number of failed tests; 0 where the reporter says that none cancels the run; absent where it
/// says nothing.
std::optional<std::int64_t> read_fail_after(const Value& root) {
    const Value* const given =
        member(member(member(&root, "config"), "currents"), "autoCancelAfterFailures");
    if (given == nullptr || given->IsNull()) return std::nullopt;
    if (given->IsFalse()) return 0;
    if (given->IsInt64() && given->GetInt64() > 0) return given->GetInt64();
    return std::nullopt;
}

/// Whoever has made the run may not have known.
void change_fail_after(Database& database, const RunRow& run, std::int64_t failures) {
    database.prepare("UPDATE runs SET fail_after = ? WHERE id = ?")
        .bind(failures)
        .bind(run.id)
        .run();
}

/// Its own group tells what it runs on, whoever has announced it before.
void show_group(Database& database, const RunRow& run, const RecordRequest& request) {
    add_group(database, run.id, {request.group, "[]"}, request.platform_json);
    database.prepare("UPDATE groups SET platform_json = ? WHERE run_id = ? AND name = ?")
        .bind(request.platform_json)
        .bind(run.id)
        .bind(request.group)
        .run();
}

void renew_claims(Database& database, const RunRow& run, const RecordRequest& request) {
    database
        .prepare(
            "DELETE FROM lost_claims WHERE machine_id = ?1 AND spec_id IN (SELECT id FROM specs"
            " WHERE run_id = ?2 AND group_name = ?3)")
        .bind(request.machine_id)
        .bind(run.id)
        .bind(request.group)
        .run();
}

std::string answer(const RunRow& run, const RecordRequest& request, bool is_new,
                   const std::vector<std::string>& warnings, const ArtifactUrls& urls) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    const std::string url = urls.base_url + "/runs/" + run.id;
    json.StartObject();
    put(json, "runId", run.id);
    put(json, "groupId", request.group);
    put(json, "machineId", request.machine_id);
    put(json, "ciBuildId", run.ci_build_id);
    put(json, "runUrl", url);
    put(json, "dashboardUrl", url);
    json.Key("isNewRun");
    json.Bool(is_new);
    // A text in it would end the reporter.
    json.Key("cancellation");
    json.Null();
    json.Key("warnings");
    json.StartArray();
    for (const std::string& warning : warnings) {
        json.StartObject();
        put(json, "message", warning);
        json.EndObject();
    }
    json.EndArray();
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

/// One digit: more is nothing that a reporter sends.
int attempt_of(const std::string& text) {
    return text.size() == 1 && text[0] >= '0' && text[0] <= '9' ? text[0] - '0' : 0;
}

}  // namespace

std::string framework_json(const Reporter& reporter) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "type", "playwright");
    put(json, "version", reporter.playwright);
    put(json, "clientVersion", reporter.version);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

Reporter reporter_of(const net::Headers& headers) {
    const auto value = [&headers](std::string_view name) {
        return std::string(headers.find(name).value_or(""));
    };
    return {value("x-currents-key"), value("x-currents-machine-id"), value("x-pw-version"),
            value("x-pwc-version"), attempt_of(value("x-pwc-request-attempt"))};
}

net::HttpResponse start_run(Database& database, std::string body, const Reporter& reporter,
                            const ArtifactUrls& urls, Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_in_place(body, root); !wrong.empty())
        return failed(400, wrong);
    if (!find_key(database, KeyKind::record, text(&root, "recordKey")) &&
        !find_key(database, KeyKind::record, reporter.record_key))
        return failed(401, "Invalid record key provided");
    auto read = read_record_request(root);
    if (const auto* wrong = std::get_if<std::string>(&read)) return failed(400, *wrong);
    auto& request = std::get<RecordRequest>(read);
    if (!project_exists(database, request.project_id)) return failed(404, "Project not found");
    if (request.ci_build_id.empty()) request.ci_build_id = random_hex(8);
    request.framework_json = framework_json(reporter);
    request.fail_after = read_fail_after(root);

    auto run = find_by_build_id(database, request.project_id, request.ci_build_id);
    const bool is_new = !run;
    if (run) {
        const Gate gate = gate_of(*run);
        if (auto no = refuse_cancelled(gate)) return std::move(*no);
        if (auto no = refuse_expired(database, gate, now)) return std::move(*no);
    } else {
        run = make_run(database, request, now);
    }
    if (request.fail_after && !is_new) change_fail_after(database, *run, *request.fail_after);
    if (request.machine_id.empty()) request.machine_id = machine_of(run->id, root);
    record_reporter(database, run->id, request.machine_id);
    std::vector<std::string> warnings;
    const auto tests = read_tests_to_run(root);
    if (request.suite.empty() && !tests.empty()) {
        suite_of_tests(request, tests);
        warnings.emplace_back(
            "the full test suite is not known: the run is complete when the tests that were"
            " announced so far are done");
    }
    take_suite(database, run->id, request, member(&root, "fullTestSuite"), now);
    show_group(database, *run, request);
    // Another process has come in the place of the one whose claims a reset has ended. What is
    // handed out to a machine is given to it anew with its next task.
    if (text(&root, "orchestrationId").empty()) renew_claims(database, *run, request);
    await_again(database, run->id, request.group, tests);
    mark_active_if_open(database, run->id, now);
    return net::json_response(200, answer(*run, request, is_new, warnings, urls));
}

}  // namespace runs_agent::runs_server
