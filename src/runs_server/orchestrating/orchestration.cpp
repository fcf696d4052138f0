// SPDX-License-Identifier: MIT
#include "runs_server/orchestrating/orchestration.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/plain.hpp"
#include "runs_server/orchestrating/hand_out.hpp"
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
using sqlite::Statement;

namespace {

/// The same request again is the same machine again.
std::string machine_of_client(const std::string& run_id, const Value& root) {
    const std::string client = text(&root, "clientId");
    if (client.empty()) return random_hex(6);
    constexpr std::size_t length = 12;
    return to_hex(sha256(run_id + '\n' + client)).substr(0, length);
}

HttpResponse answer(const std::string& id, const RunRow& run, const std::string& machine) {
    return plain_object([&](Json& json) {
        put(json, "id", id);
        put(json, "runId", run.id);
        put(json, "machineId", machine);
        put(json, "ciBuildId", run.ci_build_id);
    });
}

void put_counts(Json& json, const char* key, const Statement& row, int from,
                std::initializer_list<const char*> names) {
    json.Key(key);
    json.StartObject();
    for (const char* const name : names) put(json, name, row.integer(from++));
    json.EndObject();
}

/// The member `run`: how far all machines have come.
void put_progress(Json& json, Database& database, const std::string& run_id) {
    Statement row = database.prepare(
        "SELECT count(*), count(claimed_at), count(completed_at),"
        " count(CASE WHEN completed_at IS NOT NULL AND failed = 0 THEN 1 END),"
        " count(CASE WHEN failed > 0 THEN 1 END),"
        " coalesce(sum(CASE WHEN completed_at IS NULL THEN tests_known ELSE overall END), 0),"
        " coalesce(sum(failures), 0), coalesce(sum(passes), 0), coalesce(sum(pending), 0),"
        " coalesce(sum(flaky), 0) FROM specs WHERE run_id = ?");
    row.bind(run_id).step();
    json.Key("run");
    json.StartObject();
    put(json, "runId", run_id);
    json.Key("progress");
    json.StartObject();
    put_counts(json, "specs", row, 0, {"overall", "claimed", "completed", "passes", "failures"});
    put_counts(json, "tests", row, 5, {"overall", "failures", "passes", "ignored", "flaky"});
    json.EndObject();
    json.EndObject();
}

void put_batch(Json& json, const Batch& batch) {
    put_object_or_null(json, "batch", !batch.specs.empty(), [&] {
        put(json, "groupId", batch.group);
        json.Key("tasks");
        json.StartArray();
        std::int64_t lane = 0;
        for (const HandedSpec& spec : batch.specs) {
            json.StartObject();
            put(json, "spec", spec.spec);
            put(json, "score", spec.expected);
            put(json, "workerIndex", lane++);
            put(json, "batchSize", batch.lanes);
            json.EndObject();
        }
        json.EndArray();
    });
}

}  // namespace

HttpResponse start_orchestration(Database& database, AnnouncedBody& announced,
                                 const Reporter& reporter, Time now) {
    if (auto no = refuse_announcement(database, announced, reporter)) return std::move(*no);
    const Value& root = announced.root();
    RecordRequest& request = announced.request();
    if (request.ci_build_id.empty())
        return failed(400, "ciBuildId is required: its machines find one another by it");
    request.framework_json = framework_json("playwright", reporter.playwright, reporter.version);

    auto joined = join_run(database, request, now);
    if (auto* const no = std::get_if<HttpResponse>(&joined)) return std::move(*no);
    const RunRow& run = std::get<Joined>(joined).run;
    const std::string machine =
        request.machine_id.empty() ? machine_of_client(run.id, root) : request.machine_id;
    record_reporter(database, run.id, machine);
    take_suite(database, run.id, announced, now);
    if (announced.says_none()) take_no_tests(database, run.id);
    expect_durations(database, run.id);
    mark_active_if_open(database, run.id, now);

    const Lanes lanes = read_lanes(root);
    const std::string id = random_hex(8);
    database
        .prepare(
            "INSERT INTO orchestrations(id, run_id, machine_id, lanes, lanes_of_groups)"
            " VALUES(?,?,?,?,?)")
        .bind(id)
        .bind(run.id)
        .bind(machine)
        .bind(lanes.of_all)
        .bind(to_text(lanes.of_groups))
        .run();
    return answer(id, run, machine);
}

HttpResponse next_task(Database& database, const std::string& orchestration_id, Time now) {
    Statement row = database.prepare(
        "SELECT run_id, machine_id, lanes, lanes_of_groups FROM orchestrations WHERE id = ?");
    if (!row.bind(orchestration_id).step()) return failed(404, "Orchestration not found");
    const std::string run_id = row.text(0);
    const auto run = find_by_id(database, run_id);
    if (!run) return run_not_found();
    if (auto no = refuse_beginning(database, gate_of(*run), now)) return std::move(*no);
    const Lanes lanes{row.integer(2), lanes_of_groups(row.text(3))};
    const Batch batch = hand_out(database, run_id, row.text(1), lanes, now);
    if (!batch.specs.empty()) mark_active(database, run_id, now);
    return plain_object([&](Json& json) {
        put_progress(json, database, run_id);
        put_batch(json, batch);
    });
}

bool still_has_batch(Database& database, const std::string& orchestration_id, std::int64_t answer,
                     Time now) {
    Statement row = database.prepare("SELECT run_id, reset_after FROM orchestrations WHERE id = ?");
    if (!row.bind(orchestration_id).step()) return false;
    if (answer <= row.integer(1)) return false;
    const auto run = find_by_id(database, row.text(0));
    return run && !refuse_beginning(database, gate_of(*run), now);
}

}  // namespace runs_agent::runs_server
