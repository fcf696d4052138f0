// SPDX-License-Identifier: MIT
// A statement at work on a connection: the same words as sqlite::Statement has, so that what reads
// a row, and many an SQL text, serves both.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::postgres {

class Connection;

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// Bind in order, then step through the rows, or run. It is sent once, by the first step() or
/// run(), and its whole answer is kept: for what has few rows.
class Statement {
public:
    Statement(Connection& connection, std::string sql);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Binds the next parameter. Times are milliseconds since 1970, booleans 0 or 1: the columns
    /// are bigint. What a text holds that PostgreSQL cannot is replaced (storable.hpp).
    Statement& bind(std::int64_t value);
    Statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(std::string_view text);
    Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
    Statement& bind(const char* text) { return bind(std::string_view(text)); }
    Statement& bind(Time time) { return bind(time.time_since_epoch().count()); }
    Statement& bind_blob(std::string_view bytes);
    /// As one array: bigint[] and text[].
    Statement& bind_array(std::span<const std::int64_t> values);
    Statement& bind_array(std::span<const std::string> texts);
    template <class T>
    Statement& bind(const std::optional<T>& value) {
        if (value) return bind(*value);
        return std::is_convertible_v<T, std::string_view> ? bind_null_text() : bind_null_number();
    }

    /// Moves to the next row; false when there is none left. Throws PostgresError.
    bool step();
    /// Runs it to its end; how many rows it inserted, updated or deleted. Throws PostgresError.
    int run();

    // The current row's columns, from 0.
    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::string text(int column) const;
    std::string blob(int column) const;
    Time time(int column) const { return Time(std::chrono::milliseconds(integer(column))); }
    std::optional<std::int64_t> optional_integer(int column) const;
    std::optional<std::string> optional_text(int column) const;
    std::optional<Time> optional_time(int column) const;

private:
    struct Parameter {
        Oid type;
        std::optional<std::string> value;
        bool binary = false;
    };
    Statement& bind_null_text();
    Statement& bind_null_number();
    void send();
    std::string_view value(int column) const;

    Connection& connection_;
    std::string sql_;
    std::vector<Parameter> parameters_;
    Answer answer_{nullptr, PQclear};
    int row_ = -1;
};

}  // namespace runs_agent::postgres
