// SPDX-License-Identifier: MIT
#include "agent/action/asked/inputs.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace runs_agent::agent::action {

Result<std::string> Inputs::input(std::string_view name) const {
    std::string variable_name = "INPUT_";
    for (const char c : name)
        variable_name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    std::string underscored = variable_name;
    std::replace(underscored.begin(), underscored.end(), '-', '_');

    auto value = variable(variable_name);
    if (value.has_error() || !value->empty() || underscored == variable_name) return value;
    return variable(underscored);
}

Result<std::string> Inputs::variable(const std::string& name) const {
    const auto value = environment_.get(name);
    if (value.has_error()) return value.error();
    return std::string(trimmed(value->value_or("")));
}

Result<std::string> Inputs::either(std::string_view name, const std::string& variable_name) const {
    auto value = input(name);
    if (value.has_error() || !value->empty()) return value;
    return variable(variable_name);
}

std::vector<std::string> Inputs::secrets() const {
    std::vector<std::string> found;
    for (const char* const name : {"api-token", "api-key", "record-key", "github-token"})
        if (auto value = input(name); value.has_value() && !value->empty())
            found.push_back(std::move(*value));
    return found;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = text.find_first_of(",\n");
        if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return parts;
}

}  // namespace runs_agent::agent::action
