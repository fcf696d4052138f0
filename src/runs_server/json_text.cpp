#include "runs_server/json_text.hpp"

#include <charconv>

namespace runs_agent::runs_server {

using rapidjson::Value;

bool parse_object(const std::string& body, rapidjson::Document& document) {
    constexpr std::size_t deepest = 200;
    constexpr unsigned flags =
        rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    if (!json::fault_of(body, deepest).empty()) return false;
    document.Parse<flags>(body.data(), body.size());
    return !document.HasParseError() && document.IsObject();
}

std::string text(const Value* object, std::string_view name) {
    return std::string(json::text(object, name));
}

std::optional<std::int64_t> number(const Value* object, std::string_view name) {
    const Value* const found = member(object, name);
    if (found == nullptr) return std::nullopt;
    if (found->IsInt64()) return found->GetInt64();
    if (!found->IsString()) return std::nullopt;
    const std::string_view digits = json::text_of(*found);
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
        if (item.IsString()) found.emplace(json::text_of(item));
    return found;
}

}  // namespace runs_agent::runs_server
