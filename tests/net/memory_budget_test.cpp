// SPDX-License-Identifier: MIT
#include "net/memory_budget.hpp"

#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

using Use = MemoryBudget::Use;

constexpr std::uint64_t kib = 1024;

class MemoryBudgetTest : public testing::Test {
protected:
    MemoryShare share(Use use) { return {budget_, use}; }

    std::shared_ptr<MemoryBudget> budget_ = std::make_shared<MemoryBudget>(1000 * kib, 600 * kib);
};

TEST_F(MemoryBudgetTest, WhatArrivesLeavesRoomForWhatIsWorkedOn) {
    MemoryShare arriving = share(Use::arriving);
    EXPECT_TRUE(arriving.resize(600 * kib));
    EXPECT_FALSE(arriving.resize(601 * kib));
    EXPECT_EQ(arriving.bytes(), 600 * kib) << "refused, it is as it was";
    MemoryShare working = share(Use::working);
    EXPECT_TRUE(working.resize(337 * kib));
    EXPECT_FALSE(working.resize(338 * kib)) << "the last are for requests";
    EXPECT_EQ(budget_->used(), 937 * kib);
}

TEST_F(MemoryBudgetTest, SmallRequestsFindRoomWhereLargeOnesHaveTakenTheirs) {
    MemoryShare large = share(Use::arriving);
    ASSERT_TRUE(large.resize(600 * kib));
    MemoryShare honest = share(Use::arriving);
    EXPECT_TRUE(honest.resize(64 * kib));
    EXPECT_FALSE(honest.resize(65 * kib));
    MemoryShare working = share(Use::working);
    ASSERT_TRUE(working.resize(273 * kib));
    MemoryShare another = share(Use::arriving);
    EXPECT_TRUE(another.resize(63 * kib));
    EXPECT_FALSE(another.resize(64 * kib)) << "all is taken";
}

TEST_F(MemoryBudgetTest, OneServersLargeRequestsLeaveRoomForAnothers) {
    MemoryShare report(budget_, Use::arriving, 100 * kib);
    EXPECT_FALSE(report.resize(501 * kib));
    ASSERT_TRUE(report.resize(500 * kib));
    MemoryShare moved = std::move(report);
    EXPECT_FALSE(moved.resize(501 * kib)) << "moved, it leaves as much";
    MemoryShare webhook = share(Use::arriving);
    EXPECT_TRUE(webhook.resize(100 * kib));
    EXPECT_FALSE(webhook.resize(101 * kib));
    MemoryShare small(budget_, Use::arriving, 100 * kib);
    EXPECT_TRUE(small.resize(64 * kib));
}

TEST_F(MemoryBudgetTest, NorDoTheyTakeTheLastOfAll) {
    MemoryShare working = share(Use::working);
    ASSERT_TRUE(working.resize(800 * kib));
    MemoryShare report(budget_, Use::arriving, 100 * kib);
    EXPECT_FALSE(report.resize(101 * kib));
    ASSERT_TRUE(report.resize(100 * kib));
    EXPECT_FALSE(working.resize(838 * kib));
    MemoryShare webhook = share(Use::arriving);
    EXPECT_TRUE(webhook.resize(100 * kib));
}

TEST_F(MemoryBudgetTest, WhatIsGivenBackIsFreeAgain) {
    {
        MemoryShare one = share(Use::working);
        ASSERT_TRUE(one.resize(875 * kib));
        EXPECT_FALSE(one.resize(876 * kib)) << "an eighth is for requests";
        MemoryShare moved = std::move(one);
        EXPECT_EQ(budget_->used(), 875 * kib);
        EXPECT_TRUE(moved.resize(10 * kib));
        EXPECT_EQ(budget_->used(), 10 * kib);
        moved = share(Use::arriving);
        EXPECT_EQ(budget_->used(), 0U);
        ASSERT_TRUE(moved.resize(600 * kib));
    }
    EXPECT_EQ(budget_->used(), 0U);
    MemoryShare again = share(Use::arriving);
    EXPECT_TRUE(again.resize(600 * kib));
}

TEST_F(MemoryBudgetTest, WithoutABudgetNothingIsRefused) {
    MemoryShare any;
    EXPECT_TRUE(any.resize(1ULL << 40U));
}

struct Holder final : MemoryBudget::Holder {
    double most_used(MemoryBudget::Moment /*now*/) override { return used; }
    void give_up_most_used(MemoryBudget::Moment /*now*/) override { ++given_up; }
    double used = 0;
    int given_up = 0;
};

TEST_F(MemoryBudgetTest, OfAllHoldersTheGreediestGivesUpUnlessItIsWhoAsks) {
    Holder small;
    Holder large;
    small.used = 10;
    large.used = 20;
    budget_->join(small);
    budget_->join(large);
    EXPECT_TRUE(budget_->reclaim(5, {}));
    EXPECT_EQ(large.given_up, 1);
    EXPECT_FALSE(budget_->reclaim(20, {})) << "nobody has used more than who asks";
    budget_->leave(large);
    EXPECT_TRUE(budget_->reclaim(5, {}));
    EXPECT_EQ(small.given_up, 1);
    EXPECT_EQ(large.given_up, 1);
    budget_->leave(small);
    EXPECT_FALSE(budget_->reclaim(0, {}));
}

}  // namespace
}  // namespace runs_agent::net
