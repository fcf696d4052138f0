// SPDX-License-Identifier: MIT
// What deciding on one event costs, by how many attempts its group has had. Prints a line for each
// number, with rule R4 off and on.
#include "store/sqlite/deciding.hpp"

#include "decide/decide.hpp"
#include "sqlite/database.hpp"
#include "store/sqlite/deliveries.hpp"
#include "store/sqlite/schema.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

using namespace runs_agent;

namespace {

decide::WorkflowRun run_of(std::int64_t number, const char* action) {
    decide::WorkflowRun run;
    run.action = run.status = action;
    if (run.action == "completed") run.conclusion = "success";
    run.key = {"github.com", 5'000'000'000 + number};
    run.run_number = number;
    run.repository = run.head_repository = "octo/demo";
    run.default_branch = "main";
    run.workflow_id = 77;
    run.workflow_name = "e2e";
    run.head_branch = "feature";
    run.head_sha = "sha" + std::to_string(number);
    run.event = "push";
    run.created_at = run.started_at =
        Time(std::chrono::hours(490'000) + std::chrono::minutes(number));
    run.updated_at = run.started_at + std::chrono::seconds(5);
    return run;
}

store::NewDelivery delivery_of(std::int64_t id, decide::WorkflowRun run) {
    store::NewDelivery delivery;
    delivery.guid = std::to_string(id);
    delivery.event = "workflow_run";
    delivery.host = "github.com";
    delivery.repository = run.repository;
    delivery.received_at = run.updated_at;
    delivery.facts = std::move(run);
    return delivery;
}

store::Decider decider_of(const decide::Policy& policy) {
    return {[&policy](const decide::Event& event, const decide::Known& known) {
                return decide::decide(event, policy, known);
            },
            [&policy](const decide::WorkflowRun& run, const decide::Known& known) {
                return decide::looks_at_group(run, policy, known);
            }};
}

/// Microseconds for each event, in a group that has had `attempts`; each of them still goes on
/// where `are_open`, as if their ends had been missed.
double cost(int attempts, bool superseded, bool are_open) {
    constexpr int events = 2'000;
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / "runs-agent-bench-deciding.db";
    for (const char* const end : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + end);
    sqlite::Database database(file);
    database.migrate(store::sqlite_migrations());
    database.execute("PRAGMA synchronous = OFF");
    decide::Policy policy;
    policy.defaults.superseded = superseded;
    std::int64_t id = 0;
    database.execute("BEGIN");
    for (int number = 1; number <= attempts; ++number)
        store::accept(database,
                      delivery_of(++id, run_of(number, are_open ? "in_progress" : "completed")));
    while (!store::decide_next(database, decider_of(policy), Time(), 500).empty()) {
    }
    database.execute("COMMIT");
    for (int number = attempts + 1; number <= attempts + events / 2; ++number)
        for (const char* const action : {"in_progress", "completed"})
            store::accept(database, delivery_of(++id, run_of(number, action)));
    database.execute("BEGIN");
    const auto began = std::chrono::steady_clock::now();
    while (!store::decide_next(database, decider_of(policy), Time(), 64).empty()) {
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    database.execute("COMMIT");
    return took.count() / events;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<int> sizes{10, 1'000, 100'000};
    if (argc > 1) sizes = {std::atoi(argv[1])};
    std::puts("attempts in the group   R4 off      R4 on   R4 on, none has ended   (µs an event)");
    for (const int size : sizes)
        std::printf("%22d %8.1f %10.1f %23.1f\n", size, cost(size, false, false),
                    cost(size, true, false), cost(size, true, true));
}
