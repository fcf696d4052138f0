// SPDX-License-Identifier: MIT
// How a command is registered.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace runs_agent::agent {

/// What to run once the command line is read; a command's registration sets it from a callback.
using Chosen = std::function<int()>;

// Each adds its command to the program. One file in commands/ each.
void add_serve(CLI::App& program, Chosen& chosen);
void add_api(CLI::App& program, Chosen& chosen);
void add_action(CLI::App& program, Chosen& chosen);
void add_runs(CLI::App& program, Chosen& chosen);
void add_deliveries(CLI::App& program, Chosen& chosen);
void add_backup(CLI::App& program, Chosen& chosen);
void add_completion(CLI::App& program, Chosen& chosen);
void add_doctor(CLI::App& program, Chosen& chosen);
void add_explain(CLI::App& program, Chosen& chosen);
void add_health(CLI::App& program, Chosen& chosen);
void add_keys(CLI::App& program, Chosen& chosen);
void add_projects(CLI::App& program, Chosen& chosen);
void add_store(CLI::App& program, Chosen& chosen);
void add_send(CLI::App& program, Chosen& chosen);
void add_setup(CLI::App& program, Chosen& chosen);
void add_config(CLI::App& program, Chosen& chosen);
void add_version(CLI::App& program, Chosen& chosen);

}  // namespace runs_agent::agent
