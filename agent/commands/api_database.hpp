// SPDX-License-Identifier: MIT
// The embedded Runs API's database, opened by a command beside a running server or without one.
#pragma once

#include "config/configuration.hpp"
#include "sqlite/database.hpp"

#include <functional>

namespace runs_agent::agent {

/// Opens (or makes) the database that the flags and the environment name, brings its schema up to
/// date and returns what `action` returns; reports what went wrong. Blocks.
int with_api_database(const config::Flags& flags,
                      const std::function<int(sqlite::Database&)>& action);

}  // namespace runs_agent::agent
