// SPDX-License-Identifier: MIT
#include "runs_server/notifying/announce.hpp"

#include "base/encoding.hpp"
#include "runs_server/notifying/hooks.hpp"
#include "runs_server/notifying/payload.hpp"
#include "runs_server/recording/rows.hpp"

#include <string_view>
#include <vector>

namespace runs_agent::runs_server {

using runs_api::CompletionState;
using sqlite::Database;
using sqlite::Statement;

namespace {

struct Changed {
    std::string run_id;
    std::string told;
    std::string base_url;
};

std::vector<Changed> changed_runs(Database& database) {
    Statement rows =
        database.prepare("SELECT id, told, base_url FROM runs WHERE changed = 1 ORDER BY seq");
    std::vector<Changed> runs;
    while (rows.step()) runs.push_back({rows.text(0), rows.text(1), rows.text(2)});
    return runs;
}

/// What is to be told of a run whose state is not the one last told of. That it goes on again after
/// a reset has no event.
std::vector<std::string_view> events_of(const std::string& told, CompletionState state) {
    std::vector<std::string_view> events;
    if (told.empty()) events.emplace_back("RUN_START");
    if (told == runs_api::to_string(state)) return events;
    switch (state) {
        case CompletionState::in_progress:
            break;
        case CompletionState::complete:
            events.emplace_back("RUN_FINISH");
            break;
        case CompletionState::timeout:
            events.emplace_back("RUN_TIMEOUT");
            break;
        case CompletionState::canceled:
            events.emplace_back("RUN_CANCELED");
            break;
    }
    return events;
}

void send_later(Database& database, const Hook& hook, const RunRow& run, std::string_view event,
                const std::string& body, Time now) {
    database
        .prepare(
            "INSERT INTO outbox(id, hook_id, run_id, event, body, created_at, due_at)"
            " VALUES(?,?,?,?,?,?,?)")
        .bind(random_uuid())
        .bind(hook.id)
        .bind(run.id)
        .bind(event)
        .bind(body)
        .bind(now)
        .bind(now)
        .run();
}

/// When it happened: what has timed out may be noticed late.
Time moment_of(std::string_view event, const RunRow& run, Time now) {
    return event == "RUN_TIMEOUT" ? run.facts.active_at + run.facts.inactivity : now;
}

bool tell(Database& database, const std::vector<Hook>& hooks, const RunRow& run,
          std::string_view event, const std::string& base_url, Time now) {
    std::vector<const Hook*> wanting;
    for (const Hook& hook : hooks)
        // A hook hears of what happens once it is there.
        if (hook.events.contains(std::string(event)) &&
            moment_of(event, run, now) >= hook.created_at)
            wanting.push_back(&hook);
    if (wanting.empty()) return false;
    each_hook_payload(database, run, event, base_url + "/runs/" + run.id,
                      [&](const std::string& body) {
                          for (const Hook* const hook : wanting)
                              send_later(database, *hook, run, event, body, now);
                      });
    return true;
}

bool announce(Database& database, const Changed& changed, const std::string& base_url, Time now) {
    const auto run = find_by_id(database, changed.run_id);
    if (!run) {
        // It is deleted, and only its rows are still there: nobody is told of it any more.
        database.prepare("UPDATE runs SET told = 'DELETED', changed = 0 WHERE id = ?")
            .bind(changed.run_id)
            .run();
        return false;
    }
    const CompletionState state = run_state_of(run->facts, now).completion;
    const std::string& known_as = changed.base_url.empty() ? base_url : changed.base_url;
    database.prepare("UPDATE runs SET told = ?, changed = 0, base_url = ? WHERE id = ?")
        .bind(runs_api::to_string(state))
        .bind(known_as)
        .bind(run->id)
        .run();
    const auto events = events_of(changed.told, state);
    if (events.empty()) return false;
    const std::vector<Hook> hooks = hooks_of(database, run->project_id);
    bool any = false;
    for (const std::string_view event : events)
        any = tell(database, hooks, *run, event, known_as, now) || any;
    return any;
}

}  // namespace

bool announce_changes(Database& database, const std::string& base_url, Time now) {
    bool any = false;
    for (const Changed& changed : changed_runs(database))
        any = announce(database, changed, base_url, now) || any;
    return any;
}

bool time_out_runs(Database& database, const std::string& base_url, Time now) {
    database
        .prepare(
            "UPDATE runs SET changed = 1 WHERE seq IN (SELECT seq FROM runs"
            " WHERE told = 'IN_PROGRESS' AND active_at + inactivity < ? ORDER BY seq LIMIT 50)")
        .bind(now)
        .run();
    if (database.changes() == 0) return false;
    announce_changes(database, base_url, now);
    return true;
}

std::optional<Time> next_time_out(Database& database) {
    Statement row =
        database.prepare("SELECT min(active_at + inactivity) FROM runs WHERE told = 'IN_PROGRESS'");
    row.step();
    // Then it is not over yet (run_state.cpp).
    constexpr std::chrono::milliseconds after{1};
    const auto last = row.optional_time(0);
    return last ? std::optional<Time>(*last + after) : std::nullopt;
}

}  // namespace runs_agent::runs_server
