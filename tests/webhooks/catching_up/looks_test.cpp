// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/looks.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using namespace std::chrono_literals;

const Time now(std::chrono::hours(490'000));

TEST(CatchUpPlan, HowFarBackToLook) {
    EXPECT_EQ(oldest_delivery(std::nullopt, now), now - 72h);
    EXPECT_EQ(oldest_delivery(now - 1h, now), now - 70min);
    EXPECT_EQ(oldest_delivery(now - 200h, now), now - 72h);
    EXPECT_FALSE(is_past_the_log(std::nullopt, now));
    EXPECT_FALSE(is_past_the_log(now - 72h, now));
    EXPECT_TRUE(is_past_the_log(now - 73h, now));
    EXPECT_EQ(oldest_run(std::nullopt, now), now - 72h);
    // Noted by a clock that was ahead: it says nothing of what came since.
    EXPECT_EQ(oldest_delivery(now + 1ms, now), oldest_delivery(std::nullopt, now));
    EXPECT_EQ(oldest_delivery(now + 9'000h, now), oldest_delivery(std::nullopt, now));
    EXPECT_EQ(oldest_run(now + 9'000h, now), oldest_run(std::nullopt, now));
    EXPECT_FALSE(is_past_the_log(now + 9'000h, now));
    EXPECT_EQ(oldest_run(now - 24h, now), now - 96h);
    EXPECT_EQ(oldest_run(now - 2000h, now), now - 720h);
}

TEST(CatchUpPlan, AHooksLogIsAskedForByItsKind) {
    EXPECT_EQ(hook_of({"7", "repository", "octo/demo", now})->kind, github::HookTarget::repository);
    EXPECT_EQ(hook_of({"7", "organization", "octo", now})->owner, "octo");
    EXPECT_EQ(hook_of({"7", "integration", "", now})->kind, github::HookTarget::app);
    EXPECT_FALSE(hook_of({"7", "repository", "", now}));
    EXPECT_FALSE(hook_of({"7", "business", "octo", now}));
    EXPECT_FALSE(hook_of({"7", "", "octo/demo", now}));
}

}  // namespace
}  // namespace runs_agent::webhooks
