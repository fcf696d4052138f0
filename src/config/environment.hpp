// SPDX-License-Identifier: MIT
// The environment as configuration: NAME, or NAME_FILE for a mounted secret.
#pragma once

#include "base/error.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace runs_agent::config {

/// The variables of this process.
std::map<std::string, std::string> variables_of_process();

class Environment {
public:
    /// The variables of this process.
    static Environment of_process();
    /// Given variables, for tests.
    explicit Environment(std::map<std::string, std::string> variables);

    /// The variable, or what the file named by NAME_FILE holds (read at each call, the line end at
    /// its end cut off). Set but empty counts as absent. Errc::bad_input where both are set or the
    /// file cannot be read; the message names the variable, never its value.
    Result<std::optional<std::string>> get(const std::string& name) const;

    /// Is there a variable of just that name, and not empty?
    bool has(const std::string& name) const;

private:
    std::map<std::string, std::string> variables_;
};

}  // namespace runs_agent::config
