// SPDX-License-Identifier: MIT
// How a command ends, and what it tells of an error.
#pragma once

#include "base/error.hpp"

#include <string_view>

namespace runs_agent::agent {

/// Exit codes, fixed for scripts that call us.
enum Exit : int { done = 0, failed = 1, usage = 2, not_found = 3 };

/// Prints "runs-agent: <message>" to standard error, as one line whatever is in it.
void print_message(std::string_view message);

/// Tells what went wrong, why, and how to mend it, and returns the exit code that fits: 2 for
/// bad_input, 3 for not_found, else 1.
int report(const Error& error);

/// Tells one usage or configuration error; returns Exit::usage.
int report_usage(std::string_view message);

/// Tells each mistake of a list, a line each, in which values are printable: what config::load(),
/// client_options() and check_network() fail with. Returns Exit::usage.
int report_mistakes(const Error& error);

}  // namespace runs_agent::agent
