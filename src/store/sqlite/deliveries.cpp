// SPDX-License-Identifier: MIT
#include "store/sqlite/deliveries.hpp"

#include "base/quick_gzip.hpp"
#include "store/facts_json.hpp"
#include "store/pauses.hpp"
#include "store/rows.hpp"
#include "store/rules_of_both.hpp"
#include "store/sqlite/by_hand.hpp"
#include "store/sqlite/catching_up.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

Result<FoundDelivery> find_delivery(Database& database, const std::string& guid) {
    if (guid.empty()) return not_one_delivery(guid);
    // A range, not LIKE: it uses the index, and no character of the input is special.
    Statement rows = database.prepare(
        "SELECT id, guid FROM deliveries WHERE guid >= ?1 AND guid < ?1 || x'7f' ORDER BY guid "
        "LIMIT 2");
    rows.bind(guid);
    if (!rows.step()) return no_such_delivery(guid);
    FoundDelivery found{rows.integer(0), rows.text(1)};
    if (found.guid != guid && rows.step()) return not_one_delivery(guid);
    return found;
}

namespace {

/// Its row alone; absent where there is one of that GUID.
std::optional<std::int64_t> insert_row(Database& database, const NewDelivery& delivery,
                                       const std::optional<Conclusion>& conclusion) {
    Statement insert = database.prepare(
        "INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at, "
        "run_id,"
        " facts, decided_at, rule, reason, policy, has_body) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(guid) DO NOTHING");
    insert.bind(delivery.guid)
        .bind(delivery.event)
        .bind(delivery.action)
        .bind(delivery.host)
        .bind(delivery.hook_id)
        .bind(delivery.repository)
        .bind(delivery.received_at);
    if (delivery.facts)
        insert.bind(decide::run_of(*delivery.facts).run_id).bind(to_json(*delivery.facts));
    else
        insert.bind(nullptr).bind(nullptr);
    if (conclusion)
        insert.bind(conclusion->at)
            .bind(decide::to_string(conclusion->rule))
            .bind(conclusion->reason)
            .bind(conclusion->policy);
    else
        insert.bind(nullptr).bind("").bind("").bind(nullptr);
    insert.bind(!delivery.body.empty()).run();
    if (database.changes() == 0) return std::nullopt;
    return database.last_insert_rowid();
}

}  // namespace

bool is_known(Database& database, const std::string& guid) {
    return database.prepare("SELECT 1 FROM deliveries WHERE guid = ?").bind(guid).step();
}

std::optional<std::int64_t> insert(Database& database, const NewDelivery& delivery,
                                   const std::optional<Conclusion>& conclusion) {
    const auto id = insert_row(database, delivery, conclusion);
    // Also of a duplicate: the id names the event, and each hook that hears of it sends the same.
    record_source(database, delivery);
    if (id && !delivery.body.empty()) {
        thread_local QuickGzip packer;
        database.prepare("INSERT INTO bodies(delivery_id, gzip) VALUES(?,?)")
            .bind(*id)
            .bind_blob(packer.pack(delivery.body))
            .run();
    }
    return id;
}

Accepted accept(Database& database, const NewDelivery& delivery) {
    std::optional<Conclusion> conclusion;
    if (!delivery.facts)
        conclusion = {delivery.received_at, decide::Rule::none, delivery.ignored_because, ""};
    return insert(database, delivery, conclusion) ? Accepted::stored : Accepted::duplicate;
}

Result<std::vector<DeliveryRow>> list(Database& database, const DeliveryFilter& filter) {
    std::optional<std::int64_t> before;
    if (!filter.before.empty()) {
        const auto found = find_delivery(database, filter.before);
        if (found.has_error()) return found.error();
        before = found->id;
    }
    std::string sql = std::string("SELECT ") + delivery_columns + " FROM deliveries d WHERE 1";
    if (before) sql += " AND d.id < ?";
    if (!filter.repository.empty()) sql += " AND d.repository = ? COLLATE NOCASE";
    if (filter.run_id) sql += " AND d.run_id = ?";
    if (filter.only_dead)
        sql += " AND d.id IN (SELECT delivery_id FROM calls WHERE state = 'dead')";
    sql += " ORDER BY d.id DESC LIMIT ?";

    Statement rows = database.prepare(sql);
    if (before) rows.bind(*before);
    if (!filter.repository.empty()) rows.bind(filter.repository);
    if (filter.run_id) rows.bind(*filter.run_id);
    rows.bind(filter.limit);
    std::vector<DeliveryRow> deliveries;
    while (rows.step()) deliveries.push_back(read_delivery(rows));
    return deliveries;
}

Result<DeliveryDetail> show(Database& database, const std::string& guid) {
    const auto found = find_delivery(database, guid);
    if (found.has_error()) return found.error();
    DeliveryDetail detail;
    {
        Statement row =
            database.prepare(std::string("SELECT ") + delivery_columns +
                             ", EXISTS(SELECT 1 FROM bodies b WHERE b.delivery_id = d.id)"
                             " FROM deliveries d WHERE d.id = ?");
        row.bind(found->id).step();
        detail.row = read_delivery(row);
        detail.body_kept = row.integer(delivery_column_count) != 0;
    }
    detail.calls = calls_of_delivery(database, found->id);
    return detail;
}

int prune(Database& database, Time now, const Retention& retention) {
    // By age, in an index of those that still have a body: a clock that went wrong may have given
    // any of them any time, and far more have none.
    const auto on_old_bodies = [&](const char* change) {
        database
            .prepare(std::string(change) +
                     " IN (SELECT id FROM deliveries WHERE has_body = 1 AND received_at < ?"
                     " ORDER BY received_at, id LIMIT ?)")
            .bind(now - retention.bodies)
            .bind(prune_step)
            .run();
        return database.changes();
    };
    on_old_bodies("DELETE FROM bodies WHERE delivery_id");
    int gone = on_old_bodies("UPDATE deliveries SET has_body = 0 WHERE id");
    database
        .prepare(
            "DELETE FROM deliveries WHERE id IN (SELECT d.id FROM deliveries d"
            " WHERE d.received_at < ? AND d.decided_at IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM calls c WHERE c.delivery_id = d.id AND c.state IN ('pending','held'))"
            " LIMIT ?)")
        .bind(now - retention.rows)
        .bind(prune_step)
        .run();
    gone += database.changes();
    database
        .prepare(
            "DELETE FROM attempts WHERE (host, run_id, attempt) IN"
            " (SELECT host, run_id, attempt FROM attempts WHERE heard_at < ? LIMIT ?)")
        .bind(now - retention.rows)
        .bind(prune_step)
        .run();
    gone += database.changes();
    gone += prune_acts(database, now - retention.rows, prune_step);
    prune_sources(database, now - retention.rows);
    prune_pauses(database, now - retention.rows);
    return gone;
}

}  // namespace runs_agent::store
