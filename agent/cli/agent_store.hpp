// SPDX-License-Identifier: MIT
// The agent's store, as RUNS_AGENT_DATABASE names it: a SQLite file, or a PostgreSQL database.
#pragma once

#include "base/error.hpp"
#include "config/configuration.hpp"
#include "store/sqlite_store.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace runs_agent::agent {

enum class StoreUse {
    replica,  // works on it: the daemon
    visitor,  // reads, replays and drops: a command beside the daemons
};

/// Is told what holds the tables of PostgreSQL while they are to be brought up to date.
using OnMigrationWaits = std::function<void(const std::string& held_by)>;

/// Opens it and brings its schema up to date; a visitor to PostgreSQL does not. Blocks. Errors:
/// store; bad_input where a PostgreSQL URL cannot be read. None holds a password. `options`: those
/// of SQLite; what PostgreSQL has as well it is given.
Result<std::unique_ptr<store::Store>> open_store(const config::Configuration& configuration,
                                                 StoreUse use,
                                                 store::SqliteStoreOptions options = {},
                                                 OnMigrationWaits on_waits = {});

/// As open_store(), to read it and change nothing: neither its schema, nor a file. `in_use`: a
/// daemon of this machine works on it. Errc::not_found where a PostgreSQL database has yet to be
/// brought up to date; with SQLite every error is Errc::store.
Result<std::unique_ptr<store::Store>> open_store_to_look(const config::Configuration& configuration,
                                                         bool in_use);

/// Could RUNS_AGENT_DATABASE be opened, as far as it can be told without connecting? Errors as
/// open_store(), of bad_input alone.
Result<void> check_database(const config::Configuration& configuration);

}  // namespace runs_agent::agent
