// What every command shares: how it is registered, how it ends, and where its settings come from.
#pragma once

#include "base/error.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace runs_agent::agent {

/// Exit codes, fixed for scripts that call us.
enum Exit : int { done = 0, failed = 1, usage = 2, not_found = 3 };

/// What to run once the command line is read; a command's registration sets it from a callback.
using Chosen = std::function<int()>;

/// Prints "runs-agent: <message>" to standard error, as one line whatever is in it.
void tell(std::string_view message);

/// Tells what went wrong, why, and how to mend it, and returns the exit code that fits: 2 for
/// bad_input, 3 for not_found, else 1.
int report(const Error& error);

/// Tells one usage or configuration error; returns Exit::usage.
int report_usage(std::string_view message);

/// Tells each mistake of a list, a line each, in which values are printable: what config::load(),
/// client_options() and check_network() fail with. Returns Exit::usage.
int report_mistakes(const Error& error);

// Each adds its command to the program. One file in commands/ each.
void add_serve(CLI::App& program, Chosen& chosen);
void add_api(CLI::App& program, Chosen& chosen);
void add_action(CLI::App& program, Chosen& chosen);
void add_runs(CLI::App& program, Chosen& chosen);
void add_deliveries(CLI::App& program, Chosen& chosen);
void add_explain(CLI::App& program, Chosen& chosen);
void add_health(CLI::App& program, Chosen& chosen);
void add_keys(CLI::App& program, Chosen& chosen);
void add_projects(CLI::App& program, Chosen& chosen);
void add_send(CLI::App& program, Chosen& chosen);
void add_config(CLI::App& program, Chosen& chosen);
void add_version(CLI::App& program, Chosen& chosen);

/// Runs one coroutine on an io_context of its own until it ends, for commands that talk to a
/// service.
int run_to_end(std::function<boost::asio::awaitable<int>()> body);

}  // namespace runs_agent::agent
