// SPDX-License-Identifier: MIT
#include "github/connecting.hpp"

#include "github/request.hpp"
#include "json/writing.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::github {

namespace asio = boost::asio;

namespace {

enum class As { nobody, app, owner, bearer };

void put_events(rapidjson::Writer<rapidjson::StringBuffer>& json, const char* name,
                const std::vector<std::string>& events) {
    json::put(json, name);
    json.StartArray();
    for (const std::string& event : events) json::put(json, event);
    json.EndArray();
}

std::string new_hook(const std::string& url, const std::vector<std::string>& events,
                     const std::string& secret) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json::put(json, "name", "web");
    json::put(json, "active");
    json.Bool(true);
    put_events(json, "events", events);
    json::put(json, "config");
    json.StartObject();
    json::put(json, "url", url);
    json::put(json, "content_type", "json");
    json::put(json, "secret", secret);
    json::put(json, "insecure_ssl", "0");
    json.EndObject();
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::string changed_hook(const std::vector<std::string>& events) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json::put(json, "active");
    json.Bool(true);
    put_events(json, "events", events);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

Result<NoValue> read_nothing(const Page& /*page*/) {
    return NoValue{};
}

}  // namespace

struct Connecting::Call {
    const char* method;
    Result<std::string> path;
    As as = As::app;
    std::string owner{};  // for As::owner
    std::string body{};
    Token token{};  // for As::bearer
};

Connecting::Connecting(net::HttpTransport& transport, const Clock& clock, std::string api_url,
                       Credentials& credentials)
    : rest_(transport, clock, std::move(api_url)), credentials_(credentials) {}

asio::awaitable<Result<Connecting::PageAnswer>> Connecting::send(Call call) {
    if (call.path.has_error()) co_return call.path.error();
    Token token = std::move(call.token);
    if (call.as == As::app) {
        Result<Token> own = credentials_.app_token();
        if (own.has_error()) co_return own.error();
        token = std::move(*own);
    } else if (call.as == As::owner) {
        Result<Answer<Token>> given = co_await credentials_.token_for(call.owner);
        if (given.has_error()) co_return given.error();
        if (!given->value) {
            PageAnswer refused;
            refused.status = given->status;
            refused.message = given->message;
            refused.retry_after = given->retry_after;
            co_return refused;
        }
        token = std::move(*given->value);
    }
    RestRequest request;
    request.method = call.method;
    request.path = std::move(*call.path);
    request.body = std::move(call.body);
    co_return co_await rest_.send(std::move(request), std::move(token));
}

template <class Value>
asio::awaitable<Result<Answer<Value>>> Connecting::ask(Call call,
                                                       Result<Value> (*read)(const Page&)) {
    Result<PageAnswer> page = co_await send(std::move(call));
    if (page.has_error()) co_return page.error();
    Answer<Value> answer;
    answer.status = page->status;
    answer.message = page->message;
    answer.retry_after = page->retry_after;
    if (page->ok()) {
        Result<Value> value = read(**page->value);
        if (value.has_error()) co_return value.error();
        answer.value = std::move(*value);
    }
    co_return answer;
}

asio::awaitable<Result<Answer<App>>> Connecting::convert_manifest(std::string code) {
    const std::string path = "/app-manifests/" + net::percent_encode(code) + "/conversions";
    Call call{"POST", path, As::nobody};
    co_return co_await ask(std::move(call), &read_app);
}

asio::awaitable<Result<Answer<NoValue>>> Connecting::set_app_secret(std::string secret) {
    json::ObjectWriter body;
    body.text("secret", secret);
    Call call{"PATCH", std::string("/app/hook/config")};
    call.body = body.finish();
    co_return co_await ask(std::move(call), &read_nothing);
}

asio::awaitable<Result<Answer<std::vector<Installation>>>> Connecting::list_installations() {
    Call call{"GET", std::string("/app/installations?per_page=100")};
    co_return co_await ask(std::move(call), &read_installations);
}

asio::awaitable<Result<Answer<RepositoryNames>>> Connecting::list_repositories(
    std::int64_t installation) {
    const std::string id = std::to_string(installation);
    Call login{"POST", "/app/installations/" + id + "/access_tokens"};
    auto given = co_await ask(std::move(login), &read_access_token);
    if (given.has_error()) co_return given.error();
    if (!given->value) {
        Answer<RepositoryNames> refused;
        refused.status = given->status;
        refused.message = given->message;
        co_return refused;
    }
    Call call{"GET", std::string("/installation/repositories?per_page=100"), As::bearer};
    call.token = Token{std::move(given->value->token), "installation " + id};
    co_return co_await ask(std::move(call), &read_repositories);
}

asio::awaitable<Result<Answer<std::vector<HookEntry>>>> Connecting::list_hooks(std::string owner) {
    Result<std::string> path = hooks_path(owner);
    if (path.has_value()) *path += "?per_page=100";
    Call call{"GET", std::move(path), As::owner};
    call.owner = std::move(owner);
    co_return co_await ask(std::move(call), &read_hooks);
}

asio::awaitable<Result<Answer<HookEntry>>> Connecting::create_hook(std::string owner,
                                                                   std::string url,
                                                                   std::vector<std::string> events,
                                                                   std::string secret) {
    Call call{"POST", hooks_path(owner), As::owner};
    call.owner = std::move(owner);
    call.body = new_hook(url, events, secret);
    co_return co_await ask(std::move(call), &read_hook);
}

asio::awaitable<Result<Answer<HookEntry>>> Connecting::set_events(std::string owner,
                                                                  std::int64_t hook,
                                                                  std::vector<std::string> events) {
    Result<std::string> path = hooks_path(owner);
    if (path.has_value()) *path += "/" + std::to_string(hook);
    Call call{"PATCH", std::move(path), As::owner};
    call.owner = std::move(owner);
    call.body = changed_hook(events);
    co_return co_await ask(std::move(call), &read_hook);
}

asio::awaitable<Result<Answer<NoValue>>> Connecting::ping_hook(std::string owner,
                                                               std::int64_t hook) {
    Result<std::string> path = hooks_path(owner);
    if (path.has_value()) *path += "/" + std::to_string(hook) + "/pings";
    Call call{"POST", std::move(path), As::owner};
    call.owner = std::move(owner);
    co_return co_await ask(std::move(call), &read_nothing);
}

asio::awaitable<Result<Answer<NoValue>>> Connecting::redeliver(Hook hook,
                                                               std::int64_t delivery_id) {
    Result<std::string> path = delivery_path(hook, delivery_id);
    if (path.has_value()) *path += "/attempts";
    Call call{"POST", std::move(path), hook.kind == HookTarget::app ? As::app : As::owner};
    call.owner = hook.owner;
    co_return co_await ask(std::move(call), &read_nothing);
}

}  // namespace runs_agent::github
