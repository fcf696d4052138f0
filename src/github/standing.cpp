// SPDX-License-Identifier: MIT
#include "github/standing.hpp"

#include "github/request.hpp"
#include "json/reading.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::github {

namespace asio = boost::asio;
using standing::App;
using standing::HookSettings;
using standing::Installation;

namespace {

using json::member;
using rapidjson::Value;

constexpr std::size_t longest_list = 8UL * 1024 * 1024;

Result<rapidjson::Document> parse(const std::string& body) {
    rapidjson::Document document;
    std::string wrong(json::fault_of(body));
    if (wrong.empty())
        wrong = json::fault_of(
            document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size()));
    if (wrong.empty()) return document;
    return fail(Errc::network, "GitHub's answer is not the JSON it should be: " + wrong +
                                   " Check that GITHUB_API_URL is the address of GitHub's API");
}

std::string text(const Value* object, std::string_view name) {
    return std::string(json::text(object, name));
}

std::map<std::string, std::string> permissions_of(const Value& value) {
    std::map<std::string, std::string> found;
    const Value* const all = member(value, "permissions");
    if (all == nullptr || !all->IsObject()) return found;
    for (const auto& one : all->GetObject())
        if (one.value.IsString()) found.emplace(json::text_of(one.name), json::text_of(one.value));
    return found;
}

std::vector<std::string> events_of(const Value& value) {
    std::vector<std::string> found;
    const Value* const all = member(value, "events");
    if (all == nullptr || !all->IsArray()) return found;
    for (const auto& one : all->GetArray())
        if (one.IsString()) found.emplace_back(json::text_of(one));
    return found;
}

/// "1", 1 or true.
bool is_set(const Value* value) {
    if (value == nullptr) return false;
    if (value->IsString()) return json::text_of(*value) == "1";
    return value->IsBool() ? value->GetBool() : value->IsInt() && value->GetInt() == 1;
}

void read_config(const Value* config, HookSettings& hook) {
    hook.url = text(config, "url");
    hook.content_type = text(config, "content_type");
    hook.insecure_ssl = is_set(member(config, "insecure_ssl"));
    hook.has_secret = !text(config, "secret").empty();
}

HookSettings to_hook(const Value& value) {
    HookSettings hook;
    const Value* const id = member(value, "id");
    if (id != nullptr && id->IsInt64()) hook.id = std::to_string(id->GetInt64());
    const Value* const active = member(value, "active");
    hook.active = active == nullptr || !active->IsBool() || active->GetBool();
    hook.events = events_of(value);
    read_config(member(value, "config"), hook);
    return hook;
}

template <class One>
Result<std::vector<One>> read_list(const Page& page, One (*to_one)(const Value&)) {
    const auto json = parse(page.body);
    if (json.has_error()) return json.error();
    if (!json->IsArray()) return fail(Errc::bad_input, "GitHub's answer holds no list");
    std::vector<One> found;
    for (const Value& value : json->GetArray()) found.push_back(to_one(value));
    return found;
}

Installation to_installation(const Value& value) {
    Installation one;
    one.account = text(member(value, "account"), "login");
    one.suspended = !json::text(value, "suspended_at").empty();
    one.permissions = permissions_of(value);
    return one;
}

/// Any server may answer 200 to any path: only GitHub's has `resources` there.
Result<NoValue> read_rate_limit(const Page& page) {
    const auto json = parse(page.body);
    if (json.has_error()) return json.error();
    const Value* const resources = member(*json, "resources");
    if (resources == nullptr || !resources->IsObject())
        return fail(Errc::network,
                    "GitHub's answer names no rate limits; check that GITHUB_API_URL is the address"
                    " of GitHub's API");
    return NoValue{};
}

std::string owner_of(const Hook& hook) {
    return hook.kind == HookTarget::app ? std::string() : hook.owner;
}

/// Its log's address is below it.
Result<std::string> hook_path(const Hook& hook) {
    if (hook.kind == HookTarget::app) return std::string("/app/hook/config");
    Result<std::string> path = deliveries_path(hook);
    constexpr std::string_view log = "/deliveries";
    if (path.has_value()) path->resize(path->size() - log.size());
    return path;
}

}  // namespace

Result<App> standing::read_app(const Page& page) {
    const auto json = parse(page.body);
    if (json.has_error()) return json.error();
    if (!json->IsObject() || text(&*json, "slug").empty())
        return fail(Errc::bad_input,
                    "GitHub's answer holds no App; check that GITHUB_API_URL is the address of"
                    " GitHub's API");
    return App{text(&*json, "slug"), permissions_of(*json), events_of(*json)};
}

Result<std::vector<Installation>> standing::read_installations(const Page& page) {
    return read_list(page, &to_installation);
}

Result<HookSettings> standing::read_hook(const Page& page) {
    const auto json = parse(page.body);
    if (json.has_error()) return json.error();
    if (!json->IsObject()) return fail(Errc::bad_input, "GitHub's answer holds no webhook");
    return to_hook(*json);
}

Result<std::vector<HookSettings>> standing::read_hooks(const Page& page) {
    return read_list(page, &to_hook);
}

Result<HookSettings> standing::read_hook_config(const Page& page) {
    const auto json = parse(page.body);
    if (json.has_error()) return json.error();
    HookSettings hook;
    read_config(&*json, hook);
    return hook;
}

Standing::Standing(net::HttpTransport& transport, const Clock& clock, const std::string& api_url,
                   Credentials& credentials)
    : rest_(transport, clock, api_url), credentials_(credentials) {}

template <class Value>
asio::awaitable<Result<Answer<Value>>> Standing::ask(std::string owner, Result<std::string> path,
                                                     Result<Value> (*read)(const Page&)) {
    if (path.has_error()) co_return path.error();
    Answer<Value> answer;
    Token token;
    if (owner.empty()) {
        Result<Token> own = credentials_.app_token();
        if (own.has_error()) co_return own.error();
        token = std::move(*own);
    } else {
        Result<Answer<Token>> got = co_await credentials_.token_for(std::move(owner));
        if (got.has_error()) co_return got.error();
        answer.status = got->status;
        answer.message = got->message;
        if (!got->ok()) co_return answer;
        token = std::move(*got->value);
    }
    RestRequest request;
    request.path = std::move(*path);
    request.longest = longest_list;
    const auto page = co_await rest_.send(std::move(request), std::move(token));
    if (page.has_error()) co_return page.error();
    answer.status = page->status;
    answer.message = page->message;
    if (!answer.ok()) co_return answer;
    Result<Value> value = read(**page->value);
    if (value.has_error()) co_return value.error();
    answer.value = std::move(*value);
    co_return answer;
}

asio::awaitable<Result<Answer<App>>> Standing::get_app() {
    return ask(std::string(), std::string("/app"), &standing::read_app);
}

asio::awaitable<Result<Answer<std::vector<Installation>>>> Standing::list_installations() {
    return ask(std::string(), std::string("/app/installations?per_page=100"),
               &standing::read_installations);
}

asio::awaitable<Result<Answer<HookSettings>>> Standing::get_hook(Hook hook) {
    return ask(owner_of(hook), hook_path(hook),
               hook.kind == HookTarget::app ? &standing::read_hook_config : &standing::read_hook);
}

asio::awaitable<Result<Answer<std::vector<HookSettings>>>> Standing::list_hooks(std::string owner) {
    Result<std::string> path = hooks_path(owner);
    if (path.has_value()) *path += "?per_page=100";
    return ask(std::move(owner), std::move(path), &standing::read_hooks);
}

asio::awaitable<Result<Answer<NoValue>>> Standing::get_rate_limit() {
    // Of a token, which is the same for every owner.
    return ask(std::string("github"), std::string("/rate_limit"), &read_rate_limit);
}

}  // namespace runs_agent::github
