// SPDX-License-Identifier: MIT
#include "runs_server/orchestrating/hand_out.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

std::int64_t lanes_of(const Lanes& lanes, const std::string& group) {
    const auto own = lanes.of_groups.find(group);
    return own == lanes.of_groups.end() ? lanes.of_all : own->second;
}

std::vector<HandedSpec> read(Statement& rows) {
    std::vector<HandedSpec> specs;
    while (rows.step()) specs.push_back({rows.text(0), rows.text(1), rows.integer(2)});
    return specs;
}

/// How often a machine is given a spec that it does not begin: its answer may have been lost.
constexpr int most = 2;

/// What nobody has, and this machine has not given back: specs s of run ?1 for machine ?2.
constexpr const char* that_it_may_have =
    " FROM specs s WHERE run_id = ?1 AND machine_id IS NULL AND completed_at IS NULL"
    " AND cypress = 0"
    " AND NOT EXISTS(SELECT 1 FROM given_back b WHERE b.spec_id = s.id AND b.machine_id = ?2)";
constexpr const char* longest_first = " ORDER BY expected DESC, tests_known DESC, spec";

/// The group of the longest one; empty where there is none.
std::string next_group(Database& database, const std::string& run_id,
                       const std::string& machine_id) {
    Statement row = database.prepare(std::string("SELECT group_name") + that_it_may_have +
                                     longest_first + " LIMIT 1");
    return row.bind(run_id).bind(machine_id).step() ? row.text(0) : "";
}

/// What the machine was given as often as that, and asks on without having begun it, is for others:
/// it cannot run it, or another can. The same machine does not get it again. Cypress's specs are
/// never handed out here: its client reports each that it was given, also where it could not begin.
void take_back(Database& database, const std::string& run_id, const std::string& machine_id) {
    constexpr const char* unbegun =
        " WHERE run_id = ?1 AND machine_id = ?2 AND completed_at IS NULL AND begun = 0"
        " AND handed >= ?3";
    for (const std::string& change :
         {std::string("INSERT INTO given_back(spec_id, machine_id) SELECT id, ?2 FROM specs") +
              unbegun + " ON CONFLICT DO NOTHING",
          std::string("UPDATE specs SET machine_id = NULL, claimed_at = NULL, handed = 0") +
              unbegun})
        database.prepare(change).bind(run_id).bind(machine_id).bind(most).run();
}

Batch never_begun(Database& database, const std::string& run_id, const std::string& machine_id,
                  const Lanes& lanes) {
    Batch batch;
    Statement group = database.prepare(
        "SELECT group_name FROM specs WHERE run_id = ? AND machine_id = ? AND completed_at IS NULL"
        " AND begun = 0 AND handed > 0 AND handed < ? AND cypress = 0 LIMIT 1");
    if (!group.bind(run_id).bind(machine_id).bind(most).step()) return batch;
    batch.group = group.text(0);
    Statement rows = database.prepare(
        "SELECT id, spec, expected FROM specs WHERE run_id = ? AND machine_id = ?"
        " AND completed_at IS NULL AND begun = 0 AND handed > 0 AND handed < ? AND group_name = ?"
        " AND cypress = 0"
        " ORDER BY expected DESC, tests_known DESC, spec LIMIT ?");
    batch.lanes = lanes_of(lanes, batch.group);
    rows.bind(run_id).bind(machine_id).bind(most).bind(batch.group).bind(batch.lanes);
    batch.specs = read(rows);
    return batch;
}

Batch nobodys(Database& database, const std::string& run_id, const std::string& machine_id,
              const Lanes& lanes) {
    Batch batch;
    batch.group = next_group(database, run_id, machine_id);
    if (batch.group.empty()) return batch;
    Statement rows = database.prepare(std::string("SELECT id, spec, expected") + that_it_may_have +
                                      " AND group_name = ?3" + longest_first + " LIMIT ?4");
    batch.lanes = lanes_of(lanes, batch.group);
    rows.bind(run_id).bind(machine_id).bind(batch.group).bind(batch.lanes);
    batch.specs = read(rows);
    return batch;
}

void give(Database& database, const HandedSpec& spec, const std::string& machine_id, Time now) {
    database
        .prepare(
            "UPDATE specs SET machine_id = ?1, claimed_at = coalesce(claimed_at, ?2),"
            " handed = handed + 1 WHERE id = ?3")
        .bind(machine_id)
        .bind(now)
        .bind(spec.id)
        .run();
    database.prepare("DELETE FROM lost_claims WHERE spec_id = ? AND machine_id = ?")
        .bind(spec.id)
        .bind(machine_id)
        .run();
}

}  // namespace

void expect_durations(Database& database, const std::string& run_id) {
    database
        .prepare(
            "UPDATE specs SET expected = CAST(coalesce((SELECT d.milliseconds FROM durations d"
            " JOIN runs r ON r.project_id = d.project_id WHERE r.id = ?1"
            " AND d.group_name = specs.group_name AND d.spec = specs.spec),"
            " (SELECT avg(d.milliseconds) FROM durations d JOIN runs r"
            " ON r.project_id = d.project_id WHERE r.id = ?1), 0) AS INTEGER)"
            " WHERE run_id = ?1 AND expected = 0")
        .bind(run_id)
        .run();
}

Batch hand_out(Database& database, const std::string& run_id, const std::string& machine_id,
               const Lanes& lanes, Time now) {
    take_back(database, run_id, machine_id);
    Batch batch = never_begun(database, run_id, machine_id, lanes);
    if (batch.specs.empty()) batch = nobodys(database, run_id, machine_id, lanes);
    for (const HandedSpec& spec : batch.specs) give(database, spec, machine_id, now);
    return batch;
}

}  // namespace runs_agent::runs_server
