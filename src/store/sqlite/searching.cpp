// SPDX-License-Identifier: MIT
#include "store/sqlite/searching.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "store/rows.hpp"
#include "store/sqlite/deliveries.hpp"

#include <limits>

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// Rows that are looked at between two looks at the clock, which is some milliseconds: of the index
/// that has the names, and of others, whose rows must be read for them.
constexpr int portion_of_names = 10'000;
constexpr int portion_of_rows = 2'000;
/// What a delivery's payload may unpack to: more than any that is taken in.
constexpr std::size_t max_payload = 64ULL * 1024 * 1024;

/// A condition with the values of its parameters, in order.
struct Condition {
    std::string sql;
    std::vector<std::variant<std::int64_t, std::string>> values;

    void add(std::string_view text) { sql += text; }
    void add(std::string_view text, std::int64_t value) {
        sql += text;
        values.emplace_back(value);
    }
    void add(std::string_view text, std::string value) {
        sql += text;
        values.emplace_back(std::move(value));
    }
    void bind(Statement& statement) const {
        for (const auto& value : values)
            std::visit([&](const auto& one) { statement.bind(one); }, value);
    }
};

/// A glob as LIKE has it, with '\' for what is meant literally.
std::string like_of(std::string_view glob) {
    std::string pattern;
    for (const char c : glob) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c == '*' ? '%' : c == '?' ? '_' : c;
    }
    return pattern;
}

void add_names(Condition& where, const DeliverySearch& search) {
    const auto like = [&](const char* column, const std::string& glob) {
        if (glob.empty()) return;
        where.add(std::string(" AND d.") + column + " LIKE ? ESCAPE '\\'", like_of(glob));
    };
    like("host", search.host);
    like("repository", search.repository);
    like("branch", search.branch);
    like("actor", search.actor);
    like("conclusion", search.conclusion);
    if (!search.workflow.empty()) {
        where.add(" AND (d.workflow LIKE ? ESCAPE '\\'", like_of(search.workflow));
        where.add(" OR d.workflow_path LIKE ? ESCAPE '\\')", like_of(search.workflow));
    }
    for (const std::string& text : search.text) {
        where.add(
            " AND (instr(lower(d.repository || char(10) || coalesce(d.workflow, '') || char(10) ||"
            " coalesce(d.branch, '') || char(10) || coalesce(d.actor, '') || char(10) ||"
            " coalesce(d.job, '')), ?) > 0",
            lower(text));
        // The beginning of an id: as long as that is short it says little, and fits too many.
        where.add(" OR d.id IN (SELECT i.id FROM deliveries i WHERE i.guid >= ?", lower(text));
        where.add(" AND i.guid < ? || x'7f' LIMIT 1000))", lower(text));
    }
}

void add_standing(Condition& where, Standing standing) {
    constexpr const char* none =
        " AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.delivery_id = d.id";
    constexpr const char* some = " AND EXISTS (SELECT 1 FROM calls c WHERE c.delivery_id = d.id";
    switch (standing) {
        case Standing::undecided:
            where.add(" AND d.decided_at IS NULL");
            break;
        case Standing::nothing:
            where.add(std::string(" AND d.decided_at IS NOT NULL") + none + ")");
            break;
        case Standing::held:
            where.add(std::string(some) + " AND c.refused > 0 AND c.state IN ('pending', 'held'))");
            break;
        case Standing::done:
            where.add(std::string(" AND d.decided_at IS NOT NULL") + some + ")" + none +
                      " AND c.state <> 'succeeded')");
            break;
        case Standing::open:
        case Standing::dead:
        case Standing::dropped:
            break;  // the source of rows says it
    }
}

/// Where rows come from: an index of them in the order of ids, of which few or all are.
struct Source {
    std::string index;  // of deliveries, or of calls
    std::string fits;   // its own condition, of `deliveries d` or `calls c`
    bool of_calls = false;
    std::optional<std::variant<std::int64_t, std::string>> value;  // of the parameter in `fits`

    bool is_of_names() const { return index == "deliveries_names"; }
};

bool asks_for_names(const DeliverySearch& search) {
    return !search.host.empty() || !search.repository.empty() || !search.workflow.empty() ||
           !search.branch.empty() || !search.actor.empty() || !search.conclusion.empty() ||
           !search.text.empty();
}

Source source_of(const DeliverySearch& search) {
    if (search.run_id) return {"deliveries_of_run", "d.run_id = ?", false, *search.run_id};
    if (search.standing == Standing::dead) return {"calls_dead", "c.state = 'dead'", true, {}};
    if (search.standing == Standing::dropped)
        return {"calls_dropped", "c.state = 'dropped'", true, {}};
    if (search.standing == Standing::open || search.standing == Standing::held)
        return {"calls_open_of_delivery", "c.state IN ('pending', 'held')", true, {}};
    if (search.did) return {"calls_changed_of_delivery", "c.changed = 1", true, {}};
    if (search.standing == Standing::undecided)
        return {"deliveries_undecided", "d.decided_at IS NULL", false, {}};
    // Few fit a name, and only of those is the rule read.
    if (!search.rule.empty() && search.rule != "R5" && !asks_for_names(search))
        return {"deliveries_acted", "d.rule IN ('R1', 'R2', 'R3', 'R4', 'R6') AND d.rule = ?",
                false, search.rule};
    return {"deliveries_names", "1", false, {}};
}

void bind(Statement& statement, const Source& source) {
    if (source.value) std::visit([&](const auto& one) { statement.bind(one); }, *source.value);
}

/// What is asked beside the source's own condition.
Condition conditions_of(const DeliverySearch& search) {
    Condition where;
    if (search.run_id && search.standing) {
        // The run is the source then.
        const char* state = *search.standing == Standing::dead      ? "= 'dead'"
                            : *search.standing == Standing::dropped ? "= 'dropped'"
                            : *search.standing == Standing::open    ? "IN ('pending', 'held')"
                                                                    : nullptr;
        if (state != nullptr)
            where.add(std::string(" AND EXISTS (SELECT 1 FROM calls c WHERE c.delivery_id = d.id"
                                  " AND c.state ") +
                      state + ")");
    }
    if (search.standing) add_standing(where, *search.standing);
    if (search.did) {
        where.add(
            " AND EXISTS (SELECT 1 FROM calls c WHERE c.delivery_id = d.id AND c.changed = 1");
        where.add(*search.did == Did::reopened ? " AND c.operation = 'reset-run')"
                                               : " AND c.operation <> 'reset-run')");
    }
    if (!search.rule.empty()) where.add(" AND d.rule = ?", search.rule);
    if (search.since)
        where.add(" AND d.received_at >= ?", search.since->time_since_epoch().count());
    if (search.until) where.add(" AND d.received_at < ?", search.until->time_since_epoch().count());
    add_names(where, search);
    return where;
}

/// Rows [low, high) of the source, one portion of them; `low` is 0 for the last.
std::int64_t low_of(Database& database, const Source& source, std::int64_t high) {
    const std::string id = source.of_calls ? "c.delivery_id" : "d.id";
    Statement row = database.prepare(
        "SELECT " + id + " FROM " + (source.of_calls ? "calls c" : "deliveries d") +
        " INDEXED BY " + source.index + " WHERE " + source.fits + " AND " + id + " < ? ORDER BY " +
        id + " DESC LIMIT 1 OFFSET ?");
    bind(row, source);
    row.bind(high).bind((source.is_of_names() ? portion_of_names : portion_of_rows) - 1);
    return row.step() ? row.integer(0) : 0;
}

void look_at_portion(Database& database, const Source& source, const Condition& where,
                     std::int64_t low, std::int64_t high, int limit, Looked& looked) {
    std::string sql = "SELECT d.id FROM deliveries d";
    if (source.of_calls)
        sql += " WHERE d.id IN (SELECT c.delivery_id FROM calls c INDEXED BY " + source.index +
               " WHERE " + source.fits + " AND c.delivery_id >= ? AND c.delivery_id < ?)";
    else
        sql +=
            " INDEXED BY " + source.index + " WHERE " + source.fits + " AND d.id >= ? AND d.id < ?";
    Statement rows = database.prepare(sql + where.sql + " ORDER BY d.id DESC LIMIT ?");
    bind(rows, source);
    rows.bind(low).bind(high);
    where.bind(rows);
    rows.bind(limit - std::ssize(looked.ids));
    while (rows.step()) looked.ids.push_back(rows.integer(0));
}

/// The lowest id that can have been received since then. Ids follow the order of arrival; a clock
/// that was set is followed for a thousand deliveries.
std::int64_t lowest_since(Database& database, Time since) {
    Statement row = database.prepare(
        "SELECT min(id) FROM (SELECT id FROM deliveries WHERE received_at >= ?"
        " ORDER BY received_at LIMIT 1000)");
    row.bind(since).step();
    return row.optional_integer(0).value_or(std::numeric_limits<std::int64_t>::max());
}

struct Bounds {
    std::int64_t low = 0;
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

Result<Bounds> bounds_of(Database& database, const DeliverySearch& search) {
    Bounds bounds;
    if (search.since) bounds.low = lowest_since(database, *search.since);
    if (!search.before.empty()) {
        const auto found = find_delivery(database, search.before);
        if (found.has_error()) return found.error();
        bounds.high = found->id;
    }
    if (!search.after.empty()) {
        const auto found = find_delivery(database, search.after);
        if (found.has_error()) return found.error();
        bounds.low = std::max(bounds.low, found->id + 1);
    }
    if (!search.id.empty()) {
        const auto found = find_delivery(database, search.id);
        if (found.has_error()) return found.error();
        bounds.low = std::max(bounds.low, found->id);
        bounds.high = std::min(bounds.high, found->id + 1);
    }
    return bounds;
}

}  // namespace

Result<Looked> look_for(Database& database, const DeliverySearch& search) {
    const auto bounds = bounds_of(database, search);
    if (bounds.has_error()) return bounds.error();
    const Source source = source_of(search);
    const Condition where = conditions_of(search);
    const auto began = std::chrono::steady_clock::now();
    Looked looked;
    std::int64_t high = bounds->high;
    while (high > bounds->low) {
        const std::int64_t low = std::max(low_of(database, source, high), bounds->low);
        look_at_portion(database, source, where, low, high, search.limit, looked);
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

Result<DeliveryPage> search(Database& database, const DeliverySearch& search) {
    const auto looked = look_for(database, search);
    if (looked.has_error()) return looked.error();
    DeliveryPage page;
    for (const std::int64_t id : looked->ids) {
        Statement row = database.prepare(std::string("SELECT ") + delivery_columns +
                                         " FROM deliveries d WHERE d.id = ?");
        row.bind(id);
        if (row.step()) page.rows.push_back(read_delivery(row));
    }
    if (!looked->next) return page;
    // Of a full page what follows may be nothing; of one that was cut it is what was not looked at.
    Statement next = database.prepare("SELECT guid, received_at FROM deliveries WHERE id = ?");
    next.bind(*looked->next);
    if (!next.step()) return page;
    page.next = next.text(0);
    if (looked->cut) page.looked_until = next.time(1);
    return page;
}

Result<std::optional<std::string>> payload(Database& database, const std::string& guid) {
    const auto found = find_delivery(database, guid);
    if (found.has_error()) return found.error();
    Statement row = database.prepare("SELECT gzip FROM bodies WHERE delivery_id = ?");
    if (!row.bind(found->id).step()) return std::optional<std::string>();
    auto text = gunzip(row.blob(0), max_payload);
    if (text.has_error()) return text.error();
    return std::optional<std::string>(std::move(*text));
}

}  // namespace runs_agent::store
