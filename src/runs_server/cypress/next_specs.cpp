// SPDX-License-Identifier: MIT
#include "runs_server/cypress/next_specs.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/answers/plain.hpp"
#include "runs_server/cypress/claims.hpp"
#include "runs_server/recording/rows.hpp"
#include "runs_server/reporting/gate.hpp"

#include <algorithm>
#include <vector>

namespace runs_agent::runs_server {

using net::HttpResponse;
using sqlite::Database;
using sqlite::Statement;

namespace {

void put_claimed(Json& json, const ClaimedSpec& claimed) {
    put(json, "spec", claimed.spec);
    put(json, "instanceId", claimed.claim_id);
}

/// How far all machines of the group have come; the client prints it.
void put_progress(Json& json, Database& database, const ClaimRequest& request) {
    Statement row = database.prepare(
        "SELECT count(claimed_at), count(*) FROM specs WHERE run_id = ? AND group_name = ?"
        " AND cypress = 1");
    row.bind(request.run_id).bind(request.group).step();
    put(json, "claimedInstances", row.integer(0));
    put(json, "totalInstances", row.integer(1));
}

HttpResponse answer(Database& database, const ClaimRequest& request, CypressDialect dialect,
                    const std::vector<ClaimedSpec>& claimed) {
    return plain_object([&](Json& json) {
        if (dialect == CypressDialect::batches) {
            json.Key("specs");
            json.StartArray();
            for (const ClaimedSpec& one : claimed) {
                json.StartObject();
                put_claimed(json, one);
                json.EndObject();
            }
            json.EndArray();
        } else if (claimed.empty()) {
            put_or_null(json, "spec", std::nullopt);
            put_or_null(json, "instanceId", std::nullopt);
        } else {
            put_claimed(json, claimed.front());
        }
        put_progress(json, database, request);
    });
}

}  // namespace

HttpResponse next_specs(Database& database, const std::string& run_id, const std::string& body,
                        CypressDialect dialect, std::int64_t attempt, Time now) {
    rapidjson::Document root;
    if (const std::string wrong = parse_object(body, root); !wrong.empty())
        return failed(400, wrong);
    ClaimRequest request{run_id, text(&root, "groupId"), text(&root, "machineId"), 1, attempt};
    if (request.group.empty() || request.machine_id.empty())
        return failed(400, "groupId and machineId must be texts that are not empty");
    constexpr std::int64_t max_at_once = 1000;
    if (dialect == CypressDialect::batches)
        request.most =
            std::clamp<std::int64_t>(number(&root, "batchSize").value_or(1), 1, max_at_once);
    const auto run = find_by_id(database, run_id);
    if (!run) return run_not_found();
    if (!has_joined(database, run_id, request.group, request.machine_id))
        return failed(404, "Machine not found: POST /runs answers its id and its group's");
    if (auto no = refuse_beginning(database, gate_of(*run), now)) {
        // It is told with the answer to these.
        if (run->facts.canceled_at && is_expected_to_report(database, run_id, request.machine_id))
            return answer(database, request, dialect, {});
        return std::move(*no);
    }
    const auto claimed = claim_specs(database, request, now);
    if (!claimed.empty()) mark_active(database, run_id, now);
    return answer(database, request, dialect, claimed);
}

}  // namespace runs_agent::runs_server
