// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/log_reading.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using namespace std::chrono_literals;

const Time now(std::chrono::hours(490'000));

github::LoggedDelivery entry(std::int64_t id, const std::string& guid, int status,
                             const std::string& event = "workflow_run",
                             const std::string& action = "completed", Time at = now) {
    return {id, guid, event, action, at, status};
}

std::vector<std::string> guids(const DeliveryGroups& groups) {
    std::vector<std::string> found;
    for (const MissedDelivery& one : groups.missed()) found.push_back(one.guid);
    return found;
}

TEST(CatchUpPlan, OneSuccessAmongRedeliveriesIsEnough) {
    DeliveryGroups groups(now - 1h);
    EXPECT_TRUE(groups.add({entry(9, "a", 502), entry(8, "b", 0), entry(7, "a", 202)}));
    EXPECT_TRUE(groups.add({entry(6, "b", 503), entry(5, "a", 0), entry(4, "c", 0)}));
    const auto missed = groups.missed();
    EXPECT_EQ(guids(groups), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(missed[0].ids, (std::vector<std::int64_t>{8, 6}));
}

TEST(CatchUpPlan, OnlyWhatIsDecidedUponIsMissed) {
    DeliveryGroups groups(now - 1h);
    EXPECT_TRUE(
        groups.add({entry(1, "push", 0, "push", ""), entry(2, "job", 0, "workflow_job", "queued"),
                    entry(3, "end", 0, "workflow_job", "completed"), entry(4, "not plain\n", 0),
                    entry(5, "begun", 0, "workflow_run", "in_progress")}));
    EXPECT_EQ(guids(groups), (std::vector<std::string>{"begun", "end"}));
}

TEST(CatchUpPlan, ALogIsReadOnUntilAPageEndsTooEarly) {
    DeliveryGroups groups(now - 1h);
    EXPECT_TRUE(groups.add({}));
    EXPECT_FALSE(
        groups.add({entry(3, "a", 0), entry(2, "old", 0, "workflow_run", "completed", now - 2h)}));
    EXPECT_TRUE(groups.add({entry(2, "timeless", 0, "workflow_run", "completed", Time())}));
    EXPECT_FALSE(groups.add({entry(1, "older", 0, "workflow_run", "completed", now - 3h)}));
    EXPECT_EQ(guids(groups), (std::vector<std::string>{"a", "timeless"}));
}

github::DeliveryLog page(std::vector<github::LoggedDelivery> entries, std::string next_cursor) {
    github::DeliveryLog made;
    made.deliveries = std::move(entries);
    made.next_cursor = std::move(next_cursor);
    return made;
}

std::vector<std::string> guids(const LogReading& reading) {
    std::vector<std::string> found;
    for (const MissedDelivery& one : reading.missed()) found.push_back(one.guid);
    return found;
}

TEST(LogReading, GoesFromPageToPageToTheLogsEnd) {
    LogReading reading(now - 1h);
    reading.begin(now);
    EXPECT_EQ(reading.cursor(), "") << "the first page";
    reading.add(page({entry(9, "a", 0), entry(8, "b", 202)}, "p2"));
    EXPECT_EQ(reading.cursor(), "p2");
    reading.add(page({entry(7, "b", 0), entry(6, "c", 502)}, ""));
    EXPECT_FALSE(reading.cursor());
    EXPECT_EQ(reading.seen_at(), now);
    EXPECT_EQ(guids(reading), (std::vector<std::string>{"a", "c"}));
}

TEST(LogReading, EndsWhereEntriesAreTooOldOrThePageIsItsOwnNext) {
    LogReading old(now - 1h);
    old.begin(now);
    const auto too_old = entry(8, "b", 0, "workflow_run", "completed", now - 2h);
    old.add(page({entry(9, "a", 0), too_old}, "p2"));
    EXPECT_FALSE(old.cursor());
    LogReading round_and_round(now - 1h);
    round_and_round.begin(now);
    round_and_round.add(page({entry(9, "a", 0)}, "p2"));
    round_and_round.add(page({entry(8, "b", 0)}, "p2"));
    EXPECT_FALSE(round_and_round.cursor());
}

TEST(LogReading, ALaterRoundGoesOnAndThenReadsWhatIsNewOnTop) {
    LogReading reading(now - 1h);
    reading.begin(now);
    reading.add(page({entry(9, "a", 0)}, "p2"));
    // A limit ended that round here.
    reading.begin(now + 5min);
    EXPECT_EQ(reading.cursor(), "p2");
    reading.add(page({entry(8, "b", 0)}, ""));
    EXPECT_EQ(reading.cursor(), "") << "the top, for what came since";
    reading.add(page({entry(11, "a", 202), entry(10, "c", 0), entry(9, "a", 0)}, "p2"));
    EXPECT_FALSE(reading.cursor()) << "the rest is known";
    EXPECT_EQ(reading.seen_at(), now + 5min);
    EXPECT_EQ(guids(reading), (std::vector<std::string>{"c", "b"}));
}

TEST(LogReading, ATopThatTakesSeveralRoundsComesToItsEnd) {
    LogReading reading(now - 1h);
    reading.begin(now);
    reading.add(page({entry(1, "a", 0)}, ""));
    reading.begin(now + 5min);
    reading.add(page({entry(5, "e", 0), entry(4, "d", 0)}, "t2"));
    reading.begin(now + 10min);
    EXPECT_EQ(reading.cursor(), "t2") << "it would only grow from its beginning";
    reading.add(page({entry(3, "c", 0), entry(1, "a", 0)}, "t3"));
    EXPECT_EQ(reading.seen_at(), now + 5min);
    EXPECT_EQ(reading.cursor(), "") << "what came while it was read";
    reading.add(page({entry(6, "f", 0), entry(5, "e", 0)}, "t2"));
    EXPECT_FALSE(reading.cursor());
    EXPECT_EQ(reading.seen_at(), now + 10min);
    EXPECT_EQ(guids(reading), (std::vector<std::string>{"f", "e", "d", "c", "a"}));
}

}  // namespace
}  // namespace runs_agent::webhooks
