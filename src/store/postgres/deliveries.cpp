// SPDX-License-Identifier: MIT
#include "store/postgres/deliveries.hpp"

#include "base/deflater.hpp"
#include "store/facts_json.hpp"
#include "store/pauses.hpp"
#include "store/postgres/by_hand.hpp"
#include "store/postgres/catching_up.hpp"
#include "store/postgres/lanes.hpp"
#include "store/postgres/naming.hpp"
#include "store/postgres/replicas.hpp"
#include "store/rows.hpp"
#include "store/rules_of_both.hpp"

namespace runs_agent::store {

using postgres::Connection;
using postgres::Statement;

Result<FoundDelivery> find_delivery(Connection& connection, const std::string& guid) {
    if (guid.empty()) return not_one_delivery(guid);
    // A range, not LIKE: it uses the index, and no character of the input is special.
    Statement rows = connection.prepare(
        "SELECT id, guid FROM deliveries WHERE guid >= ?1 AND guid < ?1 || chr(127) ORDER BY guid"
        " LIMIT 2");
    rows.bind(guid);
    if (!rows.step()) return no_such_delivery(guid);
    FoundDelivery found{rows.integer(0), rows.text(1)};
    if (found.guid != guid && rows.step()) return not_one_delivery(guid);
    return found;
}

std::string packed_body(const NewDelivery& delivery) {
    if (delivery.body.empty()) return "";
    // Level 1: a third of the time of the usual level for a tenth more bytes.
    thread_local Deflater packer(1);
    return packer.gzip(delivery.body);
}

Accepted accept(Connection& connection, const NewDelivery& delivery, const std::string& packed) {
    std::optional<decide::RunKey> run;
    std::optional<std::string> facts;
    std::optional<std::int64_t> group;
    if (delivery.facts) {
        run = decide::run_of(*delivery.facts);
        facts = to_json(*delivery.facts);
        if (const auto* const told = std::get_if<decide::WorkflowRun>(&*delivery.facts))
            group = group_lane(decide::group_of(*told));
    }
    // Everything in one request: of two replicas that hear the same GUID at once, the second waits
    // for the first to have stored it, and finds it stored.
    Statement stored = connection.prepare(
        "WITH stored AS (INSERT INTO deliveries(guid, event, action, host, hook_id, repository,"
        " received_at, run_id, facts, decided_at, rule, reason, has_body, run_lane, group_lane,"
        " workflow, workflow_path, branch, actor, conclusion, job, policy, named)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?17,?18,?19,?20,?21,?22,?23,1)"
        " ON CONFLICT(guid) DO NOTHING"
        " RETURNING id), body AS (INSERT INTO bodies(delivery_id, gzip)"
        " SELECT id, ?16 FROM stored WHERE ?13 = 1) SELECT id FROM stored");
    stored.bind(delivery.guid).bind(delivery.event).bind(delivery.action).bind(delivery.host);
    stored.bind(delivery.hook_id).bind(delivery.repository).bind(delivery.received_at);
    stored.bind(run ? std::optional<std::int64_t>(run->run_id) : std::nullopt).bind(facts);
    stored.bind(run ? std::optional<Time>() : std::optional<Time>(delivery.received_at));
    stored.bind(run ? std::string_view() : decide::to_string(decide::Rule::none));
    stored.bind(run ? std::string() : delivery.ignored_because);
    stored.bind(!packed.empty()).bind(run ? run_lane(*run) : 0).bind(group).bind_blob(packed);
    const Names names = names_of(delivery.facts);
    stored.bind(names.workflow).bind(names.workflow_path).bind(names.branch).bind(names.actor);
    stored.bind(names.conclusion).bind(names.job);
    stored.bind(run ? std::optional<std::string>() : std::optional<std::string>(""));
    return stored.step() ? Accepted::stored : Accepted::duplicate;
}

Result<std::vector<DeliveryRow>> list(Connection& connection, const DeliveryFilter& filter) {
    std::optional<std::int64_t> before;
    if (!filter.before.empty()) {
        const auto found = find_delivery(connection, filter.before);
        if (found.has_error()) return found.error();
        before = found->id;
    }
    std::string sql = std::string("SELECT ") + delivery_columns + " FROM deliveries d WHERE TRUE";
    if (before) sql += " AND d.id < ?";
    if (!filter.repository.empty()) sql += " AND lower(d.repository) = lower(?)";
    if (filter.run_id) sql += " AND d.run_id = ?";
    if (filter.only_dead)
        sql += " AND d.id IN (SELECT delivery_id FROM calls WHERE state = 'dead')";
    sql += " ORDER BY d.id DESC LIMIT ?";

    Statement rows = connection.prepare(sql);
    if (before) rows.bind(*before);
    if (!filter.repository.empty()) rows.bind(filter.repository);
    if (filter.run_id) rows.bind(*filter.run_id);
    rows.bind(filter.limit);
    std::vector<DeliveryRow> deliveries;
    while (rows.step()) deliveries.push_back(read_delivery(rows));
    return deliveries;
}

Result<DeliveryDetail> show(Connection& connection, const std::string& guid) {
    const auto found = find_delivery(connection, guid);
    if (found.has_error()) return found.error();
    DeliveryDetail detail;
    {
        Statement row =
            connection.prepare(std::string("SELECT ") + delivery_columns +
                               ", EXISTS(SELECT 1 FROM bodies b WHERE b.delivery_id = d.id)"
                               " FROM deliveries d WHERE d.id = ?");
        row.bind(found->id).step();
        detail.row = read_delivery(row);
        detail.body_kept = row.integer(delivery_column_count) != 0;
    }
    detail.calls = calls_of_delivery(connection, found->id);
    return detail;
}

int prune(Connection& connection, std::int64_t salt, Time now, const Retention& retention) {
    // One replica at a time; and what another transaction holds goes another time.
    HeldLanes lanes(connection, salt);
    if (!lanes.take(lane_of({"prune"}))) return 0;
    // The oldest first, so many as are written down here, and an array of them: whatever the server
    // knows of the tables, it then finds them by age and by number, and never reads a table as a
    // whole.
    const std::string a_step = " LIMIT " + std::to_string(prune_step) + " FOR UPDATE SKIP LOCKED";
    std::vector<std::int64_t> old;
    {
        Statement rows = connection.prepare(
            "SELECT id FROM deliveries WHERE has_body = 1 AND received_at < ?"
            " ORDER BY received_at, id LIMIT ? FOR UPDATE SKIP LOCKED");
        rows.bind(now - retention.bodies).bind(prune_step);
        while (rows.step()) old.push_back(rows.integer(0));
    }
    if (!old.empty()) {
        connection.prepare("DELETE FROM bodies WHERE delivery_id = ANY(?)").bind_array(old).run();
        connection.prepare("UPDATE deliveries SET has_body = 0 WHERE id = ANY(?)")
            .bind_array(old)
            .run();
    }
    int gone = static_cast<int>(old.size());
    gone += connection
                .prepare(
                    "DELETE FROM deliveries WHERE id = ANY(ARRAY(SELECT d.id FROM deliveries d"
                    " WHERE d.received_at < ? AND d.decided_at IS NOT NULL AND NOT EXISTS"
                    " (SELECT 1 FROM calls c WHERE c.delivery_id = d.id"
                    " AND c.state || '' IN ('pending','held')) ORDER BY d.received_at" +
                    a_step + "))")
                .bind(now - retention.rows)
                .run();
    gone += connection
                .prepare(
                    "DELETE FROM attempts WHERE ctid = ANY(ARRAY(SELECT ctid FROM attempts"
                    " WHERE heard_at < ? ORDER BY heard_at" +
                    a_step + "))")
                .bind(now - retention.rows)
                .run();
    gone += prune_acts(connection, now - retention.rows, prune_step);
    prune_sources(connection, now - retention.rows);
    prune_pauses(connection, now - retention.rows);
    forget_replicas(connection);
    return gone;
}

}  // namespace runs_agent::store
