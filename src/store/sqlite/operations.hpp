// The store's operations as plain functions of a Database, to be run as jobs of a Worker. They
// throw SqliteError, which rolls their job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

// deliveries.cpp
Accepted accept(sqlite::Database& database, const NewDelivery& delivery);
Result<std::vector<DeliveryRow>> list(sqlite::Database& database, const DeliveryFilter& filter);
Result<DeliveryDetail> show(sqlite::Database& database, const std::string& guid);
Result<int> replay(sqlite::Database& database, const std::string& guid, Time now);
Result<int> drop(sqlite::Database& database, const std::string& guid, Time now);
void check(sqlite::Database& database, Time now);
int prune(sqlite::Database& database, Time now, const Retention& retention);

// catching_up.cpp
/// Notes where a delivery came from.
void remember_source(sqlite::Database& database, const NewDelivery& delivery);
void forget_sources(sqlite::Database& database, Time before);
std::vector<HeardHook> hooks(sqlite::Database& database, const std::string& host, Time since);
std::vector<std::string> repositories(sqlite::Database& database, const std::string& host,
                                      Time since);
std::vector<std::string> not_stored(sqlite::Database& database,
                                    const std::vector<std::string>& guids);
std::vector<HeardAttempt> heard_attempts(sqlite::Database& database, const std::string& host,
                                         const std::vector<std::int64_t>& run_ids);
std::vector<OpenAttempt> open_attempts(sqlite::Database& database, const std::string& host,
                                       Time heard_since, int limit);
std::optional<Time> last_look(sqlite::Database& database, const std::string& name);
void looked(sqlite::Database& database, const std::string& name, Time at);

// attempts.cpp
std::vector<decide::KnownAttempt> attempts_of(sqlite::Database& database,
                                              const decide::RunKey& run);
/// Known::older and Known::newer, of a group as decide::group_of names it.
std::vector<decide::KnownRun> older_of_group(sqlite::Database& database, const std::string& group,
                                             const decide::WorkflowRun& own);
std::optional<decide::KnownRun> newer_of_group(sqlite::Database& database, const std::string& group,
                                               const decide::WorkflowRun& own);
/// Keeps what an event told of its attempt; `known` is what was known before.
void remember(sqlite::Database& database, const decide::WorkflowRun& run,
              const decide::Known& known, Time now);
void note_superseded(sqlite::Database& database, const decide::RunKey& run, int attempt);

// deciding.cpp
std::vector<Decided> decide_next(sqlite::Database& database, const Decider& decider, Time now,
                                 int limit);

// calls.cpp
std::vector<Call> claim_due(sqlite::Database& database, Time now, Time lease_until, int limit);
std::optional<Time> next_due(sqlite::Database& database, Time now);
void record_try(sqlite::Database& database, const Call& claimed, const Try& tried,
                const AfterTry& after);
std::optional<std::string> not_wanted(sqlite::Database& database, std::int64_t call_id);
int clock_set_back(sqlite::Database& database, Time now, Time lease_until);
/// Ends the call of that key, where it is withdrawn, is not under way, and had not succeeded.
void finish_withdrawn(sqlite::Database& database, const std::string& key, Time now);
int recover(sqlite::Database& database, Time now);
void release(sqlite::Database& database, const std::vector<std::int64_t>& call_ids, Time now);
int resume_held(sqlite::Database& database, Time now, std::chrono::milliseconds pause, int limit);
std::vector<CallHistory> calls_of_delivery(sqlite::Database& database, std::int64_t delivery_id);
Backlog backlog(sqlite::Database& database);

}  // namespace runs_agent::store
