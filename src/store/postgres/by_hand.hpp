// SPDX-License-Identifier: MIT
// What people do by hand, kept with who did it and why (store/by_hand.hpp); and how much came in
// and was done, counted. Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the
// job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/store.hpp"

#include <string>

namespace runs_agent::store {

/// Names one request to do something by hand. A job whose commit nobody knows the end of is done
/// once more (postgres/pool.hpp), and must not be kept as two.
std::string new_act_token();

/// Store::act. Whoever did the same under the same token has done it: that is then told, but not
/// what was left alone.
Result<HandOutcome> act(postgres::Connection& connection, const ByHand& act,
                        const DeliverySearch& which, Time now, const std::string& token,
                        std::int64_t salt);
/// Store::acts.
std::vector<HandRecord> acts(postgres::Connection& connection, const std::string& delivery,
                             int limit);
/// Store::replays_after.
Replays replays_after(postgres::Connection& connection, std::int64_t last);

/// Store::record_act.
void record_act(postgres::Connection& connection, const HandRecord& record,
                const std::string& token, std::int64_t salt);
/// A step of removing those from before then; says how many went.
int prune_acts(postgres::Connection& connection, Time before, int at_most);

/// Store::count.
std::vector<Counts> count(postgres::Connection& connection, Time from,
                          std::chrono::milliseconds step, int steps);

}  // namespace runs_agent::store
