// SPDX-License-Identifier: MIT
#include "store/sqlite/deciding.hpp"

#include "store/facts_json.hpp"
#include "store/rows.hpp"
#include "store/rules_of_both.hpp"
#include "store/sqlite/attempts.hpp"
#include "store/sqlite/call_endings.hpp"
#include "store/sqlite/deliveries.hpp"

namespace runs_agent::store {

using decide::Known;
using decide::KnownRun;
using decide::WorkflowRun;
using sqlite::Database;
using sqlite::Statement;

namespace {

void add_calls(Database& database, const decide::RunKey& run, Known& known) {
    Statement rows = database.prepare(std::string("SELECT ") + known_call_columns +
                                      " FROM calls WHERE host = ? AND run_id = ? ORDER BY key");
    rows.bind(run.host).bind(run.run_id);
    while (rows.step())
        if (auto call = read_known_call(rows, run)) known.calls.push_back(std::move(*call));
}

void plan(Database& database, std::int64_t delivery, const std::string& repository,
          const decide::PlannedCall& call, Time now) {
    // The delivery that planned it first still shows it.
    // Before the row is taken over: afterwards it names the new delivery.
    database
        .prepare(
            "INSERT INTO moved_calls(delivery_id, call_id) SELECT delivery_id, id FROM calls"
            " WHERE key = ?1 AND delivery_id <> ?2 AND only_if_in_progress = 1 AND ?3 = 0"
            " AND changed = 0 ON CONFLICT DO NOTHING")
        .bind(call.key())
        .bind(delivery)
        .bind(call.only_if_in_progress)
        .run();
    // The same key again is the same call. Only a call that may be sent outright replaces one that
    // was to look first, as long as that one has not done anything.
    database
        .prepare(
            "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation,"
            " rule, project_id, ci_build_id, only_if_in_progress, reason, machine_id,"
            " claimed_before, as_of, life, state, planned_at, due_at)"
            " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'pending',?,?)"
            " ON CONFLICT(key) DO UPDATE SET delivery_id = excluded.delivery_id,"
            " rule = excluded.rule, reason = excluded.reason, only_if_in_progress = 0,"
            " as_of = excluded.as_of,"
            " state = 'pending', planned_at = excluded.planned_at, due_at = excluded.due_at,"
            " leased = 0, tries = 0, not_found = 0, first_tried_at = NULL, finished_at = NULL,"
            " withdrawn = '',"
            // The key stays refused until an answer says otherwise, and so does the reason.
            " outcome = CASE WHEN refused > 0 THEN outcome ELSE '' END"
            " WHERE calls.only_if_in_progress = 1 AND excluded.only_if_in_progress = 0"
            " AND calls.changed = 0")
        .bind(call.key())
        .bind(delivery)
        .bind(call.run.host)
        .bind(call.run.run_id)
        .bind(call.attempt)
        .bind(repository)
        .bind(decide::to_string(call.operation))
        .bind(decide::to_string(call.rule))
        .bind(call.project_id)
        .bind(call.ci_build_id)
        .bind(call.only_if_in_progress)
        .bind(call.reason)
        .bind(call.machine_id)
        .bind(call.claimed_before)
        .bind(call.as_of)
        .bind(call.life)
        .bind(now)
        .bind(now + call.delay)
        .run();
}

/// What is known of the run itself.
Known known_of(Database& database, const WorkflowRun& run) {
    Known known;
    known.attempts = attempts_of(database, run.key);
    add_calls(database, run.key, known);
    return known;
}

void add_group(Database& database, const WorkflowRun& run, Known& known) {
    const std::string group = decide::group_of(run);
    known.older = older_of_group(database, group, run);
    known.newer = newer_of_group(database, group, run);
    for (const KnownRun& other : known.older) add_calls(database, other.key, known);
}

Known known_of(Database& database, const decide::WorkflowJob& job) {
    Known known;
    known.attempts = attempts_of(database, job.run);
    if (known.attempts.empty()) return known;
    add_calls(database, job.run, known);
    // Jobs have facts too, and of other hosts the ids may be the same.
    // The last that came, whatever it says: only names are read of it.
    Statement rows = database.prepare(
        "SELECT facts FROM deliveries WHERE run_id = ? AND host = ? AND event <> 'workflow_job'"
        " AND decided_at IS NOT NULL ORDER BY id DESC LIMIT 1");
    rows.bind(job.run.run_id).bind(job.run.host);
    if (rows.step()) known.last = parse_run_facts(rows.text(0));
    return known;
}

/// What the rules say of an event, and what they were told.
struct Judged {
    Known known;
    decide::Decision decision;
};

/// Only reads.
Judged judge(Database& database, const Decider& decider, const decide::Event& event,
             bool replayed) {
    Judged judged;
    Known& known = judged.known;
    const auto* const run = std::get_if<WorkflowRun>(&event);
    if (run == nullptr) {
        known = known_of(database, std::get<decide::WorkflowJob>(event));
        judged.decision = guarded([&] { return decider.decide(event, known); });
        return judged;
    }
    known = known_of(database, *run);
    known.replayed = replayed;
    judged.decision = guarded([&] {
        if (decider.looks_at_group(*run, known)) add_group(database, *run, known);
        return decider.decide(event, known);
    });
    return judged;
}

/// Remembers what the event told of its attempt, and what is to be done.
void record(Database& database, std::int64_t delivery, const decide::Event& event,
            const Judged& judged, Time now) {
    const decide::Decision& decision = judged.decision;
    // The rules saw what was known before the event; now it is known with it. What it supersedes
    // comes last: a new life is superseded by nothing yet.
    if (const auto* const run = std::get_if<WorkflowRun>(&event)) {
        record_attempt(database, *run, judged.known, now);
        for (const auto& [key, attempt] : decision.superseded)
            record_superseded(database, key, attempt);
    }
    const std::string repository =
        std::visit([](const auto& one) { return one.repository; }, event);
    // Withdrawn before planned: a call that is planned again under the same key is wanted again.
    for (const auto& withdrawal : decision.withdrawn) withdraw(database, withdrawal, now);
    for (const auto& call : decision.calls) plan(database, delivery, repository, call, now);
}

void conclude(Database& database, std::int64_t delivery, Time now,
              const decide::Decision& decision) {
    database
        .prepare(
            "UPDATE deliveries SET decided_at = ?, rule = ?, reason = ?, policy = ? WHERE id = ?")
        .bind(now)
        .bind(decide::to_string(decision.rule))
        .bind(decision.reason)
        .bind(decision.policy)
        .bind(delivery)
        .run();
}

/// The decision, without its being kept.
decide::Decision try_one(Database& database, const Decider& decider, const decide::Event& event) {
    const auto* const run = std::get_if<WorkflowRun>(&event);
    Known known = run != nullptr ? known_of(database, *run)
                                 : known_of(database, std::get<decide::WorkflowJob>(event));
    known.replayed = run != nullptr;
    known.calls.clear();  // else it would be told that it has been planned
    return guarded([&] {
        if (run != nullptr && decider.looks_at_group(*run, known)) add_group(database, *run, known);
        return decider.decide(event, known);
    });
}

}  // namespace

Result<std::optional<decide::Decision>> consider(Database& database, const std::string& guid,
                                                 const Decider& decider) {
    const auto found = find_delivery(database, guid);
    if (found.has_error()) return found.error();
    Statement row = database.prepare("SELECT facts FROM deliveries WHERE id = ?");
    row.bind(found->id).step();
    const auto event = row.is_null(0) ? std::nullopt : parse_facts(row.text(0));
    if (!event) return std::optional<decide::Decision>();
    return std::optional<decide::Decision>(try_one(database, decider, *event));
}

std::vector<Decided> decide_next(Database& database, const Decider& decider, Time now, int limit) {
    struct Waiting {
        std::int64_t id;
        std::string guid;
        std::string facts;
        bool replayed;
        Time received_at;
    };
    std::vector<Waiting> waiting;
    {
        // As they came. The rules ask for no order, but what is decided first is known to the next.
        Statement rows = database.prepare(
            "SELECT id, guid, facts, replayed, received_at FROM deliveries WHERE decided_at IS NULL"
            " ORDER BY id LIMIT ?");
        rows.bind(limit);
        while (rows.step())
            waiting.push_back(
                {rows.integer(0), rows.text(1), rows.text(2), rows.integer(3) != 0, rows.time(4)});
    }
    std::vector<Decided> decided;
    for (const Waiting& delivery : waiting) {
        const auto event = parse_facts(delivery.facts);
        Decided done;
        done.guid = delivery.guid;
        // What is decided anew waited for a person, not for this program.
        if (!delivery.replayed) done.received_at = delivery.received_at;
        if (!event) {
            // Only damage from outside can lead here; stopping every later delivery would be worse.
            done.decision.reason = "the stored facts of this delivery cannot be read";
        } else {
            done.run = decide::run_of(*event);
            done.attempt = decide::attempt_of(*event);
            Judged judged = judge(database, decider, *event, delivery.replayed);
            record(database, delivery.id, *event, judged, now);
            done.decision = std::move(judged.decision);
        }
        conclude(database, delivery.id, now, done.decision);
        decided.push_back(std::move(done));
    }
    return decided;
}

Taken accept_and_decide(Database& database, const NewDelivery& delivery, const Decider& decider,
                        Time now) {
    // A duplicate, too, tells where it came from.
    if (!delivery.facts || is_known(database, delivery.guid))
        return {accept(database, delivery), std::nullopt};
    Judged judged = judge(database, decider, *delivery.facts, false);
    const decide::Decision& made = judged.decision;
    const auto id =
        insert(database, delivery, Conclusion{now, made.rule, made.reason, made.policy});
    record(database, id.value(), *delivery.facts, judged, now);
    Decided decided{delivery.guid, decide::run_of(*delivery.facts),
                    decide::attempt_of(*delivery.facts), delivery.received_at,
                    std::move(judged.decision)};
    return {Accepted::stored, std::move(decided)};
}

}  // namespace runs_agent::store
