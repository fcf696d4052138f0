// SPDX-License-Identifier: MIT
#include "agent/action/asked/embedded_sums.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace runs_agent::agent::action {

namespace {

constexpr std::string_view blanks = " \t\r\n";

void skip_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

std::optional<std::int64_t> take_number(std::string_view& text) {
    skip_blanks(text);
    const auto length = std::min(text.find_first_not_of("0123456789"), text.size());
    if (length == 0 || length > 15) return std::nullopt;  // as far as JavaScript counts exactly
    std::int64_t number = 0;
    for (const char digit : text.substr(0, length)) number = number * 10 + (digit - '0');
    text.remove_prefix(length);
    skip_blanks(text);
    return number;
}

/// The value of what stands between "<%=" and "%>".
std::optional<std::int64_t> value_of(std::string_view sum) {
    const auto first = take_number(sum);
    if (!first || sum.empty()) return first;
    const char sign = sum.front();
    if (sign != '+' && sign != '-') return std::nullopt;
    sum.remove_prefix(1);
    const auto second = take_number(sum);
    if (!second || !sum.empty()) return std::nullopt;
    return sign == '+' ? *first + *second : *first - *second;
}

}  // namespace

Result<std::string> evaluate_sums(const std::string& text, const std::string& where) {
    constexpr std::string_view open = "<%=";
    std::string made;
    std::size_t done = 0;
    for (auto at = text.find("<%"); at != std::string::npos; at = text.find("<%", done)) {
        const auto end = text.find("%>", at);
        std::optional<std::int64_t> value;
        if (text.compare(at, open.size(), open) == 0 && end != std::string::npos)
            value =
                value_of(std::string_view(text).substr(at + open.size(), end - at - open.size()));
        if (!value)
            return fail(Errc::bad_input, where + ", character " + std::to_string(at + 1) +
                                             ": of <% %> only whole numbers, their sum and their "
                                             "difference are understood, as in "
                                             "<%= ${{ github.run_attempt }} - 1 %>");
        made += text.substr(done, at - done) + std::to_string(*value);
        done = end + 2;
    }
    return made + text.substr(done);
}

}  // namespace runs_agent::agent::action
