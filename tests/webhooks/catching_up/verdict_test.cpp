// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/verdict.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

TEST(CatchUpPlan, WhatAnAnswerMeansForTheRound) {
    EXPECT_EQ(verdict_of(200, false), Verdict::fine);
    EXPECT_EQ(verdict_of(403, true), Verdict::limited);
    EXPECT_EQ(verdict_of(403, false), Verdict::not_permitted);
    EXPECT_EQ(verdict_of(401, false), Verdict::unauthorized);
    EXPECT_EQ(verdict_of(404, false), Verdict::absent);
    EXPECT_EQ(verdict_of(301, false), Verdict::useless);
    EXPECT_EQ(verdict_of(502, false), Verdict::failed);
    EXPECT_EQ(verdict_of(fail(Errc::refused, "")), Verdict::not_permitted);
    EXPECT_EQ(verdict_of(fail(Errc::timeout, "")), Verdict::unreachable);
    EXPECT_EQ(verdict_of(fail(Errc::bad_input, "")), Verdict::useless);
}

}  // namespace
}  // namespace runs_agent::webhooks
