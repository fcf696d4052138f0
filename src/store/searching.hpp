// SPDX-License-Identifier: MIT
// Looking for deliveries by what people know of them, for both backends. The newest come first, and
// what is looked through is bounded in time rather than in rows found: a page of a rare filter says
// how far back it has looked, instead of holding everybody up. What few rows have (a run, a rule
// that fired, a call that waits or was given up) is found by its own index; names are read in the
// order of arrival, from columns made for it.
#pragma once

#include "base/encoding.hpp"
#include "store/rows.hpp"
#include "store/store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace runs_agent::store {

/// How a kind of database says what the other says otherwise.
struct Dialect {
    const char* like;      // LIKE, to which the case of ASCII does not count
    const char* position;  // the function that finds a text in another: 0 where it is not there
    const char* newline;
    const char* last;           // a text behind all that an id has
    bool names_indexes;         // INDEXED BY; the other's planner finds the index by itself
    std::int64_t name_portion;  // see Looking
};

/// A condition with the values of its parameters, in order.
struct Condition {
    using Value = std::variant<std::int64_t, std::string>;
    std::string sql;
    std::vector<Value> values;

    void add(std::string_view text) { sql += text; }
    void add(std::string_view text, Value value) {
        sql += text;
        values.push_back(std::move(value));
    }
    template <class Statement>
    void bind(Statement& statement) const {
        for (const Value& value : values)
            std::visit([&](const auto& one) { statement.bind(one); }, value);
    }
};

/// Where rows come from: an index of them in the order of ids, of which few or all are.
struct Source {
    std::string index;  // of deliveries, or of calls
    std::string fits;   // its own condition, of `deliveries d` or `calls c`
    bool of_calls = false;
    std::optional<Condition::Value> value;  // of the parameter in `fits`

    /// All deliveries, of which the names are read.
    bool is_of_names() const { return index == "deliveries_names"; }
    template <class Statement>
    void bind(Statement& statement) const {
        if (value) std::visit([&](const auto& one) { statement.bind(one); }, *value);
    }
};

Source source_of(const DeliverySearch& search);
/// What is asked of `deliveries d` beside the source's own condition.
Condition conditions_of(const DeliverySearch& search, const Dialect& dialect);

/// The ids of what a search fits, the newest first, and how far it has looked.
struct Looked {
    std::vector<std::int64_t> ids;
    std::optional<std::int64_t> next;  // those below it were not looked at; absent: there are none
    bool cut = false;                  // the time was over
};

/// `Find(database, guid)` is find_delivery() of the backend.
template <class Database, class Find>
class Looking {
public:
    Looking(Database& database, const Dialect& dialect, Find find)
        : database_(database), dialect_(dialect), find_(std::move(find)) {}

    Result<Looked> look_for(const DeliverySearch& search);
    /// Store::search.
    Result<DeliveryPage> page(const DeliverySearch& search);
    /// Store::payload.
    Result<std::optional<std::string>> payload(const std::string& guid);

private:
    /// Rows that are looked at between two looks at the clock, which is some milliseconds: of those
    /// that the names are read of, and of others, of which more must be read.
    static constexpr std::int64_t portion_of_rows = 2'000;
    static constexpr std::size_t rows_at_once = 50;
    /// What a delivery's payload may unpack to: more than any that is taken in.
    static constexpr std::size_t max_payload = 64ULL * 1024 * 1024;

    struct Bounds {
        std::int64_t low = 0;
        std::int64_t high = std::numeric_limits<std::int64_t>::max();
    };
    Result<Bounds> bounds_of(const DeliverySearch& search);
    std::int64_t lowest_since(Time since);
    std::string by(const Source& source) const {
        return dialect_.names_indexes ? " INDEXED BY " + source.index : std::string();
    }
    void read_rows(const std::vector<std::int64_t>& ids, std::size_t from, DeliveryPage& page);
    std::int64_t low_of(const Source& source, std::int64_t high);
    void look_at_portion(const Source& source, const Condition& where, Bounds bounds, int limit,
                         Looked& looked);

    Database& database_;
    const Dialect& dialect_;
    Find find_;
};

/// Where the last of one portion of the source below `high` is; 0: there is no more than that.
template <class Database, class Find>
std::int64_t Looking<Database, Find>::low_of(const Source& source, std::int64_t high) {
    const std::string id = source.of_calls ? "c.delivery_id" : "d.id";
    auto row = database_.prepare(
        "SELECT " + id + " FROM " + (source.of_calls ? "calls c" : "deliveries d") + by(source) +
        " WHERE " + source.fits + " AND " + id + " < ? ORDER BY " + id + " DESC LIMIT 1 OFFSET ?");
    source.bind(row);
    row.bind(high).bind((source.is_of_names() ? dialect_.name_portion : portion_of_rows) - 1);
    return row.step() ? row.integer(0) : 0;
}

template <class Database, class Find>
void Looking<Database, Find>::look_at_portion(const Source& source, const Condition& where,
                                              Bounds bounds, int limit, Looked& looked) {
    std::string sql = "SELECT d.id FROM deliveries d";
    if (source.of_calls)
        sql += " WHERE d.id IN (SELECT c.delivery_id FROM calls c" + by(source) + " WHERE " +
               source.fits + " AND c.delivery_id >= ? AND c.delivery_id < ?)";
    else
        sql += by(source) + " WHERE " + source.fits + " AND d.id >= ? AND d.id < ?";
    auto rows = database_.prepare(sql + where.sql + " ORDER BY d.id DESC LIMIT ?");
    source.bind(rows);
    rows.bind(bounds.low).bind(bounds.high);
    where.bind(rows);
    rows.bind(static_cast<std::int64_t>(limit) - std::ssize(looked.ids));
    while (rows.step()) looked.ids.push_back(rows.integer(0));
}

/// The lowest id that can have been received since then. Ids follow the order of arrival; a clock
/// that was set, or that differs from another replica's, is followed for a thousand deliveries.
template <class Database, class Find>
std::int64_t Looking<Database, Find>::lowest_since(Time since) {
    auto row = database_.prepare(
        "SELECT min(id) FROM (SELECT id FROM deliveries WHERE received_at >= ?"
        " ORDER BY received_at LIMIT 1000) AS first");
    row.bind(since);
    row.step();
    return row.optional_integer(0).value_or(std::numeric_limits<std::int64_t>::max());
}

template <class Database, class Find>
auto Looking<Database, Find>::bounds_of(const DeliverySearch& search) -> Result<Bounds> {
    Bounds bounds;
    if (search.since) bounds.low = lowest_since(*search.since);
    if (!search.before.empty()) {
        const auto found = find_(database_, search.before);
        if (found.has_error()) return found.error();
        bounds.high = found->id;
    }
    if (!search.after.empty()) {
        const auto found = find_(database_, search.after);
        if (found.has_error()) return found.error();
        bounds.low = std::max(bounds.low, found->id + 1);
    }
    if (!search.id.empty()) {
        const auto found = find_(database_, search.id);
        if (found.has_error()) return found.error();
        bounds.low = std::max(bounds.low, found->id);
        bounds.high = std::min(bounds.high, found->id + 1);
    }
    return bounds;
}

template <class Database, class Find>
Result<Looked> Looking<Database, Find>::look_for(const DeliverySearch& search) {
    const auto bounds = bounds_of(search);
    if (bounds.has_error()) return bounds.error();
    const Source source = source_of(search);
    const Condition where = conditions_of(search, dialect_);
    const auto began = std::chrono::steady_clock::now();
    Looked looked;
    std::int64_t high = bounds->high;
    while (high > bounds->low) {
        const std::int64_t low = std::max(low_of(source, high), bounds->low);
        look_at_portion(source, where, {low, high}, search.limit, looked);
        if (std::ssize(looked.ids) >= search.limit) {
            looked.next = looked.ids.back();
            return looked;
        }
        high = low;
        if (low <= bounds->low || low == 0) break;
        if (search.look_for && std::chrono::steady_clock::now() - began >= *search.look_for) {
            looked.next = low;
            looked.cut = true;
            return looked;
        }
    }
    return looked;
}

/// The rows of these ids, from that one on, in one question: a server may be some way off.
template <class Database, class Find>
void Looking<Database, Find>::read_rows(const std::vector<std::int64_t>& ids, std::size_t from,
                                        DeliveryPage& page) {
    std::string sql =
        std::string("SELECT ") + delivery_columns + " FROM deliveries d WHERE d.id IN (?";
    for (std::size_t i = 1; i < rows_at_once; ++i) sql += ",?";
    auto rows = database_.prepare(sql + ") ORDER BY d.id DESC");
    constexpr std::int64_t none = -1;
    for (std::size_t i = from; i < from + rows_at_once; ++i)
        rows.bind(i < ids.size() ? ids[i] : none);
    while (rows.step()) page.rows.push_back(read_delivery(rows));
}

template <class Database, class Find>
Result<DeliveryPage> Looking<Database, Find>::page(const DeliverySearch& search) {
    const auto looked = look_for(search);
    if (looked.has_error()) return looked.error();
    DeliveryPage page;
    for (std::size_t from = 0; from < looked->ids.size(); from += rows_at_once)
        read_rows(looked->ids, from, page);
    if (!looked->next) return page;
    // Of a full page what follows may be nothing; of one that was cut it is what was not looked at.
    auto next = database_.prepare("SELECT guid, received_at FROM deliveries WHERE id = ?");
    next.bind(*looked->next);
    if (!next.step()) return page;
    page.next = next.text(0);
    if (looked->cut) page.looked_until = next.time(1);
    return page;
}

template <class Database, class Find>
Result<std::optional<std::string>> Looking<Database, Find>::payload(const std::string& guid) {
    const auto found = find_(database_, guid);
    if (found.has_error()) return found.error();
    auto row = database_.prepare("SELECT gzip FROM bodies WHERE delivery_id = ?");
    row.bind(found->id);
    if (!row.step()) return std::optional<std::string>();
    auto text = gunzip(row.blob(0), max_payload);
    if (text.has_error()) return text.error();
    return std::optional<std::string>(std::move(*text));
}

}  // namespace runs_agent::store
