// SPDX-License-Identifier: MIT
#include "store/searching.hpp"

#include "base/text.hpp"

namespace runs_agent::store {

namespace {

/// A glob as LIKE has it, with '\' for what is meant literally.
std::string like_of(std::string_view glob) {
    std::string pattern;
    for (const char c : glob) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c == '*' ? '%' : c == '?' ? '_' : c;
    }
    return pattern;
}

/// All names of a delivery, one below the other.
std::string all_names(const Dialect& dialect) {
    std::string names = "d.repository";
    for (const char* const column : {"workflow", "branch", "actor", "job"})
        names += std::string(" || ") + dialect.newline + " || coalesce(d." + column + ", '')";
    return names;
}

void add_names(Condition& where, const DeliverySearch& search, const Dialect& dialect) {
    const auto fits = [&](const char* column) {
        return std::string("d.") + column + " " + dialect.like + " ? ESCAPE '\\'";
    };
    const auto like = [&](const char* column, const std::string& glob) {
        if (!glob.empty()) where.add(" AND " + fits(column), like_of(glob));
    };
    like("host", search.host);
    like("repository", search.repository);
    like("branch", search.branch);
    like("actor", search.actor);
    like("conclusion", search.conclusion);
    if (!search.workflow.empty()) {
        where.add(" AND (" + fits("workflow"), like_of(search.workflow));
        where.add(" OR " + fits("workflow_path") + ")", like_of(search.workflow));
    }
    for (const std::string& text : search.text) {
        where.add(
            std::string(" AND (") + dialect.position + "(lower(" + all_names(dialect) + "), ?) > 0",
            lower(text));
        // The beginning of an id: as long as that is short it says little, and fits too many.
        // In the order of its index, so that it is the index that is asked.
        where.add(" OR d.id IN (SELECT i.id FROM deliveries i WHERE i.guid >= ?", lower(text));
        where.add(
            std::string(" AND i.guid < ? || ") + dialect.last + " ORDER BY i.guid LIMIT 1000))",
            lower(text));
    }
}

/// It has a call of which that holds. With its OFFSET PostgreSQL looks the calls of each delivery
/// up in their index; without, it may read all calls there are for each portion. Where a state is
/// asked for it is `c.state || ''`, as in is_next (rules_of_both.hpp): else an index of those alone
/// may be read as a whole, once for each delivery.
std::string has_call(const std::string& of_which = "") {
    return "EXISTS (SELECT 1 FROM calls c WHERE c.delivery_id = d.id" +
           (of_which.empty() ? "" : " AND " + of_which) + " LIMIT 1 OFFSET 0)";
}

void add_standing(Condition& where, Standing standing) {
    switch (standing) {
        case Standing::undecided:
            where.add(" AND d.decided_at IS NULL");
            break;
        case Standing::nothing:
            where.add(" AND d.decided_at IS NOT NULL AND NOT " + has_call());
            break;
        case Standing::held:
            where.add(" AND " + has_call("c.refused > 0 AND c.state || '' IN ('pending', 'held')"));
            break;
        case Standing::done:
            where.add(" AND d.decided_at IS NOT NULL AND " + has_call() + " AND NOT " +
                      has_call("c.state || '' <> 'succeeded'"));
            break;
        case Standing::open:
        case Standing::dead:
        case Standing::dropped:
            break;  // the source of rows says it
    }
}

bool asks_for_names(const DeliverySearch& search) {
    return !search.host.empty() || !search.repository.empty() || !search.workflow.empty() ||
           !search.branch.empty() || !search.actor.empty() || !search.conclusion.empty() ||
           !search.text.empty();
}

}  // namespace

namespace {

/// Few fit a name, and only of those is the rule read.
bool rule_is_source(const DeliverySearch& search) {
    return !search.rule.empty() && search.rule != "R5" && !asks_for_names(search);
}

}  // namespace

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
    if (rule_is_source(search))
        return {"deliveries_acted", "d.rule IN ('R1', 'R2', 'R3', 'R4', 'R6') AND d.rule = ?",
                false, search.rule};
    return {"deliveries_names", "1 = 1", false, {}};
}

Condition conditions_of(const DeliverySearch& search, const Dialect& dialect) {
    Condition where;
    if (search.run_id && search.standing) {
        // The run is the source then.
        const char* state = *search.standing == Standing::dead      ? "= 'dead'"
                            : *search.standing == Standing::dropped ? "= 'dropped'"
                            : *search.standing == Standing::open    ? "IN ('pending', 'held')"
                                                                    : nullptr;
        if (state != nullptr) where.add(" AND " + has_call(std::string("c.state || '' ") + state));
    }
    if (search.standing) add_standing(where, *search.standing);
    if (search.did)
        where.add(" AND " +
                  has_call(std::string("c.changed = 1 AND c.operation ") +
                           (*search.did == Did::reopened ? "= 'reset-run'" : "<> 'reset-run'")));
    // Said twice, it would be taken for rarer than it is, and read in another order.
    if (!search.rule.empty() && source_of(search).index != "deliveries_acted")
        where.add(" AND d.rule = ?", search.rule);
    if (search.since)
        where.add(" AND d.received_at >= ?",
                  std::int64_t{search.since->time_since_epoch().count()});
    if (search.until)
        where.add(" AND d.received_at < ?", std::int64_t{search.until->time_since_epoch().count()});
    add_names(where, search, dialect);
    return where;
}

}  // namespace runs_agent::store
