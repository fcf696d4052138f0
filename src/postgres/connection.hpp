// SPDX-License-Identifier: MIT
// PostgreSQL as this program uses it: one Connection, used by one thread at a time, which waits for
// the server. That happens on the threads of Pool (pool.hpp), never on an I/O thread.
// https://www.postgresql.org/docs/15/libpq.html
#pragma once

#include "postgres/error.hpp"
#include "postgres/statement.hpp"
#include "postgres/target.hpp"

#include <chrono>
#include <libpq-fe.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace runs_agent::postgres {

/// How long things may take. The server ends what takes longer; where it does not answer at all, as
/// a paused one does, the connection is given up after `answer`.
struct TimeLimits {
    std::chrono::milliseconds statement{7'000};
    std::chrono::milliseconds lock{4'000};
    /// A process that was stopped within a transaction must not keep its locks.
    std::chrono::milliseconds idle_in_transaction{10'000};
    std::chrono::milliseconds answer{9'000};
};

class Connection {
public:
    /// Connects, and sets the session up. Blocks for connect_timeout for each host at most. Throws
    /// PostgresError.
    Connection(const Target& target, TimeLimits limits);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// A statement; the server prepares it once for each connection. Parameters are written ? or
    /// ?1, as SQLite has them.
    Statement prepare(std::string_view sql) { return {*this, std::string(sql)}; }

    /// Runs statements without parameters; more than one share a transaction. Throws PostgresError.
    void execute(const std::string& sql);

    /// Waits until another connection has notified this one (NOTIFY), until `end`, or until `wake`,
    /// a descriptor, can be read (-1: there is none). Returns whether one has. Throws
    /// PostgresError.
    bool wait_for_notice(std::chrono::steady_clock::time_point end, int wake);

private:
    friend class Statement;

    struct Parameters {
        const std::vector<Oid>& types;
        const std::vector<const char*>& values;
        const std::vector<int>& lengths;
        const std::vector<int>& formats;
    };
    Answer ask(const std::string& sql, const Parameters& parameters);
    const std::string& prepared(const std::string& sql, const std::vector<Oid>& types);
    /// Waits for the answer to what was sent.
    Answer receive(std::string_view doing);
    bool wait(short events, std::chrono::steady_clock::time_point end, int wake = -1) const;
    [[noreturn]] void raise(std::string_view doing, const PGresult* answer = nullptr) const;
    [[noreturn]] void raise_silent(std::string_view doing) const;

    Target target_;
    TimeLimits limits_;
    std::unique_ptr<PGconn, void (*)(PGconn*)> handle_;
    std::unordered_map<std::string, std::string> statements_;  // texts, by the name they have
};

/// ? and ?7 as PostgreSQL writes them: $1, $7. As in SQLite, ? is the number after the highest so
/// far. What stands between quotes stays. https://www.sqlite.org/lang_expr.html#varparam
std::string with_dollars(std::string_view sql);

}  // namespace runs_agent::postgres
