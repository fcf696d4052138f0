// SPDX-License-Identifier: MIT
#include "store/sqlite/delivery_rows.hpp"

#include "store/facts_json.hpp"

namespace runs_agent::store {

using sqlite::Statement;

const char* const delivery_columns =
    "d.id, d.guid, d.event, d.action, d.host, d.repository, d.received_at, d.decided_at, d.rule,"
    " d.reason, d.facts,"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id),"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id AND c.state IN ('pending','held')),"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id AND c.refused > 0"
    " AND c.state IN ('pending','held')),"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id AND c.state = 'dead'),"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id AND c.state = 'dropped')";

DeliveryRow read_delivery(const Statement& row) {
    DeliveryRow delivery;
    delivery.guid = row.text(1);
    delivery.event = row.text(2);
    delivery.action = row.text(3);
    delivery.host = row.text(4);
    delivery.repository = row.text(5);
    delivery.received_at = row.time(6);
    delivery.decided_at = row.optional_time(7);
    delivery.rule = row.text(8);
    delivery.reason = row.text(9);
    if (!row.is_null(10)) {
        const std::string facts = row.text(10);
        delivery.run = parse_run_facts(facts);
        if (const auto event = parse_facts(facts))
            if (const auto* const job = std::get_if<decide::WorkflowJob>(&*event))
                delivery.job = *job;
    }
    delivery.calls = static_cast<int>(row.integer(11));
    delivery.calls_open = static_cast<int>(row.integer(12));
    delivery.calls_held = static_cast<int>(row.integer(13));
    delivery.calls_dead = static_cast<int>(row.integer(14));
    delivery.calls_dropped = static_cast<int>(row.integer(15));
    return delivery;
}

}  // namespace runs_agent::store
