// SPDX-License-Identifier: MIT
// A replica's thread and connection of its own: says every second that it is there, takes over what
// those who are silent have claimed, and hears (LISTEN) that others left something to do.
#pragma once

#include "postgres/target.hpp"
#include "store/postgres/replicas.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace runs_agent::store {

class Presence {
public:
    /// Begins to work. The replica is registered already.
    Presence(postgres::Target target, Replica self, std::chrono::milliseconds beat);
    /// Says that the replica is gone, where that can be done at once.
    ~Presence();
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

    /// As Store::on_change.
    void on_change(std::function<void()> changed);

    /// Calls back in a moment: something was left to others that they may not get done. Any thread.
    void ring_soon();
    /// Has the others called back. Any thread.
    void ring_others();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Has those called back who listen. To be run outside of a transaction that writes: one that
/// notifies holds a lock of the whole server through its commit
/// (https://www.postgresql.org/docs/15/sql-notify.html).
void ring(postgres::Connection& connection);

}  // namespace runs_agent::store
