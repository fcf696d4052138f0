#include "runs_server/projects.hpp"

#include "runs_server/answers.hpp"
#include "runs_server/rows.hpp"
#include "runs_server/run_json.hpp"

#include <algorithm>
#include <charconv>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

void put_project(Json& json, const Statement& row) {
    json.StartObject();
    put(json, "projectId", row.text(0));
    put(json, "name", row.text(1));
    put(json, "createdAt", std::optional<Time>(row.time(2)));
    json.Key("failFast");
    json.Null();
    put(json, "inactivityTimeoutSeconds", row.integer(3) / 1000);
    json.Key("defaultBranchName");
    json.Null();
    put(json, "cursor", row.text(0));
    json.EndObject();
}

constexpr const char* project_columns = "SELECT id, name, created_at, inactivity FROM projects ";

/// What a list was asked for. Several values of one filter mean any of them.
struct RunFilter {
    int limit = 10;
    std::int64_t before = 0;
    std::int64_t after = 0;
    std::vector<std::string> branches;
    std::vector<std::string> tags;
    bool all_tags = true;
    std::vector<std::string> statuses;
    std::vector<std::string> completion_states;
    std::string search;
};

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size() && !text.empty();
}

/// Reads the query; returns what is wrong with it, naming the field and its rule.
std::string read_filter(const net::Parameters& query, RunFilter& filter) {
    for (const auto& [name, value] : query) {
        if (name == "limit") {
            if (!read_number(value, filter.limit) || filter.limit < 1 || filter.limit > 100)
                return "limit must be a number from 1 to 100";
        } else if (name == "starting_after") {
            if (!read_number(value, filter.before)) return "starting_after must be a cursor";
        } else if (name == "ending_before") {
            if (!read_number(value, filter.after)) return "ending_before must be a cursor";
        } else if (name == "branches[]" || name == "branches" || name == "branch") {
            filter.branches.push_back(value);
        } else if (name == "tags[]" || name == "tags") {
            filter.tags.push_back(value);
        } else if (name == "tag_operator") {
            if (value != "AND" && value != "OR") return "tag_operator must be AND or OR";
            filter.all_tags = value == "AND";
        } else if (name == "status" || name == "status[]") {
            if (!runs_api::parse_run_status(value))
                return "status must be RUNNING, FAILING, PASSED or FAILED";
            filter.statuses.push_back(value);
        } else if (name == "completion_state" || name == "completion_state[]") {
            if (!runs_api::parse_completion_state(value))
                return "completion_state must be IN_PROGRESS, COMPLETE, CANCELED or TIMEOUT";
            filter.completion_states.push_back(value);
        } else if (name == "search") {
            if (value.size() > 200) return "search must be at most 200 characters";
            filter.search = value;
        }
    }
    if (filter.before > 0 && filter.after > 0)
        return "starting_after and ending_before exclude each other";
    return {};
}

bool fits(const RunFilter& filter, const RunRow& run, Time now) {
    const RunState state = derive(run.facts, now);
    if (!filter.branches.empty() && !contains(filter.branches, run.branch)) return false;
    if (!filter.statuses.empty() && !contains(filter.statuses, runs_api::to_string(state.status)))
        return false;
    if (!filter.completion_states.empty() &&
        !contains(filter.completion_states, runs_api::to_string(state.completion)))
        return false;
    if (!filter.search.empty() && run.ci_build_id.find(filter.search) == std::string::npos &&
        run.commit_json.find(filter.search) == std::string::npos)
        return false;
    if (filter.tags.empty()) return true;
    const auto tags = texts_of(run.tags_json);
    const auto has = [&tags](const std::string& tag) { return contains(tags, tag); };
    return filter.all_tags ? std::all_of(filter.tags.begin(), filter.tags.end(), has)
                           : std::any_of(filter.tags.begin(), filter.tags.end(), has);
}

/// Up to `wanted` runs that fit, read in pages, so that a filter does not load every run at once.
std::vector<RunRow> collect(Database& database, const std::string& project_id, RunFilter filter,
                            std::size_t wanted, Time now) {
    constexpr int page = 200;
    std::vector<RunRow> found;
    const bool upwards = filter.after > 0;
    for (;;) {
        std::vector<RunRow> rows =
            runs_of_project(database, project_id, filter.before, filter.after, page);
        const bool last = rows.size() < static_cast<std::size_t>(page);
        // Upwards, the page nearest to the cursor is read first, and its oldest run is nearest.
        if (upwards) std::reverse(rows.begin(), rows.end());
        for (RunRow& row : rows) {
            (upwards ? filter.after : filter.before) = row.seq;
            if (found.size() < wanted && fits(filter, row, now)) found.push_back(std::move(row));
        }
        if (last || found.size() >= wanted) break;
    }
    if (upwards) std::reverse(found.begin(), found.end());
    return found;
}

}  // namespace

void ensure_project(Database& database, const std::string& id, Time now) {
    database
        .prepare("INSERT INTO projects(id, name, created_at) VALUES(?,?,?) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(id)
        .bind(now)
        .run();
}

bool project_exists(Database& database, const std::string& id) {
    Statement row = database.prepare("SELECT 1 FROM projects WHERE id = ?");
    return row.bind(id).step();
}

net::HttpResponse list_projects(Database& database) {
    Statement rows = database.prepare(std::string(project_columns) + "ORDER BY id");
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    while (rows.step()) put_project(json, rows);
    json.EndArray();
    net::HttpResponse response = ok({buffer.GetString(), buffer.GetSize()});
    response.body.insert(response.body.size() - 1, R"(,"has_more":false)");
    return response;
}

net::HttpResponse get_project(Database& database, const std::string& id) {
    Statement row = database.prepare(std::string(project_columns) + "WHERE id = ?");
    if (!row.bind(id).step()) return failed(404, "Project not found");
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    put_project(json, row);
    return ok({buffer.GetString(), buffer.GetSize()});
}

net::HttpResponse list_runs(Database& database, const std::string& project_id,
                            const net::Parameters& query, Time now) {
    if (!project_exists(database, project_id)) return failed(404, "Project not found");
    RunFilter filter;
    if (const std::string wrong = read_filter(query, filter); !wrong.empty())
        return failed(400, wrong);
    const auto limit = static_cast<std::size_t>(filter.limit);
    std::vector<RunRow> runs = collect(database, project_id, filter, limit + 1, now);
    const bool more = runs.size() > limit;
    if (more) runs.erase(filter.after > 0 ? runs.begin() : std::prev(runs.end()));

    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    for (const RunRow& run : runs) {
        json.StartObject();
        put_run(json, run, now);
        put(json, "cursor", std::to_string(run.seq));
        json.EndObject();
    }
    json.EndArray();
    net::HttpResponse response = ok({buffer.GetString(), buffer.GetSize()});
    response.body.insert(response.body.size() - 1,
                         more ? R"(,"has_more":true)" : R"(,"has_more":false)");
    return response;
}

}  // namespace runs_agent::runs_server
