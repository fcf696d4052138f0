// SPDX-License-Identifier: MIT
// Records a decision: the calls that it plans, those that it takes back, and that it was made.
// Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/store.hpp"

#include <string>

namespace runs_agent::store {

void record_decision(postgres::Connection& connection, std::int64_t delivery,
                     const std::string& repository, const decide::Decision& decision, Time now);

}  // namespace runs_agent::store
