// SPDX-License-Identifier: MIT
#include "agent/action/doing/run_results.hpp"

#include "tests/action/doing/recorded_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

TEST(RunResults, IsKnownWhereAllOfItAgrees) {
    const RunResults failed = read_run_results(failed_run());
    EXPECT_EQ(failed.unknown, "");
    EXPECT_EQ(failed.status, "FAILED");
    EXPECT_EQ(failed.failures, 1);
    ASSERT_EQ(failed.open.size(), 1U);
    EXPECT_EQ(failed.open[0].spec, "a");
    EXPECT_EQ(failed.open[0].instance_id, "ia");

    const RunResults passed = read_run_results(passed_run());
    EXPECT_EQ(passed.unknown, "");
    EXPECT_EQ(passed.status, "PASSED");
    EXPECT_TRUE(passed.open.empty());

    const RunResults skipping = read_run_results(skipping_run());
    EXPECT_EQ(skipping.unknown, "");
    EXPECT_EQ(skipping.skipped, 1);
    EXPECT_EQ(skipping.open[0].skipped, 1);

    // What a service does not tell at all contradicts nothing.
    std::string least = passed_run();
    least = with(least, R"("groups")", R"("other")");
    least = with(least, R"("exception":null,)", "");
    least = with(least, R"("completedAt":"y",)", "");
    EXPECT_EQ(read_run_results(least).status, "PASSED");
}

TEST(RunResults, IsNeverToldToHavePassedWhereItDidNotRunToItsEnd) {
    struct Case {
        const char* from;
        const char* to;
        const char* status;
        const char* says;
    };
    const Case cases[] = {
        {R"("COMPLETE")", R"("CANCELED")", "CANCELED", "it was cancelled before its end"},
        {R"("COMPLETE")", R"("TIMEOUT")", "TIMEOUT", "it ran into its time-out"},
        {R"("COMPLETE")", R"("IN_PROGRESS")", "RUNNING", "it is still in progress"},
        {R"("COMPLETE")", R"("SOON")", "UNKNOWN", "it does not say that it is complete"},
        {R"("COMPLETE")", "null", "UNKNOWN", "it does not say that it is complete"},
        {R"("cancellation":null)", R"("cancellation":{"actor":"a"})", "CANCELED", "cancelled"},
        {R"("isTimeout":false)", R"("isTimeout":true)", "TIMEOUT", "time-out"},
        {R"("PASSED")", R"("RUNNING")", "UNKNOWN", "it does not say whether it passed"},
        {R"("PASSED")", R"("SPLENDID")", "UNKNOWN", "it does not say whether it passed"},
        {R"("PASSED")", R"("FAILING")", "FAILED", "it does not say whether it passed"},
    };
    for (const Case& each : cases) {
        const RunResults run = read_run_results(with(passed_run(), each.from, each.to));
        EXPECT_EQ(run.status, each.status) << each.to;
        EXPECT_NE(run.unknown.find(each.says), std::string::npos) << run.unknown;
    }
    EXPECT_EQ(read_run_results("{}").status, "UNKNOWN");
    EXPECT_EQ(read_run_results("[").status, "UNKNOWN");
    const std::string going = with(failed_run(), R"("COMPLETE")", R"("IN_PROGRESS")");
    EXPECT_EQ(read_run_results(going).status, "FAILING");
    EXPECT_EQ(read_run_results(with(failed_run(), R"("COMPLETE")", R"("CANCELED")")).status,
              "CANCELED");
}

TEST(RunResults, IsNotKnownWhereSomethingIsMissingOrContradictsItself) {
    struct Case {
        const char* from;
        const char* to;
        const char* says;
    };
    const std::string empty =
        R"({"exception":null,"stats":{"overall":3,"passes":2,"failures":0,"pending":1,"skipped":0,"flaky":1}})";
    const Case cases[] = {
        {empty.c_str(), "null", "spec b has no results"},
        {empty.c_str(), "{}", "spec b does not say how its tests ended"},
        {empty.c_str(), R"({"stats":null})", "spec b does not say how its tests ended"},
        {empty.c_str(), R"({"stats":{"failures":"0","passes":3}})", "does not say how"},
        {empty.c_str(), R"({"stats":{"failures":-1,"passes":4}})", "does not say how"},
        {empty.c_str(), R"({"stats":{"failures":0,"passes":0}})", "spec b has results of no test"},
        {R"("specs")", R"("other")", "it lists no specs"},
        {R"("ib","claimedAt":"x","completedAt":"y")", R"("ib","claimedAt":"x","completedAt":null)",
         "spec b has results, but was not finished"},
        {R"("exception":null)", R"("exception":"SyntaxError")", "spec a ended with an exception"},
        {R"("overall":3)", R"("overall":4)", "spec b has 4 tests and 3 results"},
        {R"("instances":{"overall":2)", R"("instances":{"overall":3)", "of which 2 are listed"},
        {R"("complete":2)", R"("complete":1)", "of which 1 are complete"},
        {R"("overall":5)", R"("overall":7)", "group g has 7 tests and 5 results"},
        {R"("passes":3,"failures":1)", R"("passes":"3","failures":1)",
         "group g does not say how its tests ended"},
        {R"("passes":3,"failures":1)", R"("passes":2,"failures":2)",
         "group g counts 2 failed tests"},
        {R"("pending":1,"skipped":0,"flaky":1,"retries":1)",
         R"("pending":0,"skipped":1,"flaky":1,"retries":1)", "group g counts 1 skipped tests"},
        {R"("groupId":"g","instances")", R"("groupId":"h","instances")", "group h has 2 specs"},
        {R"("FAILED")", R"("PASSED")", "it is said to have passed, with failed tests"},
    };
    for (const Case& each : cases) {
        const RunResults run = read_run_results(with(failed_run(), each.from, each.to));
        EXPECT_NE(run.unknown.find(each.says), std::string::npos) << each.to << ": " << run.unknown;
        EXPECT_EQ(run.status, "FAILED") << each.to;
    }
}

TEST(RunResults, HasNotPassedWhereNothingRan) {
    std::string skipped = with(passed_run(), R"("passes":4)", R"("passes":0)");
    skipped = with(skipped, R"("overall":5)", R"("tests":0,"overall":5)");
    const std::pair<const char*, const char*> all[] = {
        {"skipped", "tests were skipped as if another had failed"},
        {"pending", "none of its tests was run"},
    };
    for (const auto& [outcome, says] : all) {
        const std::string stats = R"("stats":{"failures":0,")" + std::string(outcome) + R"(":3})";
        const std::string data = R"({"completionState":"COMPLETE","status":"PASSED","specs":[
            {"spec":"a","results":{)" +
                                 stats + "}}]}";
        const RunResults run = read_run_results(data);
        EXPECT_EQ(run.status, "UNKNOWN") << outcome;
        EXPECT_NE(run.unknown.find(says), std::string::npos) << run.unknown;
    }
    for (const char* const specs : {"[]", "null"}) {
        const RunResults run =
            read_run_results(R"({"completionState":"COMPLETE","status":"PASSED","specs":)" +
                             std::string(specs) + "}");
        EXPECT_EQ(run.status, "UNKNOWN");
    }
    const std::string none = with(passed_run(), R"("PASSED")", R"("FAILED")");
    EXPECT_EQ(read_run_results(none).unknown, "it is said to have failed, without a failed test");
    EXPECT_EQ(read_run_results(none).status, "FAILED");
}

}  // namespace
}  // namespace runs_agent::agent::action
