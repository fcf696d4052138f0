// SPDX-License-Identifier: MIT
// Lives of an attempt that keep its number and its start. When one of them began, no event says:
// only that it was after the end before it, and by when it had. And how each of them ended can be
// told in several words.
#include "decide/attempt.hpp"
#include "tests/decide/any_order.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

WorkflowRun newer_run(Time created, std::int64_t run_id = 1002) {
    WorkflowRun run = example_run("requested", "", 1, run_id);
    run.created_at = created;
    run.started_at = run.updated_at = created;
    return run;
}

WorkflowRun of_attempt(int attempt, WorkflowRun run) {
    run.attempt = attempt;
    return run;
}

Policy cancelling_workflows() {
    Policy policy;
    policy.defaults.superseded = true;
    policy.defaults.cancel_workflow = true;
    return policy;
}

const Keys superseded_wholly{"cancel-ci/github.com/1001/1/", "cancel-workflow/github.com/1001/1/",
                             "force-cancel-workflow/github.com/1001/1/"};

/// In each order, that alone is open, and no double changes anything.
void expect_always(const Events& events, const Keys& open, const Policy& policy) {
    each_order(events, [&](const Events& order) {
        const Told told(order, policy);
        EXPECT_EQ(causes(told), open) << in_words(order);
        EXPECT_EQ(told.open.size(), open.size()) << in_words(order) << "asks for one thing twice";
        expect_doubles_to_change_nothing(order, policy);
    });
}

const WorkflowRun first = goes_on(ten, ten);
const WorkflowRun failed = ends("failure", ten, ten + 2min);

TEST(LivesOfOneStart, WhatMayHaveBegunAfterTheNewerRunIsLeftAlone) {
    const WorkflowRun newer = newer_run(ten + 5min);
    for (const Time start : {ten, Time()}) {
        const WorkflowRun again = goes_on(start, ten + 8min);
        expect_always({first, failed, newer, again}, {}, cancelling_workflows());
        expect_always({failed, newer, again}, {}, cancelling_workflows());
        expect_always({of_attempt(2, first), of_attempt(2, failed), newer, of_attempt(2, again)},
                      {"cancel-ci/github.com/1001/1/"}, cancelling_workflows());
    }
    Told all({first, failed, goes_on(ten, ten + 8min)}, cancelling_workflows());
    all.tell(newer, cancelling_workflows());
    EXPECT_TRUE(all.last.calls.empty()) << all.last.reason;
}

TEST(LivesOfOneStart, WhatHadBegunByThenIsSuperseded) {
    for (const Time start : {ten, Time()}) {
        expect_always({first, failed, goes_on(start, ten + 3min), newer_run(ten + 5min)},
                      superseded_wholly, cancelling_workflows());
        // Also where it was touched after that.
        expect_always(
            {failed, goes_on(start, ten + 3min), newer_run(ten + 5min), goes_on(start, ten + 8min)},
            superseded_wholly, cancelling_workflows());
    }
}

TEST(LivesOfOneStart, ALaterPushSupersedesWhatTheOneBeforeItDidNot) {
    const Keys both{"cancel-ci/github.com/1001/1/", "cancel-ci/github.com/1002/1/"};
    Policy policy;
    policy.defaults.superseded = true;
    expect_always({first, failed, newer_run(ten + 5min), goes_on(ten, ten + 8min),
                   newer_run(ten + 9min, 1003)},
                  both, policy);
}

TEST(LivesOfOneStart, EachEndMovesWhenTheLifeAfterItMayHaveBegun) {
    const WorkflowRun early = goes_on(ten, ten + 3min);
    const WorkflowRun late = goes_on(ten, ten + 8min);
    const WorkflowRun second_end = ends("failure", ten, ten + 4min);
    expect_always({failed, early, second_end, late, newer_run(ten + 5min)}, {},
                  cancelling_workflows());
    expect_always({failed, early, second_end, late, newer_run(ten + 9min)}, superseded_wholly,
                  cancelling_workflows());
}

TEST(LivesOfOneStart, ARunThatTellsNoStartsIsHeldAgainstWhatIsFirstToldOfIt) {
    const Events told{goes_on({}, ten), goes_on({}, ten + 8min), newer_run(ten + 5min)};
    expect_always(told, superseded_wholly, cancelling_workflows());
    Events ended = told;
    ended.push_back(ends("failure", {}, ten + 2min));
    expect_always(ended, {}, cancelling_workflows());
}

/// What the last reset that is planned leaves alone; 0: there is none.
Time claimed_before(const Events& order, const Policy& policy) {
    Time last{};
    Told all({}, policy);
    for (const WorkflowRun& event : order)
        for (const PlannedCall& call : all.tell(event, policy).calls)
            if (call.operation == Operation::reset_run) last = call.claimed_before;
    return last;
}

TEST(LivesOfOneStart, AResetLeavesAloneWhatWasClaimedSinceTheEndBefore) {
    Policy policy;
    policy.defaults.reset = Reset::always;
    each_order({first, failed, goes_on(ten, ten + 8min)}, [&](const Events& order) {
        EXPECT_EQ(claimed_before(order, policy), ten + 2min) << in_words(order);
    });
}

TEST(LivesOfOneStart, AReRunIsResetOnceItIsToldWhenItBegan) {
    Policy policy;
    policy.defaults.reset = Reset::always;
    const WorkflowRun without = of_attempt(2, goes_on({}, ten + 10min));
    for (const Time start : {ten + 9min, ten + 10min}) {
        const WorkflowRun with = of_attempt(2, goes_on(start, ten + 11min));
        expect_always({without, with}, {"reset-run/github.com/1001/2/"}, policy);
        each_order({without, with, of_attempt(1, failed)}, [&](const Events& order) {
            EXPECT_EQ(claimed_before(order, policy), start) << in_words(order);
        });
        // It is too late for one when the attempt has ended.
        const WorkflowRun end = of_attempt(2, ends("failure", start, ten + 12min));
        expect_always({without, with, end}, {}, policy);
    }
    // Of a re-run that keeps its number, too.
    expect_always({failed, goes_on({}, ten + 8min), goes_on(ten + 7min, ten + 9min)},
                  {"reset-run/github.com/1001/1/"}, policy);
}

/// Ends in every choice of these words, at these minutes, and beginnings of the same start.
void each_choice(const std::vector<int>& ended, const std::vector<int>& alive,
                 const std::function<void(const Events&)>& seen) {
    const std::vector<std::string> conclusions{"cancelled", "failure", "timed_out"};
    std::size_t choices = 1;
    for (std::size_t i = 0; i < ended.size(); ++i) choices *= conclusions.size();
    for (std::size_t choice = 0; choice < choices; ++choice) {
        Events events;
        std::size_t rest = choice;
        for (const int minute : ended) {
            events.push_back(ends(conclusions[rest % 3], ten, ten + std::chrono::minutes(minute)));
            rest /= 3;
        }
        for (const int minute : alive)
            events.push_back(goes_on(ten, ten + std::chrono::minutes(minute)));
        seen(events);
    }
}

/// What the ends after the last beginning ask for.
Keys wanted(const Events& events, const Policy& policy) {
    Time alive{};
    for (const WorkflowRun& event : events)
        if (!tells_end(event)) alive = std::max(alive, event.updated_at);
    Keys keys;
    for (const WorkflowRun& event : events) {
        if (!tells_end(event) || event.updated_at < alive) continue;
        if (event.conclusion != "failure")
            keys.insert(cancellation);
        else if (policy.defaults.sweep_orphans)
            keys.insert(sweep);
    }
    return keys;
}

TEST(LivesOfOneStart, EveryWordInWhichTheNewestLifeEndedCountsInEachOrder) {
    Policy sharing;
    sharing.defaults.reset = Reset::always;
    std::size_t sets = 0;
    for (const Policy& policy : {Policy(), everything(), sharing})
        for (const std::vector<int>& alive :
             {std::vector{4}, std::vector{6}, std::vector{10}, std::vector{2}, std::vector{4, 6}})
            each_choice({3, 5, 9}, alive, [&](const Events& events) {
                ++sets;
                if (alive == std::vector{10} && policy.defaults.reset == Reset::always) return;
                expect_always(events, wanted(events, policy), policy);
            });
    EXPECT_EQ(sets, 3U * 5U * 27U);
}

TEST(LivesOfOneStart, WhatALifeBeforeANewerAttemptLeftIsCancelledWheneverItIsToldFromAnother) {
    for (const char* const conclusion : {"failure", "cancelled"})
        expect_always(
            {ends(conclusion, ten, ten + 5min), goes_on(ten, ten + 6min),
             ends("success", ten, ten + 9min), of_attempt(2, goes_on(ten + 10min, ten + 10min))},
            Keys{cancellation}, Policy());
    // What is cancelled for its end is not looked after besides.
    expect_always({ends("failure", ten, ten + 3min), goes_on(ten, ten + 4min),
                   ends("cancelled", ten, ten + 5min), ends("success", ten, ten + 9min),
                   of_attempt(2, goes_on(ten + 10min, ten + 10min))},
                  Keys{cancellation}, Policy());
}

TEST(LivesOfOneStart, WhatIsKnownOfThemIsBoundedAndTheSameInEachOrder) {
    each_choice({3, 5, 9}, {4, 6}, [](const Events& events) {
        KnownAttempt expected;
        for (const WorkflowRun& event : events) merge_event(expected, event);
        each_order(events, [&](const Events& order) {
            KnownAttempt known;
            for (const WorkflowRun& event : order) merge_event(known, event);
            EXPECT_EQ(known, expected) << in_words(order);
        });
    });
    KnownAttempt many;
    for (int i = 1; i <= 50; ++i) {
        merge_event(many, ends("word" + std::to_string(i), ten, ten + std::chrono::minutes(i)));
        merge_event(many, goes_on(ten, ten + 60min + std::chrono::minutes(i)));
    }
    EXPECT_EQ(many.tellings.size(), 2 * max_tellings);
}

TEST(Tellings, AreReadAsTheyWereWritten) {
    Tellings all;
    EXPECT_EQ(parse_tellings(to_text(all)), all);
    note_telling(all, {ten, ""});
    note_telling(all, {ten + 5min, "cancelled"});
    note_telling(all, {Time(), "any word\n12 3 of\nthem"});
    EXPECT_EQ(all.size(), 3U);
    const std::string text = to_text(all);
    EXPECT_EQ(parse_tellings(text), all);
    for (std::size_t cut = 1; cut < text.size(); ++cut)
        EXPECT_LT(parse_tellings(text.substr(0, cut)).size(), all.size()) << cut;
    EXPECT_TRUE(parse_tellings("x 1 a\n").empty());
    EXPECT_TRUE(parse_tellings("1 -1 a\n").empty());
    EXPECT_TRUE(parse_tellings("1 9999999999999999999 a\n").empty());
}

}  // namespace
}  // namespace runs_agent::decide
