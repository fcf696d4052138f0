// Tolerant reading of JSON: what is missing, null or of another type is simply absent. Only for the
// .cpp files of this library, since it brings RapidJSON along.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace runs_agent::runs_api {

/// The member of that name; null where `value` is no object or has none.
inline const rapidjson::Value* member(const rapidjson::Value& value, std::string_view name) {
    if (!value.IsObject()) return nullptr;
    const rapidjson::Value key(
        rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size())));
    const auto found = value.FindMember(key);
    return found == value.MemberEnd() ? nullptr : &found->value;
}

inline std::string_view text_of(const rapidjson::Value& string) {
    return {string.GetString(), string.GetStringLength()};
}

/// Empty where there is no string of that name.
inline std::string_view text_member(const rapidjson::Value& value, std::string_view name) {
    const rapidjson::Value* const found = member(value, name);
    return found != nullptr && found->IsString() ? text_of(*found) : std::string_view();
}

/// A whole number, or a decimal one cut to it.
inline std::optional<std::int64_t> integer_member(const rapidjson::Value& value,
                                                  std::string_view name) {
    constexpr double limit = 9.2e18;  // within 64 bits
    const rapidjson::Value* const found = member(value, name);
    if (found == nullptr) return std::nullopt;
    if (found->IsInt64()) return found->GetInt64();
    if (found->IsDouble() && found->GetDouble() > -limit && found->GetDouble() < limit)
        return static_cast<std::int64_t>(found->GetDouble());
    return std::nullopt;
}

}  // namespace runs_agent::runs_api
