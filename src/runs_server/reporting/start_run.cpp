// SPDX-License-Identifier: MIT
#include "runs_server/reporting/start_run.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/cancellation.hpp"
#include "runs_server/recording/make_run.hpp"
#include "runs_server/recording/reports.hpp"
#include "runs_server/reporting/announcement.hpp"
#include "runs_server/reporting/gate.hpp"
#include "runs_server/reporting/join_run.hpp"
#include "runs_server/setup/keys.hpp"
#include "runs_server/setup/projects.hpp"

namespace runs_agent::runs_server {

using net::HttpResponse;
using rapidjson::Value;
using sqlite::Database;

namespace {

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
    put_joined(json, run, request, is_new, warnings, url);
    put(json, "dashboardUrl", url);
    // A text in it would end the reporter.
    json.Key("cancellation");
    json.Null();
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

/// One digit: more is nothing that a reporter sends.
int attempt_of(const std::string& text) {
    return text.size() == 1 && text[0] >= '0' && text[0] <= '9' ? text[0] - '0' : 0;
}

}  // namespace

Reporter reporter_of(const net::Headers& headers) {
    const auto value = [&headers](std::string_view name) {
        return std::string(headers.find(name).value_or(""));
    };
    return {value("x-currents-key"), value("x-currents-machine-id"), value("x-pw-version"),
            value("x-pwc-version"), attempt_of(value("x-pwc-request-attempt"))};
}

std::optional<HttpResponse> refuse_announcement(Database& database, const AnnouncedBody& announced,
                                                const Reporter& reporter) {
    if (!announced.wrong().empty()) return failed(400, announced.wrong());
    if (!find_key(database, KeyKind::record, text(&announced.root(), "recordKey")) &&
        !find_key(database, KeyKind::record, reporter.record_key))
        return failed(401, "Invalid record key provided");
    if (!project_exists(database, announced.request().project_id))
        return failed(404, "Project not found");
    return std::nullopt;
}

net::HttpResponse start_run(Database& database, AnnouncedBody& announced, const Reporter& reporter,
                            const ArtifactUrls& urls, Time now) {
    if (auto no = refuse_announcement(database, announced, reporter)) return std::move(*no);
    const Value& root = announced.root();
    RecordRequest& request = announced.request();
    if (request.ci_build_id.empty()) request.ci_build_id = random_hex(8);
    request.framework_json = framework_json("playwright", reporter.playwright, reporter.version);
    request.fail_after = read_fail_after(
        member(member(member(&root, "config"), "currents"), "autoCancelAfterFailures"));

    auto joined = join_run(database, request, now);
    if (auto* const no = std::get_if<HttpResponse>(&joined)) return std::move(*no);
    const auto& [run, is_new] = std::get<Joined>(joined);
    if (request.fail_after && !is_new) change_fail_after(database, run, *request.fail_after);
    if (request.machine_id.empty()) request.machine_id = machine_of(run.id, root);
    record_reporter(database, run.id, request.machine_id);
    std::vector<std::string> warnings;
    const auto tests = read_tests_to_run(root);
    if (!announced.has_suite() && !tests.empty()) {
        suite_of_tests(request, tests);
        warnings.emplace_back(
            "the full test suite is not known: the run is complete when the tests that were"
            " announced so far are done");
    }
    take_suite(database, run.id, announced, now);
    show_group(database, run, request);
    // Another process has come in the place of the one whose claims a reset has ended. What is
    // handed out to a machine is given to it anew with its next task.
    if (text(&root, "orchestrationId").empty()) renew_claims(database, run, request);
    await_again(database, run.id, request.group, tests);
    mark_active_if_open(database, run.id, now);
    return net::json_response(200, answer(run, request, is_new, warnings, urls));
}

}  // namespace runs_agent::runs_server
