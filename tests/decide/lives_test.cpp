// SPDX-License-Identifier: MIT
// An end need not be final: the same attempt may go on. GitHub's times tell its lives apart, and
// the order in which events arrive means nothing.
#include "decide/attempt.hpp"
#include "tests/decide/told.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace runs_agent::decide {
namespace {

TEST(Lives, ARunThatWaitsForApprovalHasNotEnded) {
    Told all({told("requested", "", ten, ten), ends("action_required", ten, ten)});
    EXPECT_TRUE(all.open.empty());
    EXPECT_NE(all.last.reason.find("waits for approval"), std::string::npos) << all.last.reason;
    EXPECT_TRUE(all.tell(goes_on(ten, ten + 40s)).calls.empty());

    // A newer push supersedes it, whether it was approved or not.
    for (const bool approved : {true, false}) {
        Told waiting({ends("action_required", ten, ten)});
        if (approved) waiting.tell(goes_on(ten + 40s, ten + 40s));
        WorkflowRun newer = example_run("requested", "", 1, 1002);
        newer.created_at = ten + 2min;
        const Decision r4 = waiting.tell(newer);
        ASSERT_EQ(r4.calls.size(), 1U) << approved;
        EXPECT_EQ(r4.calls[0].cause(), cancellation);
    }
    // Its true end counts, whatever the time at which it is said to have begun.
    for (const Time started : {ten, ten + 40s}) {
        Told whole({ends("action_required", ten, ten), goes_on(ten + 40s, ten + 40s)});
        whole.tell(ends("cancelled", started, ten + 5min));
        ASSERT_EQ(whole.open.size(), 1U);
        EXPECT_EQ(cause_of(*whole.open.begin()), cancellation);
    }
}

TEST(Lives, AReRunThatKeepsItsNumberTakesBackWhatWaitsForItsFirstLife) {
    Told all({goes_on(ten, ten + 5s), ends("failure", ten, ten + 1min)});
    EXPECT_EQ(all.open, Keys{sweep});
    const Decision again = all.tell(told("requested", "", ten + 2min, ten + 2min));
    ASSERT_EQ(again.withdrawn.size(), 1U);
    EXPECT_EQ(again.withdrawn[0].key, sweep);
    EXPECT_EQ(again.withdrawn[0].operation, Operation::cancel_run);
    EXPECT_EQ(again.withdrawn[0].reason,
              "attempt 1 of run 1001 (e2e in octo/demo) went on after it had ended");
    EXPECT_TRUE(all.tell(goes_on(ten + 2min, ten + 125s)).withdrawn.empty());
    EXPECT_TRUE(all.open.empty());
    // And its own end has a call of its own.
    all.tell(ends("cancelled", ten + 2min, ten + 9min));
    EXPECT_EQ(all.open, Keys{later(cancellation, ten + 9min)});
    all.tell(ends("cancelled", ten + 2min, ten + 9min));
    EXPECT_EQ(all.open.size(), 1U);
    EXPECT_NE(all.last.reason.find("already planned"), std::string::npos) << all.last.reason;
}

TEST(Lives, ACancelledLifeAndTheCancelledOneAfterItAreCancelledBoth) {
    Told all({ends("cancelled", ten, ten + 1min), ends("cancelled", ten + 2min, ten + 9min)});
    EXPECT_EQ(all.open, Keys{later(cancellation, ten + 9min)});
    ASSERT_EQ(all.last.withdrawn.size(), 1U) << "what was not sent yet would end what goes on";
    // The end of the first, told late or again, changes nothing.
    const Decision late = all.tell(ends("cancelled", ten, ten + 1min));
    EXPECT_TRUE(late.calls.empty() && late.withdrawn.empty());
    EXPECT_NE(late.reason.find("a later event tells"), std::string::npos) << late.reason;
}

TEST(Lives, TheEndOfAnEarlierLifeThatComesLateEndsNothing) {
    Told all({goes_on(ten + 2min, ten + 125s)});
    const Decision late = all.tell(ends("cancelled", ten, ten + 1min));
    EXPECT_TRUE(late.calls.empty());
    EXPECT_EQ(late.rule, Rule::none);
    EXPECT_NE(late.reason.find("went on after that"), std::string::npos) << late.reason;
}

TEST(Lives, ARunThatIsRunAgainInTheSecondInWhichItEndedIsAnotherLife) {
    const WorkflowRun end = ends("cancelled", ten, ten + 50s);
    const WorkflowRun again = told("requested", "", ten + 50s, ten + 50s);
    EXPECT_TRUE(Told({end, again}).open.empty());
    EXPECT_TRUE(Told({again, end}).open.empty());
}

TEST(Lives, ALateEventTakesNothingBack) {
    Told all({goes_on(ten, ten + 5s), ends("cancelled", ten, ten + 1min)});
    for (const WorkflowRun& late :
         {goes_on(ten, ten + 5s), told("requested", "", ten, ten), goes_on(ten, ten + 1min),
          ends("", ten, ten + 1min), ends("action_required", ten, ten)}) {
        const Decision decision = all.tell(late);
        EXPECT_TRUE(decision.calls.empty() && decision.withdrawn.empty()) << decision.reason;
    }
    // What was written when it had ended already tells of no beginning, whatever its time.
    WorkflowRun contradicting = goes_on(ten, ten + 2min);
    contradicting.status = "completed";
    EXPECT_TRUE(all.tell(contradicting).withdrawn.empty());
    EXPECT_EQ(all.open, Keys{cancellation});
}

TEST(Lives, WithoutTimesNothingIsTouched) {
    const WorkflowRun timeless = goes_on({}, {});
    Told all({ends("failure", ten, ten + 1min)});
    EXPECT_EQ(all.tell(timeless).withdrawn.size(), 1U);
    EXPECT_NE(all.last.reason.find("lacks the times"), std::string::npos) << all.last.reason;
    // Nor is it where the end had none.
    Told neither({ends("cancelled", {}, {}), timeless});
    EXPECT_TRUE(neither.open.empty());
    neither.tell(ends("cancelled", {}, {}));
    EXPECT_TRUE(neither.open.empty());
    // But a server that gives no times at all is served as long as an attempt has one end.
    EXPECT_EQ(Told({timeless, ends("cancelled", {}, {})}).open, Keys{cancellation});
}

TEST(Lives, AServerThatTellsOnlyWhenALifeBeganIsUnderstood) {
    Told all({goes_on(ten, {}), ends("failure", ten, {}), goes_on(ten, {})});
    EXPECT_EQ(all.open, Keys{sweep}) << "the same life, told late";
    all.tell(goes_on(ten + 2min, {}));
    EXPECT_TRUE(all.open.empty());
    all.tell(ends("cancelled", ten + 2min, {}));
    EXPECT_EQ(all.open.size(), 1U);
}

TEST(Lives, ALaterLifeOfARunIsSupersededByAnythingMadeAfterItBegan) {
    const auto newer = [](Time created) {
        WorkflowRun run = example_run("requested", "", 1, 1002);
        run.created_at = created;
        return run;
    };
    const std::vector<WorkflowRun> lives{ends("failure", ten, ten + 1min),
                                         goes_on(ten + 5min, ten + 5min)};
    // Somebody ran the older one again after the newer one was made, and means it.
    Told meant(lives);
    EXPECT_TRUE(meant.tell(newer(ten + 3min)).calls.empty());
    Told first({newer(ten + 3min)});
    for (const WorkflowRun& event : lives) first.tell(event);
    EXPECT_EQ(first.open, Keys()) << "the sweep is taken back, and the run left alone";
    Told superseded(lives);
    superseded.tell(newer(ten + 6min));
    // Of the second in which it began: an end of the life before may be of the same one.
    EXPECT_EQ(superseded.open, Keys{later(cancellation, ten + 5min + 4ms)});
}

TEST(Lives, WhatAnEarlierLifeWasSupersededForIsTakenBack) {
    WorkflowRun newer = example_run("requested", "", 1, 1002);
    newer.created_at = ten + 30s;
    Told all({goes_on(ten, ten), newer});
    EXPECT_EQ(all.open, Keys{cancellation});
    all.tell(ends("cancelled", ten, ten + 40s));
    all.tell(goes_on(ten + 5min, ten + 5min));
    EXPECT_EQ(all.open, Keys());
}

TEST(Lives, ALifeThatIsNewIsAReRunWhereAttemptsShareARecordedRun) {
    Policy policy;
    policy.defaults.ci_build_id =
        std::get<BuildIdTemplate>(BuildIdTemplate::parse("${{ github.run_id }}"));
    Told all({ends("failure", ten, ten + 1min)}, policy);
    const Decision again = all.tell(goes_on(ten + 2min, ten + 2min), policy);
    ASSERT_EQ(again.calls.size(), 1U);
    EXPECT_EQ(again.calls[0].operation, Operation::reset_run);
    EXPECT_EQ(again.calls[0].claimed_before, ten + 2min);
    EXPECT_EQ(again.calls[0].ci_build_id, "1001");
    all.tell(goes_on(ten + 2min, ten + 3min), policy);
    EXPECT_TRUE(all.last.calls.empty());
    all.tell(ends("success", ten + 2min, ten + 4min), policy);
    EXPECT_TRUE(all.open.empty()) << "it is too late for a reset";
}

TEST(Lives, WhatAPersonReplaysIsHeldAgainstWhatIsKnown) {
    Told all({ends("cancelled", ten, ten + 1min), goes_on(ten + 2min, ten + 2min)});
    const WorkflowRun old = ends("cancelled", ten, ten + 1min);
    Known known = all.history.known_of(old);
    known.replayed = true;
    EXPECT_TRUE(decide(old, everything(), known).calls.empty());
}

// Every order in which the events of three lives can arrive, some twice.
TEST(Lives, WhateverTheOrderTheSameIsKnown) {
    const std::vector<WorkflowRun> events{
        told("requested", "", ten, ten),           goes_on(ten, ten + 5s),
        ends("failure", ten, ten + 1min),          goes_on(ten + 2min, ten + 2min),
        ends("timed_out", ten + 2min, ten + 3min), goes_on(ten + 3min, ten + 3min),
        ends("cancelled", ten + 3min, ten + 9min)};
    KnownAttempt expected;
    for (const WorkflowRun& event : events) merge_event(expected, event);
    EXPECT_TRUE(expected.completed());
    EXPECT_EQ(expected.conclusion, "cancelled");
    // After what was asked for at that end, and before what is asked for in the life after it.
    EXPECT_EQ(expected.went_on_after(), ten + 3min + 2ms);

    std::vector<std::size_t> order(events.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    do {
        KnownAttempt known;
        Told all({});
        for (const std::size_t i : order) {
            merge_event(known, events[i]);
            all.tell(events[i]);
        }
        ASSERT_EQ(known, expected);
        ASSERT_EQ(all.open.size(), 1U);
        ASSERT_TRUE(all.open.begin()->ends_with(cancellation)) << *all.open.begin();
    } while (std::next_permutation(order.begin(), order.end()));
}

// A3: what is not known is left alone.
TEST(Lives, WithoutTheTimeAtWhichItBeganNothingIsReset) {
    Policy policy;
    policy.defaults.reset = Reset::always;
    for (const int attempt : {1, 2}) {
        WorkflowRun again = goes_on({}, ten + 2min);
        again.attempt = attempt;
        Told all({ends("failure", ten, ten + 1min)}, policy);
        EXPECT_TRUE(all.tell(again, policy).calls.empty()) << attempt;
    }
    EXPECT_NE(Told({}, policy)
                  .tell(
                      [] {
                          WorkflowRun again = goes_on({}, ten);
                          again.attempt = 2;
                          return again;
                      }(),
                      policy)
                  .reason.find("when it began is not told"),
              std::string::npos);
}

TEST(Lives, AJobIsHeldAgainstTheLifeThatGoesOn) {
    WorkflowJob job = example_job();
    struct Case {
        std::vector<WorkflowRun> events;
        Time completed_at;
        std::size_t calls;
    };
    const WorkflowRun first = goes_on(ten, ten);
    const WorkflowRun end = ends("failure", ten, ten + 5min);
    const WorkflowRun second = goes_on(ten + 6min, ten + 6min);
    const Case cases[] = {
        {{first}, ten + 1min, 1},
        {{first, end, second}, ten + 7min, 1},
        {{first, end, second}, ten + 1min, 0},  // told again, with the time it had
        {{first, end}, ten + 7min, 0},
        {{goes_on({}, ten)}, ten + 1min, 0},  // nobody said when the attempt began
        {{ends("action_required", ten, ten), goes_on(ten, ten + 1min)}, ten + 2min, 1},
    };
    for (const Case& each : cases) {
        Told all(each.events);
        job.completed_at = each.completed_at;
        const Decision decision = decide(job, everything(), all.history.known_of(job));
        EXPECT_EQ(decision.calls.size(), each.calls) << decision.reason;
    }
}

}  // namespace
}  // namespace runs_agent::decide
