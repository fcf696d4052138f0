// SPDX-License-Identifier: MIT
// Whose turn a call is, among replicas: which are due, in which order, and which wait for others.
// Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/postgres/replicas.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace runs_agent::store {

struct Claimed {
    std::vector<Call> calls;
    bool contended = false;  // others were at some that would have been next
};

/// Store::claim_due: those whose turn it is, leased until then. What another replica has claimed is
/// not handed out, however late it is: it may be under way as long as that one is heard of, which
/// alone says when it is over (replicas.hpp). `claim` names this request.
Claimed claim_due(postgres::Connection& connection, const Replica& self, const std::string& claim,
                  Time now, Time lease_until, int limit, const std::string& service);
/// Gives back what a request of that name has claimed, if it was committed after all.
void give_up_claim(postgres::Connection& connection, const Replica& self, const std::string& claim,
                   Time now);
/// Store::next_due: when the next one's turn comes.
std::optional<Time> next_due(postgres::Connection& connection, const Replica& self, Time now,
                             const std::string& service);
/// Is that service to be left alone by this replica, by the server's clock? When a pause is over,
/// each replica begins at a moment of its own within the next five seconds: the service is not to
/// be asked everything at once.
bool is_paused(postgres::Connection& connection, const Replica& self, const std::string& service);
/// Store::clock_set_back: brings back what a clock that was ahead has put off; of leases its own
/// alone.
int clock_set_back(postgres::Connection& connection, const Replica& self, Time now,
                   Time lease_until);

}  // namespace runs_agent::store
