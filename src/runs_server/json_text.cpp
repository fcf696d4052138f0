#include "runs_server/json_text.hpp"

#include <algorithm>
#include <charconv>

namespace runs_agent::runs_server {

using rapidjson::Value;

namespace {

/// How deep the brackets of a JSON text nest; those in its strings do not count.
std::size_t depth_of(std::string_view json) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            if (c == '\\') ++i;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

}  // namespace

bool parse_object(const std::string& body, rapidjson::Document& document) {
    constexpr std::size_t deepest = 200;
    if (depth_of(body) > deepest) return false;
    document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
        body.c_str(), body.size());
    return !document.HasParseError() && document.IsObject();
}

const Value* member(const Value* object, std::string_view name) {
    return object == nullptr ? nullptr : runs_api::member(*object, name);
}

std::string text(const Value* object, std::string_view name) {
    return object == nullptr ? "" : std::string(runs_api::text_member(*object, name));
}

std::optional<std::int64_t> number(const Value* object, std::string_view name) {
    const Value* const found = member(object, name);
    if (found == nullptr) return std::nullopt;
    if (found->IsInt64()) return found->GetInt64();
    if (!found->IsString()) return std::nullopt;
    const std::string_view digits = runs_api::text_of(*found);
    std::int64_t value = 0;
    const auto [rest, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc() || rest != digits.data() + digits.size() || digits.empty())
        return std::nullopt;
    return value;
}

std::string to_json(const Value& value) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    value.Accept(json);
    return {buffer.GetString(), buffer.GetSize()};
}

std::string to_json(const std::set<std::string>& texts) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    for (const std::string& text : texts) json.String(text);
    json.EndArray();
    return {buffer.GetString(), buffer.GetSize()};
}

std::set<std::string> texts(const Value* list) {
    std::set<std::string> found;
    if (list == nullptr || !list->IsArray()) return found;
    for (const Value& item : list->GetArray())
        if (item.IsString()) found.emplace(runs_api::text_of(item));
    return found;
}

}  // namespace runs_agent::runs_server
