// SPDX-License-Identifier: MIT
#include "runs_server/setup/projects.hpp"

#include "runs_server/answers/answers.hpp"
#include "runs_server/answers/page.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr const char* columns =
    "SELECT id, name, created_at, inactivity, default_branch, coalesce(fail_fast, 0) FROM "
    "projects ";

Project read_project(const Statement& row) {
    Project project;
    project.id = row.text(0);
    project.name = row.text(1);
    project.created_at = row.time(2);
    project.inactivity = std::chrono::milliseconds(row.integer(3));
    project.default_branch = row.optional_text(4);
    project.fail_fast = row.integer(5);
    return project;
}

std::vector<Project> all(Statement& rows) {
    std::vector<Project> projects;
    while (rows.step()) projects.push_back(read_project(rows));
    return projects;
}

void put_project(Json& json, const Project& project) {
    put(json, "projectId", project.id);
    put(json, "name", project.name);
    put(json, "createdAt", std::optional<Time>(project.created_at));
    json.Key("failFast");
    if (project.fail_fast > 0) {
        json.Int64(project.fail_fast);
    } else {
        json.Null();
    }
    put(json, "inactivityTimeoutSeconds", project.inactivity / std::chrono::seconds(1));
    put_or_null(json, "defaultBranchName", project.default_branch);
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

void change_project(Database& database, const std::string& id, const ProjectChange& change) {
    const auto inactivity = change.inactivity ? std::optional(change.inactivity->count())
                                              : std::optional<std::int64_t>();
    database
        .prepare(
            "UPDATE projects SET name = coalesce(?, name), inactivity = coalesce(?, inactivity),"
            " default_branch = coalesce(?, default_branch), fail_fast = coalesce(?, fail_fast)"
            " WHERE id = ?")
        .bind(change.name)
        .bind(inactivity)
        .bind(change.default_branch)
        .bind(change.fail_fast)
        .bind(id)
        .run();
}

std::vector<Project> all_projects(Database& database) {
    Statement rows = database.prepare(std::string(columns) + "ORDER BY id");
    return all(rows);
}

net::HttpResponse list_projects(Database& database, const net::Parameters& query) {
    Page page;
    if (const std::string wrong = read_page(query, page); !wrong.empty()) return failed(400, wrong);
    const bool upwards = !page.ending_before.empty();
    Statement rows =
        database.prepare(std::string(columns) + (upwards ? "WHERE id < ? ORDER BY id DESC LIMIT ?"
                                                         : "WHERE id > ? ORDER BY id LIMIT ?"));
    rows.bind(upwards ? page.ending_before : page.starting_after).bind(page.limit + 1);
    std::vector<Project> projects = all(rows);
    const bool more = projects.size() > static_cast<std::size_t>(page.limit);
    if (more) projects.pop_back();
    if (upwards) std::reverse(projects.begin(), projects.end());

    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    for (const Project& project : projects) {
        json.StartObject();
        put_project(json, project);
        put(json, "cursor", project.id);
        json.EndObject();
    }
    json.EndArray();
    return ok_list({buffer.GetString(), buffer.GetSize()}, more);
}

net::HttpResponse get_project(Database& database, const std::string& id) {
    Statement row = database.prepare(std::string(columns) + "WHERE id = ?");
    if (!row.bind(id).step()) return failed(404, "Project not found");
    return ok_object([&](Json& json) { put_project(json, read_project(row)); });
}

}  // namespace runs_agent::runs_server
