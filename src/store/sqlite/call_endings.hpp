// SPDX-License-Identifier: MIT
// How a call ends, is taken back, or begins anew: what becomes of its state after it was planned,
// but for being claimed (turns.hpp). What is under way (leased) is left to whoever is at it.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

/// Store::record_try: what came of a try. Of a call that was planned anew or replayed meanwhile it
/// is kept as a try alone.
void record_try(sqlite::Database& database, const Call& claimed, const Try& tried,
                const AfterTry& after);

/// A request that is under way cannot be taken back, but it is the last one: record_try() and
/// recover() finish what is withdrawn, and replay() passes it by.
void withdraw(sqlite::Database& database, const decide::Withdrawal& withdrawal, Time now);
/// Ends what was withdrawn while it was under way, where how that ended could not be recorded.
void finish_withdrawn_and_abandoned(sqlite::Database& database, Time now);
/// Store::not_wanted: why a call that is under way should not be done; absent: it should.
std::optional<std::string> not_wanted(sqlite::Database& database, std::int64_t call_id);

/// Store::recover: what a process that is gone had claimed is to be done now. Says how many.
int recover(sqlite::Database& database, Time now);
/// Store::release: what was claimed and not begun.
void release(sqlite::Database& database, const std::vector<std::int64_t>& call_ids, Time now);
/// Store::resume_held: what waits for the key to be mended is tried again, ever more rarely.
int resume_held(sqlite::Database& database, Time now, std::chrono::milliseconds pause, int limit);

/// Store::replay: the calls of a delivery once more, or, where it has none, its decision.
Result<int> replay(sqlite::Database& database, const std::string& guid, Time now);
/// Store::drop: gives up what is left to do of a delivery.
Result<int> drop(sqlite::Database& database, const std::string& guid, Time now);

}  // namespace runs_agent::store
