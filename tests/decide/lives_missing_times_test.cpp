// SPDX-License-Identifier: MIT
// Lives of an attempt of which some events lack a time, or tell the same one as another.
#include "decide/attempt.hpp"
#include "tests/decide/told.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

const Time end_of_first = ten + 5min;

WorkflowRun newer_run(Time created) {
    WorkflowRun run = example_run("requested", "", 1, 1002);
    run.created_at = created;
    return run;
}

TEST(LivesMissingTimes, AServerThatTellsNoBeginningsIsUnderstood) {
    Told all({goes_on({}, ten), ends("failure", {}, end_of_first)});
    EXPECT_EQ(all.open, Keys{sweep});
    EXPECT_TRUE(all.tell(goes_on({}, ten + 1min)).withdrawn.empty()) << "a late event";
    all.tell(goes_on({}, end_of_first + 1min));
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
    EXPECT_TRUE(all.tell(ends("cancelled", {}, end_of_first)).calls.empty()) << "a late end";
    all.tell(ends("cancelled", {}, end_of_first + 4min));
    EXPECT_EQ(all.open.size(), 1U) << all.last.reason;
}

TEST(LivesMissingTimes, AnEndThatIsToldWithItsTimeAfterAll) {
    const Told all(
        {goes_on(ten + 5min, {}), ends("cancelled", ten, {}), ends("cancelled", ten, ten + 7min)});
    EXPECT_EQ(all.open.size(), 1U) << all.last.reason;
}

TEST(LivesMissingTimes, OfWhatWasSoInOneSecondNobodyCanTellWhichCameFirst) {
    EXPECT_TRUE(
        Told({goes_on({}, end_of_first), ends("cancelled", {}, end_of_first)}).open.empty());
    Told all({ends("cancelled", ten, end_of_first), goes_on({}, end_of_first)});
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
    EXPECT_TRUE(Told({goes_on({}, end_of_first), ends("cancelled", end_of_first, end_of_first)})
                    .open.empty());
    // What began before that second was there before the end, and what was there when it began.
    EXPECT_EQ(Told({goes_on(ten, end_of_first), ends("cancelled", {}, end_of_first)}).open,
              Keys{cancellation});
    EXPECT_EQ(Told({goes_on({}, ten), ends("cancelled", ten, {})}).open.size(), 1U);
}

TEST(LivesMissingTimes, AnEndThatIsKnownAlreadyIsSaidToBe) {
    Told all({goes_on(ten, ten), ends("cancelled", ten, end_of_first)});
    const Decision again = all.tell(ends("cancelled", {}, {}));
    EXPECT_TRUE(again.calls.empty() && again.withdrawn.empty());
    EXPECT_NE(again.reason.find("as is known already"), std::string::npos) << again.reason;
}

TEST(LivesMissingTimes, AnEndWithoutATimeThatCameFirstDoesNotKeepItFromBeingSuperseded) {
    Told all({ends("failure", {}, {}), goes_on(ten, ten + 5s), newer_run(ten + 40s)});
    EXPECT_EQ(all.open.size(), 1U) << all.last.reason;
}

TEST(LivesMissingTimes, WhatADoubtTookFromASupersededRunIsAskedForAtItsEnd) {
    Told all({goes_on({}, end_of_first), newer_run(end_of_first + 1min)});
    EXPECT_EQ(all.open.size(), 1U) << all.last.reason;
    all.tell(ends("cancelled", {}, end_of_first));
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
    all.tell(goes_on(ten, end_of_first));
    EXPECT_EQ(all.open.size(), 1U) << all.last.reason;
}

TEST(LivesMissingTimes, WhatTwoDoubtsTookBackIsAskedForOnceANewerAttemptIsKnown) {
    // In one second, three times: did it end, or begin anew?
    Told all({ends("cancelled", ten, end_of_first), goes_on({}, end_of_first),
              goes_on(ten, end_of_first), goes_on({}, end_of_first)});
    all.tell(told("requested", "", {}, {}));
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
    WorkflowRun second = goes_on(ten + 10min, ten + 10min);
    second.attempt = 2;
    all.tell(second);
    EXPECT_EQ(all.open.size(), 1U) << all.last.reason;
}

TEST(LivesMissingTimes, OfTwoEndsTheOneWhoseLifeBeganAfterTheOtherCountsInEitherOrder) {
    const WorkflowRun later = ends("cancelled", end_of_first + 1min, {});
    const WorkflowRun earlier = ends("failure", {}, end_of_first);
    for (const auto& told : {std::vector{later, earlier}, std::vector{earlier, later}}) {
        KnownAttempt known;
        for (const WorkflowRun& one : told) merge_event(known, one);
        EXPECT_EQ(known.conclusion, "cancelled");
    }
}

TEST(LivesMissingTimes, AnEndWithoutATimeOfAnAttemptThatIsToldOfWithTimesEndsNothing) {
    Told all({goes_on(ten, ten + 5s), ends("cancelled", {}, {})});
    EXPECT_TRUE(all.open.empty()) << "it may be that of a life before";
    // And it does not keep one that has its times from being seen.
    all.tell(ends("cancelled", ten, end_of_first));
    EXPECT_EQ(all.open, Keys{cancellation}) << all.last.reason;

    // But an attempt that was run again under a new number is over.
    WorkflowRun second = goes_on(ten + 10min, ten + 10min);
    second.attempt = 2;
    Told over({goes_on(ten, ten + 5s), second});
    EXPECT_EQ(over.tell(ends("cancelled", {}, {})).calls.size(), 1U) << over.last.reason;
}

TEST(LivesMissingTimes, WhereSomethingMayGoOnNoEndSaysThatItDoesNot) {
    for (const Time at : {Time(), end_of_first + 3min}) {
        Told all({ends("failure", ten, end_of_first), goes_on({}, {})});
        EXPECT_TRUE(all.open.empty());
        EXPECT_TRUE(all.tell(ends("cancelled", {}, at)).calls.empty()) << all.last.reason;
    }
}

TEST(LivesMissingTimes, TheEndOfALifeBeforeThatIsToldAgainWithLessIsTheSame) {
    Told all({ends("cancelled", ten, end_of_first), goes_on(ten + 6min, {})});
    EXPECT_TRUE(all.open.empty());
    EXPECT_TRUE(all.tell(ends("cancelled", {}, end_of_first)).calls.empty()) << all.last.reason;
}

TEST(LivesMissingTimes, ABeginningThatIsToldWithItsTimeLaterHasThatTime) {
    Told all({goes_on(ten, {}), goes_on(ten, ten + 6min)});
    EXPECT_TRUE(all.tell(ends("cancelled", {}, end_of_first)).calls.empty()) << all.last.reason;
}

TEST(LivesMissingTimes, WhatContradictsItselfAndHasNoTimesTakesNothingBack) {
    WorkflowRun contradicting = goes_on({}, end_of_first + 2s);
    contradicting.status = "completed";
    Told all({ends("cancelled", ten, end_of_first)});
    EXPECT_TRUE(all.tell(contradicting).withdrawn.empty()) << all.last.reason;
    EXPECT_EQ(all.open, Keys{cancellation});
}

TEST(LivesMissingTimes, NothingWasSoBeforeItBegan) {
    // The run was touched last before its life began anew.
    Told all({ends("failure", ten, end_of_first), told("requested", "", ten + 6min, ten + 4min)});
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
}

TEST(LivesMissingTimes, ALifeThatKeepsItsBeginningIsOneOfItsOwn) {
    Told all({ends("failure", ten, end_of_first), goes_on(ten, ten + 6min)});
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
    all.tell(ends("cancelled", ten, ten + 9min));
    EXPECT_EQ(all.open, Keys{later(cancellation, ten + 9min)});
}

TEST(LivesMissingTimes, AnAttemptIsBegunAnewAlsoWhereNobodyHeardOfItsEnd) {
    Told all({goes_on(ten, ten), newer_run(ten + 40s)});
    EXPECT_EQ(all.open, Keys{cancellation});
    all.tell(goes_on(ten + 20s, ten + 20s));
    EXPECT_EQ(all.open, Keys{cancellation}) << "one beginning, told in two ways";
    all.tell(goes_on(ten + 5min, ten + 5min));
    EXPECT_TRUE(all.open.empty()) << "somebody ran it again after the newer one was made";
    EXPECT_NE(all.last.reason.find("was begun anew"), std::string::npos) << all.last.reason;
}

TEST(LivesMissingTimes, WhatWasAskedForBeforeAnEndWithoutATimeIsTakenBack) {
    Told all({goes_on(ten, ten + 5s), newer_run(ten + 10s)});
    EXPECT_EQ(all.open, Keys{cancellation});
    all.tell(ends("failure", ten, {}));
    all.tell(told("requested", "", ten + 20s, {}));
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
}

/// That event with the times that the bits of `lacking` leave it.
WorkflowRun without(WorkflowRun run, int lacking) {
    if ((lacking & 1) != 0) run.started_at = {};
    if ((lacking & 2) != 0) run.updated_at = {};
    return run;
}

// The end of an earlier life was taken back; that of the one after it is another one.
TEST(LivesMissingTimes, WhatWasTakenBackIsNeverTakenForPlanned) {
    const Time began = end_of_first + 1s;
    int acted = 0;
    for (const std::string conclusion : {"cancelled", "success"})
        for (int lacking = 0; lacking < 64; ++lacking) {
            const Told all({without(ends(conclusion, ten, end_of_first), lacking % 4),
                            without(goes_on(began, began), lacking / 4 % 4),
                            without(ends(conclusion, began, began + 4min), lacking / 16)});
            const bool says_planned = all.last.reason.find("already planned") != std::string::npos;
            EXPECT_FALSE(says_planned && all.open.empty()) << lacking << all.last.reason;
            const bool acts = all.last.rule != Rule::none;
            EXPECT_EQ(all.open.size(), acts ? 1U : 0U) << lacking << all.last.reason;
            acted += acts ? 1 : 0;
        }
    EXPECT_GT(acted, 60);
}

}  // namespace
}  // namespace runs_agent::decide
