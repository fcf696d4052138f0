#include "store/facts_json.hpp"
#include "store/sqlite/operations.hpp"

namespace runs_agent::store {

using decide::Known;
using decide::KnownAttempt;
using decide::KnownRun;
using decide::WorkflowRun;
using sqlite::Database;
using sqlite::Statement;

namespace {

std::vector<KnownAttempt> attempts_of(Database& database, const decide::RunKey& run) {
    Statement rows = database.prepare(
        "SELECT attempt, completed, conclusion FROM attempts WHERE host = ? AND run_id = ?"
        " ORDER BY attempt");
    rows.bind(run.host).bind(run.run_id);
    std::vector<KnownAttempt> attempts;
    while (rows.step())
        attempts.push_back({static_cast<int>(rows.integer(0)), rows.integer(1) != 0, rows.text(2)});
    return attempts;
}

std::vector<decide::KnownCall> calls_of(Database& database, const decide::RunKey& run) {
    Statement rows = database.prepare(
        "SELECT key, only_if_in_progress FROM calls WHERE host = ? AND run_id = ? ORDER BY key");
    rows.bind(run.host).bind(run.run_id);
    std::vector<decide::KnownCall> calls;
    while (rows.step()) calls.push_back({rows.text(0), rows.integer(1) != 0});
    return calls;
}

/// The runs of a group that Known::group wants: the open ones, and the newest.
std::vector<KnownRun> group_of(Database& database, const std::string& group,
                               const decide::RunKey& own) {
    Statement rows = database.prepare(
        "SELECT a.host, a.run_id, a.run_number, a.attempt, a.completed, a.conclusion FROM attempts "
        "a"
        " WHERE a.run_group = ?1 AND NOT (a.host = ?2 AND a.run_id = ?3)"
        " AND (a.completed = 0 OR a.run_number = (SELECT max(n.run_number) FROM attempts n"
        "   WHERE n.run_group = ?1 AND NOT (n.host = ?2 AND n.run_id = ?3)))"
        " AND NOT EXISTS (SELECT 1 FROM attempts n WHERE n.host = a.host AND n.run_id = a.run_id"
        "   AND n.attempt > a.attempt)"
        " ORDER BY a.run_number, a.run_id");
    rows.bind(group).bind(own.host).bind(own.run_id);
    std::vector<KnownRun> runs;
    while (rows.step()) {
        KnownRun run;
        run.key = {rows.text(0), rows.integer(1)};
        run.run_number = rows.integer(2);
        run.newest = {static_cast<int>(rows.integer(3)), rows.integer(4) != 0, rows.text(5)};
        runs.push_back(std::move(run));
    }
    return runs;
}

void remember(Database& database, const WorkflowRun& run, const std::string& group,
              const Known& known, Time now) {
    KnownAttempt attempt;
    attempt.attempt = run.attempt;
    for (const KnownAttempt& earlier : known.attempts)
        if (earlier.attempt == run.attempt) attempt = earlier;
    decide::absorb(attempt, run);
    database
        .prepare(
            "INSERT INTO attempts(host, run_id, attempt, run_group, run_number, completed,"
            " conclusion, heard_at) VALUES(?,?,?,?,?,?,?,?)"
            " ON CONFLICT DO UPDATE SET completed = excluded.completed,"
            " conclusion = excluded.conclusion, heard_at = excluded.heard_at")
        .bind(run.key.host)
        .bind(run.key.run_id)
        .bind(run.attempt)
        .bind(group)
        .bind(run.run_number)
        .bind(attempt.completed)
        .bind(attempt.conclusion)
        .bind(now)
        .run();
}

void plan(Database& database, std::int64_t delivery, const WorkflowRun& run,
          const decide::PlannedCall& call, Time now) {
    // The delivery that planned it first still shows it.
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
            " rule, project_id, ci_build_id, only_if_in_progress, reason, state, planned_at,"
            " due_at) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,'pending',?,?)"
            " ON CONFLICT(key) DO UPDATE SET delivery_id = excluded.delivery_id,"
            " rule = excluded.rule, reason = excluded.reason, only_if_in_progress = 0,"
            " state = 'pending', planned_at = excluded.planned_at, due_at = excluded.due_at,"
            " leased = 0, tries = 0, not_found = 0, first_tried_at = NULL, finished_at = NULL,"
            // The key stays refused until an answer says otherwise, and so does the reason.
            " outcome = CASE WHEN refused > 0 THEN outcome ELSE '' END"
            " WHERE calls.only_if_in_progress = 1 AND excluded.only_if_in_progress = 0"
            " AND calls.changed = 0")
        .bind(call.key())
        .bind(delivery)
        .bind(call.run.host)
        .bind(call.run.run_id)
        .bind(call.attempt)
        .bind(run.repository)
        .bind(decide::to_string(call.operation))
        .bind(decide::to_string(call.rule))
        .bind(call.project_id)
        .bind(call.ci_build_id)
        .bind(call.only_if_in_progress)
        .bind(call.reason)
        .bind(now)
        .bind(now + call.delay)
        .run();
}

void conclude(Database& database, std::int64_t delivery, Time now, std::string_view rule,
              const std::string& reason) {
    database.prepare("UPDATE deliveries SET decided_at = ?, rule = ?, reason = ? WHERE id = ?")
        .bind(now)
        .bind(rule)
        .bind(reason)
        .bind(delivery)
        .run();
}

}  // namespace

std::vector<Decided> decide_next(Database& database, const Decider& decider, Time now, int limit) {
    struct Waiting {
        std::int64_t id;
        std::string guid;
        std::string facts;
        bool replayed;
    };
    std::vector<Waiting> waiting;
    {
        Statement rows = database.prepare(
            "SELECT id, guid, facts, replayed FROM deliveries WHERE decided_at IS NULL ORDER BY id"
            " LIMIT ?");
        rows.bind(limit);
        while (rows.step())
            waiting.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.integer(3) != 0});
    }
    std::vector<Decided> decided;
    for (const Waiting& delivery : waiting) {
        const auto run = parse_facts(delivery.facts);
        Decided done;
        done.guid = delivery.guid;
        if (!run) {
            // Only damage from outside can lead here; stopping every later delivery would be worse.
            done.decision.reason = "the stored facts of this delivery cannot be read";
        } else {
            const std::string group = decide::group_of(*run);
            Known known;
            known.attempts = attempts_of(database, run->key);
            known.calls = calls_of(database, run->key);
            known.group = group_of(database, group, run->key);
            done.run = *run;
            // What a person asks to be decided again is decided as it was the first time.
            Known seen = known;
            if (delivery.replayed)
                std::erase_if(seen.attempts, [&run](const KnownAttempt& attempt) {
                    return attempt.attempt == run->attempt;
                });
            done.decision = decider(*run, seen);
            remember(database, *run, group, known, now);
            for (const auto& call : done.decision.calls)
                plan(database, delivery.id, *run, call, now);
        }
        conclude(database, delivery.id, now, decide::to_string(done.decision.rule),
                 done.decision.reason);
        decided.push_back(std::move(done));
    }
    return decided;
}

}  // namespace runs_agent::store
