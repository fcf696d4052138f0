// SPDX-License-Identifier: MIT
#include "store/copying/tables.hpp"

#include "decide/known.hpp"
#include "store/facts_json.hpp"
#include "store/postgres/lanes.hpp"
#include "store/postgres/naming.hpp"

#include <algorithm>
#include <string_view>

namespace runs_agent::store {

namespace {

Column number(const char* name) {
    return {name, Kind::number};
}
Column text(const char* name) {
    return {name, Kind::text};
}

std::vector<Table> make_tables() {
    return {
        {"deliveries",
         {number("id"), text("guid"), text("event"), text("action"), text("host"), text("hook_id"),
          text("repository"), number("received_at"), number("run_id"), text("facts"),
          number("decided_at"), text("rule"), text("reason"), number("replayed"),
          number("has_body"), text("policy")},
         1,
         {number("run_lane"), number("group_lane"), text("workflow"), text("workflow_path"),
          text("branch"), text("actor"), text("conclusion"), text("job"), number("named")}},
        {"bodies", {number("delivery_id"), {"gzip", Kind::blob}}, 1, {}},
        {"attempts",
         {text("host"),
          number("run_id"),
          number("attempt"),
          text("run_group"),
          number("run_number"),
          number("completed"),
          text("conclusion"),
          number("heard_at"),
          text("head_sha"),
          number("created_at"),
          number("started_at"),
          number("alive_at"),
          number("ended_started_at"),
          number("ended_at"),
          number("ended_before"),
          number("first_started_at"),
          number("unclear"),
          number("live"),
          number("ended_first"),
          text("tellings")},
         3,
         {number("group_lane")}},
        // What was under way when its store was stopped is to be done again: `leased` stays 0.
        {"calls",
         {number("id"),
          text("key"),
          number("delivery_id"),
          text("host"),
          number("run_id"),
          number("attempt"),
          text("repository"),
          text("operation"),
          text("rule"),
          text("project_id"),
          text("ci_build_id"),
          number("only_if_in_progress"),
          text("reason"),
          text("state"),
          number("planned_at"),
          number("due_at"),
          number("tries"),
          number("not_found"),
          number("first_tried_at"),
          number("last_tried_at"),
          number("finished_at"),
          number("changed"),
          text("outcome"),
          number("refused"),
          text("machine_id"),
          number("claimed_before"),
          text("withdrawn"),
          number("as_of"),
          number("life"),
          number("specs")},
         1,
         {number("lane")}},
        {"tries",
         {number("id"), number("call_id"), number("at"), number("took"), number("status"),
          text("result")},
         1,
         {}},
        {"moved_calls", {number("delivery_id"), number("call_id")}, 2, {}},
        {"hooks",
         {text("host"), text("kind"), text("hook_id"), text("owner"), number("heard_at")},
         3,
         {}},
        {"repositories", {text("host"), text("repository"), number("heard_at")}, 2, {}},
        {"looks", {text("name"), number("at")}, 1, {}},
        {"acts",
         {number("id"), number("at"), text("act"), text("actor"), text("reason"), text("delivery"),
          text("subject"), text("filter"), number("calls")},
         1,
         {}},
    };
}

const Value& column(const Table& table, const Values& row, std::string_view name) {
    const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                    [name](const Column& one) { return name == one.name; });
    return row.at(static_cast<std::size_t>(found - table.columns.begin()));
}

Value value_of(std::int64_t number) {
    return {number, std::nullopt};
}

Value value_of(std::optional<std::string> text) {
    return {std::nullopt, std::move(text)};
}

Values derived_of_delivery(const Table& table, const Values& row) {
    const Value& facts = column(table, row, "facts");
    const auto event = facts.text ? parse_facts(*facts.text) : std::nullopt;
    const auto* const run = event ? std::get_if<decide::WorkflowRun>(&*event) : nullptr;
    Names names = names_of(event);
    return {event ? value_of(run_lane(decide::run_of(*event))) : value_of(0),
            run != nullptr ? value_of(group_lane(decide::group_of(*run))) : Value(),
            value_of(std::move(names.workflow)),
            value_of(std::move(names.workflow_path)),
            value_of(std::move(names.branch)),
            value_of(std::move(names.actor)),
            value_of(std::move(names.conclusion)),
            value_of(std::move(names.job)),
            value_of(1)};
}

}  // namespace

std::span<const Table> copied_tables() {
    static const std::vector<Table> tables = make_tables();
    return tables;
}

Values derived_of(const Table& table, const Values& row) {
    const std::string_view name = table.name;
    if (name == "deliveries") return derived_of_delivery(table, row);
    if (name == "attempts") return {value_of(group_lane(*column(table, row, "run_group").text))};
    if (name == "calls") {
        decide::PlannedCall call;
        call.run = {*column(table, row, "host").text, *column(table, row, "run_id").number};
        call.project_id = *column(table, row, "project_id").text;
        // What this version does not know is claimed by nobody.
        call.operation = decide::parse_operation(*column(table, row, "operation").text)
                             .value_or(decide::Operation::cancel_ci);
        return {value_of(call_lane(call))};
    }
    return {};
}

}  // namespace runs_agent::store
