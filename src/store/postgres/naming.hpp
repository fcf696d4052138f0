// SPDX-License-Identifier: MIT
// The names that a delivery is looked for by, as columns: SQLite computes them of the facts where
// they are asked for. A replica of the version before leaves them empty (`named` = 0); they are
// filled in afterwards. Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the job
// back.
#pragma once

#include "decide/facts.hpp"
#include "postgres/connection.hpp"

#include <optional>
#include <string>

namespace runs_agent::store {

/// Each absent where the facts do not say.
struct Names {
    std::optional<std::string> workflow;
    std::optional<std::string> workflow_path;
    std::optional<std::string> branch;
    std::optional<std::string> actor;  // who started the attempt
    std::optional<std::string> conclusion;
    std::optional<std::string> job;
};
Names names_of(const std::optional<decide::Event>& facts);

/// Fills in those of up to `limit` rows, the newest first; says of how many.
int name_some(postgres::Connection& connection, int limit);

}  // namespace runs_agent::store
