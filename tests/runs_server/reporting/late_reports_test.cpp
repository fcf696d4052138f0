// SPDX-License-Identifier: MIT
// What comes late, or twice, or beside something else: of machines that were reset, of runs that
// have ended, and of two reporters of one spec.
#include "tests/runs_server/reporting/reporting_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class LateReports : public ReportingTest {
protected:
    /// Test t1 of the spec is done on both machines, and t2 is open.
    std::string share_a_spec() {
        start();
        start(R"("machineId":"m2")");
        const std::string spec = begin();
        begin("m2");
        added(spec, "t1", "passed", true);
        added(spec, "t1", "passed", true, "m2");
        return spec;
    }

    /// The first line of the log that tells of the event.
    std::string line_of(const std::string& event) {
        const std::string text = log_.text();
        const auto at = text.find("\"" + event + "\"");
        if (at == std::string::npos) return {};
        const auto begin = text.rfind('\n', at) + 1;
        return text.substr(begin, text.find('\n', at) - begin);
    }
};

TEST_F(LateReports, NoneOfTwoMachinesThatWereResetOneByOneCompletesTheirSpec) {
    const std::string spec = share_a_spec();
    EXPECT_EQ(reset("m1").status, 200);
    EXPECT_EQ(reset("m2").status, 200);
    added(spec, "t2", "passed", true, "m2");
    added(spec, "t2", "passed", true, "m1");
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    // One that comes again does.
    start(R"("machineId":"m2")");
    begin("m2");
    added(spec, "t1", "passed", true, "m2");
    added(spec, "t2", "passed", true, "m2");
    EXPECT_EQ(state(run_), "COMPLETE");
}

TEST_F(LateReports, TheLogTellsOfAResetAndOfWhatIsDroppedByIt) {
    const std::string spec = share_a_spec();
    const std::string under_way = added(spec, "t2", "pending", false);
    EXPECT_EQ(line_of("api.reset"), "");
    EXPECT_EQ(reset("m1").status, 200);
    const std::string told = line_of("api.reset");
    EXPECT_NE(told.find(run_), std::string::npos) << told;
    EXPECT_NE(told.find(R"("machines":"m1","specs":1)"), std::string::npos) << told;
    EXPECT_EQ(line_of("api.dropped"), "");
    EXPECT_EQ(change(under_way, 1, "passed", true).status, 200);
    const std::string dropped = line_of("api.dropped");
    EXPECT_NE(dropped.find(spec), std::string::npos) << dropped;
    EXPECT_NE(dropped.find(R"("machine":"m1")"), std::string::npos) << dropped;
    // However many there are, a few lines a second tell of them, and one of how many more.
    for (int i = 0; i < 20; ++i) added(spec, "t2", "failed", true);
    log_.log().tell_suppressed(Log::Suppressed::all);
    const std::string counted = line_of("log.suppressed");
    EXPECT_NE(counted.find(R"("of":"api.dropped","count":16)"), std::string::npos) << counted;
}

TEST_F(LateReports, TheLogTellsOfWhatIsOnDiskAlone) {
    start(R"("machineId":"m1","config":{"currents":{"autoCancelAfterFailures":1}})");
    const std::string spec = begin();
    sqlite::Database(file()).execute(
        "CREATE TRIGGER full BEFORE INSERT ON answered BEGIN SELECT RAISE(ABORT, 'full'); END");
    EXPECT_EQ(add(spec, "t1", "failed", true, "m1", "key").status, 503);
    EXPECT_EQ(line_of("api.fail_fast"), "");
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    sqlite::Database(file()).execute("DROP TRIGGER full");
    EXPECT_EQ(add(spec, "t1", "failed", true, "m1", "key").status, 200);
    EXPECT_EQ(state(run_), "CANCELED");
    const std::string told = line_of("api.fail_fast");
    EXPECT_NE(told.find(R"("failures":1,"allowed":1)"), std::string::npos) << told;
    EXPECT_NE(told.find(run_), std::string::npos) << told;
}

TEST_F(LateReports, NorOfTwoThatWereResetTogetherAndTheSpecCountsOnce) {
    const std::string spec = share_a_spec();
    const std::string under_way = added(spec, "t2", "pending", false, "m2");
    const auto answer =
        json(ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":["m1","m2"]})"));
    EXPECT_EQ(answer["data"]["resetSpecs"].GetInt(), 1);
    EXPECT_EQ(change(under_way, 1, "passed", true).status, 200);
    added(spec, "t2", "passed", true, "m2");
    EXPECT_EQ(state(run_), "IN_PROGRESS");
}

TEST_F(LateReports, ABatchEndsNoTestThatIsUnderWayOnAnotherMachine) {
    start();
    const std::string spec = begin();
    added(spec, "t1", "passed", true);
    const std::string under_way = added(spec, "t2", "pending", false);
    const auto batch = [this](const std::string& test, const std::string& state_then) {
        const auto answer =
            record(R"("group":"g","instances":[{"groupId":"g","spec":"a","results":{
                "stats":{"tests":1},"tests":[{"testId":")" +
                   test + R"(","title":["x"],"state":")" + state_then + R"("}]}}])");
        EXPECT_EQ(answer.status, 200) << answer.body;
    };
    batch("t3", "passed");
    EXPECT_EQ(shown(), "IN_PROGRESS RUNNING: 2 passed, 0 failed, 0 skipped of 2");
    // Another batch loses nothing of the first.
    batch("t4", "pending");
    EXPECT_EQ(change(under_way, 1, "failed", true).status, 200);
    EXPECT_EQ(shown(), "COMPLETE FAILED: 2 passed, 1 failed, 0 skipped of 4");
}

TEST_F(LateReports, ARunThatWasCompleteForLongGoesOnWhenMoreIsAnnounced) {
    start();
    const std::string spec = begin();
    added(spec, "t1", "passed", true);
    added(spec, "t2", "passed", true);
    clock_.advance(minutes(40));
    EXPECT_EQ(state(run_), "COMPLETE");
    const std::string more =
        R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b1","group":"h","machineId":"m2",)";
    EXPECT_EQ(
        report("POST", "/runs/v1",
               more + R"("fullTestSuite":[{"name":"h","tests":[{"spec":"b","testId":"t1"}]}]})")
            .status,
        200);
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    const auto begun = report("POST", "/runs/" + run_ + "/pw/instances/v1",
                              R"({"groupId":"h","spec":"b","machineId":"m2"})");
    ASSERT_EQ(begun.status, 200) << begun.body;
    added(json(begun)["instanceId"].GetString(), "t1", "passed", true, "m2");
    EXPECT_EQ(state(run_), "COMPLETE");

    clock_.advance(minutes(40));
    EXPECT_EQ(report("POST", "/orchestration-v1",
                     more + R"("suite":[{"name":"i","tests":[{"spec":"c","testId":"t1"}]}]})")
                  .status,
              200);
    EXPECT_EQ(state(run_), "IN_PROGRESS");
}

TEST_F(LateReports, ACancelledRunTakesWhatWasUnderWayAlsoWhereItIsSentAgain) {
    start();
    const std::string spec = begin();
    clock_.advance(seconds(10));
    cancel();
    // It ran for a second until it was first told of, and that was before the cancel.
    clock_.advance(seconds(17));
    EXPECT_EQ(add(spec, "t1", "failed", true, "m1", {}, "2").status, 200);
    EXPECT_EQ(shown(), "CANCELED FAILED: 0 passed, 1 failed, 0 skipped of 2");
    EXPECT_EQ(add(spec, "t2", "failed", true).status, 422);
    // What is sent again for longer than a reporter does it began after that.
    clock_.advance(minutes(3));
    EXPECT_EQ(add(spec, "t2", "failed", true, "m1", {}, "3").status, 422);
}

TEST_F(LateReports, ACompleteRunLastsNoLongerBecauseATestIsToldOfAgain) {
    start();
    const std::string spec = begin();
    added(spec, "t1", "passed", true);
    added(spec, "t2", "passed", true);
    const auto duration = [this] {
        const auto answer = json(ask("GET", "/v1/runs/" + run_));
        return answer["data"]["durationMs"].GetInt64();
    };
    const auto before = duration();
    clock_.advance(minutes(5));
    const std::string again = added(spec, "t1", "pending", false, "m2");
    EXPECT_EQ(change(again, 1, "passed", true).status, 200);
    EXPECT_EQ(duration(), before);
    // What is new to it makes it last until then.
    added(spec, "t2", "failed", true, "m2");
    EXPECT_EQ(duration(), before + 5L * 60 * 1000);
}

TEST_F(LateReports, WhatWasBeforeAResetIsPutBesideTheNewResultsOnceTheSpecIsComplete) {
    const std::string spec = fail_and_reset();
    const auto before_reset = [this, &spec] {
        sqlite::Database database(file());
        auto row = database.prepare("SELECT earlier FROM tests WHERE spec_id = ?");
        row.bind(spec).step();
        return row.text(0);
    };
    const std::string before = before_reset();
    start();
    begin();
    added(spec, "t1", "passed", true);
    // Such lists may be long, and were read and written with every result.
    EXPECT_EQ(before_reset(), before);
    EXPECT_EQ(shown(), "IN_PROGRESS RUNNING: 1 passed, 0 failed, 0 skipped of 2");

    // A failure that has been run again does not come back by another reset.
    EXPECT_EQ(reset("m1").status, 200);
    start();
    begin();
    added(spec, "t2", "passed", true);
    added(spec, "t1", "passed", true);
    EXPECT_EQ(shown(), "COMPLETE PASSED: 2 passed, 0 failed, 0 skipped of 2");
    EXPECT_EQ(before_reset(), "[]");
    added(spec, "t1", "failed", true, "m2");
    EXPECT_EQ(shown(), "COMPLETE FAILED: 1 passed, 1 failed, 0 skipped of 2");
}

TEST_F(LateReports, AFailureFromBeforeAResetDoesNotComeBackByAnotherOne) {
    const std::string spec = fail_and_reset();
    start();
    begin();
    added(spec, "t1", "passed", true);
    EXPECT_EQ(reset("m1").status, 200);
    start(R"("machineId":"m1")", R"(["t2"])");
    begin();
    added(spec, "t2", "passed", true);
    EXPECT_EQ(shown(), "COMPLETE PASSED: 2 passed, 0 failed, 0 skipped of 2");
}

TEST_F(LateReports, AFailureIsNotForgottenByATestThatDidNotRunAgain) {
    const std::string spec = fail_and_reset();
    start();
    begin();
    added(spec, "t1", "skipped", true);
    added(spec, "t2", "passed", true);
    EXPECT_EQ(shown(), "COMPLETE FAILED: 1 passed, 1 failed, 0 skipped of 2");
    const auto instance = json(ask("GET", "/v1/instances/" + spec));
    EXPECT_EQ(instance["data"]["results"]["tests"].Size(), 2U);
    added(spec, "t1", "passed", true, "m2");
    EXPECT_EQ(shown(), "COMPLETE PASSED: 2 passed, 0 failed, 0 skipped of 2");
}

}  // namespace
}  // namespace runs_agent::runs_server
