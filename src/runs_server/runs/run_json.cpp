// SPDX-License-Identifier: MIT
#include "runs_server/runs/run_json.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/room.hpp"
#include "runs_server/recording/cancellation.hpp"

#include <set>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// `results`: stats and files; the tests themselves are at GET /instances/{id}.
void put_results(Json& json, const Statement& row, const ArtifactsBySpec& artifacts,
                 const ArtifactUrls& urls, Time now) {
    put_object_or_null(json, "results", !row.is_null(8), [&] {
        put(json, "flaky", row.integer(10));
        put_raw(json, "stats", row.text(8));
        put_raw_or_null(json, "exception", row.optional_text(9));
        put_pictures(json, artifacts, row.text(2), urls, now);
    });
}

void put_specs(Json& json, Database& database, const RunRow& run, const ArtifactUrls& urls,
               Time now) {
    Statement rows = database.prepare(
        "SELECT spec, group_name, id, claimed_at, completed_at, machine_id, tags_json, retries,"
        " stats, exception, flaky, worker_index, parallel_index"
        " FROM specs WHERE run_id = ? ORDER BY group_name, spec");
    rows.bind(run.id);
    const ArtifactsBySpec artifacts = artifacts_of_run(database, run.id);
    json.Key("specs");
    json.StartArray();
    while (rows.step()) {
        json.StartObject();
        put(json, "spec", rows.text(0));
        put(json, "groupId", rows.text(1));
        put(json, "instanceId", rows.text(2));
        put(json, "claimedAt", rows.optional_time(3));
        put(json, "completedAt", rows.optional_time(4));
        put_or_null(json, "machineId", rows.optional_text(5));
        put_raw(json, "tags", rows.text(6));
        put_results(json, rows, artifacts, urls, now);
        put_worker(json, rows.integer(11), rows.integer(12));
        json.EndObject();
    }
    json.EndArray();
}

}  // namespace

void put_run(Json& json, const RunRow& run, Time now) {
    const RunState state = run_state_of(run.facts, now);
    put(json, "runId", run.id);
    put(json, "projectId", run.project_id);
    put(json, "createdAt", std::optional<Time>(run.facts.created_at));
    json.Key("durationMs");
    if (state.duration) {
        json.Int64(state.duration->count());
    } else {
        json.Null();
    }
    put_raw(json, "tags", run.tags_json);
    put_or_null(json, "previousRunId", run.previous_run_id);
    json.Key("deletedAt");
    json.Null();
    put(json, "completionState", runs_api::to_string(state.completion));
    put(json, "status", runs_api::to_string(state.status));
    const bool timed_out = state.completion == runs_api::CompletionState::timeout;
    json.Key("timeout");
    json.StartObject();
    json.Key("isTimeout");
    json.Bool(timed_out);
    json.Key("timeoutValueMs");
    if (timed_out) {
        json.Int64(run.facts.inactivity.count());
    } else {
        json.Null();
    }
    json.EndObject();
    put_cancellation(json, run);
    json.Key("meta");
    json.StartObject();
    put(json, "ciBuildId", run.ci_build_id);
    put_raw(json, "commit", run.commit_json);
    put_raw(json, "framework", run.framework_json);
    if (!run.pull_request.empty()) {
        json.Key("pr");
        json.StartObject();
        put(json, "id", run.pull_request);
        json.EndObject();
    }
    json.EndObject();
}

void put_groups(Json& json, Database& database, const RunRow& run) {
    Statement rows = database.prepare(
        "SELECT g.name, g.platform_json, g.tags_json, count(s.id), count(s.claimed_at), "
        "count(s.completed_at),"
        " count(CASE WHEN s.completed_at IS NOT NULL AND s.failed = 0 THEN 1 END),"
        " count(CASE WHEN s.failed > 0 THEN 1 END),"
        " coalesce(sum(CASE WHEN s.completed_at IS NULL THEN s.tests_known ELSE s.overall END), 0),"
        " coalesce(sum(s.passes), 0), coalesce(sum(s.failures), 0), coalesce(sum(s.pending), 0),"
        " coalesce(sum(s.skipped), 0), coalesce(sum(s.flaky), 0), coalesce(sum(s.retries), 0),"
        " g.environment"
        " FROM groups g LEFT JOIN specs s ON s.run_id = g.run_id AND s.group_name = g.name"
        " WHERE g.run_id = ? GROUP BY g.name ORDER BY g.name");
    rows.bind(run.id);
    std::set<std::string> environments;
    json.Key("groups");
    json.StartArray();
    while (rows.step()) {
        json.StartObject();
        put(json, "groupId", rows.text(0));
        put_raw(json, "platform", rows.text(1));
        json.Key("instances");
        json.StartObject();
        int column = 3;
        for (const char* name : {"overall", "claimed", "complete", "passes", "failures"})
            put(json, name, rows.integer(column++));
        json.EndObject();
        json.Key("tests");
        json.StartObject();
        for (const char* name :
             {"overall", "passes", "failures", "pending", "skipped", "flaky", "retries"})
            put(json, name, rows.integer(column++));
        json.EndObject();
        put_raw(json, "tags", rows.text(2));
        const auto environment = rows.optional_text(column);
        put_or_null(json, "environment", environment);
        if (environment) environments.insert(*environment);
        json.EndObject();
    }
    json.EndArray();
    put_raw(json, "environments", to_json(environments));
}

namespace {

/// The word that Playwright has for it in FullResult.status. What has not run has not passed: specs
/// that nobody reported, and tests that something else kept from running.
const char* last_status(Database& database, const RunRow& run, const RunState& state) {
    if (state.status == runs_api::RunStatus::failed || run.facts.specs_failed > 0) return "failed";
    if (state.completion != runs_api::CompletionState::complete) return "interrupted";
    Statement row = database.prepare(
        "SELECT coalesce(sum(passes + pending), 0), coalesce(sum(skipped), 0) FROM specs"
        " WHERE run_id = ?");
    row.bind(run.id).step();
    return row.integer(0) > 0 && row.integer(1) == 0 ? "passed" : "interrupted";
}

void put_last_run(Json& json, Database& database, const RunRow& run, Time now) {
    const RunState state = run_state_of(run.facts, now);
    const bool over = state.completion != runs_api::CompletionState::in_progress;
    // A spec that was reset waits for its results. Where they do not come, those before it count.
    Statement rows = database.prepare(
        "SELECT DISTINCT json_extract(t.value, '$.testId') FROM specs s"
        " JOIN tests r ON r.spec_id = s.id,"
        " (SELECT 0 AS earlier UNION ALL SELECT 1) part,"
        " json_each(CASE part.earlier WHEN 0 THEN r.tests ELSE r.earlier END) t"
        " WHERE s.run_id = ?1 AND (s.completed_at IS NOT NULL OR ?2)"
        // As Playwright from 1.63 (microsoft/playwright#42056): without those that did not run
        // because of a failure, --last-failed would leave them out for good.
        " AND json_extract(t.value, '$.state') IN ('failed', 'skipped')"
        " AND json_extract(t.value, '$.testId') IS NOT NULL"
        // Of those that are told of one by one, each row that holds (test_rows.hpp).
        " UNION SELECT test_id FROM (SELECT r.test_id, r.state, max(r.rank) AS rank"
        " FROM specs s JOIN records r ON r.spec_id = s.id AND r.stale = 0"
        " WHERE s.run_id = ?1 AND (s.completed_at IS NOT NULL OR ?2)"
        " GROUP BY r.spec_id, r.test_id)"
        " WHERE rank > 0 AND state IN ('failed', 'skipped') ORDER BY 1");
    rows.bind(run.id).bind(over);
    json.Key("pwLastRun");
    json.StartObject();
    put(json, "status", last_status(database, run, state));
    json.Key("failedTests");
    json.StartArray();
    while (rows.step()) json.String(rows.text(0));
    json.EndArray();
    json.EndObject();
}

}  // namespace

net::HttpResponse full_run(Database& database, const RunRow& run, const ArtifactUrls& urls,
                           bool with_last_run, const std::shared_ptr<net::MemoryBudget>& memory,
                           Time now) {
    const auto put_all = [&](Json& json) {
        put_run(json, run, now);
        put_groups(json, database, run);
        put_specs(json, database, run, urls, now);
        if (with_last_run) put_last_run(json, database, run, now);
    };
    return with_room(memory, room_for_run(database, run.id), [&] { return ok_object(put_all); });
}

}  // namespace runs_agent::runs_server
