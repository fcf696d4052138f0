// SPDX-License-Identifier: MIT
// The agent's memory: deliveries, what they told of runs, the planned calls and their answers.
// SQLite stands behind it on one machine (sqlite/), PostgreSQL where replicas share the work. The
// rules of both: an accepted delivery is on disk; a decision and its calls appear together; a call
// is handed to one executor at a time (a lease), and the calls of one run to one project in the
// order they were planned, except that one that waits for its run to be recorded lets others by.
#pragma once

#include "base/awaitable.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "decide/known.hpp"
#include "decide/plan.hpp"
#include "store/by_people.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace runs_agent::store {

// ---- receiving ----------------------------------------------------------------------------------

struct NewDelivery {
    std::string guid;   // X-GitHub-Delivery
    std::string event;  // X-GitHub-Event
    std::string action;
    std::string host;     // "github.com", or X-GitHub-Enterprise-Host
    std::string hook_id;  // X-GitHub-Hook-ID; may be empty
    /// X-GitHub-Hook-Installation-Target-Type: "repository", "organization", "integration" (a
    /// GitHub App); may be empty, and others are not errors.
    std::string hook_kind;
    std::string hook_owner;  // owner/name, the organization's login, or empty
    Time received_at{};
    std::string repository;              // may be empty
    std::optional<decide::Event> facts;  // what decisions need; absent: nothing is to be decided
    std::string ignored_because;         // where they are absent
    std::string body;  // the payload, kept compressed for a bounded time; empty: not worth keeping
};

enum class Accepted { stored, duplicate };

// ---- catching up --------------------------------------------------------------------------------

/// A webhook that deliveries came from.
struct HeardHook {
    std::string id;     // X-GitHub-Hook-ID
    std::string kind;   // as in NewDelivery
    std::string owner;  // as in NewDelivery, by its newest name
    Time heard_at{};    // to the hour
};

/// An attempt of a run that events told of.
struct HeardAttempt {
    std::int64_t run_id = 0;
    decide::KnownAttempt known;
};

/// The newest attempt of a run, where it has not completed as far as events told.
struct OpenAttempt {
    std::string repository;  // by its newest name
    std::int64_t run_id = 0;
    int attempt = 1;
};

// ---- executing ----------------------------------------------------------------------------------

enum class CallState {
    pending,    // to be sent when due, again where it was sent before
    held,       // the key was refused; goes on when it is mended
    succeeded,  // done, or there was nothing to do
    dead,       // given up; a person can replay or drop it
    dropped,    // given up by a person, so nobody need look at it; can be replayed
};
std::string_view to_string(CallState state);
std::optional<CallState> parse_call_state(std::string_view name);

/// A planned call and where it stands.
struct Call {
    std::int64_t id = 0;
    std::string delivery;  // the GUID of the delivery that planned it
    Time received_at{};    // of that delivery
    decide::PlannedCall planned;
    std::string repository;
    CallState state = CallState::pending;
    Time planned_at{};
    Time due_at{};
    std::optional<Time> first_tried_at;  // since it was planned or replayed
    int tries = 0;                       // since it was planned or replayed
    int not_found = 0;                   // how many of those were answered 404
    /// Of a claimed call: how long it has been tried, at that moment. Of the time between one try
    /// and the next an hour counts at most: a machine that slept for days did not try.
    std::chrono::milliseconds tried_for{0};
    std::optional<Time> finished_at;
    std::string outcome;  // for a person: "cancelled run 4f2a…", "nothing to cancel"
};

/// One request that was sent for a call, and what came of it.
struct Try {
    Time at{};
    std::chrono::milliseconds took{0};
    int status = 0;      // HTTP; 0: no answer
    std::string result;  // "200 OK, run 4f2a…", "connection refused"
};

/// What becomes of a call after a try.
struct AfterTry {
    CallState state = CallState::pending;
    Time due_at{};  // for pending
    bool was_not_found = false;
    bool changed = false;  // the service did something, so the same call need not be made again
    std::optional<std::int64_t> specs;  // that this try opened again; absent: it is no reset
    std::string outcome;
};

// ---- reading ------------------------------------------------------------------------------------

struct DeliveryRow {
    std::string guid;
    std::string event;
    std::string action;
    std::string host;
    std::string repository;
    Time received_at{};
    std::optional<Time> decided_at;
    std::string rule;    // "R1" … "R5"; empty: not decided yet
    std::string reason;  // why
    /// What of the policy held when it was decided (decide::Decision::policy); absent: it is not
    /// decided, or was by a version that did not keep it.
    std::optional<std::string> policy;
    std::optional<decide::WorkflowRun> run;  // of a job: what it says of its run
    std::optional<decide::WorkflowJob> job;  // where it tells of one
    int calls = 0;
    int calls_open = 0;  // pending or held
    int calls_held = 0;  // of those
    int calls_dead = 0;
    int calls_dropped = 0;
};

struct CallHistory {
    Call call;
    std::vector<Try> tries;
};

struct DeliveryDetail {
    DeliveryRow row;
    std::vector<CallHistory> calls;
    bool body_kept = false;
};

struct DeliveryFilter {
    int limit = 20;
    std::string before;      // a GUID: only older ones
    std::string repository;  // empty: all
    std::optional<std::int64_t> run_id;
    bool only_dead = false;  // only those with a dead call
};

/// How much work waits, for readiness and metrics.
struct Backlog {
    std::int64_t undecided = 0;
    std::int64_t pending = 0;
    std::int64_t held = 0;  // and those being asked again whether the key is mended
    std::int64_t dead = 0;
    std::string held_because;            // the newest such call's answer
    std::optional<Time> oldest_pending;  // when the oldest of the pending ones was planned
};

struct Retention {
    std::chrono::hours bodies{7 * 24};
    std::chrono::hours rows{90 * 24};
};

/// Decides one event. Called inside the store's transaction, so it must be pure and quick.
struct Decider {
    using Decide = std::function<decide::Decision(const decide::Event&, const decide::Known&)>;
    using LooksAtGroup = std::function<bool(const decide::WorkflowRun&, const decide::Known&)>;

    /// `looks_at_group`: does it need the other runs of the group? Asked first, with what is known
    /// of the run itself, since to look at them costs more than the rest.
    template <class Function>
        requires std::is_invocable_r_v<decide::Decision, const Function&, const decide::Event&,
                                       const decide::Known&>
    Decider(
        Function decides, LooksAtGroup looks = [](const auto&, const auto&) { return true; })
        : decide(std::move(decides)), looks_at_group(std::move(looks)) {}

    Decide decide;
    LooksAtGroup looks_at_group;
};

struct Decided {
    std::string guid;
    decide::RunKey run;
    int attempt = 1;
    Time received_at{};
    decide::Decision decision;
};

/// What became of a delivery that was to be decided at once.
struct Taken {
    Accepted accepted = Accepted::stored;
    std::optional<Decided>
        decided;  // absent: there is nothing to decide, or it is for decide_next()
};

/// What the calls of all operations that do not ask GitHub go to: names of services begin with it,
/// and may go on with what tells one address and key from another.
inline constexpr const char* runs_api_service = "Runs API";

/// Every operation may be called from any executor; none blocks it. Errors: store, busy, stopping.
class Store {
public:
    virtual ~Store() = default;

    /// Returns only when the delivery is on disk. The same GUID is stored once.
    virtual Awaitable<Result<Accepted>> accept(NewDelivery delivery) = 0;

    /// The same, and where it can be, the decision is in the commit that stores: its calls need not
    /// wait for another. Whatever hinders that hinders nothing else. A store may leave deciding to
    /// decide_next().
    virtual Awaitable<Result<Taken>> accept_and_decide(NewDelivery delivery, Decider decider,
                                                       Time now) = 0;

    /// The hooks of a GitHub that were heard of since then.
    virtual Awaitable<Result<std::vector<HeardHook>>> hooks(std::string host, Time since) = 0;
    /// The repositories of a GitHub that something to decide came from since then.
    virtual Awaitable<Result<std::vector<std::string>>> repositories(std::string host,
                                                                     Time since) = 0;
    /// Those of the GUIDs that no delivery has, in the order they are given.
    virtual Awaitable<Result<std::vector<std::string>>> unknown_guids(
        std::vector<std::string> guids) = 0;
    /// What decided events told of these runs.
    virtual Awaitable<Result<std::vector<HeardAttempt>>> heard_attempts(
        std::string host, std::vector<std::int64_t> run_ids) = 0;
    /// The runs whose end has not been heard of, but that were heard of since then: the newest
    /// first, of each repository at most `limit`.
    virtual Awaitable<Result<std::vector<OpenAttempt>>> open_attempts(std::string host,
                                                                      Time heard_since,
                                                                      int limit) = 0;

    /// When something was looked at to its end for the last time; absent: never.
    virtual Awaitable<Result<std::optional<Time>>> last_look(std::string name) = 0;
    virtual Awaitable<Result<void>> record_look(std::string name, Time at) = 0;

    /// Decides up to `limit` undecided deliveries, oldest first, and records facts, decisions and
    /// calls in one transaction. An empty answer: none is left.
    virtual Awaitable<Result<std::vector<Decided>>> decide_next(Decider decider, Time now,
                                                                int limit) = 0;

    /// Hands out up to `limit` calls that are due and whose turn it is, and leases them until
    /// `lease_until`: a call whose executor died is due again then. A call's turn has come when no
    /// earlier one of the same run and project is open, but for those that were answered 404 and
    /// wait to be asked again. More order is not needed: no call depends on another's answer.
    /// `service` is the Runs API as this process asks it: while that is paused (record_pause), only
    /// calls to GitHub are handed out.
    virtual Awaitable<Result<std::vector<Call>>> claim_due(Time now, Time lease_until, int limit,
                                                           std::string service) = 0;
    /// When the next call that claim_due would hand out falls due; absent: there is none.
    virtual Awaitable<Result<std::optional<Time>>> next_due(Time now, std::string service) = 0;

    /// Records a try of a claimed call and what becomes of it, and ends its lease. Where the call
    /// was planned anew meanwhile, the try is kept but the call stays due.
    virtual Awaitable<Result<void>> record_try(Call claimed, Try tried, AfterTry after) = 0;

    /// Why a claimed call must not be sent any more: a later event took it back, or it has ended by
    /// other hands. Absent: it is still wanted.
    virtual Awaitable<Result<std::optional<std::string>>> not_wanted(std::int64_t call_id) = 0;

    /// The clock was set back. What waits is due when it would have been, as if no time had passed
    /// since it was planned or tried; a lease ends at `lease_until` at the latest. Returns how many
    /// calls were moved.
    virtual Awaitable<Result<int>> clock_set_back(Time now, Time lease_until) = 0;

    /// Ends the leases of executors that are gone for sure (on SQLite, with its one daemon: all).
    /// To be called once at the start. Returns how many.
    virtual Awaitable<Result<int>> recover(Time now) = 0;

    /// Gives claimed calls back untried, at an orderly stop.
    virtual Awaitable<Result<void>> release(std::vector<std::int64_t> call_ids, Time now) = 0;

    /// Makes held calls due again, with a fresh allowance of tries, oldest first, at most `limit`:
    /// those refused once that were last tried `pause` ago or longer; twice as long for each
    /// refusal more, up to 20 times. Returns how many.
    virtual Awaitable<Result<int>> resume_held(Time now, std::chrono::milliseconds pause,
                                               int limit) = 0;

    virtual Awaitable<Result<std::vector<DeliveryRow>>> list(DeliveryFilter filter) = 0;
    /// A GUID or an unambiguous beginning of one. Errors also: not_found, bad_input (ambiguous).
    virtual Awaitable<Result<DeliveryDetail>> show(std::string guid) = 0;

    /// Makes the delivery's calls due once more, with a fresh allowance of tries; a delivery
    /// without calls is decided anew, as if its attempt had not been heard of before. Returns how
    /// many calls were opened again; those that later events took back stay closed, and where all
    /// are, it is Errc::refused. Errc::busy where they are under way just now.
    virtual Awaitable<Result<int>> replay(std::string guid, Time now) = 0;

    /// Gives the delivery's open and dead calls up by hand: they wait for nothing and nobody any
    /// more. Returns how many.
    virtual Awaitable<Result<int>> drop(std::string guid, Time now) = 0;

    /// A service asks to be left alone for so long: until then claim_due() hands out no call to it,
    /// to whoever shares the store and asks for it by the same name. Where it has asked for longer
    /// already, that holds. What names stand for, those who use them know. Where many share the
    /// store the time is its server's, not `now`: one wrong clock says nothing to the others.
    /// replay() and act() lift those of all names that begin with `runs_api_service`: a person
    /// wants it tried.
    virtual Awaitable<Result<void>> record_pause(std::string service,
                                                 std::chrono::milliseconds length, Time now) = 0;
    /// Until when it is to be left alone; absent: it is not.
    virtual Awaitable<Result<std::optional<Time>>> paused_until(std::string service, Time now) = 0;

    // What people ask and do: by_people.hpp.

    /// A page of those that a search fits. Errors also: not_found (of `before` and `after`),
    /// bad_input.
    virtual Awaitable<Result<DeliveryPage>> search(DeliverySearch search) = 0;
    /// Replays or drops what a search fits, the newest first, and keeps who did it and why. Where
    /// its `id` names one delivery that must be left alone, that is the error; else counted.
    virtual Awaitable<Result<HandOutcome>> act(ByHand act, DeliverySearch which, Time now) = 0;
    /// What was done by hand, the newest first; of one delivery where `delivery` is not empty.
    virtual Awaitable<Result<std::vector<HandRecord>>> acts(std::string delivery, int limit) = 0;
    /// What was replayed after the act that `last` of an earlier answer names; 0: all that is kept.
    virtual Awaitable<Result<Replays>> replays_after(std::int64_t last) = 0;
    /// Keeps what was done by hand elsewhere, such as to a recorded run.
    virtual Awaitable<Result<void>> record_act(HandRecord record) = 0;
    /// Of `steps` steps of time from `from` on.
    virtual Awaitable<Result<std::vector<Counts>>> count(Time from, std::chrono::milliseconds step,
                                                         int steps) = 0;
    /// A delivery's payload; absent: it is not kept any more. Errors as show().
    virtual Awaitable<Result<std::optional<std::string>>> payload(std::string guid) = 0;
    /// What would be decided of the delivery if it were replayed now, and it had no calls. Changes
    /// nothing. Absent: nothing is to be decided of it. Errors as show().
    virtual Awaitable<Result<std::optional<decide::Decision>>> consider(std::string guid,
                                                                        Decider decider) = 0;

    virtual Awaitable<Result<Backlog>> backlog() = 0;

    /// Can it write? It tries: what can be read says nothing about a disk that is full.
    virtual Awaitable<Result<void>> check(Time now) = 0;

    /// Deletes what is older than it need be, in small steps; open calls and their deliveries stay.
    /// Returns how many rows went, or were brought up to date: there may be more while it is not 0.
    virtual Awaitable<Result<int>> prune(Time now, Retention retention) = 0;
    /// Fills in by what people find deliveries where a version before left it out, some at a time,
    /// the newest first. Returns of how many; 0: nothing is left, or another process is at it.
    virtual Awaitable<Result<int>> name_some() = 0;

    /// Is this process the one that does what one alone is to do, "catch-up" say? Where many share
    /// the store, one of them is, until it is not heard of any more; elsewhere it always is.
    virtual Awaitable<Result<bool>> takes_duty(std::string duty);

    /// Has `changed` called, on a thread of the store's, when another process may have left
    /// something to be decided or done; it may be called without need. It must be safe to call
    /// until the store is gone. Where nobody else works on the store it never is.
    virtual void on_change(std::function<void()> changed);
};

}  // namespace runs_agent::store
