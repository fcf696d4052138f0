// SPDX-License-Identifier: MIT
#include "sqlite/database.hpp"

#include "sqlite/private_file.hpp"
#include "sqlite/visit.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

namespace runs_agent::sqlite {

namespace {

[[noreturn]] void raise(sqlite3* handle, const std::string& doing) {
    throw SqliteError(sqlite3_extended_errcode(handle),
                      "SQLite could not " + doing + ": " + sqlite3_errmsg(handle));
}

/// The connection a statement belongs to, for its error text.
[[noreturn]] void raise(sqlite3_stmt* statement, const std::string& doing) {
    raise(sqlite3_db_handle(statement), doing);
}

}  // namespace

Statement::~Statement() {
    // What a failed step reported was reported when it failed.
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
}

Statement& Statement::bind(std::int64_t value) {
    if (sqlite3_bind_int64(handle_, next_++, value) != SQLITE_OK) raise(handle_, "bind a number");
    return *this;
}

Statement& Statement::bind(double value) {
    if (sqlite3_bind_double(handle_, next_++, value) != SQLITE_OK) raise(handle_, "bind a number");
    return *this;
}

Statement& Statement::bind(std::string_view text) {
    if (sqlite3_bind_text64(handle_, next_++, text.data(), text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8) != SQLITE_OK)
        raise(handle_, "bind a text");
    return *this;
}

Statement& Statement::bind(std::nullptr_t) {
    if (sqlite3_bind_null(handle_, next_++) != SQLITE_OK) raise(handle_, "bind a null");
    return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
    if (sqlite3_bind_blob64(handle_, next_++, bytes.data(), bytes.size(), SQLITE_TRANSIENT) !=
        SQLITE_OK)
        raise(handle_, "bind a blob");
    return *this;
}

bool Statement::step() {
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    raise(handle_, "run a statement");
}

void Statement::run() {
    while (step()) {
    }
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

double Statement::real(int column) const {
    return sqlite3_column_double(handle_, column);
}

std::string Statement::text(int column) const {
    // Asking for a blob converts nothing, and a text's blob is its UTF-8 bytes.
    const void* bytes = sqlite3_column_blob(handle_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
    return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<std::string> Statement::optional_text(int column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

std::optional<Time> Statement::optional_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
}

namespace {

/// Nobody asks SQLite how much memory it takes, and to count it is a lock at each piece of it.
void count_no_memory() {
    // Where it is too late for that, as SQLite is in use, it goes on counting.
    static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(configured);
}

}  // namespace

Database::Database(const std::string& path) : path_(path) {
    count_no_memory();
    const bool visits = is_visit(path);
    if (!visits) keep_private(path);
    // Each connection is used by one thread at a time, so SQLite's own lock is not needed.
    const int flags = SQLITE_OPEN_NOMUTEX | (visits ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                                    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
        const std::string why = handle_ != nullptr ? sqlite3_errmsg(handle_) : "out of memory";
        sqlite3_close_v2(handle_);
        throw SqliteError(code, "cannot open the database " + path + ": " + why +
                                    "; see that its folder exists and is writable");
    }
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, visits ? 1'000 : 10'000);
    if (visits) return;
    try {
        execute(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            // Pages, 4 MiB: they are copied by a commit, and whoever waits for that waits longer.
            "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=1000;");
    } catch (const SqliteError& error) {
        sqlite3_close_v2(handle_);
        throw SqliteError(error.code(), "cannot use the database " + path + ": " + error.what());
    }
}

Database::~Database() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close_v2(handle_);
}

Statement Database::prepare(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                               SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
            raise(handle_, "prepare \"" + std::string(sql) + "\"");
        found = statements_.emplace(sql, statement).first;
    }
    return Statement(found->second);
}

void Database::execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        raise(handle_, "run \"" + std::string(sql).substr(0, 60) + "\"");
}

namespace {

/// An open blob, https://www.sqlite.org/c3ref/blob_open.html
class Blob {
public:
    Blob(sqlite3* database, const char* table, const char* column, std::int64_t rowid,
         bool writes) {
        if (sqlite3_blob_open(database, "main", table, column, rowid, writes ? 1 : 0, &handle_) !=
            SQLITE_OK)
            raise(database, "open a blob");
    }
    ~Blob() { sqlite3_blob_close(handle_); }
    Blob(const Blob&) = delete;
    Blob& operator=(const Blob&) = delete;

    sqlite3_blob* get() const { return handle_; }

private:
    sqlite3_blob* handle_ = nullptr;
};

}  // namespace

std::string Database::read_blob(const char* table, const char* column, std::int64_t rowid,
                                std::size_t size) {
    std::string bytes(size, '\0');
    const Blob blob(handle_, table, column, rowid, false);
    if (sqlite3_blob_read(blob.get(), bytes.data(), static_cast<int>(size), 0) != SQLITE_OK)
        raise(handle_, "read a blob");
    return bytes;
}

void Database::write_blob(const char* table, const char* column, std::int64_t rowid,
                          std::string_view bytes) {
    const Blob blob(handle_, table, column, rowid, true);
    if (sqlite3_blob_write(blob.get(), bytes.data(), static_cast<int>(bytes.size()), 0) !=
        SQLITE_OK)
        raise(handle_, "write a blob");
}

bool Database::is_blob(const char* table, const char* column, std::int64_t rowid,
                       std::string_view bytes) {
    constexpr std::size_t most = 1024UL * 1024;
    const Blob blob(handle_, table, column, rowid, false);
    std::string piece(std::min(most, bytes.size()), '\0');
    for (std::size_t at = 0; at < bytes.size(); at += piece.size()) {
        piece.resize(std::min(piece.size(), bytes.size() - at));
        if (sqlite3_blob_read(blob.get(), piece.data(), static_cast<int>(piece.size()),
                              static_cast<int>(at)) != SQLITE_OK)
            raise(handle_, "read a blob");
        if (bytes.substr(at, piece.size()) != piece) return false;
    }
    return true;
}

int Database::changes() const {
    return sqlite3_changes(handle_);
}

std::int64_t Database::last_insert_rowid() const {
    return sqlite3_last_insert_rowid(handle_);
}

void Database::migrate(std::span<const char* const> migrations) {
    const auto version = [this] {
        Statement statement = prepare("PRAGMA user_version");
        statement.step();
        return static_cast<std::size_t>(statement.integer(0));
    };
    if (version() > migrations.size())
        throw SqliteError(SQLITE_MISMATCH, "the database " + path_ +
                                               " was written by a newer version of this program;"
                                               " run that one, or restore a backup");
    while (version() < migrations.size()) {
        // IMMEDIATE: of two processes that start at once, the second finds the work done.
        execute("BEGIN IMMEDIATE");
        try {
            const std::size_t next = version();
            if (next < migrations.size()) {
                execute(migrations[next]);
                execute(("PRAGMA user_version=" + std::to_string(next + 1)).c_str());
            }
            execute("COMMIT");
        } catch (const SqliteError&) {
            execute("ROLLBACK");
            throw;
        }
    }
}

}  // namespace runs_agent::sqlite
