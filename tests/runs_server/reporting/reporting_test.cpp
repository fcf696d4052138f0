// SPDX-License-Identifier: MIT
// Playwright's reporter as it speaks, request by request: what is counted when, and what a run that
// was reset, cancelled or timed out makes of it.
#include "runs_server/recording/spec_tests.hpp"
#include "tests/runs_server/reporting/reporting_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

using std::chrono::minutes;

class Reporting : public ReportingTest {};

TEST_F(Reporting, ATestCountsWhenItIsDone) {
    start();
    const std::string spec = begin();
    const std::string first = added(spec, "t1", "pending", false);
    EXPECT_EQ(shown(), "IN_PROGRESS RUNNING: 0 passed, 0 failed, 0 skipped of 2");
    EXPECT_EQ(change(first, 1, "failed", false).status, 200);  // its first attempt has
    EXPECT_EQ(shown(), "IN_PROGRESS RUNNING: 0 passed, 0 failed, 0 skipped of 2");
    EXPECT_EQ(change(first, 2, "passed", true).status, 200);
    EXPECT_EQ(shown(), "IN_PROGRESS RUNNING: 1 passed, 0 failed, 0 skipped of 2");
    added(spec, "t2", "failed", true);
    EXPECT_EQ(shown(), "COMPLETE FAILED: 1 passed, 1 failed, 0 skipped of 2");
}

TEST_F(Reporting, WhatIsOlderThanWhatIsKnownChangesNothing) {
    start();
    const std::string record = added(begin(), "t1", "pending", false);
    EXPECT_EQ(change(record, 5, "failed", true).status, 200);
    EXPECT_EQ(change(record, 4, "pending", false).status, 200);
    EXPECT_EQ(change(record, 5, "passed", true).status, 200);
    EXPECT_EQ(shown(), "IN_PROGRESS FAILING: 0 passed, 1 failed, 0 skipped of 2");
}

TEST_F(Reporting, WhatWasNotRunBecauseOfSomethingElseIsSkippedAndNotPending) {
    start();
    const std::string spec = begin();
    added(spec, "t1", "pending", true);  // expected to pass, and nobody has left it out
    added(spec, "t2", "skipped", true);  // interrupted
    EXPECT_EQ(shown(), "COMPLETE PASSED: 0 passed, 0 failed, 2 skipped of 2");
}

TEST_F(Reporting, OfOneTestOnTwoMachinesTheFailureHolds) {
    start();
    const std::string spec = begin();
    added(spec, "t1", "skipped", true);
    added(spec, "t1", "passed", true, "m2");
    added(spec, "t2", "passed", true);
    EXPECT_EQ(shown(), "COMPLETE PASSED: 2 passed, 0 failed, 0 skipped of 2");
    added(spec, "t2", "failed", true, "m2");
    EXPECT_EQ(shown(), "COMPLETE FAILED: 1 passed, 1 failed, 0 skipped of 2");
}

TEST_F(Reporting, TheSameRequestAgainIsAnsweredTheSameAlsoByANewServer) {
    start();
    const std::string spec = begin();
    const std::string first = add(spec, "t1", "failed", true, "m1", "key-1").body;
    EXPECT_EQ(add(spec, "t1", "failed", true, "m1", "key-1").body, first);
    EXPECT_NE(add(spec, "t1", "failed", true, "m1", "key-2").body, first);
    RunsServer next{worker_, clock_, log_.log(), {file(), "process", "url key", memory_}};
    HttpRequest again;
    again.method = "POST";
    again.target = "/test-record";
    again.headers.add("x-currents-key", "foo");
    again.headers.add("x-currents-idempotency-key", "key-1");
    EXPECT_EQ(tests::run(context_, next.handle(std::move(again))).body, first);
}

TEST_F(Reporting, ResultsFromBeforeAResetCompleteNothing) {
    start();
    const std::string spec = begin();
    const std::string late = added(spec, "t1", "pending", false);
    added(spec, "t2", "passed", true);
    EXPECT_EQ(reset("m1").status, 200);
    EXPECT_EQ(change(late, 1, "failed", true).status, 200);
    added(spec, "t1", "failed", true);  // the machine goes on for a while
    EXPECT_EQ(shown(), "IN_PROGRESS RUNNING: 0 passed, 0 failed, 0 skipped of 2");

    // Another runs the whole spec: it is complete when all of it has run again.
    start(R"("machineId":"m2")");
    begin("m2");
    added(spec, "t1", "passed", true, "m2");
    EXPECT_EQ(shown(), "IN_PROGRESS RUNNING: 1 passed, 0 failed, 0 skipped of 2");
    added(spec, "t2", "passed", true, "m2");
    EXPECT_EQ(shown(), "COMPLETE PASSED: 2 passed, 0 failed, 0 skipped of 2");
}

TEST_F(Reporting, AReRunOfWhatFailedAloneCompletesTheRun) {
    const std::string spec = start_and_fail();
    EXPECT_EQ(shown(), "COMPLETE FAILED: 1 passed, 1 failed, 0 skipped of 2");
    EXPECT_EQ(reset("m1").status, 200);
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    start(R"("machineId":"m1")", R"(["t1"])");
    begin();
    added(spec, "t1", "passed", true);
    EXPECT_EQ(shown(), "COMPLETE PASSED: 2 passed, 0 failed, 0 skipped of 2");
}

TEST_F(Reporting, AfterCancelWhatBeginsIsRefusedAndWhatIsUnderWayIsTaken) {
    start();
    const std::string spec = begin();
    const std::string under_way = added(spec, "t1", "pending", false);
    clock_.advance(std::chrono::seconds(10));
    cancel();
    clock_.advance(std::chrono::seconds(10));
    EXPECT_EQ(change(under_way, 1, "passed", true).status, 200);
    const auto refused = add(spec, "t2", "pending", false);
    EXPECT_EQ(refused.status, 422);
    expect_stop(json(refused), "RUN_CANCELLED");
    // It was quick, but began after that: one second before it was sent.
    EXPECT_EQ(add(spec, "t2", "passed", true).status, 422);
    begin("m1", 422);
    EXPECT_EQ(start(), "");
    EXPECT_EQ(shown(), "CANCELED PASSED: 1 passed, 0 failed, 0 skipped of 2");
}

TEST_F(Reporting, AQuickTestThatWasUnderWayWhenTheRunWasCancelledIsTaken) {
    start();
    const std::string spec = begin();
    cancel();
    EXPECT_EQ(add(spec, "t1", "failed", true).status, 200);
    EXPECT_EQ(shown(), "CANCELED FAILED: 0 passed, 1 failed, 0 skipped of 2");
}

TEST_F(Reporting, AsManyFailuresAsAreAllowedCancelTheRun) {
    start(R"("machineId":"m1","config":{"currents":{"autoCancelAfterFailures":2}})");
    const std::string spec = begin();
    added(spec, "t1", "failed", true);
    added(spec, "t1", "failed", true, "m2");  // the same test
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    added(spec, "t2", "failed", true);
    EXPECT_EQ(shown(), "CANCELED FAILED: 0 passed, 2 failed, 0 skipped of 2");
}

TEST_F(Reporting, TheProjectSaysHowManyUnlessTheReporterDoes) {
    sqlite::Database database(file());
    ProjectChange change;
    change.fail_fast = 1;
    change_project(database, "p1", change);
    start(R"("machineId":"m1","config":{"currents":{"autoCancelAfterFailures":false}})");
    added(begin(), "t1", "failed", true);
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    EXPECT_EQ(ask("DELETE", "/v1/runs/" + run_).status, 200);
    start();
    added(begin(), "t1", "failed", true);
    EXPECT_EQ(state(run_), "CANCELED");
}

TEST_F(Reporting, ATimedOutRunTakesFailuresAlone) {
    start();
    const std::string spec = begin();
    const std::string record = added(spec, "t1", "pending", false);
    clock_.advance(minutes(31));
    EXPECT_EQ(state(run_), "TIMEOUT");
    const auto refused = change(record, 1, "passed", true);
    EXPECT_EQ(refused.status, 422);
    expect_stop(json(refused), "RUN_EXPIRED");
    begin("m1", 422);
    EXPECT_EQ(change(record, 2, "failed", true).status, 200);
    EXPECT_EQ(state(run_), "TIMEOUT");
}

TEST_F(Reporting, ACompleteRunLastsNoLongerBecauseSomethingIsRepeated) {
    start();
    const std::string spec = begin();
    const std::string record = added(spec, "t1", "passed", true);
    added(spec, "t2", "passed", true);
    const auto duration = [this] {
        const auto answer = json(ask("GET", "/v1/runs/" + run_));
        return answer["data"]["durationMs"].GetInt64();
    };
    const auto before = duration();
    clock_.advance(minutes(5));
    EXPECT_EQ(change(record, 7, "passed", true).status, 200);
    start(R"("machineId":"m2")");
    begin("m2");
    EXPECT_EQ(duration(), before);
}

TEST_F(Reporting, RequestsOfOneProcessAreOfOneMachine) {
    const std::string process = R"("config":{"pw":{"argv":["a"],"shard":null}})";
    const auto machine = [this](const std::string& more) {
        const auto answer =
            report("POST", "/runs/v1",
                   R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b1",)" + more + "}");
        return std::string(json(answer)["machineId"].GetString());
    };
    const std::string one = machine(R"("group":"g",)" + process);
    EXPECT_EQ(machine(R"("group":"h",)" + process), one);
    EXPECT_NE(machine(R"("group":"h","config":{"pw":{"argv":["a"],"shard":{"current":2}}})"), one);
}

TEST_F(Reporting, WithoutARecordKeyNothingIsTaken) {
    EXPECT_EQ(ask("POST", "/test-record", "{}").status, 401);
    EXPECT_EQ(ask("POST", "/runs/v1", "{}").status, 401);
    EXPECT_EQ(ask("GET", "/rules/project/p1").status, 401);
    EXPECT_EQ(report("GET", "/rules/project/p1", "").body, R"({"rules":[]})");
}

TEST_F(Reporting, ABatchAndATestByTestReportOfOneSpecAreOneSpec) {
    start();
    const std::string spec = begin();
    added(spec, "t1", "failed", true);
    EXPECT_EQ(record(R"("group":"g","instances":[{"groupId":"g","spec":"a","results":{
        "stats":{"tests":1,"passes":1},"tests":[{"testId":"t2","title":["t2"],"state":"passed"}]}}])")
                  .status,
              200);
    EXPECT_EQ(shown(), "COMPLETE FAILED: 1 passed, 1 failed, 0 skipped of 2");
    added(spec, "t2", "failed", true, "m2");
    EXPECT_EQ(shown(), "COMPLETE FAILED: 0 passed, 2 failed, 0 skipped of 2");
}

}  // namespace
}  // namespace runs_agent::runs_server
