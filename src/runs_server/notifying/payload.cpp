// SPDX-License-Identifier: MIT
#include "runs_server/notifying/payload.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/record_request.hpp"

#include <set>
#include <vector>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr std::size_t most_tags = 100;
constexpr std::size_t longest_tags = 8UL * 1024;
constexpr std::size_t longest_text = 4UL * 1024;

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

/// UTF-8, cut between characters.
std::string_view cut(std::string_view text) {
    if (text.size() <= longest_text) return text;
    std::size_t end = longest_text;
    constexpr unsigned char mask = 0xc0;
    constexpr unsigned char goes_on = 0x80;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & mask) == goes_on) --end;
    return text.substr(0, end);
}

std::string shortened(const std::string& commit_json) {
    rapidjson::Document commit;
    commit.Parse(commit_json.c_str(), commit_json.size());
    if (commit.HasParseError() || !commit.IsObject()) return "{}";
    for (auto& one : commit.GetObject()) {
        if (!one.value.IsString()) continue;
        const std::string_view whole = json::text_of(one.value);
        const std::string_view kept = cut(whole);
        if (kept.size() == whole.size()) continue;
        const std::string text = std::string(kept) + "\u2026";
        one.value.SetString(text, commit.GetAllocator());
    }
    return to_json(commit);
}

std::set<std::string> first_of(const std::set<std::string>& tags) {
    std::set<std::string> kept;
    std::size_t bytes = 0;
    for (const std::string& tag : tags) {
        bytes += tag.size();
        if (kept.size() == most_tags || bytes > longest_tags) break;
        kept.insert(tag);
    }
    return kept;
}

std::string payload(const RunRow& run, std::string_view event, const std::string& run_url,
                    const std::string& commit_json, const Group& group, bool is_one_of_several) {
    std::set<std::string> tags = texts_of(run.tags_json);
    tags.insert(group.tags.begin(), group.tags.end());
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "event", event);
    put(json, "runUrl", run_url);
    put(json, "buildId", run.ci_build_id);
    if (is_one_of_several) put(json, "groupId", group.name);
    put_raw(json, "tags", to_json(first_of(tags)));
    put_raw(json, "commit", commit_json);
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

void each_hook_payload(Database& database, const RunRow& run, std::string_view event,
                       const std::string& run_url,
                       const std::function<void(const std::string& body)>& take) {
    std::vector<Group> groups = groups_of(database, run.id);
    if (groups.empty()) groups.emplace_back();  // nothing is announced yet
    const std::string commit = shortened(run.commit_json);
    for (const Group& group : groups)
        take(payload(run, event, run_url, commit, group, groups.size() > 1));
}

}  // namespace runs_agent::runs_server
