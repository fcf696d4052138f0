#include "runs_server/ingest.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers.hpp"
#include "runs_server/keys.hpp"
#include "runs_server/projects.hpp"
#include "runs_server/record_request.hpp"
#include "runs_server/run_json.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

RunRow create(Database& database, const RecordRequest& request, Time now) {
    const std::string id = random_hex(8);
    database
        .prepare(
            "INSERT INTO runs(id, project_id, ci_build_id, github_run_id, github_run_attempt,"
            " created_at, active_at, branch, commit_json, framework_json, tags_json)"
            " VALUES(?,?,?,?,?,?,?,?,?,?,?)")
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
        .run();
    return *find_by_id(database, id);
}

void add_group(Database& database, const std::string& run_id, const std::string& group,
               const std::string& platform_json) {
    database
        .prepare(
            "INSERT INTO groups(run_id, name, platform_json) VALUES(?,?,?)"
            " ON CONFLICT DO NOTHING")
        .bind(run_id)
        .bind(group)
        .bind(platform_json)
        .run();
}

void plan_spec(Database& database, const std::string& run_id, const PlannedSpec& planned) {
    database
        .prepare(
            "INSERT INTO specs(id, run_id, group_name, spec, tests_known) VALUES(?,?,?,?,?)"
            " ON CONFLICT(run_id, group_name, spec) DO UPDATE SET tests_known ="
            " excluded.tests_known")
        .bind(random_hex(8))
        .bind(run_id)
        .bind(planned.group)
        .bind(planned.spec)
        .bind(planned.tests)
        .run();
}

/// Results that are there already stay, so a batch that a reporter sends twice counts once.
void record_spec(Database& database, const std::string& run_id, const std::string& machine_id,
                 const RecordedSpec& recorded, Time now) {
    const Counters& counters = recorded.counters;
    database
        .prepare(
            "INSERT INTO specs(id, run_id, group_name, spec, machine_id, claimed_at,"
            " completed_at, started, results, overall, passes, failures, pending, skipped,"
            " flaky, retries) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT(run_id, group_name, spec) DO UPDATE SET"
            " machine_id = excluded.machine_id, claimed_at = coalesce(claimed_at,"
            " excluded.claimed_at), completed_at = excluded.completed_at,"
            " started = excluded.started, results = excluded.results,"
            " overall = excluded.overall, passes = excluded.passes,"
            " failures = excluded.failures, pending = excluded.pending,"
            " skipped = excluded.skipped, flaky = excluded.flaky, retries = excluded.retries"
            " WHERE specs.completed_at IS NULL")
        .bind(random_hex(8))
        .bind(run_id)
        .bind(recorded.group)
        .bind(recorded.spec)
        .bind(machine_id)
        .bind(now)
        .bind(now)
        .bind(recorded.started)
        .bind(recorded.results_json)
        .bind(counters.overall)
        .bind(counters.passes)
        .bind(counters.failures)
        .bind(counters.pending)
        .bind(counters.skipped)
        .bind(counters.flaky)
        .bind(counters.retries)
        .run();
}

/// Does the request bring what a run that has ended does not take: another go at specs that have
/// results? The same results sent a second time (a reporter's retry) are no such thing.
bool brings_new_results(Database& database, const RunRow& run, const RecordRequest& request) {
    for (const RecordedSpec& recorded : request.results) {
        Statement row = database.prepare(
            "SELECT 1 FROM specs WHERE run_id = ? AND group_name = ? AND spec = ?"
            " AND completed_at IS NOT NULL AND machine_id = ? AND started = ?");
        row.bind(run.id)
            .bind(recorded.group)
            .bind(recorded.spec)
            .bind(request.machine_id)
            .bind(recorded.started);
        if (!row.step()) return true;
    }
    return false;
}

/// A group that the run has not seen yet is work of its own, however complete the others are.
bool knows_group(Database& database, const RunRow& run, const std::string& group) {
    Statement row = database.prepare("SELECT 1 FROM groups WHERE run_id = ? AND name = ?");
    row.bind(run.id).bind(group);
    return row.step();
}

std::string answer(const RunRow& run, const RecordRequest& request, bool is_new,
                   const std::string& base_url) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    const std::string url = base_url + "/runs/" + run.id;
    json.StartObject();
    put(json, "runId", run.id);
    put(json, "groupId", request.group);
    put(json, "machineId", request.machine_id);
    put(json, "ciBuildId", run.ci_build_id);
    put(json, "dashboardUrl", url);
    put(json, "runUrl", url);
    json.Key("isNewRun");
    json.Bool(is_new);
    if (run.facts.canceled_at) {
        put_raw(json, "cancellation", cancellation_data(run));
    } else {
        json.Key("cancellation");
        json.Null();
    }
    for (const char* name : {"warnings", "artifactUploadUrls"}) {
        json.Key(name);
        json.StartArray();
        json.EndArray();
    }
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

net::HttpResponse record(Database& database, const std::string& body, const std::string& base_url,
                         Time now) {
    auto read = read_record_request(body);
    if (const auto* wrong = std::get_if<std::string>(&read)) return failed(400, *wrong);
    RecordRequest& request = std::get<RecordRequest>(read);
    if (!find_key(database, KeyKind::record, request.record_key))
        return failed(401, "Invalid record key provided");
    if (!project_exists(database, request.project_id)) return failed(404, "Project not found");

    if (request.ci_build_id.empty()) request.ci_build_id = random_hex(8);
    if (request.machine_id.empty()) request.machine_id = random_hex(6);
    auto run = find_by_build_id(database, request.project_id, request.ci_build_id);
    const bool is_new = !run;
    if (!run) run = create(database, request, now);

    const auto completion = derive(run->facts, now).completion;
    const bool over = completion == runs_api::CompletionState::complete ||
                      completion == runs_api::CompletionState::timeout;
    const bool another_go = request.results.empty() ? !request.suite.empty()
                                                    : brings_new_results(database, *run, request);
    if (over && another_go && knows_group(database, *run, request.group))
        return failed(422, "Run is complete: reset it, or record under another CI build id");

    add_group(database, run->id, request.group, request.platform_json);
    for (const PlannedSpec& planned : request.suite) {
        add_group(database, run->id, planned.group, request.platform_json);
        plan_spec(database, run->id, planned);
    }
    for (const RecordedSpec& recorded : request.results) {
        add_group(database, run->id, recorded.group, request.platform_json);
        record_spec(database, run->id, request.machine_id, recorded, now);
    }
    database.prepare("UPDATE runs SET active_at = ? WHERE id = ?").bind(now).bind(run->id).run();
    return ok(answer(*run, request, is_new, base_url));
}

}  // namespace runs_agent::runs_server
