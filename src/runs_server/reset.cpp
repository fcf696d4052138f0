#include "runs_server/reset.hpp"

#include "runs_server/answers.hpp"
#include "runs_server/rows.hpp"

#include <rapidjson/document.h>

namespace runs_agent::runs_server {

namespace {

constexpr rapidjson::SizeType most_machines = 63;

/// Reads `machineId`; returns what is wrong with the request.
std::string read_machines(const std::string& body, std::vector<std::string>& machines) {
    rapidjson::Document request;
    request.Parse<rapidjson::kParseIterativeFlag>(body.c_str(), body.size());
    if (request.HasParseError() || !request.IsObject()) return "the body must be a JSON object";
    const auto batched = request.FindMember("isBatchedOr8n");
    if (batched != request.MemberEnd() && !batched->value.IsBool())
        return "isBatchedOr8n must be true or false";
    const auto found = request.FindMember("machineId");
    const char* rule = "machineId must be a list of 1 to 63 texts";
    if (found == request.MemberEnd() || !found->value.IsArray() || found->value.Empty() ||
        found->value.Size() > most_machines)
        return rule;
    for (const auto& machine : found->value.GetArray()) {
        if (!machine.IsString() || machine.GetStringLength() == 0) return rule;
        machines.emplace_back(machine.GetString(), machine.GetStringLength());
    }
    return {};
}

}  // namespace

net::HttpResponse reset_run(sqlite::Database& database, const std::string& run_id,
                            const std::string& body, Time now) {
    std::vector<std::string> machines;
    if (const std::string wrong = read_machines(body, machines); !wrong.empty())
        return failed(400, wrong);
    const auto run = find_by_id(database, run_id);
    if (!run) return run_not_found();
    if (run->facts.canceled_at) return failed(422, "Run is cancelled");

    std::int64_t specs = 0;
    for (const std::string& machine : machines) {
        database
            .prepare(
                "UPDATE specs SET machine_id = NULL, claimed_at = NULL, completed_at = NULL,"
                " started = '', results = NULL, overall = 0, passes = 0, failures = 0,"
                " pending = 0, skipped = 0, flaky = 0, retries = 0,"
                " tests_known = max(tests_known, overall)"
                " WHERE run_id = ? AND machine_id = ?"
                " AND (failures > 0 OR completed_at IS NULL)")
            .bind(run_id)
            .bind(machine)
            .run();
        specs += database.changes();
    }
    if (specs > 0)
        database.prepare("UPDATE runs SET active_at = ? WHERE id = ?").bind(now).bind(run_id).run();
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "runId", run_id);
    put(json, "resetSpecs", specs);
    json.EndObject();
    return ok({buffer.GetString(), buffer.GetSize()});
}

}  // namespace runs_agent::runs_server
