// SPDX-License-Identifier: MIT
#include "store/copying/copy.hpp"

#include "postgres/connection.hpp"
#include "postgres/storable.hpp"
#include "sqlite/database.hpp"
#include "store/copying/tables.hpp"
#include "store/postgres/schema.hpp"
#include "store/sqlite/schema.hpp"

#include <memory>
#include <type_traits>

namespace runs_agent::store {

namespace {

using Progress = std::function<void(const std::string& table, std::int64_t rows)>;
constexpr std::size_t rows_at_once = 500;

std::string listed(const Table& table, std::size_t count) {
    std::string names;
    for (std::size_t i = 0; i < count; ++i)
        names += (i == 0 ? "" : ", ") + std::string(table.columns[i].name);
    return names;
}

std::string places(std::size_t count) {
    std::string marks;
    for (std::size_t i = 0; i < count; ++i) marks += i == 0 ? "?" : ", ?";
    return marks;
}

/// A store that is copied from or to.
class Side {
public:
    virtual ~Side() = default;
    /// Rows behind that key (empty: from the first), in its order.
    virtual std::vector<Values> read(const Table& table, const Values& after) = 0;
    /// The key of the last row; empty: there is none.
    virtual Values last_key(const Table& table) = 0;
    virtual void write(const Table& table, const std::vector<Values>& rows) = 0;
    /// How it would keep that text.
    virtual std::string kept(const std::string& text) const = 0;
    virtual void finish() {}
};

template <class Statement>
void bind(Statement& statement, const Column& column, const Value& value) {
    if (column.kind == Kind::number)
        statement.bind(value.number);
    else if (column.kind == Kind::blob)
        statement.bind_blob(value.text.value_or(""));
    else
        statement.bind(value.text);
}

template <class Statement>
Value read_value(const Statement& row, const Column& column, int at) {
    Value value;
    if (row.is_null(at)) return value;
    if (column.kind == Kind::number)
        value.number = row.integer(at);
    else
        value.text = column.kind == Kind::blob ? row.blob(at) : row.text(at);
    return value;
}

template <class Database>
class SideOf : public Side {
public:
    explicit SideOf(std::unique_ptr<Database> database) : database_(std::move(database)) {}

    std::vector<Values> read(const Table& table, const Values& after) override {
        std::string sql = "SELECT " + listed(table, table.columns.size()) + " FROM " + table.name;
        const std::string key = listed(table, table.key);
        if (!after.empty()) sql += " WHERE (" + key + ") > (" + places(table.key) + ")";
        auto rows = database_->prepare(sql + " ORDER BY " + key + " LIMIT ?");
        for (std::size_t i = 0; i < after.size(); ++i) bind(rows, table.columns[i], after[i]);
        rows.bind(static_cast<std::int64_t>(rows_at_once));
        std::vector<Values> found;
        while (rows.step()) {
            Values row;
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                row.push_back(read_value(rows, table.columns[i], static_cast<int>(i)));
            found.push_back(std::move(row));
        }
        return found;
    }

    Values last_key(const Table& table) override {
        std::string order;
        for (std::size_t i = 0; i < table.key; ++i)
            order += (i == 0 ? "" : ", ") + std::string(table.columns[i].name) + " DESC";
        auto row = database_->prepare("SELECT " + listed(table, table.key) + " FROM " + table.name +
                                      " ORDER BY " + order + " LIMIT 1");
        Values key;
        if (row.step())
            for (std::size_t i = 0; i < table.key; ++i)
                key.push_back(read_value(row, table.columns[i], static_cast<int>(i)));
        return key;
    }

    void write(const Table& table, const std::vector<Values>& rows) override {
        std::string names = listed(table, table.columns.size());
        std::size_t count = table.columns.size();
        if constexpr (has_derived)
            for (const Column& column : table.derived) {
                names += std::string(", ") + column.name;
                ++count;
            }
        const std::string sql = "INSERT INTO " + std::string(table.name) + "(" + names +
                                ") VALUES(" + places(count) + ")";
        database_->execute("BEGIN");
        for (const Values& row : rows) {
            auto insert = database_->prepare(sql);
            for (std::size_t i = 0; i < row.size(); ++i) bind(insert, table.columns[i], row[i]);
            if constexpr (has_derived) bind_derived(insert, table, row);
            insert.run();
        }
        database_->execute("COMMIT");
    }

    std::string kept(const std::string& text) const override {
        if constexpr (has_derived) return postgres::storable(text);
        return text;
    }

    void finish() override {
        if constexpr (has_derived)
            for (const char* const table : {"deliveries", "calls", "tries", "acts"})
                database_->execute("SELECT setval(pg_get_serial_sequence('" + std::string(table) +
                                   "', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM " + table +
                                   "), false)");
    }

private:
    static void bind_derived(postgres::Statement& insert, const Table& table, const Values& row) {
        const Values values = derived_of(table, row);
        for (std::size_t i = 0; i < values.size(); ++i) bind(insert, table.derived[i], values[i]);
    }

    static constexpr bool has_derived = std::is_same_v<Database, postgres::Connection>;
    std::unique_ptr<Database> database_;
};

Result<std::unique_ptr<Side>> open_postgres(const std::string& url) {
    const auto target = postgres::read_target(url);
    if (target.has_error()) return target.error();
    postgres::TimeLimits patient;
    patient.statement = patient.answer = std::chrono::hours(1);
    auto connection = std::make_unique<postgres::Connection>(*target, patient);
    if (const auto migrated = migrate(*connection, postgres_migrations()); migrated.has_error())
        return migrated.error();
    auto alive = connection->prepare(
        "SELECT count(*) FROM replicas WHERE seen_at > clock_timestamp() - INTERVAL '10 seconds'");
    alive.step();
    if (alive.integer(0) > 0)
        return fail(Errc::busy, std::to_string(alive.integer(0)) + " replica(s) work on " +
                                    target->name + "; stop them first");
    return std::unique_ptr<Side>(
        std::make_unique<SideOf<postgres::Connection>>(std::move(connection)));
}

Result<std::unique_ptr<Side>> open_side(const std::string& place) {
    if (postgres::is_postgres_url(place)) return open_postgres(place);
    auto database = std::make_unique<sqlite::Database>(place);
    database->migrate(sqlite_migrations());
    return std::unique_ptr<Side>(std::make_unique<SideOf<sqlite::Database>>(std::move(database)));
}

std::vector<Values> kept(const Side& side, const Table& table, std::vector<Values> rows) {
    for (Values& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            if (table.columns[i].kind == Kind::text && row[i].text)
                row[i].text = side.kept(*row[i].text);
    return rows;
}

Values key_of(const Table& table, const Values& row) {
    return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.key)};
}

std::int64_t copy_table(Side& from, Side& to, const Table& table, const Progress& progress) {
    std::int64_t copied = 0;
    // Rows are written in the order of their keys: what an earlier copy brought ends here.
    Values after = to.last_key(table);
    for (;;) {
        const std::vector<Values> rows = from.read(table, after);
        if (rows.empty()) return copied;
        to.write(table, kept(to, table, rows));
        copied += static_cast<std::int64_t>(rows.size());
        after = key_of(table, rows.back());
        progress(table.name, copied);
    }
}

/// How many rows both have; an error where one differs.
Result<std::int64_t> compare_table(Side& from, Side& to, const Table& table) {
    std::int64_t same = 0;
    Values after;
    for (;;) {
        const std::vector<Values> rows = kept(to, table, from.read(table, after));
        if (rows != to.read(table, after))
            return fail(Errc::store, std::string("the two differ in the table ") + table.name +
                                         ", after " + std::to_string(same) +
                                         " rows that are the same; the target holds what is not of"
                                         " this copy: begin with an empty one");
        same += static_cast<std::int64_t>(rows.size());
        if (rows.empty()) return same;
        after = key_of(table, rows.back());
    }
}

Result<CopyReport> copy_all(Side& from, Side& to, const Progress& progress) {
    CopyReport report;
    for (const Table& table : copied_tables())
        report.copied += copy_table(from, to, table, progress);
    to.finish();
    for (const Table& table : copied_tables()) {
        const auto same = compare_table(from, to, table);
        if (same.has_error()) return same.error();
        report.rows += *same;
    }
    return report;
}

}  // namespace

Result<CopyReport> copy_store(const std::string& from, const std::string& to,
                              const Progress& progress) {
    try {
        auto source = open_side(from);
        if (source.has_error()) return source.error();
        auto target = open_side(to);
        if (target.has_error()) return target.error();
        return copy_all(**source, **target, progress);
    } catch (const std::runtime_error& error) {  // PostgresError, SqliteError
        return fail(Errc::store, error.what());
    }
}

}  // namespace runs_agent::store
