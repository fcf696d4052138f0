// SPDX-License-Identifier: MIT
#include "runs_server/notifying/hooks.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/rows.hpp"
#include "runs_server/setup/projects.hpp"

#include <optional>

namespace runs_agent::runs_server {

using net::HttpResponse;
using sqlite::Database;
using sqlite::Statement;

namespace {

/// Each event of a run is written once for each.
constexpr std::size_t max_hooks = 50;

constexpr const char* columns =
    "SELECT id, project_id, url, headers, events, label, created_at FROM hooks ";

Hook read_hook(const Statement& row) {
    Hook hook;
    hook.id = row.text(0);
    hook.project_id = row.text(1);
    hook.url = row.text(2);
    hook.headers = headers_of(row.optional_text(3));
    hook.events = texts_of(row.text(4));
    hook.label = row.optional_text(5);
    hook.created_at = row.time(6);
    return hook;
}

std::optional<Hook> find_hook(Database& database, const std::string& hook_id) {
    Statement row = database.prepare(std::string(columns) + "WHERE id = ?");
    if (!row.bind(hook_id).step()) return std::nullopt;
    return read_hook(row);
}

HttpResponse hook_not_found() {
    return failed(404, "Webhook not found");
}

void put_hook(Json& json, const Hook& hook) {
    put(json, "hookId", hook.id);
    put(json, "projectId", hook.project_id);
    put(json, "url", hook.url);
    put_or_null(json, "headers", shown_headers(hook.headers));
    json.Key("hookEvents");
    json.StartArray();
    for (const std::string_view event : hook_events)
        if (hook.events.contains(std::string(event)))
            json.String(event.data(), static_cast<rapidjson::SizeType>(event.size()));
    json.EndArray();
    put_or_null(json, "label", hook.label);
}

HttpResponse shown(const Hook& hook) {
    return ok_object([&](Json& json) { put_hook(json, hook); });
}

/// Returns what is wrong, else an empty answer.
std::optional<HttpResponse> refuse_project(Database& database, const std::string& project_id) {
    if (project_id.empty()) return failed(400, "projectId is required");
    if (!project_exists(database, project_id)) return failed(404, "Project not found");
    return std::nullopt;
}

std::string project_of(const net::Parameters& query) {
    return std::string(net::find(query, "projectId").value_or(""));
}

}  // namespace

std::vector<Hook> hooks_of(Database& database, const std::string& project_id) {
    Statement rows = database.prepare(std::string(columns) + "WHERE project_id = ? ORDER BY seq");
    rows.bind(project_id);
    std::vector<Hook> hooks;
    while (rows.step()) hooks.push_back(read_hook(rows));
    return hooks;
}

HttpResponse list_hooks(Database& database, const net::Parameters& query) {
    const std::string project_id = project_of(query);
    if (auto no = refuse_project(database, project_id)) return std::move(*no);
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    for (const Hook& hook : hooks_of(database, project_id)) {
        json.StartObject();
        put_hook(json, hook);
        json.EndObject();
    }
    json.EndArray();
    return ok({buffer.GetString(), buffer.GetSize()});
}

HttpResponse make_hook(Database& database, const net::Parameters& query, const std::string& body,
                       const HookTargets& targets, Time now) {
    Hook fresh;
    fresh.project_id = project_of(query);
    if (auto no = refuse_project(database, fresh.project_id)) return std::move(*no);
    fresh.id = random_uuid();
    fresh.events.insert(hook_events.begin(), hook_events.end());
    fresh.created_at = now;
    const auto read = changed_hook(std::move(fresh), body, targets);
    if (const auto* const wrong = std::get_if<std::string>(&read)) return failed(400, *wrong);
    const Hook& hook = std::get<Hook>(read);
    if (hooks_of(database, hook.project_id).size() >= max_hooks)
        return failed(400, "a project has at most 50 webhooks; delete one that is not needed");
    database
        .prepare(
            "INSERT INTO hooks(id, project_id, url, headers, events, label, created_at)"
            " VALUES(?,?,?,?,?,?,?)")
        .bind(hook.id)
        .bind(hook.project_id)
        .bind(hook.url)
        .bind(headers_json(hook.headers))
        .bind(to_json(hook.events))
        .bind(hook.label)
        .bind(hook.created_at)
        .run();
    HttpResponse response = shown(hook);
    constexpr int created = 201;
    response.status = created;
    return response;
}

HttpResponse get_hook(Database& database, const std::string& hook_id) {
    const auto hook = find_hook(database, hook_id);
    return hook ? shown(*hook) : hook_not_found();
}

HttpResponse change_hook(Database& database, const std::string& hook_id, const std::string& body,
                         const HookTargets& targets) {
    auto known = find_hook(database, hook_id);
    if (!known) return hook_not_found();
    const auto read = changed_hook(std::move(*known), body, targets);
    if (const auto* const wrong = std::get_if<std::string>(&read)) return failed(400, *wrong);
    const Hook& hook = std::get<Hook>(read);
    // What kept it from answering may be mended by this.
    database
        .prepare(
            "UPDATE hooks SET url = ?, headers = ?, events = ?, label = ?, due_at = 0, tries = 0"
            " WHERE id = ?")
        .bind(hook.url)
        .bind(headers_json(hook.headers))
        .bind(to_json(hook.events))
        .bind(hook.label)
        .bind(hook.id)
        .run();
    database.prepare("UPDATE outbox SET due_at = created_at WHERE hook_id = ? AND tries > 0")
        .bind(hook.id)
        .run();
    return shown(hook);
}

HttpResponse delete_hook(Database& database, const std::string& hook_id) {
    database.prepare("DELETE FROM hooks WHERE id = ?").bind(hook_id).run();
    if (database.changes() == 0) return hook_not_found();
    return ok_object([&](Json& json) { put(json, "hookId", hook_id); });
}

}  // namespace runs_agent::runs_server
