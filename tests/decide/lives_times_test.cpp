// SPDX-License-Identifier: MIT
// Lives of an attempt whose events tell some times and lack others, or tell equal ones.
#include "tests/decide/told.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

namespace runs_agent::decide {
namespace {

const Time end_of_first = ten + 5min;

/// What is open after the events, in the order given and in the other.
void expect_open(std::vector<WorkflowRun> events, const std::string& cause) {
    for (const bool turned : {false, true}) {
        const Told all(events);
        ASSERT_EQ(all.open.size(), 1U) << turned << all.last.reason;
        EXPECT_EQ(cause_of(*all.open.begin()), cause) << turned;
        std::reverse(events.begin(), events.end());
    }
}

TEST(LivesTimes, ALifeOfTheSecondInWhichTheOneBeforeEndedKeepsItsCalls) {
    const WorkflowRun again = told("requested", "", end_of_first, end_of_first);
    Told all({ends("failure", ten, end_of_first), again,
              ends("cancelled", end_of_first, end_of_first), goes_on(end_of_first, end_of_first)});
    ASSERT_EQ(all.open.size(), 1U);
    EXPECT_EQ(cause_of(*all.open.begin()), cancellation);
    all.tell(ends("cancelled", end_of_first, end_of_first));
    EXPECT_TRUE(all.last.calls.empty()) << "it is planned once";

    Policy sharing;
    sharing.defaults.ci_build_id =
        std::get<BuildIdTemplate>(BuildIdTemplate::parse("${{ github.run_id }}"));
    Told shared({ends("failure", ten, end_of_first), again}, sharing);
    EXPECT_EQ(shared.open.size(), 1U);
    shared.tell(goes_on(end_of_first, end_of_first + 7s), sharing);
    EXPECT_EQ(shared.open.size(), 1U) << "the reset is still wanted";

    WorkflowRun newer = example_run("requested", "", 1, 1002);
    newer.created_at = end_of_first + 30s;
    Told superseded({ends("failure", ten, end_of_first), again, newer});
    superseded.tell(goes_on(end_of_first, end_of_first + 40s));
    EXPECT_EQ(superseded.open.size(), 1U);
}

TEST(LivesTimes, WhatContradictsItselfTakesNoEndAway) {
    WorkflowRun contradicting = goes_on(ten, end_of_first + 2s);
    contradicting.status = "completed";
    expect_open({contradicting, ends("cancelled", ten, end_of_first)}, cancellation);
    expect_open({ends("", ten, end_of_first + 2s), ends("cancelled", ten, end_of_first)},
                cancellation);
    // But a beginning that waits for approval is one.
    for (const Time began : {ten + 6min, ten}) {
        WorkflowRun waits = told("requested", "action_required", began, ten + 6min);
        waits.status = "completed";
        Told all({ends("failure", ten, end_of_first), waits});
        EXPECT_TRUE(all.open.empty()) << all.last.reason;
    }
}

TEST(LivesTimes, AServerThatTellsABeginningWithoutATimeIsServedAgain) {
    const WorkflowRun requested = told("requested", "", {}, {});
    Told all({requested, goes_on(ten, {}), ends("failure", ten, ten + 3min), requested});
    EXPECT_TRUE(all.open.empty());
    all.tell(goes_on(ten + 30min, {}));
    all.tell(ends("cancelled", ten + 30min, ten + 33min));
    ASSERT_EQ(all.open.size(), 1U) << all.last.reason;
    EXPECT_EQ(cause_of(*all.open.begin()), cancellation);
}

TEST(LivesTimes, ARerunSecondsLaterIsAnotherLifeThoughOnlyBeginningsAreTold) {
    Told all({ends("failure", ten, {}), told("requested", "", ten + 20s, {})});
    EXPECT_TRUE(all.open.empty());
    all.tell(ends("cancelled", ten + 20s, {}));
    EXPECT_EQ(all.open.size(), 1U);
}

TEST(LivesTimes, WhoeverBeganBeforeTheEndIsOfOneLifeWithIt) {
    expect_open({goes_on(ten + 5s, {}), ends("cancelled", ten, end_of_first)}, cancellation);
    expect_open({goes_on(ten + 1s, {}), ends("cancelled", ten, end_of_first)}, cancellation);
    expect_open({goes_on(ten + 5s, end_of_first), ends("cancelled", ten, end_of_first)},
                cancellation);
}

TEST(LivesTimes, WhatWasTakenBackForWantOfTimesIsAskedForOnceANewerAttemptIsKnown) {
    Told all({ends("cancelled", ten, end_of_first), told("requested", "", {}, {})});
    EXPECT_TRUE(all.open.empty());
    WorkflowRun second = goes_on(ten + 10min, ten + 10min);
    second.attempt = 2;
    all.tell(second);
    ASSERT_EQ(all.open.size(), 1U) << all.last.reason;
    EXPECT_EQ(cause_of(*all.open.begin()), cancellation);
}

TEST(LivesTimes, ANewLifeIsKeptWhateverTimesWereToldBefore) {
    Told all({goes_on({}, end_of_first), ends("cancelled", ten, ten + 7min)});
    EXPECT_EQ(all.open.size(), 1U);
    all.tell(goes_on(ten + 10min, {}));
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
}

TEST(LivesTimes, AnEndThatIsToldAgainLaterIsTheSame) {
    Told all({ends("cancelled", ten, end_of_first), ends("failure", ten, end_of_first + 3s)});
    EXPECT_TRUE(all.open.contains(cancellation));
    EXPECT_TRUE(all.tell(goes_on(ten, end_of_first)).withdrawn.empty()) << "it came before";
}

TEST(LivesTimes, WhatGoesOnBetweenTwoEndsPartsThemWheneverItIsTold) {
    const WorkflowRun first = ends("cancelled", ten, ten + 5min);
    const WorkflowRun between = goes_on(ten, ten + 6min);
    const WorkflowRun second = ends("cancelled", ten, ten + 9min);
    Told all({first, second});
    EXPECT_EQ(all.open, Keys{cancellation});
    const Decision& parted = all.tell(between);
    EXPECT_EQ(parted.withdrawn.size(), 1U);
    ASSERT_EQ(parted.calls.size(), 1U) << parted.reason;
    EXPECT_GT(parted.calls.front().as_of, ten + 6min) << "it is for what was recorded since";
    for (const WorkflowRun& again : {first, between, second}) {
        const Decision& doubled = all.tell(again);
        EXPECT_TRUE(doubled.calls.empty() && doubled.withdrawn.empty()) << doubled.reason;
    }
}

TEST(LivesTimes, WhatGoesOnBetweenTwoEndsLeavesTheSameKnownInAnyOrder) {
    const std::array<WorkflowRun, 3> events{ends("failure", ten, ten + 5min),
                                            goes_on(ten, ten + 6min),
                                            ends("cancelled", ten, ten + 9min)};
    std::array<std::size_t, 3> order{0, 1, 2};
    std::optional<KnownAttempt> first;
    do {
        KnownAttempt known;
        for (const std::size_t one : order) merge_event(known, events[one]);
        if (!first) first = known;
        EXPECT_EQ(known, *first) << order[0] << order[1] << order[2];
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_EQ(first->conclusion, "cancelled");
    EXPECT_GT(first->ended_before_that, ten + 5min);
}

TEST(LivesTimes, WhatIsTakenBackDoesNotHangOnThePolicy) {
    Policy named = everything();
    PolicyRule rule;
    rule.workflow = {"e2e"};
    rule.settings = named.defaults;
    named.rules = {rule};
    Told all({ends("failure", ten, end_of_first)}, named);
    EXPECT_EQ(all.open, std::set<std::string>{sweep});
    WorkflowRun unnamed = goes_on(ten + 6min, ten + 6min);
    unnamed.workflow_name.clear();
    unnamed.workflow_path.clear();
    EXPECT_EQ(all.tell(unnamed, named).withdrawn.size(), 1U);

    Policy ignoring = everything();
    ignoring.defaults.ignore = true;
    Told ignored({ends("failure", ten, end_of_first)});
    EXPECT_EQ(ignored.tell(goes_on(ten + 6min, ten + 6min), ignoring).withdrawn.size(), 1U);
}

TEST(LivesTimes, ARepositorysNameHasNoCase) {
    WorkflowRun older = example_run("in_progress", "", 1, 1001);
    WorkflowRun newer = example_run("requested", "", 1, 1002);
    for (WorkflowRun* const run : {&older, &newer}) {
        run->head_branch = "main";
        run->head_repository = "Octo/Demo";
    }
    EXPECT_TRUE(Told({older, newer}).open.empty()) << "it is the default branch";
    older.head_branch = newer.head_branch = "feature";
    newer.head_repository = "octo/demo";
    newer.repository = "OCTO/Demo";
    EXPECT_EQ(Told({older, newer}).open.size(), 1U);
}

}  // namespace
}  // namespace runs_agent::decide
