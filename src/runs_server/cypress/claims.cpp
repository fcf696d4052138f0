// SPDX-License-Identifier: MIT
#include "runs_server/cypress/claims.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// A claim of which its machine has told nothing and that holds, `c` being of claims and `s` of
/// specs.
constexpr const char* open_claim =
    " c.tests IS NULL AND s.completed_at IS NULL AND s.machine_id = c.machine_id"
    " AND NOT EXISTS(SELECT 1 FROM lost_claims l WHERE l.spec_id = s.id"
    " AND l.machine_id = c.machine_id)";

/// An answer that was lost is no older: each try takes 30 seconds at most, and the pauses between
/// them are known. What was given before that was run, and its results are still under way.
std::chrono::seconds oldest_lost(std::int64_t attempt) {
    using std::chrono::seconds;
    constexpr std::array waited{seconds(35), seconds(75), seconds(135)};
    constexpr seconds slack{25};
    const auto index = std::clamp<std::size_t>(static_cast<std::size_t>(attempt), 1, waited.size());
    return waited.at(index - 1) + slack;
}

std::vector<ClaimedSpec> read(Statement& rows) {
    std::vector<ClaimedSpec> claimed;
    while (rows.step()) claimed.push_back({rows.text(0), rows.text(1)});
    return claimed;
}

std::vector<ClaimedSpec> given_last(Database& database, const ClaimRequest& request, Time now) {
    Statement last = database.prepare(
        "SELECT c.batch, c.at FROM claims c JOIN specs s ON s.id = c.spec_id"
        " WHERE c.machine_id = ? AND s.run_id = ? AND s.group_name = ? ORDER BY c.seq DESC LIMIT "
        "1");
    last.bind(request.machine_id).bind(request.run_id).bind(request.group);
    if (!last.step() || now - last.time(1) > oldest_lost(request.attempt)) return {};
    Statement rows = database.prepare(
        "SELECT c.id, s.spec FROM claims c JOIN specs s ON s.id = c.spec_id"
        " WHERE c.machine_id = ? AND c.batch = ? AND" +
        std::string(open_claim) + " ORDER BY c.seq");
    rows.bind(request.machine_id).bind(last.integer(0));
    return read(rows);
}

struct FreeSpec {
    std::string id;
    std::string spec;
};

/// Machines of a group may be started on different parts of it (`--spec`).
bool can_run_all(Database& database, const ClaimRequest& request) {
    Statement row = database.prepare(
        "SELECT json_array_length(m.specs) = (SELECT count(*) FROM specs s WHERE"
        " s.run_id = m.run_id AND s.group_name = m.group_name AND s.cypress = 1)"
        " FROM cypress_machines m WHERE m.run_id = ? AND m.machine_id = ? AND m.group_name = ?");
    row.bind(request.run_id).bind(request.machine_id).bind(request.group);
    return row.step() && row.integer(0) != 0;
}

std::vector<FreeSpec> nobodys(Database& database, const ClaimRequest& request) {
    const std::string can_run =
        can_run_all(database, request)
            ? ""
            : " AND spec IN (SELECT j.value FROM cypress_machines m, json_each(m.specs) j"
              " WHERE m.run_id = ?1 AND m.group_name = ?2 AND m.machine_id = ?4)";
    Statement rows = database.prepare(
        "SELECT id, spec FROM specs WHERE run_id = ?1 AND group_name = ?2 AND machine_id IS NULL"
        " AND completed_at IS NULL AND cypress = 1" +
        can_run + " ORDER BY expected DESC, tests_known DESC, spec LIMIT ?3");
    rows.bind(request.run_id).bind(request.group).bind(request.most);
    if (!can_run.empty()) rows.bind(request.machine_id);
    std::vector<FreeSpec> found;
    while (rows.step()) found.push_back({rows.text(0), rows.text(1)});
    return found;
}

void give(Database& database, const FreeSpec& spec, const ClaimRequest& request, Time now) {
    database.prepare("UPDATE specs SET machine_id = ?, claimed_at = ? WHERE id = ?")
        .bind(request.machine_id)
        .bind(now)
        .bind(spec.id)
        .run();
    database.prepare("DELETE FROM lost_claims WHERE spec_id = ? AND machine_id = ?")
        .bind(spec.id)
        .bind(request.machine_id)
        .run();
}

std::int64_t next_batch(Database& database) {
    Statement row = database.prepare("SELECT coalesce(max(seq), 0) + 1 FROM claims");
    row.step();
    return row.integer(0);
}

}  // namespace

void join_group(Database& database, const std::string& run_id, const std::string& group,
                const std::string& machine_id, const std::string& specs_json) {
    database
        .prepare(
            "INSERT INTO cypress_machines(run_id, group_name, machine_id, specs) VALUES(?,?,?,?)"
            " ON CONFLICT DO UPDATE SET specs = excluded.specs")
        .bind(run_id)
        .bind(group)
        .bind(machine_id)
        .bind(specs_json)
        .run();
}

bool has_joined(Database& database, const std::string& run_id, const std::string& group,
                const std::string& machine_id) {
    return database
        .prepare(
            "SELECT 1 FROM cypress_machines WHERE run_id = ? AND group_name = ? AND machine_id = ?")
        .bind(run_id)
        .bind(group)
        .bind(machine_id)
        .step();
}

std::vector<ClaimedSpec> claim_specs(Database& database, const ClaimRequest& request, Time now) {
    if (request.attempt > 0)
        if (auto claimed = given_last(database, request, now); !claimed.empty()) return claimed;
    std::vector<ClaimedSpec> claimed;
    const std::int64_t batch = next_batch(database);
    for (const FreeSpec& spec : nobodys(database, request)) {
        give(database, spec, request, now);
        claimed.push_back({random_hex(16), spec.spec});
        database.prepare("INSERT INTO claims(id, spec_id, machine_id, batch, at) VALUES(?,?,?,?,?)")
            .bind(claimed.back().claim_id)
            .bind(spec.id)
            .bind(request.machine_id)
            .bind(batch)
            .bind(now)
            .run();
    }
    return claimed;
}

bool is_expected_to_report(Database& database, const std::string& run_id,
                           const std::string& machine_id) {
    Statement row = database.prepare(
        "SELECT 1 FROM specs s JOIN claims c ON c.spec_id = s.id"
        " WHERE s.run_id = ? AND s.machine_id = ? AND" +
        std::string(open_claim) + " LIMIT 1");
    return row.bind(run_id).bind(machine_id).step();
}

std::optional<Claim> find_claim(Database& database, const std::string& claim_id) {
    Statement row = database.prepare(
        "SELECT c.id, c.spec_id, s.run_id, s.group_name, s.spec, c.machine_id, c.tests,"
        " s.completed_at IS NOT NULL,"
        " c.seq = (SELECT max(o.seq) FROM claims o WHERE o.spec_id = c.spec_id)"
        " AND NOT EXISTS(SELECT 1 FROM lost_claims l WHERE l.spec_id = c.spec_id"
        " AND l.machine_id = c.machine_id)"
        " FROM claims c JOIN specs s ON s.id = c.spec_id JOIN runs r ON r.id = s.run_id"
        " WHERE c.id = ? AND r.deleted_at IS NULL");
    if (!row.bind(claim_id).step()) return std::nullopt;
    return Claim{row.text(0), row.text(1), row.text(2),         row.text(3),        row.text(4),
                 row.text(5), row.text(6), row.integer(7) != 0, row.integer(8) != 0};
}

void told_tests(Database& database, const std::string& claim_id, const std::string& tests_json) {
    database.prepare("UPDATE claims SET tests = ? WHERE id = ?")
        .bind(tests_json)
        .bind(claim_id)
        .run();
}

}  // namespace runs_agent::runs_server
