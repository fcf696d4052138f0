// SPDX-License-Identifier: MIT
// Tolerant reading of JSON: what is missing, null or of another type is simply absent. For .cpp
// files, since it brings RapidJSON along.
#pragma once

#include <rapidjson/document.h>

#include <limits>
#include <string>
#include <string_view>

namespace runs_agent::json {

/// What must not reach the parser, in words; empty where there is nothing wrong. A NUL, because the
/// parser takes it for the text's end, and what follows would go unseen; brackets that nest deeper
/// than `deepest`, because writing or copying a value goes one call deeper for each; who does
/// neither need not bound them, where the parser is told to be iterative.
std::string_view fault_of(std::string_view text,
                          std::size_t deepest = std::numeric_limits<std::size_t>::max());

/// Why a text could not be parsed, and where: "Missing a comma or } after an object member. At byte
/// 17."; empty where it could.
std::string fault_of(const rapidjson::Document& document);
/// The same of a text that was read without a document.
std::string fault_of(const rapidjson::ParseResult& result);

/// The member of that name; null where `value` is null, is no object or has none.
inline const rapidjson::Value* member(const rapidjson::Value* value, std::string_view name) {
    if (value == nullptr || !value->IsObject()) return nullptr;
    const rapidjson::Value key(
        rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size())));
    const auto found = value->FindMember(key);
    return found == value->MemberEnd() ? nullptr : &found->value;
}

inline const rapidjson::Value* member(const rapidjson::Value& value, std::string_view name) {
    return member(&value, name);
}

/// Of a string.
inline std::string_view text_of(const rapidjson::Value& string) {
    return {string.GetString(), string.GetStringLength()};
}

/// Empty where there is no string of that name.
inline std::string_view text(const rapidjson::Value* value, std::string_view name) {
    const rapidjson::Value* const found = member(value, name);
    return found != nullptr && found->IsString() ? text_of(*found) : std::string_view();
}

inline std::string_view text(const rapidjson::Value& value, std::string_view name) {
    return text(&value, name);
}

}  // namespace runs_agent::json
