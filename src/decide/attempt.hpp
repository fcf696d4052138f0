// SPDX-License-Identifier: MIT
// What events told of one attempt of a run, and what a further one adds. An end need not be final:
// a run that waits for approval is said to have completed (action_required) before it begins, some
// re-runs keep their attempt's number, and servers without attempts always do. Such an attempt has
// several lives. GitHub's times tell them apart, never the order in which events arrive: whatever
// that order, the same is done in the end.
#pragma once

#include "decide/facts.hpp"
#include "decide/tellings.hpp"

#include <string>

namespace runs_agent::decide {

/// A moment in the life of an attempt, in GitHub's times; 0: not told.
struct Moment {
    Time started_at{};  // of that life (run_started_at); it stays, or nearly so, until its end
    Time at{};          // when what is told was so (updated_at)

    bool operator==(const Moment&) const = default;
};

/// Whether what was told to go on did so after an end, or came before it.
enum class Order { before, after, unclear };
/// By when the two were so; and where that is equal or not told, by the beginnings: a life begins
/// no sooner than the one before it ended.
Order order_of(const Moment& alive, const Moment& ended);

/// What has been left open of whether an attempt goes on after its end.
enum class Doubt {
    none = 0,  // the numbers are stored
    lasting =
        1,  // a beginning without any time was told after the end: only a later one settles it
    passing = 2,  // at some time; what comes with more times settles it
};

struct KnownAttempt {
    int attempt = 1;
    Moment alive;              // the latest of each time at which it was told to be going on
    Moment ended;              // the latest at which it was told to have ended
    Time ended_first_at{};     // the earliest of the ends that name the same start; 0: not told
    std::string conclusion;    // of that end; empty: no end was told
    Time ended_before_that{};  // when the life before that one ended; 0: there was none
    Time first_started_at{};   // the earliest beginning that was told
    Doubt doubt = Doubt::none;
    /// What was told with a time: when it went on after `ended`, and of the ends that name the same
    /// start the latest of each conclusion.
    Tellings tellings;

    /// Has the newest life ended, as far as can be told?
    bool completed() const { return !conclusion.empty() && order_of(alive, ended) != Order::after; }
    /// It may go on after its end: nothing that would end it may be done.
    bool is_in_doubt() const;
    /// When the life before the newest one was over; 0: the newest is the first, as far as is
    /// known. An attempt that is said to have begun later than before was begun anew.
    Time went_on_after() const;
    /// A time within the newest life; 0: not known.
    Time within() const;
    /// When the newest life is said to have begun; 0: not told. One that keeps the start of the
    /// life before it began later than that.
    Time started_at() const { return completed() ? ended.started_at : alive.started_at; }
    /// Between these the newest life, which goes on, began; 0: not known. They are one where it has
    /// a start of its own.
    Time began_no_sooner_than() const;
    Time had_begun_by() const;
    /// In which words the newest life was told to have ended, and when; the newest first. Without
    /// a life between them they are one end, and each of them counts.
    Tellings ends() const;

    bool operator==(const KnownAttempt&) const = default;
};

/// Does it tell of an end? `completed` without a conclusion says nothing, and action_required is a
/// beginning: the same attempt goes on once somebody has approved it.
/// Source: docs.github.com, "Approving workflow runs from public forks".
bool tells_end(const WorkflowRun& run);
bool is_end(std::string_view action, std::string_view conclusion);

/// The moment that an event tells of.
Moment moment_of(const WorkflowRun& run);

/// What an event tells, held against what is known of its attempt.
enum class News {
    none,      // late: something later is known
    goes_on,   // the newest life goes on
    end,       // the newest life has ended; perhaps that was known
    new_life,  // a life after an end that is known has begun
    new_end,   // and has ended, too
    unclear,   // it may tell of a new life, and lacks the times that would say so
};
News news_of(const KnownAttempt& known, const WorkflowRun& run);

/// Takes an event in. Late and doubled ones change nothing that decides.
void merge_event(KnownAttempt& known, const WorkflowRun& run);

}  // namespace runs_agent::decide
