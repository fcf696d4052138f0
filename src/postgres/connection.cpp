// SPDX-License-Identifier: MIT
#include "postgres/connection.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>

namespace runs_agent::postgres {

namespace {

using SteadyPoint = std::chrono::steady_clock::time_point;

/// Statements that are kept prepared: those of what people look for differ with each filter.
constexpr std::size_t max_prepared = 400;

/// Says good-bye, but waits for nobody: a paused server would not take it.
void end_connection(PGconn* connection) {
    if (const int socket = PQsocket(connection); socket >= 0) ::shutdown(socket, SHUT_RD);
    PQsetnonblocking(connection, 1);
    PQfinish(connection);
}

PGconn* connect(const Target& target) {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : target.parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    return PQconnectdbParams(keywords.data(), values.data(), 0);
}

std::string session_of(const TimeLimits& limits) {
    const auto milliseconds = [](std::chrono::milliseconds time) {
        return "'" + std::to_string(time.count()) + "ms'";
    };
    return "SET statement_timeout = " + milliseconds(limits.statement) +
           "; SET lock_timeout = " + milliseconds(limits.lock) +
           "; SET idle_in_transaction_session_timeout = " +
           milliseconds(limits.idle_in_transaction) +
           "; SET bytea_output = 'hex'; SET client_min_messages = warning;"
           // What each transaction asks for is read committed: the locks of deciding rely on that.
           " SET default_transaction_isolation = 'read committed';"
           // An accepted delivery is on disk, whatever the server does by default.
           " SELECT set_config('synchronous_commit', 'on', false)"
           " WHERE current_setting('synchronous_commit') = 'off'";
}

/// The beginning of a statement, to tell which it was.
std::string beginning_of(std::string_view sql) {
    constexpr std::size_t most = 60;
    return "run \"" + std::string(trimmed(sql.substr(0, most))) +
           (sql.size() > most ? "…\"" : "\"");
}

void drop_notice(void* /*unused*/, const PGresult* /*unused*/) {
    // Warnings of the server are its own log's business, not our standard error's.
}

}  // namespace

std::string with_dollars(std::string_view sql) {
    std::string made;
    int highest = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] == '\'') quoted = !quoted;
        if (quoted || sql[i] != '?') {
            made += sql[i];
            continue;
        }
        std::size_t digits = 0;
        while (i + 1 + digits < sql.size() && is_digit(sql[i + 1 + digits])) ++digits;
        const auto number = parse_number<int>(sql.substr(i + 1, digits));
        highest = number ? std::max(highest, *number) : highest + 1;
        made += '$' + std::to_string(number.value_or(highest));
        i += digits;
    }
    return made;
}

Connection::Connection(const Target& target, TimeLimits limits)
    : target_(target), limits_(limits), handle_(connect(target), end_connection) {
    if (!handle_) throw std::bad_alloc();
    if (PQstatus(handle_.get()) != CONNECTION_OK) raise("connect");
    PQsetNoticeReceiver(handle_.get(), drop_notice, nullptr);
    PQsetnonblocking(handle_.get(), 1);
    execute(session_of(limits_));
}

/// `answer`: what the server said; absent: the connection itself failed.
void Connection::raise(std::string_view doing, const PGresult* answer) const {
    const char* const field =
        answer != nullptr ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
    std::string state = field != nullptr ? field : "";
    // The connection broke: what the server said last, if anything, was said of that.
    if (PQstatus(handle_.get()) == CONNECTION_BAD && !PostgresError(state, "").lost_connection())
        state.clear();
    const char* const primary =
        field != nullptr ? PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    std::string message =
        target_.name + " could not " + std::string(doing) + ": " +
        without_password(primary != nullptr ? primary : PQerrorMessage(handle_.get()), target_);
    if (!state.empty()) message += " (SQLSTATE " + state + ")";
    if (const auto advice = advice_for(state); !advice.empty())
        message += "; " + std::string(advice);
    else if (doing == "connect")
        message += "; " + std::string(advice_on_connecting(message));
    throw PostgresError(state, message);
}

void Connection::raise_silent(std::string_view doing) const {
    throw PostgresError("", target_.name + " could not " + std::string(doing) +
                                ": the server did not answer within " +
                                std::to_string(limits_.answer.count()) +
                                " ms; see whether it is paused or cut off");
}

/// False where the time is up first.
bool Connection::wait(short events, SteadyPoint end, int wake) const {
    std::array<pollfd, 2> watched{{{PQsocket(handle_.get()), events, 0}, {wake, POLLIN, 0}}};
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;  // reading will say what is wrong
    }
}

Answer Connection::receive(std::string_view doing) {
    const SteadyPoint end = std::chrono::steady_clock::now() + limits_.answer;
    for (int unsent = 1; unsent != 0;) {
        unsent = PQflush(handle_.get());
        if (unsent < 0) break;  // its answer, if there is one, says why
        if (unsent > 0 && !wait(POLLIN | POLLOUT, end)) raise_silent(doing);
        if (unsent > 0 && PQconsumeInput(handle_.get()) == 0) break;
    }
    Answer last(nullptr, PQclear);
    for (;;) {
        while (PQisBusy(handle_.get()) != 0) {
            if (!wait(POLLIN, end)) raise_silent(doing);
            if (PQconsumeInput(handle_.get()) == 0) raise(doing);
        }
        Answer next(PQgetResult(handle_.get()), PQclear);
        if (!next) break;
        // Of several the first that failed says why.
        if (!last || PQresultStatus(last.get()) != PGRES_FATAL_ERROR) last = std::move(next);
    }
    if (!last) raise(doing);
    const auto status = PQresultStatus(last.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) raise(doing, last.get());
    return last;
}

const std::string& Connection::prepared(const std::string& sql, const std::vector<Oid>& types) {
    if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
    if (statements_.size() >= max_prepared) {
        execute("DEALLOCATE ALL");
        statements_.clear();
    }
    const std::string name = "s" + std::to_string(statements_.size());
    if (PQsendPrepare(handle_.get(), name.c_str(), with_dollars(sql).c_str(),
                      static_cast<int>(types.size()), types.data()) == 0)
        raise("prepare a statement");
    receive("prepare \"" + sql + "\"");
    return statements_.emplace(sql, name).first->second;
}

Answer Connection::ask(const std::string& sql, const Parameters& parameters) {
    const std::string& name = prepared(sql, parameters.types);
    if (PQsendQueryPrepared(handle_.get(), name.c_str(), static_cast<int>(parameters.types.size()),
                            parameters.values.data(), parameters.lengths.data(),
                            parameters.formats.data(), 0) == 0)
        raise("send a statement");
    return receive(beginning_of(sql));
}

void Connection::execute(const std::string& sql) {
    if (PQsendQuery(handle_.get(), sql.c_str()) == 0) raise("send a statement");
    receive(beginning_of(sql));
}

bool Connection::wait_for_notice(SteadyPoint end, int wake) {
    wait(POLLIN, end, wake);
    if (PQconsumeInput(handle_.get()) == 0) raise("listen");
    bool noticed = false;
    for (;;) {
        const std::unique_ptr<PGnotify, decltype(&PQfreemem)> notice(PQnotifies(handle_.get()),
                                                                     PQfreemem);
        if (!notice) return noticed;
        // What it said itself is no news to it.
        noticed = noticed || notice->be_pid != PQbackendPID(handle_.get());
    }
}

}  // namespace runs_agent::postgres
