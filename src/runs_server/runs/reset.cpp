// SPDX-License-Identifier: MIT
#include "runs_server/runs/reset.hpp"

#include "runs_api/machines.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "runs_server/recording/record_spec.hpp"
#include "runs_server/recording/rows.hpp"

#include <map>
#include <set>

namespace runs_agent::runs_server {

namespace {

/// Reads `machineId`; returns what is wrong with the request.
std::string read_machines(const std::string& body, bool one_may_be_text,
                          std::vector<std::string>& machines) {
    rapidjson::Document request;
    if (std::string wrong = parse_object(body, request); !wrong.empty()) return wrong;
    const rapidjson::Value* const batched = member(&request, "isBatchedOr8n");
    if (batched != nullptr && !batched->IsNull() && !batched->IsBool())
        return "isBatchedOr8n must be true or false";
    const rapidjson::Value* const found = member(&request, "machineId");
    const char* const rule = "machineId must be a list of 1 to 63 texts";
    if (one_may_be_text && found != nullptr && found->IsString() && found->GetStringLength() > 0) {
        machines.emplace_back(found->GetString(), found->GetStringLength());
        return {};
    }
    if (found == nullptr || !found->IsArray() || found->Empty() ||
        found->Size() > runs_api::max_machines_per_reset)
        return rule;
    for (const auto& machine : found->GetArray()) {
        if (!machine.IsString() || machine.GetStringLength() == 0) return rule;
        machines.emplace_back(machine.GetString(), machine.GetStringLength());
    }
    return {};
}

/// The failed specs that a machine has reported of, and those that it began and did not finish.
std::vector<std::string> to_run_again(sqlite::Database& database, const std::string& run_id,
                                      const std::string& machine) {
    sqlite::Statement rows = database.prepare(
        "SELECT id FROM specs s WHERE run_id = ?1 AND (failed > 0 AND EXISTS(SELECT 1 FROM reports "
        "r"
        " WHERE r.spec_id = s.id AND r.machine_id = ?2)"
        " OR machine_id = ?2 AND (failed > 0 OR completed_at IS NULL)"
        // Of tests that are told of one by one, each has its machine.
        " OR (failed > 0 OR completed_at IS NULL) AND EXISTS(SELECT 1 FROM records r"
        " WHERE r.spec_id = s.id AND r.machine_id = ?2 AND r.stale = 0))");
    rows.bind(run_id).bind(machine);
    std::vector<std::string> specs;
    while (rows.step()) specs.push_back(rows.text(0));
    return specs;
}

void make_claimable(sqlite::Database& database, const std::string& spec,
                    const std::set<std::string>& machines) {
    set_results_aside(database, spec, machines);
    delete_artifacts(database, spec);
    database
        .prepare(
            "UPDATE specs SET machine_id = NULL, claimed_at = NULL, completed_at = NULL,"
            " started = '', stats = NULL, exception = NULL, failed = 0, tests_known = "
            "max(tests_known, overall),"
            " overall = 0, passes = 0, failures = 0, pending = 0, skipped = 0, flaky = 0,"
            " retries = 0, begun = 0, handed = 0, worker_index = 0, parallel_index = 0 WHERE id = "
            "?")
        .bind(spec)
        .run();
}

/// What the machine has told of an unfinished spec is from before this, also where the reset of
/// another has set it aside already: nothing that it still tells completes the spec. Nor is what it
/// was told to run any more its own, also where it has not heard of that yet.
void end_claims(sqlite::Database& database, const std::string& run_id, const std::string& machine) {
    database
        .prepare(
            "INSERT INTO lost_claims(spec_id, machine_id) SELECT id, ?2 FROM specs s"
            " WHERE run_id = ?1 AND completed_at IS NULL AND EXISTS(SELECT 1 FROM records r"
            " WHERE r.spec_id = s.id AND r.machine_id = ?2) ON CONFLICT DO NOTHING")
        .bind(run_id)
        .bind(machine)
        .run();
    // By number, not by time: what was answered before this is known by who wrote first.
    database
        .prepare(
            "UPDATE orchestrations SET reset_after = (SELECT coalesce(max(seq), 0) FROM answered)"
            " WHERE run_id = ? AND machine_id = ?")
        .bind(run_id)
        .bind(machine)
        .run();
}

/// For the log, which tells of a few and how many there are more.
std::string joined(const std::vector<std::string>& machines) {
    constexpr std::size_t most = 8;
    std::string text;
    for (std::size_t i = 0; i < machines.size() && i < most; ++i)
        (text += text.empty() ? "" : ", ") += machines[i];
    if (machines.size() > most) text += " and " + std::to_string(machines.size() - most) + " more";
    return text;
}

net::HttpResponse reset(sqlite::Database& database, const std::string& run_id,
                        const std::vector<std::string>& machines, LogLines& log, Time now) {
    const auto run = find_by_id(database, run_id);
    if (!run) return run_not_found();
    if (run->facts.canceled_at) return refused(run_cancelled, "Run is cancelled");

    // All are found before any is changed: several machines may share a spec.
    std::map<std::string, std::set<std::string>> machines_of;
    for (const std::string& machine : machines)
        for (const std::string& spec : to_run_again(database, run_id, machine))
            machines_of[spec].insert(machine);
    for (const auto& [spec, its_machines] : machines_of)
        make_claimable(database, spec, its_machines);
    // Machines come anew now, some perhaps by names of before, and sound.
    database
        .prepare("DELETE FROM given_back WHERE spec_id IN (SELECT id FROM specs WHERE run_id = ?)")
        .bind(run_id)
        .run();
    for (const std::string& machine : machines) end_claims(database, run_id, machine);
    const auto specs = static_cast<std::int64_t>(machines_of.size());
    // What is announced from now on is announced anew.
    if (specs > 0) database.prepare("DELETE FROM suites WHERE run_id = ?").bind(run_id).run();
    // What nobody has begun is no machine's, and must be reached in a run that timed out as well.
    const bool timed_out =
        run_state_of(run->facts, now).completion == runs_api::CompletionState::timeout;
    if (specs > 0 || timed_out) mark_active(database, run_id, now);
    log.add([run_id, text = joined(machines), specs](Log& to) {
        to.limited(LogLevel::info, "api.reset",
                   {{"run", run_id}, {"machines", text}, {"specs", specs}});
    });
    return ok_object([&](Json& json) {
        put(json, "runId", run_id);
        put(json, "resetSpecs", specs);
    });
}

net::HttpResponse read_and_reset(sqlite::Database& database, const std::string& run_id,
                                 const std::string& body, bool one_may_be_text, LogLines& log,
                                 Time now) {
    std::vector<std::string> machines;
    if (const std::string wrong = read_machines(body, one_may_be_text, machines); !wrong.empty())
        return failed(400, wrong);
    return reset(database, run_id, machines, log, now);
}

}  // namespace

net::HttpResponse reset_run(sqlite::Database& database, const std::string& run_id,
                            const std::string& body, LogLines& log, Time now) {
    return read_and_reset(database, run_id, body, false, log, now);
}

net::HttpResponse reset_by_reporter(sqlite::Database& database, const std::string& run_id,
                                    const std::string& body, LogLines& log, Time now) {
    return read_and_reset(database, run_id, body, true, log, now);
}

}  // namespace runs_agent::runs_server
