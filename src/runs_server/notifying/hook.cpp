// SPDX-License-Identifier: MIT
#include "runs_server/notifying/hook.hpp"

#include "base/text.hpp"
#include "net/url.hpp"
#include "runs_server/answers/json_text.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using rapidjson::Value;

namespace {

constexpr std::size_t longest_url = 2048;
constexpr std::size_t longest_headers = 4096;
constexpr std::size_t longest_label = 255;

/// What this program says itself, or what tells where a request ends, whom it is for and how it
/// travels (RFC 9110 section 7.6.1).
bool is_reserved(std::string_view name) {
    constexpr std::array<std::string_view, 15> reserved{"accept-encoding",
                                                        "connection",
                                                        "content-encoding",
                                                        "content-length",
                                                        "content-type",
                                                        "expect",
                                                        "host",
                                                        "keep-alive",
                                                        "te",
                                                        "trailer",
                                                        "upgrade",
                                                        "transfer-encoding",
                                                        "x-timestamp",
                                                        "x-runs-agent-delivery",
                                                        "proxy-authorization"};
    const std::string small = lower(name);
    return std::find(reserved.begin(), reserved.end(), small) != reserved.end();
}

/// A token of RFC 9110 section 5.6.2.
bool is_header_name(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

/// Visible characters and spaces between them: what all receivers read alike.
bool is_header_value(std::string_view value) {
    return trimmed(value) == value && std::all_of(value.begin(), value.end(), [](char c) {
               return is_visible_ascii(c) || c == ' ';
           });
}

std::string quoted(std::string_view name) {
    return is_visible_ascii(name) && name.size() <= 80 ? "\"" + std::string(name) + "\"" : "one";
}

std::string read_url(const Value& given, const HookTargets& targets, Hook& hook) {
    if (!given.IsString()) return "url must be a text";
    const std::string_view url = json::text_of(given);
    if (url.size() > longest_url) return "url must be at most 2,048 characters";
    const auto parsed = net::parse_url(url);
    if (parsed.has_error()) return "url: " + parsed.error().message;
    // Names are looked up when something is sent, each time anew.
    if (!targets.may_name(parsed->host, parsed->port))
        return "url names an address of this machine, of a private network or of nobody; "
               "RUNS_AGENT_API_WEBHOOKS_ALLOW of the server can allow it";
    hook.url = url;
    return {};
}

std::string add_header(const Value& name, const Value& value, const net::Headers& before,
                       net::Headers& headers) {
    const std::string_view key = json::text_of(name);
    if (!is_header_name(key)) return "headers: " + quoted(key) + " is no name of a header";
    if (is_reserved(key)) return "headers: " + quoted(key) + " is set by this server";
    if (!value.IsString()) return "headers: the value of " + quoted(key) + " must be a text";
    std::string_view text = json::text_of(value);
    if (!is_header_value(text))
        return "headers: the value of " + quoted(key) +
               " must be of visible ASCII characters, with spaces between them alone";
    if (headers.has(key)) return "headers: " + quoted(key) + " is there twice";
    if (text == hidden_value) {
        const auto kept = before.find(key);
        if (!kept)
            return "headers: " + quoted(key) + " has no value that could be kept; give it one";
        text = *kept;
    }
    headers.add(std::string(key), std::string(text));
    return {};
}

/// Officially a text that holds a JSON object; an object itself is as good.
std::string read_headers(const Value& given, Hook& hook) {
    const net::Headers before = std::exchange(hook.headers, {});
    if (given.IsNull()) return {};
    rapidjson::Document inner;
    const Value* object = &given;
    if (given.IsString()) {
        const std::string text(json::text_of(given));
        if (text.size() > longest_headers) return "headers must be at most 4,096 characters";
        // Not with what is wrong, and where: that could repeat a part of a value.
        if (!parse_object(text, inner).empty())
            return R"(headers must be a text that holds a JSON object, such as {"X-Key":"…"})";
        object = &inner;
    }
    if (!object->IsObject())
        return R"(headers must be a text that holds a JSON object, such as {"X-Key":"…"})";
    for (const auto& member : object->GetObject()) {
        std::string wrong = add_header(member.name, member.value, before, hook.headers);
        if (!wrong.empty()) return wrong;
    }
    if (headers_json(hook.headers).value_or("").size() > longest_headers)
        return "headers must be at most 4,096 characters";
    return {};
}

std::string read_events(const Value& given, Hook& hook) {
    constexpr const char* rule =
        "hookEvents must be a list of RUN_START, RUN_FINISH, RUN_TIMEOUT and RUN_CANCELED, or of"
        " some of them; left out, it is all";
    if (!given.IsArray() || given.Empty()) return rule;
    hook.events.clear();
    for (const Value& event : given.GetArray()) {
        if (!event.IsString()) return rule;
        const std::string_view name = json::text_of(event);
        if (std::find(hook_events.begin(), hook_events.end(), name) == hook_events.end())
            return rule;
        hook.events.emplace(name);
    }
    return {};
}

std::string read_label(const Value& given, Hook& hook) {
    hook.label.reset();
    if (given.IsNull()) return {};
    const std::string_view text = given.IsString() ? json::text_of(given) : "";
    const auto begins_character = [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;  // UTF-8
    };
    const auto length = std::count_if(text.begin(), text.end(), begins_character);
    if (length < 1 || length > static_cast<std::ptrdiff_t>(longest_label))
        return "label must be a text of 1 to 255 characters, or null";
    hook.label = text;
    return {};
}

std::string read_member(std::string_view name, const Value& value, const HookTargets& targets,
                        Hook& hook) {
    if (name == "url") return read_url(value, targets, hook);
    if (name == "headers") return read_headers(value, hook);
    if (name == "hookEvents") return read_events(value, hook);
    if (name == "label") return read_label(value, hook);
    return quoted(name) + " is no member of a webhook: it has url, headers, hookEvents and label";
}

}  // namespace

std::optional<std::string> headers_json(const net::Headers& headers) {
    if (headers.size() == 0) return std::nullopt;
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    for (const auto& [name, value] : headers) put(json, name.c_str(), value);
    json.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize());
}

std::optional<std::string> shown_headers(const net::Headers& headers) {
    net::Headers hidden;
    for (const auto& [name, value] : headers) hidden.add(name, std::string(hidden_value));
    return headers_json(hidden);
}

net::Headers headers_of(const std::optional<std::string>& json) {
    net::Headers headers;
    if (!json) return headers;
    rapidjson::Document document;
    document.Parse(json->c_str(), json->size());
    if (!document.IsObject()) return headers;
    for (const auto& member : document.GetObject())
        if (member.value.IsString())
            headers.add(std::string(json::text_of(member.name)),
                        std::string(json::text_of(member.value)));
    return headers;
}

std::variant<Hook, std::string> changed_hook(Hook hook, const std::string& body,
                                             const HookTargets& targets) {
    rapidjson::Document request;
    // Without a place: what stands there may be a secret.
    if (!parse_object(body, request).empty()) return "the body must be a JSON object";
    for (const auto& member : request.GetObject()) {
        std::string wrong = read_member(json::text_of(member.name), member.value, targets, hook);
        if (!wrong.empty()) return wrong;
    }
    if (hook.url.empty()) return "url is required";
    return hook;
}

}  // namespace runs_agent::runs_server
