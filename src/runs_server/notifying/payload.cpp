// SPDX-License-Identifier: MIT
#include "runs_server/notifying/payload.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/record_request.hpp"

#include <set>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

struct Group {
    std::string name;
    std::set<std::string> tags;
    Counters counters;
};

/// As GET /runs/{runId} counts them.
std::vector<Group> groups_of(Database& database, const std::string& run_id) {
    Statement rows = database.prepare(
        "SELECT g.name, g.tags_json,"
        " coalesce(sum(CASE WHEN s.completed_at IS NULL THEN s.tests_known ELSE s.overall END), 0),"
        " coalesce(sum(s.passes), 0), coalesce(sum(s.failures), 0), coalesce(sum(s.pending), 0),"
        " coalesce(sum(s.skipped), 0), coalesce(sum(s.flaky), 0), coalesce(sum(s.retries), 0)"
        " FROM groups g LEFT JOIN specs s ON s.run_id = g.run_id AND s.group_name = g.name"
        " WHERE g.run_id = ? GROUP BY g.name ORDER BY g.name");
    rows.bind(run_id);
    std::vector<Group> groups;
    while (rows.step())
        groups.push_back(
            {rows.text(0), texts_of(rows.text(1)),
             Counters{rows.integer(2), rows.integer(3), rows.integer(4), rows.integer(5),
                      rows.integer(6), rows.integer(7), rows.integer(8)}});
    return groups;
}

std::string payload(const RunRow& run, std::string_view event, const std::string& run_url,
                    const Group& group, bool is_one_of_several) {
    std::set<std::string> tags = texts_of(run.tags_json);
    tags.insert(group.tags.begin(), group.tags.end());
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "event", event);
    put(json, "runUrl", run_url);
    put(json, "buildId", run.ci_build_id);
    if (is_one_of_several) put(json, "groupId", group.name);
    put_raw(json, "tags", to_json(tags));
    put_raw(json, "commit", run.commit_json);
    const Counters& counters = group.counters;
    put(json, "overall", counters.overall);
    put(json, "passes", counters.passes);
    put(json, "failures", counters.failures);
    put(json, "pending", counters.pending);
    put(json, "skipped", counters.skipped);
    put(json, "retries", counters.retries);
    put(json, "flaky", counters.flaky);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::vector<std::string> hook_payloads(Database& database, const RunRow& run,
                                       std::string_view event, const std::string& run_url) {
    std::vector<Group> groups = groups_of(database, run.id);
    if (groups.empty()) groups.emplace_back();  // nothing is announced yet
    std::vector<std::string> bodies;
    bodies.reserve(groups.size());
    for (const Group& group : groups)
        bodies.push_back(payload(run, event, run_url, group, groups.size() > 1));
    return bodies;
}

}  // namespace runs_agent::runs_server
