// SPDX-License-Identifier: MIT
// SQLite as this program uses it: one Database is one connection, used by one thread at a time.
// Waiting for the disk happens on the threads of Worker (worker.hpp), never on an I/O thread.
// https://www.sqlite.org/c3ref/intro.html
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace runs_agent::sqlite {

/// Thrown by Database and Statement. A job of a Worker may let it fly: the worker rolls the job
/// back and turns it into an Error of Errc::store.
class SqliteError : public std::runtime_error {
public:
    SqliteError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
    int code() const { return code_; }  // SQLite's extended result code

private:
    int code_;
};

/// A prepared statement at work: bind in order, then step through the rows. It goes back to its
/// Database's cache when it leaves scope, so preparing the same text again costs nothing.
class Statement {
public:
    explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Binds the next parameter. Text and blobs are copied.
    Statement& bind(std::int64_t value);
    Statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
    Statement& bind(double value);
    Statement& bind(std::string_view text);
    Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
    Statement& bind(const char* text) { return bind(std::string_view(text)); }
    Statement& bind(Time time) { return bind(time.time_since_epoch().count()); }
    Statement& bind(std::nullptr_t);
    Statement& bind_blob(std::string_view bytes);
    template <class T>
    Statement& bind(const std::optional<T>& value) {
        return value ? bind(*value) : bind(nullptr);
    }

    /// Moves to the next row; false when there is none left.
    bool step();
    /// Runs a statement that gives no rows.
    void run();

    // The current row's columns, from 0.
    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    std::string blob(int column) const { return text(column); }
    Time time(int column) const { return Time(std::chrono::milliseconds(integer(column))); }
    std::optional<std::int64_t> optional_integer(int column) const;
    std::optional<std::string> optional_text(int column) const;
    std::optional<Time> optional_time(int column) const;

private:
    sqlite3_stmt* handle_;
    int next_ = 1;
};

class Database {
public:
    /// Opens or creates the file, for its owner alone (private_file.hpp): WAL, synchronous=FULL,
    /// foreign keys on, 10 s busy time-out. Throws SqliteError with a message that names the file
    /// and how to mend it.
    explicit Database(const std::string& path);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// A statement, prepared once and kept. The text must outlive nothing.
    Statement prepare(std::string_view sql);

    /// Runs one or more statements without parameters or rows.
    void execute(const char* sql);

    /// A blob's bytes, read and written in their place: a statement would hold copies of them. It
    /// must have `size` bytes, or as many as are written. Names are this program's own.
    std::string read_blob(const char* table, const char* column, std::int64_t rowid,
                          std::size_t size);
    void write_blob(const char* table, const char* column, std::int64_t rowid,
                    std::string_view bytes);
    /// Are these its bytes? It must have as many. Reads a piece at a time.
    bool is_blob(const char* table, const char* column, std::int64_t rowid, std::string_view bytes);

    /// Rows changed by the last INSERT, UPDATE or DELETE.
    int changes() const;
    std::int64_t last_insert_rowid() const;

    /// What this connection commits stays in the log, for whoever works on the database all the
    /// time to copy it: for what writes a little beside a daemon. Before 3.51.3 SQLite may lose
    /// commits where one process begins to copy a log that another has just copied to its end, and
    /// a third begins it anew (https://www.sqlite.org/wal.html#walresetbug), so only one copies it.
    void leave_log() { execute("PRAGMA wal_autocheckpoint=0"); }

    /// Applies those migrations that this file has not seen (PRAGMA user_version counts them), each
    /// in a transaction of its own. Throws where the file is newer than this program.
    void migrate(std::span<const char* const> migrations);

private:
    sqlite3* handle_ = nullptr;
    std::string path_;

    /// Finds a text without making a string of it.
    struct Hash {
        // NOLINTNEXTLINE(readability-identifier-naming): the standard library asks for this name
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    std::unordered_map<std::string, sqlite3_stmt*, Hash, std::equal_to<>> statements_;
};

}  // namespace runs_agent::sqlite
