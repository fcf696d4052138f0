// SPDX-License-Identifier: MIT
// One of our commands, run in the test's own process with an environment of its own.
#pragma once

#include "agent/cli/command.hpp"
#include "agent/cli/report.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace runs_agent::tests {

/// Sets variables for as long as it lives.
class Variables {
public:
    explicit Variables(std::map<std::string, std::string> variables)
        : variables_(std::move(variables)) {
        for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
    }
    ~Variables() {
        for (const auto& [name, value] : variables_) ::unsetenv(name.c_str());
    }
    Variables(const Variables&) = delete;
    Variables& operator=(const Variables&) = delete;

private:
    std::map<std::string, std::string> variables_;
};

struct Shown {
    int exit = -1;
    std::string out;
    std::string error;
};

/// What a command prints. `add` is its registration, `line` what is typed behind the program's
/// name.
inline Shown shown_by(void (*add)(CLI::App&, agent::Chosen&), const std::string& line) {
    CLI::App program;
    agent::Chosen chosen;
    add(program, chosen);
    program.parse(line);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Shown shown;
    shown.exit = chosen ? chosen() : -1;
    shown.out = testing::internal::GetCapturedStdout();
    shown.error = testing::internal::GetCapturedStderr();
    return shown;
}
/// Of `config`, with these arguments.
inline Shown config(const std::string& arguments) {
    return shown_by(agent::add_config, "config " + arguments);
}

}  // namespace runs_agent::tests
