// SPDX-License-Identifier: MIT
// Whatever the order in which events of an attempt arrive, and whichever of their times they lack:
// the same is open in the end, and nothing that goes on is touched.
#include "decide/attempt.hpp"
#include "tests/decide/any_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

namespace runs_agent::decide {
namespace {

const Time never{};

/// Events at the same few moments: two lives, of which one may end in the second in which the other
/// begins.
std::vector<WorkflowRun> beginnings(const std::vector<Time>& starts, const std::vector<Time>& ats) {
    std::vector<WorkflowRun> events;
    for (const Time start : starts)
        for (const Time at : ats)
            if (at == never || start <= at) events.push_back(goes_on(start, at));
    return events;
}
std::vector<WorkflowRun> ends_of(const std::vector<Time>& starts, const std::vector<Time>& ats,
                                 const std::string& conclusion = "cancelled") {
    std::vector<WorkflowRun> events;
    for (const Time start : starts)
        for (const Time at : ats)
            if (at == never || start <= at) events.push_back(ends(conclusion, start, at));
    return events;
}
const std::vector<Time> begins_at = {ten, ten + 5min, ten + 6min};
const std::vector<Time> alive_at = {ten, ten + 5min, ten + 6min};
const std::vector<Time> ends_at = {ten + 5min, ten + 9min};

/// Is there a beginning that came after every end?
bool goes_on_certainly(const std::vector<WorkflowRun>& events) {
    return std::any_of(events.begin(), events.end(), [&](const WorkflowRun& one) {
        return !tells_end(one) && std::all_of(events.begin(), events.end(), [&](const auto& other) {
            return !tells_end(other) || order_of(moment_of(one), moment_of(other)) == Order::after;
        });
    });
}

void each_set(const Events& all, std::size_t size, const std::function<void(const Events&)>& seen) {
    std::vector<std::size_t> picked(size, 0);
    while (true) {
        Events set;
        for (const std::size_t one : picked) set.push_back(all[one]);
        seen(set);
        std::size_t last = size;
        while (last > 0 && picked[last - 1] == all.size() - 1) --last;
        if (last == 0) return;
        std::fill(picked.begin() + static_cast<std::ptrdiff_t>(last) - 1, picked.end(),
                  picked[last - 1] + 1);
    }
}

/// Does a life begin before that of an end is over? GitHub tells of no such.
bool overlap(const Events& set) {
    return std::any_of(set.begin(), set.end(), [&](const WorkflowRun& end) {
        return tells_end(end) && std::any_of(set.begin(), set.end(), [&](const WorkflowRun& one) {
                   return end.started_at < one.started_at && one.started_at < end.updated_at;
               });
    });
}

void expect_no_order_to_count(const Events& set) {
    const Keys expected = causes(Told(set));
    each_order(set, [&](const Events& told) {
        EXPECT_EQ(causes(Told(told)), expected)
            << in_words(told) << "is not told as " << in_words(set);
    });
}

Events both(Events some, const Events& others) {
    some.insert(some.end(), others.begin(), others.end());
    return some;
}

void expect_no_order_to_count(const Events& beginnings, const Events& ends, std::size_t size) {
    std::size_t sets = 0;
    each_set(both(beginnings, ends), size, [&](const Events& set) {
        ++sets;
        expect_no_order_to_count(set);
    });
    ASSERT_GT(sets, 5U);
}

TEST(LivesInAnyOrder, WithAllTimes) {
    expect_no_order_to_count(beginnings(begins_at, alive_at),
                             ends_of(begins_at, {ten + 5min, ten + 7min, ten + 9min}), 3);
}

const std::vector<Time> told_at = {ten + 5min, ten + 7min, ten + 9min};
const Events in_other_words =
    both(ends_of(begins_at, told_at), ends_of(begins_at, told_at, "failure"));

TEST(LivesInAnyOrder, WithEndsInOtherWords) {
    std::size_t sets = 0;
    each_set(both(beginnings(begins_at, alive_at), in_other_words), 3, [&](const Events& set) {
        if (overlap(set)) return;
        ++sets;
        expect_no_order_to_count(set);
    });
    ASSERT_GT(sets, 500U);
}

void each_order_doubled(const Events& set) {
    each_order(set, [](const Events& order) { expect_doubles_to_change_nothing(order); });
}

TEST(LivesInAnyOrder, WhatIsToldOnceMoreChangesNothing) {
    const Events some = beginnings(begins_at, alive_at);
    each_set(both(some, ends_of(begins_at, told_at)), 3,
             [&](const Events& set) { each_order_doubled(set); });
    each_set(both(some, in_other_words), 3, [&](const Events& set) {
        if (!overlap(set)) each_order_doubled(set);
    });
}

TEST(LivesInAnyOrder, AnEndOfFourEventsIsOfTheNewestLife) {
    const Events events{ends("cancelled", ten, ten + 3min), ends("cancelled", ten, ten + 1min),
                        ends("cancelled", ten, ten + 9min), goes_on(ten, ten + 6min)};
    each_order(events, [](const Events& order) {
        expect_doubles_to_change_nothing(order);
        const Told told(order);
        Time newest{};
        for (const KnownCall& call : told.history.known_of(order.front()).calls)
            if (!call.withdrawn) newest = std::max(newest, call.as_of);
        EXPECT_GT(newest, ten + 6min) << in_words(order);
    });
}

TEST(LivesInAnyOrder, WhatGoesOnAfterAnEndThatWasToldWithTwoStartsIsNotTouched) {
    each_order(
        {ends("cancelled", ten, ten + 2min), ends("cancelled", ten + 1min, ten + 2min),
         goes_on(ten + 2min, ten + 3min)},
        [](const Events& order) { EXPECT_TRUE(Told(order).open.empty()) << in_words(order); });
}

TEST(LivesInAnyOrder, AKeyThatWasTakenBackIsNotPlannedAgain) {
    const auto of_attempt = [](int attempt, WorkflowRun run) {
        run.attempt = attempt;
        return run;
    };
    expect_doubles_to_change_nothing({goes_on(ten, ten), goes_on(ten + 3min, ten + 3min),
                                      of_attempt(2, goes_on(ten + 7min, ten + 7min)),
                                      ends("cancelled", ten + 3min, ten + 5min),
                                      ends("cancelled", ten + 6min, ten + 7min)});
}

TEST(LivesInAnyOrder, WithoutTheirBeginnings) {
    expect_no_order_to_count(beginnings({never}, alive_at), ends_of({never}, ends_at), 4);
}

TEST(LivesInAnyOrder, WithTheirBeginningsAlone) {
    expect_no_order_to_count(beginnings(begins_at, {never}), ends_of(begins_at, {never}), 4);
}

TEST(LivesInAnyOrder, WhereBeginningsLackWhatEndsHave) {
    expect_no_order_to_count(beginnings({never}, alive_at), ends_of(begins_at, ends_at), 3);
    expect_no_order_to_count(beginnings(begins_at, {never}), ends_of(begins_at, ends_at), 3);
}

TEST(LivesInAnyOrder, WhereOneBeginningLacksWhatAnotherHas) {
    Events some = beginnings({never, ten}, {never, ten + 5min});
    std::erase_if(some, [](const WorkflowRun& one) {
        return one.started_at == never && one.updated_at == never;
    });
    expect_no_order_to_count(some, ends_of({ten}, ends_at), 3);
}

TEST(LivesInAnyOrder, WhereEndsLackWhatBeginningsHave) {
    expect_no_order_to_count(beginnings(begins_at, alive_at), ends_of({never}, ends_at), 3);
    expect_no_order_to_count(beginnings(begins_at, alive_at), ends_of(begins_at, {never}), 3);
    expect_no_order_to_count(beginnings(begins_at, alive_at), ends_of({never}, {never}), 3);
}

TEST(LivesInAnyOrder, ABeginningAndAnEndWhateverTheyLack) {
    std::vector<Time> starts = begins_at;
    std::vector<Time> alive = alive_at;
    std::vector<Time> ended = ends_at;
    for (std::vector<Time>* const times : {&starts, &alive, &ended}) times->push_back(never);
    Events some_time = beginnings(starts, alive);
    std::erase_if(some_time, [](const WorkflowRun& one) {
        return one.started_at == never && one.updated_at == never;
    });
    expect_no_order_to_count(some_time, ends_of(starts, ended), 2);
}

TEST(LivesInAnyOrder, NothingThatCertainlyGoesOnIsTouchedWhateverTheyLack) {
    std::vector<Time> starts = {never, ten, ten + 5min};
    const Events all = both(beginnings(starts, {never, ten + 5min, ten + 6min}),
                            ends_of(starts, {never, ten + 5min}));
    std::size_t certain = 0;
    each_set(all, 4, [&](const Events& set) {
        if (!goes_on_certainly(set)) return;
        each_order(set, [&](const Events& told) {
            ++certain;
            EXPECT_TRUE(Told(told).open.empty()) << in_words(told);
        });
    });
    EXPECT_GT(certain, 1000U);
}

TEST(LivesInAnyOrder, AReRunThatKeepsItsNumberIsResetHoweverLateTheEndBeforeItIsHeardOf) {
    Policy policy;
    policy.defaults.reset = Reset::always;
    const std::set<Keys> outcomes =
        open_in_each_order({goes_on(ten, ten), ends("failure", ten, ten + 3min),
                            goes_on(ten + 20s + 3min, ten + 26s + 3min)},
                           policy);
    EXPECT_EQ(outcomes, std::set<Keys>{Keys{"reset-run/github.com/1001/1/"}});
}

TEST(LivesInAnyOrder, WhoRanARunAgainAfterANewerOneWasMadeMeansIt) {
    Policy policy = everything();
    policy.defaults.cancel_workflow = true;
    WorkflowRun newer = example_run("requested", "", 1, 1002);
    newer.created_at = ten + 30s;
    const std::set<Keys> outcomes = open_in_each_order(
        {ends("failure", ten, ten + 20s), newer, goes_on(ten + 50s, ten + 55s)}, policy);
    EXPECT_EQ(outcomes, std::set<Keys>{Keys{}});
}

TEST(LivesInAnyOrder, AWorkflowIsNotCancelledForAnAttemptThatWasRunAgain) {
    Policy policy = everything();
    policy.defaults.cancel_workflow = true;
    WorkflowRun newer = example_run("requested", "", 1, 1002);
    newer.created_at = ten + 178s;
    WorkflowRun again = goes_on(ten + 180s, ten + 180s);
    again.attempt = 2;
    for (const Keys& open : open_in_each_order({goes_on(ten, ten), newer, again}, policy))
        for (const std::string& key : open)
            EXPECT_EQ(key.find("workflow/"), std::string::npos) << key;
}

TEST(LivesInAnyOrder, WhatADoubtTookBackIsAskedForOnceItHasPassed) {
    // In one second: is it the beginning of a re-run, or what came before the end?
    Told all({goes_on({}, ten + 5min), ends("cancelled", ten, ten + 5min)});
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
    EXPECT_NE(all.last.reason.find("has ended or goes on"), std::string::npos) << all.last.reason;
    // It was what came before.
    all.tell(goes_on(ten, ten + 5min));
    EXPECT_EQ(causes(all), Keys{cancellation}) << all.last.reason;
    // And once more, where it goes on after all.
    all.tell(goes_on({}, ten + 6min));
    EXPECT_TRUE(all.open.empty()) << all.last.reason;
}

}  // namespace
}  // namespace runs_agent::decide
