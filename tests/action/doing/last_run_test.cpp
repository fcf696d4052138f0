// SPDX-License-Identifier: MIT
#include "agent/action/doing/last_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

TEST(LastRun, NamesTestsByTheirIds) {
    const auto read = read_last_run(R"({"status":"failed","failedTests":["a","b","a"]})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->failed_tests, (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(read_last_run(R"({"failedTests":[]})")->failed_tests.empty());
    for (const char* const none : {"", "null", "[]", "{", "{}", R"({"failedTests":1})",
                                   R"({"failedTests":[1]})", R"({"failedTests":[""]})"})
        EXPECT_FALSE(read_last_run(none)) << none;
}

TEST(LastRun, MustAgreeWithItsRun) {
    RunResults failed;
    failed.failures = 1;
    EXPECT_EQ(why_contradictory({"failed", {"a"}}, failed), "");
    EXPECT_EQ(why_contradictory({"", {"a"}}, failed), "");
    for (const char* const status : {"passed", "interrupted", "timedout"})
        EXPECT_EQ(why_contradictory({status, {"a"}}, failed),
                  "its pwLastRun says " + std::string(status) + ", its specs say failed");
    EXPECT_EQ(why_contradictory({"passed", {}}, {}), "");
    EXPECT_NE(why_contradictory({"interrupted", {}}, {}), "");
    EXPECT_NE(why_contradictory({"passed", {"a"}}, {}), "");

    EXPECT_TRUE(accounts_for({"failed", {"a"}}, failed));
    EXPECT_FALSE(accounts_for({"failed", {}}, failed));
    EXPECT_FALSE(accounts_for({"failed", {"a", "b"}}, failed));
    failed.skipped = 1;
    EXPECT_FALSE(accounts_for({"failed", {"a"}}, failed));
    EXPECT_TRUE(accounts_for({"failed", {"a", "b"}}, failed));
}

TEST(LastRun, IsCompletedByTheTestsOfASpec) {
    const std::string tests = R"({"results":{"tests":[{"testId":"a","state":"failed"},
        {"testId":"b","state":"skipped","_d":true},{"testId":"c","state":"passed"},
        {"testId":"d","state":"pending"},{"state":"passed"}]}})";
    LastRun last_run{"failed", {"a"}};
    EXPECT_EQ(add_tests_of({"x", "i", 1, 1}, tests, last_run), "");
    EXPECT_EQ(to_json(last_run),
              "{\n  \"status\": \"failed\",\n  \"failedTests\": [\n    \"a\",\n    \"b\"\n  ]\n}");

    last_run.status.clear();
    EXPECT_NE(to_json(last_run).find(R"("status": "failed")"), std::string::npos);
    EXPECT_NE(to_json(LastRun()).find(R"("status": "passed")"), std::string::npos);

    EXPECT_NE(add_tests_of({"x", "i", 2, 1}, tests, last_run), "");
    EXPECT_NE(add_tests_of({"x", "i", 1, 0}, tests, last_run), "");
    for (
        const char* const wrong :
        {"", "[]", "{}", R"({"results":null})", R"({"results":{"tests":null}})",
         R"({"results":{"tests":[{"state":"failed"},{"testId":"b","state":"skipped"}]}})",
         R"({"results":{"tests":[{"testId":"a","state":"failed"},{"testId":"","state":"skipped"}]}})",
         R"({"results":{"tests":[{"testId":"a","state":"failed"},
              {"testId":"b","state":"skipped"},{"testId":"c","state":"pending","_d":false}]}})"})
        EXPECT_NE(add_tests_of({"x", "i", 1, 1}, wrong, last_run), "") << wrong;
}

}  // namespace
}  // namespace runs_agent::agent::action
