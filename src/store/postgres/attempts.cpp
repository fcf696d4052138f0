// SPDX-License-Identifier: MIT
#include "store/postgres/attempts.hpp"

#include "store/postgres/lanes.hpp"
#include "store/rows.hpp"

namespace runs_agent::store {

using decide::KnownAttempt;
using decide::KnownRun;
using decide::WorkflowRun;
using postgres::Connection;
using postgres::Statement;

std::vector<KnownAttempt> attempts_of(Connection& connection, const decide::RunKey& run) {
    Statement rows =
        connection.prepare(std::string("SELECT ") + attempt_columns +
                           " FROM attempts a WHERE host = ? AND run_id = ? ORDER BY attempt");
    rows.bind(run.host).bind(run.run_id);
    std::vector<KnownAttempt> attempts;
    while (rows.step()) attempts.push_back(read_attempt(rows));
    return attempts;
}

std::vector<std::int64_t> group_lanes_of(Connection& connection, const decide::RunKey& run) {
    Statement rows = connection.prepare(
        "SELECT DISTINCT group_lane FROM attempts WHERE host = ? AND run_id = ?");
    rows.bind(run.host).bind(run.run_id);
    std::vector<std::int64_t> lanes;
    while (rows.step()) lanes.push_back(rows.integer(0));
    return lanes;
}

std::vector<KnownRun> older_of_group(Connection& connection, const std::string& group,
                                     const WorkflowRun& own) {
    // As SQLite is asked: the index of live ones alone, those of the own commit apart.
    std::string sql;
    for (const char* const side : {"<", ">"})
        sql += std::string(sql.empty() ? "" : " UNION ALL ") + "SELECT " + attempt_columns + ", " +
               run_columns +
               " FROM attempts a WHERE a.live = 1 AND a.group_lane = ?6 AND a.run_group = ?1"
               " AND a.head_sha " +
               side + " ?2 AND a.run_number < ?3 AND NOT (a.host = ?4 AND a.run_id = ?5)";
    Statement rows = connection.prepare(sql + " ORDER BY run_number, host, run_id");
    rows.bind(group).bind(own.head_sha).bind(own.run_number);
    rows.bind(own.key.host).bind(own.key.run_id).bind(group_lane(group));
    std::vector<KnownRun> runs;
    while (rows.step()) runs.push_back(read_run(rows));
    return runs;
}

std::optional<KnownRun> newer_of_group(Connection& connection, const std::string& group,
                                       const WorkflowRun& own) {
    Statement row =
        connection.prepare(std::string("SELECT ") + attempt_columns + ", " + run_columns +
                           " FROM (SELECT * FROM attempts WHERE group_lane = ?4 AND run_group = ?1"
                           " AND run_number > ?2"
                           " ORDER BY run_number DESC LIMIT 200) a WHERE a.head_sha <> ?3"
                           " ORDER BY a.run_number DESC, a.host, a.run_id, a.attempt DESC LIMIT 1");
    row.bind(group).bind(own.run_number).bind(own.head_sha).bind(group_lane(group));
    if (!row.step()) return std::nullopt;
    return read_run(row);
}

void record_attempt(Connection& connection, const WorkflowRun& run, const decide::Known& known,
                    Time now) {
    KnownAttempt attempt;
    attempt.attempt = run.attempt;
    bool is_newest = true;
    for (const KnownAttempt& earlier : known.attempts) {
        if (earlier.attempt == run.attempt) attempt = earlier;
        is_newest = is_newest && earlier.attempt <= run.attempt;
    }
    const Time before = attempt.went_on_after();
    decide::merge_event(attempt, run);
    const bool new_life = attempt.went_on_after() != before;
    const bool goes_on = is_newest && !attempt.completed();
    const std::string group = decide::group_of(run);
    connection
        .prepare(
            "INSERT INTO attempts AS a (host, run_id, attempt, run_group, run_number, completed,"
            " conclusion, heard_at, head_sha, created_at, started_at, alive_at, ended_started_at,"
            " ended_at, ended_before, live, first_started_at, unclear, ended_first, tellings,"
            " group_lane) "
            "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?18,?19,?20,"
            "?21,?22)"
            " ON CONFLICT(host, run_id, attempt) DO UPDATE SET completed = ?6, conclusion = ?7,"
            " heard_at = ?8, started_at = ?11, alive_at = ?12, ended_started_at = ?13,"
            " ended_at = ?14,"
            // What is superseded stays so, in that life.
            " ended_before = ?15, first_started_at = ?18, unclear = ?19, ended_first = ?20,"
            " tellings = ?21,"
            " live = CASE WHEN ?17 = 1 THEN ?16 ELSE least(a.live, ?16) END")
        .bind(run.key.host)
        .bind(run.key.run_id)
        .bind(run.attempt)
        .bind(group)
        .bind(run.run_number)
        .bind(attempt.completed())
        .bind(attempt.conclusion)
        .bind(now)
        .bind(run.head_sha)
        .bind(run.created_at)
        .bind(attempt.alive.started_at)
        .bind(attempt.alive.at)
        .bind(attempt.ended.started_at)
        .bind(attempt.ended.at)
        .bind(attempt.ended_before_that)
        .bind(goes_on)
        .bind(new_life)
        .bind(attempt.first_started_at)
        .bind(static_cast<std::int64_t>(attempt.doubt))
        .bind(attempt.ended_first_at)
        .bind(decide::to_text(attempt.tellings))
        .bind(group_lane(group))
        .run();
    if (is_newest && run.attempt > 1)
        connection
            .prepare("UPDATE attempts SET live = 0 WHERE host = ? AND run_id = ? AND attempt < ?")
            .bind(run.key.host)
            .bind(run.key.run_id)
            .bind(run.attempt)
            .run();
}

void record_superseded(Connection& connection, const decide::RunKey& run, int attempt) {
    connection.prepare("UPDATE attempts SET live = 0 WHERE host = ? AND run_id = ? AND attempt = ?")
        .bind(run.host)
        .bind(run.run_id)
        .bind(attempt)
        .run();
}

}  // namespace runs_agent::store
