// SPDX-License-Identifier: MIT
// The names that a delivery is looked for by, as columns: SQLite computes them of the facts where
// they are asked for. A replica of the version before leaves them empty (`named` = 0); they are
// filled in afterwards. Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the job
// back.
#pragma once

#include "decide/facts.hpp"
#include "postgres/connection.hpp"

#include <cstdint>
#include <limits>
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

struct Named {
    int rows = 0;
    /// The lowest id of them: the next ones are below it. Those above are not read again and again,
    /// which takes longer and longer where a long reader keeps them from being tidied away.
    std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
};

/// Fills in those of up to `limit` rows below that id, the newest first. One replica at a time:
/// where another is at it there are none.
Named name_some(postgres::Connection& connection, std::int64_t salt, std::int64_t below, int limit);

}  // namespace runs_agent::store
