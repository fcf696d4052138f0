// SPDX-License-Identifier: MIT
#include "decide/suggestion.hpp"

#include <gtest/gtest.h>

#include <array>

namespace runs_agent::decide {
namespace {

TEST(Suggestion, TheClosestNameIsSuggestedWhereOneIsClose) {
    constexpr std::array<std::string_view, 4> names{"cancelled", "timed_out", "stale", "success"};
    EXPECT_EQ(did_you_mean("canceled", names), "; did you mean \"cancelled\"?");
    EXPECT_EQ(did_you_mean("timedout", names), "; did you mean \"timed_out\"?");
    EXPECT_EQ(did_you_mean("stail", names), "");
    EXPECT_EQ(did_you_mean("stales", names), "; did you mean \"stale\"?");
    EXPECT_EQ(did_you_mean("banana", names), "");
    EXPECT_EQ(did_you_mean("", names), "");
    EXPECT_EQ(did_you_mean(std::string(100'000, 'a'), names), "");
    EXPECT_EQ(did_you_mean("x", {}), "");
}

}  // namespace
}  // namespace runs_agent::decide
