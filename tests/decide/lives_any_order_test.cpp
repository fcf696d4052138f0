// SPDX-License-Identifier: MIT
// Whatever the order in which events of an attempt arrive, and whichever of their times they lack:
// the same is open in the end, and nothing that goes on is touched.
#include "decide/attempt.hpp"
#include "tests/decide/told.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
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
std::vector<WorkflowRun> ends_of(const std::vector<Time>& starts, const std::vector<Time>& ats) {
    std::vector<WorkflowRun> events;
    for (const Time start : starts)
        for (const Time at : ats)
            if (at == never || start <= at) events.push_back(ends("cancelled", start, at));
    return events;
}
const std::vector<Time> begins_at = {ten, ten + 5min, ten + 6min};
const std::vector<Time> alive_at = {ten, ten + 5min, ten + 6min};
const std::vector<Time> ends_at = {ten + 5min, ten + 9min};

std::string words(const WorkflowRun& run) {
    const auto minutes = [](Time at) {
        return at == never
                   ? std::string("-")
                   : std::to_string(std::chrono::floor<std::chrono::minutes>(at - ten).count());
    };
    return run.action + "(" + minutes(run.started_at) + ", " + minutes(run.updated_at) + ") ";
}

/// What is open, without the life that it is for.
Keys causes(const Told& told) {
    Keys all;
    for (const std::string& key : told.open) all.emplace(cause_of(key));
    return all;
}

/// Is there a beginning that came after every end?
bool goes_on_certainly(const std::vector<WorkflowRun>& events) {
    return std::any_of(events.begin(), events.end(), [&](const WorkflowRun& one) {
        return !tells_end(one) && std::all_of(events.begin(), events.end(), [&](const auto& other) {
            return !tells_end(other) || order_of(moment_of(one), moment_of(other)) == Order::after;
        });
    });
}

using Events = std::vector<WorkflowRun>;

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

void each_order(const Events& set, const std::function<void(const Events&)>& seen) {
    std::vector<std::size_t> order(set.size());
    std::iota(order.begin(), order.end(), 0U);
    do {
        Events told;
        for (const std::size_t one : order) told.push_back(set[one]);
        seen(told);
    } while (std::next_permutation(order.begin(), order.end()));
}

std::string in_words(const Events& events) {
    std::string all;
    for (const WorkflowRun& event : events) all += words(event);
    return all;
}

void expect_no_order_to_count(const Events& beginnings, const Events& ends, std::size_t size) {
    Events all = beginnings;
    all.insert(all.end(), ends.begin(), ends.end());
    std::size_t sets = 0;
    each_set(all, size, [&](const Events& set) {
        ++sets;
        const Keys expected = causes(Told(set));
        each_order(set, [&](const Events& told) {
            EXPECT_EQ(causes(Told(told)), expected)
                << in_words(told) << "is not told as " << in_words(set);
        });
    });
    ASSERT_GT(sets, 5U);
}

TEST(LivesInAnyOrder, WithAllTimes) {
    expect_no_order_to_count(beginnings(begins_at, alive_at),
                             ends_of(begins_at, {ten + 5min, ten + 7min, ten + 9min}), 3);
}

TEST(LivesInAnyOrder, WhatIsToldOnceMoreChangesNothing) {
    Events all = beginnings(begins_at, alive_at);
    const Events ended = ends_of(begins_at, {ten + 5min, ten + 7min, ten + 9min});
    all.insert(all.end(), ended.begin(), ended.end());
    each_set(all, 3, [&](const Events& set) {
        each_order(set, [&](const Events& order) {
            Told told(order);
            for (const WorkflowRun& again : order) {
                const Decision& doubled = told.tell(again);
                EXPECT_TRUE(doubled.calls.empty() && doubled.withdrawn.empty())
                    << in_words(order) << "and again " << words(again) << doubled.reason;
            }
        });
    });
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
    Events all = beginnings(starts, {never, ten + 5min, ten + 6min});
    const Events ended = ends_of(starts, {never, ten + 5min});
    all.insert(all.end(), ended.begin(), ended.end());
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

/// What is open after these, in each order, without the life that it is for.
std::set<Keys> open_in_each_order(const Events& events, const Policy& policy) {
    std::set<Keys> outcomes;
    each_order(events, [&](const Events& told) { outcomes.insert(causes(Told(told, policy))); });
    return outcomes;
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
