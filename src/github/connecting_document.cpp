// SPDX-License-Identifier: MIT
#include "base/text.hpp"
#include "github/connecting.hpp"
#include "github/parsing.hpp"
#include "github/request.hpp"
#include "json/reading.hpp"

namespace runs_agent::github {

namespace {

using json::member;
using rapidjson::Value;

std::string text(const Value* object, std::string_view name) {
    return std::string(json::text(object, name));
}

std::int64_t number(const Value* object, std::string_view name) {
    const Value* const value = member(object, name);
    return value != nullptr && value->IsInt64() ? value->GetInt64() : 0;
}

std::vector<std::string> texts(const Value* object, std::string_view name) {
    std::vector<std::string> found;
    const Value* const list = member(object, name);
    if (list == nullptr || !list->IsArray()) return found;
    for (const Value& one : list->GetArray())
        if (one.IsString()) found.emplace_back(json::text_of(one));
    return found;
}

std::map<std::string, std::string> permissions_of(const Value& app) {
    std::map<std::string, std::string> found;
    const Value* const given = member(&app, "permissions");
    if (given == nullptr || !given->IsObject()) return found;
    for (const auto& one : given->GetObject())
        if (one.value.IsString()) found.emplace(json::text_of(one.name), json::text_of(one.value));
    return found;
}

Result<HookEntry> to_hook(const Value& value) {
    HookEntry hook;
    hook.id = number(&value, "id");
    if (hook.id <= 0) return lacks("webhook with an id");
    hook.url = text(member(&value, "config"), "url");
    hook.events = texts(&value, "events");
    const Value* const active = member(&value, "active");
    hook.active = active != nullptr && active->IsBool() && active->GetBool();
    return hook;
}

}  // namespace

Result<App> read_app(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    App app;
    app.id = number(&*json, "id");
    if (app.id <= 0) return lacks("GitHub App with an id");
    app.name = text(&*json, "name");
    app.slug = text(&*json, "slug");
    app.html_url = text(&*json, "html_url");
    app.owner = text(member(&*json, "owner"), "login");
    app.permissions = permissions_of(*json);
    app.events = texts(&*json, "events");
    app.webhook_secret = text(&*json, "webhook_secret");
    app.private_key = text(&*json, "pem");
    return app;
}

Result<std::vector<Installation>> read_installations(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    if (!json->IsArray()) return lacks("list of installations");
    std::vector<Installation> found;
    for (const Value& value : json->GetArray()) {
        Installation one;
        one.id = number(&value, "id");
        one.account = text(member(&value, "account"), "login");
        one.all_repositories = text(&value, "repository_selection") == "all";
        one.suspended = !text(&value, "suspended_at").empty();
        if (one.id > 0) found.push_back(std::move(one));
    }
    return found;
}

Result<RepositoryNames> read_repositories(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    const Value* const list = member(&*json, "repositories");
    if (list == nullptr || !list->IsArray()) return lacks("list of repositories");
    RepositoryNames found;
    for (const Value& value : list->GetArray())
        if (std::string name = text(&value, "full_name"); !name.empty())
            found.names.push_back(std::move(name));
    found.total =
        std::max(number(&*json, "total_count"), static_cast<std::int64_t>(found.names.size()));
    return found;
}

Result<HookEntry> read_hook(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    return to_hook(*json);
}

Result<std::vector<HookEntry>> read_hooks(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    if (!json->IsArray()) return lacks("list of webhooks");
    std::vector<HookEntry> found;
    for (const Value& value : json->GetArray()) {
        Result<HookEntry> hook = to_hook(value);
        if (hook.has_error()) return hook.error();
        found.push_back(std::move(*hook));
    }
    return found;
}

}  // namespace runs_agent::github
