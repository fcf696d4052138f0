// SPDX-License-Identifier: MIT
#include "store/postgres/deciding.hpp"

#include "store/facts_json.hpp"
#include "store/postgres/attempts.hpp"
#include "store/postgres/deliveries.hpp"
#include "store/postgres/lanes.hpp"
#include "store/postgres/planning.hpp"
#include "store/rows.hpp"
#include "store/rules_of_both.hpp"

#include <algorithm>
#include <set>

namespace runs_agent::store {

using decide::Known;
using decide::KnownRun;
using decide::WorkflowRun;
using postgres::Connection;
using postgres::Statement;

namespace {

void add_calls(Connection& connection, const decide::RunKey& run, Known& known) {
    Statement rows = connection.prepare(std::string("SELECT ") + known_call_columns +
                                        " FROM calls WHERE host = ? AND run_id = ? ORDER BY key");
    rows.bind(run.host).bind(run.run_id);
    while (rows.step())
        if (auto call = read_known_call(rows, run)) known.calls.push_back(std::move(*call));
}

void add_group(Connection& connection, const WorkflowRun& run, Known& known) {
    const std::string group = decide::group_of(run);
    known.older = older_of_group(connection, group, run);
    known.newer = newer_of_group(connection, group, run);
    for (const KnownRun& other : known.older) add_calls(connection, other.key, known);
}

/// What is known of the run itself.
Known known_of(Connection& connection, const WorkflowRun& run) {
    Known known;
    known.attempts = attempts_of(connection, run.key);
    add_calls(connection, run.key, known);
    return known;
}

Known known_of(Connection& connection, const decide::WorkflowJob& job) {
    Known known;
    known.attempts = attempts_of(connection, job.run);
    if (known.attempts.empty()) return known;
    add_calls(connection, job.run, known);
    // As SQLite is asked: the last that came, whatever it says.
    Statement rows = connection.prepare(
        "SELECT facts FROM deliveries WHERE run_id = ? AND host = ? AND event <> 'workflow_job'"
        " AND decided_at IS NOT NULL ORDER BY id DESC LIMIT 1");
    rows.bind(job.run.run_id).bind(job.run.host);
    if (rows.step()) known.last = parse_run_facts(rows.text(0));
    return known;
}

/// What the rules say, who are told of the group too where they look at it. Writes nothing. What
/// they throw is a mistake of theirs; what the database throws ends the transaction.
decide::Decision judge(Connection& connection, const Decider& decider, const decide::Event& event,
                       Known& known) {
    const auto* const run = std::get_if<WorkflowRun>(&event);
    bool looks = false;
    decide::Decision decision = guarded([&] {
        looks = run != nullptr && decider.looks_at_group(*run, known);
        return decide::Decision();
    });
    if (looks) add_group(connection, *run, known);
    if (decision.reason.empty()) decision = guarded([&] { return decider.decide(event, known); });
    return decision;
}

/// Decides, and remembers what the event told of its attempt.
decide::Decision decide_one(Connection& connection, const Decider& decider,
                            const decide::Event& event, bool replayed, Time now) {
    const auto* const run = std::get_if<WorkflowRun>(&event);
    if (run == nullptr) {
        Known known = known_of(connection, std::get<decide::WorkflowJob>(event));
        return judge(connection, decider, event, known);
    }
    Known known = known_of(connection, *run);
    known.replayed = replayed;
    decide::Decision decision = judge(connection, decider, event, known);
    // As with SQLite: the rules saw what was known before the event; what it supersedes comes last.
    record_attempt(connection, *run, known, now);
    for (const auto& [key, attempt] : decision.superseded)
        record_superseded(connection, key, attempt);
    return decision;
}

/// Takes the lanes of all that the decision could see or change; false: somebody else is at some.
bool take_lanes(Connection& connection, HeldLanes& lanes, const decide::Event& event) {
    // The run's first: while it is held, nobody adds an attempt, so the groups are all there are.
    const decide::RunKey& run = decide::run_of(event);
    if (!lanes.take(run_lane(run))) return false;
    std::vector<std::int64_t> groups = group_lanes_of(connection, run);
    if (const auto* const told = std::get_if<WorkflowRun>(&event))
        groups.push_back(group_lane(decide::group_of(*told)));
    lanes.try_all(groups);
    return std::all_of(groups.begin(), groups.end(),
                       [&lanes](std::int64_t lane) { return lanes.has(lane); });
}

struct Waiting {
    std::int64_t id;
    std::string guid;
    std::string facts;
    bool replayed;
    Time received_at;
};

/// Those of the oldest whose lanes nobody else holds; they are held from now on. What comes after
/// one that is left to others in the same lane is left to them too: what was told first is known to
/// the next.
std::vector<std::int64_t> choose(Connection& connection, HeldLanes& lanes, int limit,
                                 bool& contended) {
    // More than are wanted: other replicas may be at the first of them.
    constexpr int windows = 8;
    struct Candidate {
        std::int64_t id;
        std::vector<std::int64_t> lanes;
    };
    std::vector<Candidate> found;
    {
        Statement rows = connection.prepare(
            "SELECT id, run_lane, group_lane FROM deliveries WHERE decided_at IS NULL ORDER BY id"
            " LIMIT ?");
        rows.bind(static_cast<std::int64_t>(limit) * windows);
        while (rows.step()) {
            found.push_back({rows.integer(0), {rows.integer(1)}});
            if (!rows.is_null(2)) found.back().lanes.push_back(rows.integer(2));
        }
    }
    std::vector<std::int64_t> chosen;
    std::set<std::int64_t> left;  // lanes that are left to others
    const auto wanted = static_cast<std::size_t>(limit);
    for (std::size_t from = 0; from < found.size() && chosen.size() < wanted; from += wanted) {
        const std::size_t end = std::min(found.size(), from + wanted);
        std::vector<std::int64_t> asked;
        for (std::size_t i = from; i < end; ++i)
            for (const std::int64_t lane : found[i].lanes)
                if (!left.contains(lane)) asked.push_back(lane);
        lanes.try_all(asked);
        for (std::size_t i = from; i < end && chosen.size() < wanted; ++i) {
            const auto& all = found[i].lanes;
            const bool free = std::all_of(all.begin(), all.end(), [&](std::int64_t lane) {
                return lanes.has(lane) && !left.contains(lane);
            });
            if (free)
                chosen.push_back(found[i].id);
            else
                left.insert(all.begin(), all.end());
        }
    }
    contended = !left.empty();
    return chosen;
}

/// Those that are still undecided, now that nobody else can decide them.
std::vector<Waiting> load(Connection& connection, const std::vector<std::int64_t>& ids) {
    Statement rows = connection.prepare(
        "SELECT id, guid, facts, replayed, received_at FROM deliveries WHERE id = ANY(?)"
        " AND decided_at IS NULL ORDER BY id");
    rows.bind_array(ids);
    std::vector<Waiting> waiting;
    while (rows.step())
        waiting.push_back(
            {rows.integer(0), rows.text(1), rows.text(2), rows.integer(3) != 0, rows.time(4)});
    return waiting;
}

/// Decides one of them and records it; absent: others are at its run or groups.
std::optional<Decided> decide_waiting(Connection& connection, HeldLanes& lanes,
                                      const Decider& decider, const Waiting& delivery, Time now) {
    const auto event = parse_facts(delivery.facts);
    Decided done;
    done.guid = delivery.guid;
    // What is decided anew waited for a person, not for this program.
    if (!delivery.replayed) done.received_at = delivery.received_at;
    std::string repository;
    if (!event) {
        // Only damage from outside can lead here; stopping every later delivery would be worse.
        done.decision.reason = "the stored facts of this delivery cannot be read";
    } else {
        if (!take_lanes(connection, lanes, *event)) return std::nullopt;
        done.run = decide::run_of(*event);
        done.attempt = decide::attempt_of(*event);
        done.decision = decide_one(connection, decider, *event, delivery.replayed, now);
        repository = std::visit([](const auto& one) { return one.repository; }, *event);
    }
    record_decision(connection, delivery.id, repository, done.decision, now);
    return done;
}

/// A point of the transaction to which can be gone back.
class Savepoint {
public:
    Savepoint(Connection& connection, HeldLanes& lanes)
        : connection_(connection), lanes_(lanes), held_(lanes.held()) {
        connection_.execute("SAVEPOINT before_deciding");
    }
    void go_back() {
        connection_.execute(
            "ROLLBACK TO SAVEPOINT before_deciding; RELEASE SAVEPOINT before_deciding");
        lanes_.rolled_back_to(held_);
    }
    void release() { connection_.execute("RELEASE SAVEPOINT before_deciding"); }

private:
    Connection& connection_;
    HeldLanes& lanes_;
    std::set<std::int64_t> held_;
};

/// The same, where the database may refuse this one for good: that is its decision then, as it is
/// where the rules stumble. It would be refused again each time, and with it those beside it.
std::optional<Decided> decide_by_itself(Connection& connection, HeldLanes& lanes,
                                        const Decider& decider, const Waiting& delivery, Time now) {
    Savepoint before(connection, lanes);
    Decided done;
    try {
        auto decided = decide_waiting(connection, lanes, decider, delivery, now);
        before.release();
        return decided;
    } catch (const postgres::PostgresError& refused) {
        if (refused.passes()) throw;
        before.go_back();
        done.decision.reason = std::string("what was decided could not be recorded (") +
                               refused.what() + "); replay it when that is mended";
    }
    done.guid = delivery.guid;
    if (const auto event = parse_facts(delivery.facts)) {
        done.run = decide::run_of(*event);
        done.attempt = decide::attempt_of(*event);
    }
    record_decision(connection, delivery.id, "", done.decision, now);
    return done;
}

using DecideWaiting = std::optional<Decided>(Connection&, HeldLanes&, const Decider&,
                                             const Waiting&, Time);

DecidedSome decide_each(Connection& connection, HeldLanes& lanes, const Decider& decider,
                        const std::vector<Waiting>& all, Time now, DecideWaiting& decide_it) {
    DecidedSome some;
    for (const Waiting& delivery : all) {
        if (auto done = decide_it(connection, lanes, decider, delivery, now))
            some.decided.push_back(std::move(*done));
        else
            some.contended = true;
    }
    return some;
}

/// All of them; where the database refuses one, each by itself.
DecidedSome decide_all(Connection& connection, HeldLanes& lanes, const Decider& decider,
                       const std::vector<Waiting>& all, Time now) {
    Savepoint before(connection, lanes);
    try {
        DecidedSome some = decide_each(connection, lanes, decider, all, now, decide_waiting);
        before.release();
        return some;
    } catch (const postgres::PostgresError& refused) {
        if (refused.passes()) throw;
        before.go_back();
    }
    return decide_each(connection, lanes, decider, all, now, decide_by_itself);
}

}  // namespace

DecidedSome decide_next(Connection& connection, const Replica& self, const Decider& decider,
                        Time now, int limit) {
    DecidedSome some;
    HeldLanes lanes(connection, self.salt);
    const auto chosen = choose(connection, lanes, limit, some.contended);
    if (chosen.empty()) return some;
    DecidedSome decided = decide_all(connection, lanes, decider, load(connection, chosen), now);
    decided.contended = decided.contended || some.contended;
    return decided;
}

Result<std::optional<decide::Decision>> consider(Connection& connection, const std::string& guid,
                                                 const Decider& decider) {
    const auto found = find_delivery(connection, guid);
    if (found.has_error()) return found.error();
    Statement row = connection.prepare("SELECT facts FROM deliveries WHERE id = ?");
    row.bind(found->id).step();
    const auto event = row.is_null(0) ? std::nullopt : parse_facts(row.text(0));
    if (!event) return std::optional<decide::Decision>();
    const auto* const run = std::get_if<WorkflowRun>(&*event);
    Known known = run != nullptr ? known_of(connection, *run)
                                 : known_of(connection, std::get<decide::WorkflowJob>(*event));
    known.replayed = run != nullptr;
    known.calls.clear();  // else it would be told that it has been planned
    return std::optional<decide::Decision>(judge(connection, decider, *event, known));
}

}  // namespace runs_agent::store
