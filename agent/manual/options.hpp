// SPDX-License-Identifier: MIT
// The commands and their options, read from the tables by which the command line itself is read, so
// that what is told of them is always so.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace runs_agent::agent {

struct OptionTold {
    std::vector<std::string> names;  // "-h", "--help"; of an argument: none
    std::string value;               // "FILE"; empty: a flag
    std::string description;
    bool required = false;

    bool is_argument() const { return names.empty(); }
    bool is_file() const;
};

struct CommandTold {
    std::vector<std::string> path;  // {"runs", "get"}; of the program itself: none
    std::string description;
    std::string footer;
    std::vector<OptionTold> options;  // and arguments
    std::vector<CommandTold> commands;

    std::string name() const;  // "runs get"
};

/// The program and, below it, all that it can be told.
CommandTold read_commands(const CLI::App& program);

/// A command and all below it, the outer ones first.
std::vector<const CommandTold*> all_of(const CommandTold& command);

/// Of a description, what stands before its first line end.
std::string first_line(const std::string& text);

}  // namespace runs_agent::agent
