#include "webhooks/catching_up/verdict.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

TEST(CatchUpPlan, WhatAnAnswerMeansForTheRound) {
    EXPECT_EQ(judge(200, false), Verdict::fine);
    EXPECT_EQ(judge(403, true), Verdict::limited);
    EXPECT_EQ(judge(403, false), Verdict::not_permitted);
    EXPECT_EQ(judge(401, false), Verdict::unauthorized);
    EXPECT_EQ(judge(404, false), Verdict::absent);
    EXPECT_EQ(judge(301, false), Verdict::useless);
    EXPECT_EQ(judge(502, false), Verdict::failed);
    EXPECT_EQ(judge(fail(Errc::refused, "")), Verdict::not_permitted);
    EXPECT_EQ(judge(fail(Errc::timeout, "")), Verdict::unreachable);
    EXPECT_EQ(judge(fail(Errc::bad_input, "")), Verdict::useless);
}

}  // namespace
}  // namespace runs_agent::webhooks
