// SPDX-License-Identifier: MIT
// Reads what systemd reads: unit files and environment files. Source: systemd.syntax(7),
// systemd.exec(5) "EnvironmentFile=".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runs_agent::config {

/// NAME and value, in the order they stand.
using Assignments = std::vector<std::pair<std::string, std::string>>;

/// The settings of the section [Service]. Lines that are none are passed over.
Assignments parse_service_section(std::string_view text);

/// The variables of an environment file.
Assignments parse_environment_file(std::string_view text);

/// The words of a setting such as Environment=, with their quotes and escapes taken away.
std::vector<std::string> split_words(std::string_view text);

}  // namespace runs_agent::config
