// SPDX-License-Identifier: MIT
#include "runs_server/recording/merge_report.hpp"

#include "runs_server/recording/read_instance.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace runs_agent::runs_server {
namespace {

struct Outcome {
    std::string id;
    std::string state;
};

/// What a machine reports, with the counters that a reporter makes.
RecordedSpec report(const std::vector<Outcome>& tests, const std::string& exception = "null") {
    std::string list;
    std::map<std::string, int> counters;
    for (const auto& [id, state] : tests) {
        if (!list.empty()) list += ',';
        list += R"({"testId":")";
        list += id;
        list += R"(","state":")";
        list += state;
        list += R"(","attempts":[{},{}]})";
        ++counters[state];
    }
    const std::string json = R"({"spec":"a","results":{"stats":{"suites":1,"tests":)" +
                             std::to_string(tests.size()) + R"(,"passes":)" +
                             std::to_string(counters["passed"]) + R"(,"failures":)" +
                             std::to_string(counters["failed"]) +
                             R"(,"wallClockDuration":100,"wallClockStartedAt":"2026-01-0)" +
                             std::to_string(tests.size()) + R"("},"exception":)" + exception +
                             R"(,"tests":[)" + list + "]}}";
    rapidjson::Document document;
    document.Parse(json.c_str());
    EXPECT_FALSE(document.HasParseError()) << json;
    return std::get<RecordedSpec>(read_instance(document, "web"));
}

SpecResults first(const std::vector<Outcome>& tests) {
    return first_report({}, report(tests));
}

std::set<std::string> ids(const SpecResults& results) {
    return test_ids(results.tests);
}

TEST(MergeReport, TwoMachinesPartsOfOneSpecAreItsTests) {
    const SpecResults known = first({{"t1", "passed"}});
    EXPECT_FALSE(known.failed);
    const Merged merged = merge_report(known, report({{"t2", "failed"}, {"t3", "pending"}}));
    EXPECT_TRUE(merged.news);
    EXPECT_TRUE(merged.results.failed);
    EXPECT_EQ(ids(merged.results), (std::set<std::string>{"t1", "t2", "t3"}));
    EXPECT_EQ(merged.results.counters.overall, 3);
    EXPECT_EQ(merged.results.counters.passes, 1);
    EXPECT_EQ(merged.results.counters.failures, 1);
    EXPECT_EQ(merged.results.counters.pending, 1);
    EXPECT_EQ(merged.results.counters.retries, 3);
    EXPECT_NE(merged.results.stats_json.find(R"("failures":1)"), std::string::npos);
    EXPECT_NE(merged.results.stats_json.find(R"("suites":1,)"), std::string::npos);
    EXPECT_NE(merged.results.stats_json.find(R"("wallClockDuration":200)"), std::string::npos);
    EXPECT_NE(merged.results.stats_json.find(R"("wallClockStartedAt":"2026-01-01")"),
              std::string::npos);
}

TEST(MergeReport, WhatIsKnownIsNoNewsUnlessItFailed) {
    const SpecResults known = first({{"t1", "passed"}, {"t2", "failed"}});
    EXPECT_FALSE(merge_report(known, report({{"t1", "passed"}})).news);
    EXPECT_FALSE(merge_report(known, report({{"t2", "passed"}})).news);
    EXPECT_FALSE(merge_report(known, report({{"t2", "failed"}})).news);
    EXPECT_FALSE(merge_report(known, report({})).news);
    EXPECT_TRUE(merge_report(known, report({{"t2", "passed"}})).results.failed);

    const Merged failed = merge_report(known, report({{"t1", "failed"}}));
    EXPECT_TRUE(failed.news);
    EXPECT_EQ(failed.results.counters.overall, 2);
    EXPECT_EQ(failed.results.counters.failures, 2);
    EXPECT_EQ(failed.results.counters.passes, 0);
}

TEST(MergeReport, AnExceptionOnOneMachineFailsTheSpec) {
    const SpecResults known = first({{"t1", "passed"}});
    const Merged crashed = merge_report(known, report({}, R"({"message":"m"})"));
    EXPECT_TRUE(crashed.news);
    EXPECT_TRUE(crashed.results.failed);
    EXPECT_EQ(crashed.results.exception_json, R"({"message":"m"})");
    EXPECT_EQ(ids(crashed.results), std::set<std::string>{"t1"});
    EXPECT_FALSE(merge_report(crashed.results, report({}, R"({"message":"n"})")).news);
}

TEST(MergeReport, FailuresThatAreCountedAndNotListedAreKept) {
    const SpecResults known = first({{"t1", "passed"}});
    RecordedSpec counted;
    counted.stats_json = "{}";
    counted.tests_json = "[]";
    counted.counters.overall = counted.counters.passes = 4;
    EXPECT_FALSE(merge_report(known, counted).news) << "they may be those that are known";
    counted.counters.failures = 1;
    counted.failed = true;
    const Merged merged = merge_report(known, counted);
    EXPECT_TRUE(merged.news);
    EXPECT_TRUE(merged.results.failed);
    EXPECT_EQ(merged.results.counters.failures, 1);
    EXPECT_EQ(merged.results.counters.overall, 5);
    const Merged more = merge_report(merged.results, report({{"t2", "passed"}}));
    EXPECT_EQ(more.results.counters.failures, 1);
    EXPECT_EQ(more.results.counters.overall, 6);
}

TEST(MergeReport, TestsWithoutAnIdAreKnownByTheirTitle) {
    RecordedSpec titled;
    titled.stats_json = "{}";
    titled.tests_json = R"([{"title":["x","y"],"state":"passed"}])";
    const SpecResults known = first_report({}, titled);
    EXPECT_FALSE(merge_report(known, titled).news);
    titled.tests_json = R"([{"title":["x","z"],"state":"passed"}])";
    EXPECT_TRUE(merge_report(known, titled).news);
    titled.tests_json = R"([{"state":"passed"}])";
    EXPECT_FALSE(merge_report(known, titled).news);
    titled.tests_json = R"([{"state":"failed"}])";
    EXPECT_TRUE(merge_report(known, titled).results.failed);
}

TEST(MergeReport, AfterAResetTestsKeepTheirResultsUntilTheyAreReportedAnew) {
    const SpecResults known =
        first({{"t1", "passed"}, {"t2", "failed"}, {"t3", "failed"}, {"t4", "passed"}});
    const KnownTests left = set_aside(known.tests);
    EXPECT_EQ(left.current, "[]");

    // One of two machines runs its part again: the other's failure is not forgotten.
    const SpecResults part = first_report(left, report({{"t2", "passed"}}));
    EXPECT_TRUE(part.failed);
    EXPECT_EQ(part.counters.overall, 4);
    EXPECT_EQ(part.counters.passes, 3);
    EXPECT_EQ(part.counters.failures, 1);
    const Merged whole = merge_report(part, report({{"t3", "passed"}}));
    EXPECT_TRUE(whole.news);
    EXPECT_FALSE(whole.results.failed);
    EXPECT_EQ(whole.results.counters.overall, 4);
    EXPECT_EQ(whole.results.counters.passes, 4);

    // Whoever runs all of them again leaves nothing of what was.
    const SpecResults anew = first_report(
        left, report({{"t1", "passed"}, {"t2", "passed"}, {"t3", "passed"}, {"t4", "passed"}}));
    EXPECT_FALSE(anew.failed);
    EXPECT_EQ(anew.tests.earlier, "[]");
    EXPECT_EQ(anew.counters.overall, 4);
    EXPECT_EQ(set_aside(set_aside(known.tests)).earlier, left.earlier);
}

TEST(MergeReport, AFailureIsNotForgottenByWhatDidNotRun) {
    const KnownTests before = set_aside(first({{"t1", "failed"}, {"t2", "passed"}}));
    for (const char* const state : {"skipped", "pending"}) {
        const SpecResults again = first_report(before, report({{"t1", state}, {"t2", "passed"}}));
        EXPECT_TRUE(again.failed) << state;
        EXPECT_EQ(again.counters.failures, 1);
        EXPECT_EQ(again.counters.overall, 2) << "it counts once";
        const Merged run = merge_report(again, report({{"t1", "passed"}}));
        EXPECT_FALSE(run.results.failed) << state;
        EXPECT_EQ(run.results.counters.passes, 2);
        EXPECT_EQ(run.results.counters.overall, 2);
    }
    // What did not fail gives way to it.
    EXPECT_EQ(first_report(before, report({{"t2", "skipped"}, {"t1", "passed"}})).counters.skipped,
              1);
}

TEST(MergeReport, TestsOfOneNameAreToldApartByTheirNumber) {
    const SpecResults known = first({{"v", "passed"}, {"v", "failed"}, {"w", "passed"}});
    EXPECT_FALSE(merge_report(known, report({{"v", "passed"}, {"v", "passed"}})).news);
    EXPECT_TRUE(merge_report(known, report({{"v", "failed"}})).news) << "the first has failed, too";
    const Merged third =
        merge_report(known, report({{"v", "passed"}, {"v", "failed"}, {"v", "failed"}}));
    EXPECT_TRUE(third.news);
    EXPECT_EQ(third.results.counters.overall, 4);
    EXPECT_EQ(third.results.counters.failures, 2);
}

TEST(MergeReport, OfTestsOfOneNameAFailureIsForgottenLast) {
    for (const auto& [one, other] :
         {std::pair{"passed", "failed"}, std::pair{"failed", "passed"}}) {
        const KnownTests left =
            set_aside(first({{"v", one}, {"v", other}, {"v", "skipped"}}).tests);
        const SpecResults part = first_report(left, report({{"v", "passed"}}));
        EXPECT_TRUE(part.failed);
        EXPECT_EQ(part.counters.overall, 3);
        EXPECT_EQ(part.counters.failures, 1);
        EXPECT_EQ(part.counters.skipped, 1);
        const Merged more = merge_report(part, report({{"v", "passed"}, {"v", "passed"}}));
        EXPECT_TRUE(more.results.failed);
        EXPECT_EQ(more.results.counters.skipped, 0);
        const Merged all =
            merge_report(more.results, report({{"v", "passed"}, {"v", "passed"}, {"v", "passed"}}));
        EXPECT_FALSE(all.results.failed);
        EXPECT_EQ(all.results.counters.passes, 3);
    }
}

TEST(MergeReport, WhatCouldNotRunGivesWayToAResult) {
    const SpecResults known = first({{"t1", "skipped"}, {"t2", "passed"}});
    EXPECT_FALSE(merge_report(known, report({{"t2", "skipped"}})).news);
    const Merged ran = merge_report(known, report({{"t1", "passed"}}));
    EXPECT_TRUE(ran.news);
    EXPECT_EQ(ran.results.counters.skipped, 0);
    EXPECT_EQ(ran.results.counters.passes, 2);
}

/// A report that counts failures, and lists a test or none.
RecordedSpec counted(int failures, const std::string& tests = "[]") {
    RecordedSpec spec;
    spec.stats_json = "{}";
    spec.tests_json = tests;
    spec.counters.failures = failures;
    spec.counters.overall = failures + (tests == "[]" ? 0 : 1);
    spec.failed = failures > 0;
    return spec;
}

KnownTests reset(const SpecResults& results, const std::string& owner, const RecordedSpec& report) {
    KnownTests kept = set_aside(results);
    kept.unnamed.owners[owner] = beside_unnamed_failure(report).value();
    return kept;
}

TEST(MergeReport, AFailureWithoutANameIsOwedUntilItsTestsHaveRunAgain) {
    const RecordedSpec hidden = counted(1, R"([{"testId":"t1","state":"passed"}])");
    const SpecResults whole = merge_report(first({{"t2", "passed"}}), hidden).results;
    EXPECT_TRUE(whole.failed);
    const KnownTests kept = reset(whole, "m1", hidden);
    EXPECT_TRUE(failed_before(kept));
    const SpecResults other = first_report(kept, report({{"t2", "passed"}}), {"m2"});
    EXPECT_TRUE(other.failed) << "t1 and what was with it have not run";
    EXPECT_EQ(other.counters.failures, 1);
    EXPECT_FALSE(merge_report(other, report({{"t1", "passed"}}), {"m2", "m3"}).results.failed);
    // Counted tests may be those that were counted before.
    EXPECT_FALSE(first_report(kept, counted(0, R"([{"state":"passed"}])"), {"m2"}).failed);
}

TEST(MergeReport, AnExceptionIsOwedUntilItsPartHasRun) {
    RecordedSpec crash = report({}, R"({"message":"m"})");
    const SpecResults whole = merge_report(first({{"t2", "passed"}}), crash).results;
    const KnownTests kept = reset(whole, "m1", crash);
    const SpecResults other = first_report(kept, report({{"t2", "passed"}}), {"m2"});
    EXPECT_TRUE(other.failed);
    EXPECT_EQ(other.exception_json, R"({"message":"m"})");
    const Merged part = merge_report(other, report({{"t1", "passed"}}), {"m2", "m3"});
    EXPECT_FALSE(part.results.failed) << "nobody knew t1: it is what could not begin";
    EXPECT_FALSE(part.results.exception_json);
    // Where that machine reports again and no test is left, it was all of it.
    EXPECT_FALSE(first_report(kept, report({{"t2", "passed"}}), {"m1"}).failed);
    // A second one that crashes is another's.
    const Merged second = merge_report(other, report({}, R"({"message":"n"})"), {"m2", "m3"});
    EXPECT_TRUE(second.news);
    EXPECT_EQ(second.results.exception_json, R"({"message":"n"})");
}

}  // namespace
}  // namespace runs_agent::runs_server
