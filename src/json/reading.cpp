// SPDX-License-Identifier: MIT
#include "json/reading.hpp"

#include <rapidjson/error/en.h>

namespace runs_agent::json {

namespace {

/// Brackets within strings do not count.
bool is_deeper(std::string_view text, std::size_t deepest) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest) return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

}  // namespace

std::string_view fault_of(std::string_view text, std::size_t deepest) {
    if (text.find('\0') != std::string_view::npos) return "it holds a NUL byte.";
    const bool any = deepest == std::numeric_limits<std::size_t>::max();
    if (!any && is_deeper(text, deepest)) return "it is nested too deeply.";
    return {};
}

std::string fault_of(const rapidjson::Document& document) {
    return fault_of(rapidjson::ParseResult(document.GetParseError(), document.GetErrorOffset()));
}

std::string fault_of(const rapidjson::ParseResult& result) {
    if (!result.IsError()) return {};
    return std::string(rapidjson::GetParseError_En(result.Code())) + " At byte " +
           std::to_string(result.Offset()) + ".";
}

}  // namespace runs_agent::json
