// SPDX-License-Identifier: MIT
// How a call ends, is taken back, or begins anew: store/sqlite/call_endings.hpp in PostgreSQL,
// among replicas. What is under way (leased) is left to whoever is at it; a replica's word about a
// call counts as long as it was the last to claim it, and nobody reopened it since (leased_by).
// Where several rows are changed, those that another transaction holds are passed by, so that no
// two wait for each other; whoever holds them sees to them. Runs as jobs of a postgres::Pool:
// throws PostgresError, which rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/postgres/replicas.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

void record_try(postgres::Connection& connection, const Replica& self, const Call& claimed,
                const Try& tried, const AfterTry& after);
void withdraw(postgres::Connection& connection, const decide::Withdrawal& withdrawal, Time now);
/// Ends what was withdrawn while it was under way at this replica, where how that ended could not
/// be recorded.
void finish_withdrawn_and_abandoned(postgres::Connection& connection, const Replica& self,
                                    Time now);
/// Ends what is withdrawn and waits, as nobody is at it any more.
void finish_withdrawn_and_freed(postgres::Connection& connection, Time now);
/// Errc::busy where another replica has taken it over: then its own answer would count for nothing.
Result<std::optional<std::string>> not_wanted(postgres::Connection& connection, const Replica& self,
                                              std::int64_t call_id);

void release(postgres::Connection& connection, const Replica& self,
             const std::vector<std::int64_t>& call_ids, Time now);
int resume_held(postgres::Connection& connection, Time now, std::chrono::milliseconds pause,
                int limit);

Result<int> replay(postgres::Connection& connection, const std::string& guid, Time now);
Result<int> drop(postgres::Connection& connection, const std::string& guid, Time now);

}  // namespace runs_agent::store
