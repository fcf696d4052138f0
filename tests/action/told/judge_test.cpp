// SPDX-License-Identifier: MIT
#include "agent/action/told/judge.hpp"

#include "agent/action/told/github_refusal.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace runs_agent::agent::action {
namespace {

constexpr const char* tried = "tried for as long as a step may take";

std::string told_of(int status) {
    runs_api::Answer answer;
    answer.status = status;
    const Outcome outcome = judge_cancel({}, Result<runs_api::Answer>(std::move(answer)));
    return outcome.happened;
}

TEST(Judge, SaysThatItWasTriedAgainWhereItWas) {
    for (const int status : {408, 429, 500, 502, 503, 504}) {
        EXPECT_NE(told_of(status).find(tried), std::string::npos) << told_of(status);
        EXPECT_NE(github_advice(status, "actions: read").find(tried), std::string::npos) << status;
    }
    for (const int status : {400, 401, 403, 409, 501, 505, 520, 524}) {
        EXPECT_NE(told_of(status).find("answered " + std::to_string(status)), std::string::npos);
        EXPECT_EQ(told_of(status).find(tried), std::string::npos) << told_of(status);
        EXPECT_EQ(github_advice(status, "actions: read").find(tried), std::string::npos) << status;
    }
}

}  // namespace
}  // namespace runs_agent::agent::action
