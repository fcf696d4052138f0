// SPDX-License-Identifier: MIT
// What must not be worked on by two at once has a lane: a number that PostgreSQL locks for a
// transaction (https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS). Nobody
// waits for a lane: what is in one that another replica holds is left to that one, so that no two
// can wait for each other.
//
// - A decision holds the lanes of the event's run and of all groups that the run is known in. So no
//   two decisions that could see, or change, the same attempts and calls are made at the same time.
//   They read after the locks were taken, in statements of their own, and each statement sees what
//   was committed before it (read committed): all that those who held the lanes before have stored.
// - A claim holds the lane of the call's run, project and side (GitHub or the Runs API) while it
// asks
//   whose turn it is.
//
// Two names may make the same number; then one waits for the other without need, which is harmless.
#pragma once

#include "decide/facts.hpp"
#include "decide/plan.hpp"
#include "postgres/connection.hpp"

#include <cstdint>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace runs_agent::store {

/// 64 bits of FNV-1a over the parts and their lengths; they are stored, so they never change.
/// http://www.isthe.com/chongo/tech/comp/fnv/
std::int64_t lane_of(std::initializer_list<std::string_view> parts);
std::int64_t run_lane(const decide::RunKey& run);
std::int64_t group_lane(const std::string& group);
std::int64_t call_lane(const decide::PlannedCall& call);

/// Tells the lanes of the schema in which the tables are from those of others.
std::int64_t salt_of(postgres::Connection& connection);

/// The lanes that a transaction holds, until its end.
class HeldLanes {
public:
    /// `salt`: of the schema (salt_of), for locks are those of a whole database.
    HeldLanes(postgres::Connection& connection, std::int64_t salt)
        : connection_(connection), salt_(salt) {}

    /// Tries to take those that are not held yet, in one request.
    void try_all(std::span<const std::int64_t> lanes);
    bool has(std::int64_t lane) const { return held_.contains(lane); }
    /// Those that are held; and, after a rollback to a savepoint, which lets go of what was taken
    /// since: those that were held when it was made.
    const std::set<std::int64_t>& held() const { return held_; }
    void rolled_back_to(std::set<std::int64_t> held) { held_ = std::move(held); }
    /// Tries to take it.
    bool take(std::int64_t lane);

private:
    postgres::Connection& connection_;
    std::int64_t salt_;
    std::set<std::int64_t> held_;
};

}  // namespace runs_agent::store
