// SPDX-License-Identifier: MIT
// Decides what waits to be decided, each delivery in the knowledge of its run and group, and
// records the decision with the calls that it plans: many replicas side by side, but each run and
// group by one at a time (lanes.hpp). Runs as jobs of a postgres::Pool: throws PostgresError, which
// rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/postgres/replicas.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::store {

struct DecidedSome {
    std::vector<Decided> decided;
    bool contended = false;  // some were left to others, who are at their runs or groups
};

DecidedSome decide_next(postgres::Connection& connection, const Replica& self,
                        const Decider& decider, Time now, int limit);

/// Store::consider: what a replay would come to. Writes nothing.
Result<std::optional<decide::Decision>> consider(postgres::Connection& connection,
                                                 const std::string& guid, const Decider& decider);

}  // namespace runs_agent::store
