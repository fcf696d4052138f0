// SPDX-License-Identifier: MIT
// What people do by hand, for both backends: to one delivery, or to all that a filter fits, kept
// with who did it and why.
#pragma once

#include "store/searching.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace runs_agent::store {

/// Empty: it is not kept any more.
template <class Database>
std::string guid_of(Database& database, std::int64_t id) {
    auto row = database.prepare("SELECT guid FROM deliveries WHERE id = ?");
    row.bind(id);
    return row.step() ? row.text(0) : std::string();
}

/// Store::acts.
template <class Database>
std::vector<HandRecord> read_acts(Database& database, const std::string& delivery, int limit) {
    auto rows = database.prepare(
        std::string("SELECT at, act, actor, reason, delivery, subject, filter, calls FROM acts ") +
        (delivery.empty() ? "" : "WHERE delivery = ? ") + "ORDER BY id DESC LIMIT ?");
    if (!delivery.empty()) rows.bind(delivery);
    rows.bind(limit);
    std::vector<HandRecord> records;
    while (rows.step())
        records.push_back({rows.time(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4),
                           rows.text(5), rows.text(6), static_cast<int>(rows.integer(7))});
    return records;
}

/// Somebody wants calls tried: then what a service asked for before does not hold them back.
inline bool lifts_pauses(const ByHand& act, const Result<HandOutcome>& outcome) {
    return act.act == HandAct::replay && !act.dry_run && outcome.has_value() &&
           outcome->deliveries > 0;
}

/// Store::replays_after.
template <class Database>
Replays count_replays(Database& database, std::int64_t last) {
    auto row = database.prepare(
        "SELECT coalesce(max(id), ?), coalesce(sum(CASE WHEN actor LIKE 'page%' THEN 1 ELSE 0 END),"
        " 0), coalesce(sum(CASE WHEN actor LIKE 'api%' THEN 1 ELSE 0 END), 0), coalesce(sum(CASE"
        " WHEN actor LIKE 'command line%' THEN 1 ELSE 0 END), 0) FROM acts WHERE id > ? AND act ="
        " 'replay'");
    row.bind(last).bind(last).step();
    return {row.integer(0), row.integer(1), row.integer(2), row.integer(3)};
}

/// Store::act. `Hands` is what a backend does of it: look_for(search), replay(guid, now),
/// drop(guid, now), guid_of(id), record(record), and begin_trial() and end_trial(), which takes
/// back what was done in between.
template <class Hands>
class Acting {
public:
    Acting(Hands hands, const ByHand& act, Time now)
        : hands_(std::move(hands)), act_(act), now_(now) {}

    Result<HandOutcome> on(const DeliverySearch& which);

private:
    Result<int> do_it(const std::string& guid) {
        return act_.act == HandAct::replay ? hands_.replay(guid, now_) : hands_.drop(guid, now_);
    }
    void record(const std::string& guid, int calls);
    HandOutcome on_each(const std::vector<std::int64_t>& ids);
    Result<HandOutcome> on_one(std::int64_t id);

    Hands hands_;
    const ByHand& act_;
    Time now_;
};

template <class Hands>
void Acting<Hands>::record(const std::string& guid, int calls) {
    HandRecord record;
    record.at = now_;
    record.act = to_string(act_.act);
    record.actor = act_.actor;
    record.reason = act_.reason;
    record.delivery = guid;
    record.filter = act_.filter;
    record.calls = calls;
    hands_.record(record);
}

/// To each of them; those that must be left alone are counted by why.
template <class Hands>
HandOutcome Acting<Hands>::on_each(const std::vector<std::int64_t>& ids) {
    HandOutcome outcome;
    std::map<std::string, int> left_alone;
    for (const std::int64_t id : ids) {
        const std::string guid = hands_.guid_of(id);
        if (guid.empty()) {
            ++left_alone["it is not kept any more"];
            continue;
        }
        const auto calls = do_it(guid);
        if (calls.has_error()) {
            ++left_alone[calls.error().message];
            continue;
        }
        if (*calls == 0 && act_.act == HandAct::drop) {
            ++left_alone["nothing of it is left to do"];
            continue;
        }
        ++outcome.deliveries;
        outcome.calls += *calls;
        record(guid, *calls);
    }
    outcome.left_alone.assign(left_alone.begin(), left_alone.end());
    return outcome;
}

/// One that was named: what keeps it from being done is the error.
template <class Hands>
Result<HandOutcome> Acting<Hands>::on_one(std::int64_t id) {
    HandOutcome outcome = on_each({id});
    if (outcome.deliveries == 1) return outcome;
    const auto again = do_it(hands_.guid_of(id));
    if (again.has_error()) return again.error();
    return outcome;  // nothing of it was left to do
}

template <class Hands>
Result<HandOutcome> Acting<Hands>::on(const DeliverySearch& which) {
    DeliverySearch bounded = which;
    bounded.limit = act_.at_most;
    const auto looked = hands_.look_for(bounded);
    if (looked.has_error()) return looked.error();
    if (act_.dry_run) hands_.begin_trial();
    Result<HandOutcome> outcome{HandOutcome()};
    if (!which.id.empty() && looked->ids.size() == 1)
        outcome = on_one(looked->ids.front());
    else
        outcome = on_each(looked->ids);
    if (act_.dry_run) hands_.end_trial();
    if (outcome.has_value() && looked->next) {
        bounded.before = hands_.guid_of(*looked->next);
        bounded.limit = 1;
        const auto rest = hands_.look_for(bounded);
        outcome->more = rest.has_value() && !rest->ids.empty();
    }
    return outcome;
}

}  // namespace runs_agent::store
