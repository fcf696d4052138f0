// SPDX-License-Identifier: MIT
// What PostgreSQL, or the lack of it, answers with, and what can be done about it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace runs_agent::postgres {

/// Thrown by Connection and Statement. A job of a Pool may let it fly: the pool rolls the job back,
/// and does it once more where that may help, or turns it into an Error of Errc::store.
/// The message says what, why and how to mend it, and holds no password.
class PostgresError : public std::runtime_error {
public:
    /// `state`: PostgreSQL's SQLSTATE, five characters; empty: no server answered.
    /// https://www.postgresql.org/docs/15/errcodes-appendix.html
    PostgresError(std::string state, const std::string& message)
        : std::runtime_error(message), state_(std::move(state)) {}

    const std::string& state() const { return state_; }
    /// Is the connection of no more use: lost, or to a server that goes down or only reads?
    bool lost_connection() const;
    /// May the same transaction succeed when it is begun anew? After a lost connection, a deadlock,
    /// a lock or a statement that took too long.
    bool passes() const;

private:
    std::string state_;
};

/// How to mend what that SQLSTATE stands for, as the end of a sentence; empty: the server's own
/// words say it.
std::string_view advice_for(std::string_view state);

/// The same of what keeps a connection from being made, by libpq's words for it
/// (https://github.com/postgres/postgres/tree/REL_15_STABLE/src/interfaces/libpq).
std::string_view advice_on_connecting(std::string_view words);

}  // namespace runs_agent::postgres
