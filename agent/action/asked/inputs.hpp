// SPDX-License-Identifier: MIT
// A step's inputs. A JavaScript or Docker action gets INPUT_ and the name in upper case with its
// dashes kept; a composite action passes them by env:, where dashes become underscores. What is not
// an input comes from the job's environment.
// Source: docs.github.com, "Metadata syntax for GitHub Actions", inputs.
#pragma once

#include "base/error.hpp"
#include "config/environment.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::agent::action {

class Inputs {
public:
    explicit Inputs(const config::Environment& environment) : environment_(environment) {}

    /// The input of that name without the white space around it; empty where it is not given.
    Result<std::string> input(std::string_view name) const;
    /// A variable of the job (or its _FILE), the same way.
    Result<std::string> variable(const std::string& name) const;
    /// The input, else the variable.
    Result<std::string> either(std::string_view name, const std::string& variable) const;

    /// The secrets that came as inputs, as they were given: GitHub knows those of the job's
    /// environment, but a value from elsewhere must be masked.
    std::vector<std::string> secrets() const;

private:
    const config::Environment& environment_;
};

/// The parts of a list that is separated by commas or line ends, without empty ones.
std::vector<std::string> split_list(std::string_view text);

}  // namespace runs_agent::agent::action
