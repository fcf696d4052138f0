// SPDX-License-Identifier: MIT
#include "runs_server/runs/instance.hpp"

#include "runs_server/answers/answers.hpp"
#include "runs_server/answers/room.hpp"
#include "runs_server/recording/spec_tests.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

void put_results(Json& json, Database& database, const Statement& row, const ArtifactUrls& urls,
                 Time now) {
    put_object_or_null(json, "results", !row.is_null(10), [&] {
        put_raw(json, "stats", row.text(10));
        put_raw_or_null(json, "exception", row.optional_text(11));
        put_raw(json, "tests", all_tests(tests_of(database, row.text(0))));
        put_files(json, database, row.text(0), urls, now);
    });
}

}  // namespace

net::HttpResponse get_instance(Database& database, const std::string& instance_id,
                               const ArtifactUrls& urls,
                               const std::shared_ptr<net::MemoryBudget>& memory, Time now) {
    Statement row = database.prepare(
        "SELECT s.id, s.run_id, r.project_id, s.group_name, s.spec, s.machine_id, s.claimed_at,"
        " s.completed_at, s.worker_index, s.parallel_index, s.stats, s.exception,"
        " r.framework_json, g.platform_json,"
        " r.tags_json, r.commit_json, r.created_at FROM specs s JOIN runs r ON r.id = s.run_id"
        " JOIN groups g ON g.run_id = s.run_id AND g.name = s.group_name"
        // Who has claimed it knows it by its claim.
        " WHERE r.deleted_at IS NULL AND s.id = coalesce((SELECT spec_id FROM claims WHERE id = "
        "?1), ?1)");
    if (!row.bind(instance_id).step()) return failed(404, "Instance not found");
    const auto put_instance = [&](Json& json) {
        put(json, "instanceId", row.text(0));
        put(json, "runId", row.text(1));
        put(json, "projectId", row.text(2));
        put(json, "groupId", row.text(3));
        put(json, "spec", row.text(4));
        put_or_null(json, "machineId", row.optional_text(5));
        put(json, "createdAt", row.is_null(6) ? row.optional_time(16) : row.optional_time(6));
        put(json, "claimedAt", row.optional_time(6));
        put(json, "completedAt", row.optional_time(7));
        put_worker(json, row.integer(8), row.integer(9));
        put_raw(json, "framework", row.text(12));
        put_raw(json, "platform", row.text(13));
        put_raw(json, "tags", row.text(14));
        put_raw(json, "commit", row.text(15));
        put_results(json, database, row, urls, now);
    };
    return with_room(memory, room_for_instance(database, row.text(0)),
                     [&] { return ok_object(put_instance); });
}

}  // namespace runs_agent::runs_server
