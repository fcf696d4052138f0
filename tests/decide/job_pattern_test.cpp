// SPDX-License-Identifier: MIT
#include "decide/job_pattern.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

TEST(JobPattern, HoldsMatrixValuesOnly) {
    EXPECT_EQ(check_job_pattern("e2e (${{ matrix.shard }}, *)"), std::nullopt);
    const auto wrong = check_job_pattern("e2e ${{ runner.name }}");
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->offset, 8U);
    EXPECT_TRUE(check_job_pattern("e2e (${{ matrix.shard"));
}

TEST(JobPattern, IsRefusedWhereNothingSaysWhereAValueEnds) {
    const std::pair<const char*, std::size_t> refused[] = {
        {"*(${{ matrix.shard }}*)*", 6},           {"e2e *${{ matrix.shard }}", 9},
        {"e2e *?${{ matrix.shard }})", 10},        {"e2e (${{ matrix.shard }}?*)", 9},
        {"${{ matrix.a }}${{ matrix.shard }}", 4}, {"${{ matrix.a }}??${{ matrix.shard }}", 4},
    };
    for (const auto& [pattern, offset] : refused) {
        const auto wrong = check_job_pattern(pattern);
        ASSERT_TRUE(wrong) << pattern;
        EXPECT_EQ(wrong->offset, offset) << pattern;
        EXPECT_NE(wrong->message.find("read in two ways"), std::string::npos) << wrong->message;
    }
    for (const char* const good : {"* / e2e (${{ matrix.shard }}, *)", "** (${{ matrix.shard }})",
                                   "?*e2e ${{ matrix.shard }}", "shard ?${{ matrix.of }}",
                                   "${{ matrix.a }} ${{ matrix.b }}", "*?*"})
        EXPECT_EQ(check_job_pattern(good), std::nullopt) << good;
}

TEST(JobPattern, TakesTheValuesOutOfAJobsName) {
    using Values = MatrixValues;
    struct Case {
        const char* pattern;
        const char* name;
        std::optional<Values> values;
    };
    const Case cases[] = {
        {"e2e", "e2e", Values{}},
        {"e2e", "e2e (1)", std::nullopt},
        {"e2e*", "e2e (1)", Values{}},
        {"e2e (${{ matrix.shard }})", "e2e (3)", Values{{"matrix.shard", {"3"}}}},
        {"e2e (${{ matrix.shard }})", "lint (3)", std::nullopt},
        {"e2e (${{ matrix.shard }})", "e2e ()", std::nullopt},
        {"* / e2e (${{ matrix.shard }}, *)", "call / e2e (2, chrome)",
         Values{{"matrix.shard", {"2"}}}},
        {"e2e (${{ matrix.a }}, ${{ matrix.b }})", "e2e (x y, (z))",
         Values{{"matrix.a", {"x y"}}, {"matrix.b", {"(z)"}}}},
        {"shard ?/${{ matrix.of }}", "shard 1/4", Values{{"matrix.of", {"4"}}}},
        // The same text in two places is one reading.
        {"*a ${{ matrix.x }} b*", "a 1 b a 1 b", Values{{"matrix.x", {"1", "1 b a 1"}}}},
        {"*${{ matrix.x }}", "aa", Values{{"matrix.x", {"aa", "a"}}}},
        {"?${{ matrix.x }}", "ab", Values{{"matrix.x", {"b"}}}},
        // `?` is a character, and no value is a part of one.
        {"?${{ matrix.x }}", "\xc3\xa4\xc3\xb6", Values{{"matrix.x", {"\xc3\xb6"}}}},
        {"${{ matrix.x }}?", "\xc3\xa4\xc3\xb6", Values{{"matrix.x", {"\xc3\xa4"}}}},
        {"${{ matrix.x }}?", "\xc3\xa4", std::nullopt},
    };
    for (const Case& each : cases)
        EXPECT_EQ(match_job(each.pattern, each.name), each.values)
            << each.pattern << " on " << each.name;
}

TEST(JobPattern, ANameMadeToBeSlowIsNot) {
    const std::string pattern = "*a*${{ matrix.x }}*a*${{ matrix.y }}*a*b";
    EXPECT_EQ(match_job(pattern, std::string(1024, 'a')), std::nullopt);
    EXPECT_EQ(match_job(pattern.substr(0, pattern.size() - 1), std::string(1024, 'a'))->size(), 2U);
}

}  // namespace
}  // namespace runs_agent::decide
