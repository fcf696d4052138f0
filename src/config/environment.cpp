// SPDX-License-Identifier: MIT
#include "config/environment.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace runs_agent::config {

std::map<std::string, std::string> variables_of_process() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

Environment Environment::of_process() {
    return Environment(variables_of_process());
}

Environment::Environment(std::map<std::string, std::string> variables)
    : variables_(std::move(variables)) {}

Result<std::optional<std::string>> Environment::get(const std::string& name) const {
    const auto find = [this](const std::string& key) -> std::optional<std::string> {
        const auto found = variables_.find(key);
        if (found == variables_.end() || found->second.empty()) return std::nullopt;
        return found->second;
    };
    const std::string file_name = name + "_FILE";
    std::optional<std::string> direct = find(name);
    const std::optional<std::string> path = find(file_name);
    if (direct && path)
        return fail(Errc::bad_input,
                    "both " + name + " and " + file_name + " are set; keep one of them");
    if (!path) return direct;

    std::ifstream file(*path, std::ios::binary);
    std::ostringstream content;
    if (file) content << file.rdbuf();
    // A folder opens, but cannot be read.
    const bool folder = file && std::filesystem::is_directory(*path);
    if (!file || folder)
        return fail(Errc::bad_input, file_name + " names " + *path + ", which cannot be read: " +
                                         std::strerror(folder ? EISDIR : errno));
    std::string value = std::move(content).str();
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
    if (value.empty())
        return fail(Errc::bad_input, file_name + " names " + *path + ", which is empty");
    return std::optional<std::string>(std::move(value));
}

bool Environment::has(const std::string& name) const {
    const auto found = variables_.find(name);
    return found != variables_.end() && !found->second.empty();
}

}  // namespace runs_agent::config
