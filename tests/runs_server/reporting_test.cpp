// SPDX-License-Identifier: MIT
// Playwright's reporter as it speaks, request by request: what is counted when, and what a run that
// was reset, cancelled or timed out makes of it.
#include "runs_server/recording/spec_tests.hpp"
#include "tests/runs_server/server_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

using std::chrono::minutes;

class Reporting : public ServerTest {
protected:
    HttpResponse report(const std::string& method, const std::string& target,
                        const std::string& body, const std::string& idempotency_key = {}) {
        HttpRequest request;
        request.method = method;
        request.target = target;
        request.headers.add("x-currents-key", "foo");
        request.headers.add("x-pw-version", "1.65.1");
        if (!idempotency_key.empty())
            request.headers.add("x-currents-idempotency-key", idempotency_key);
        request.body = body;
        return tests::run(context_, server_.handle(std::move(request)));
    }

    /// A run of one group, g, whose one spec, a, has tests t1 and t2. Returns its id.
    std::string start(const std::string& more = R"("machineId":"m1")",
                      const std::string& to_run = R"(["t1","t2"])") {
        std::string tests;
        for (const char* const id : {"t1", "t2"})
            if (to_run.find(id) != std::string::npos)
                tests += std::string(tests.empty() ? "" : ",") + R"({"spec":"a","testId":")" + id +
                         R"("})";
        const auto answer =
            report("POST", "/runs/v1",
                   R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b1","group":"g","tests":[)" +
                       tests +
                       R"(],"fullTestSuite":[{"name":"g","tests":[{"spec":"a","testId":"t1"},
                   {"spec":"a","testId":"t2"}]}],)" +
                       more + "}");
        if (answer.status != 200) return {};
        return run_ = json(answer)["runId"].GetString();
    }

    std::string begin(const std::string& machine = "m1", int status = 200) {
        const auto answer =
            report("POST", "/runs/" + run_ + "/pw/instances/v1",
                   R"({"groupId":"g","spec":"a","machineId":")" + machine + R"("})");
        EXPECT_EQ(answer.status, status) << answer.body;
        return status == 200 ? json(answer)["instanceId"].GetString() : "";
    }

    static std::string members(int sequence, const std::string& state, bool done) {
        return R"("_t":)" + std::to_string(sequence) + R"(,"_s":")" + state + R"(","_d":)" +
               (done ? "true" : "false") +
               R"(,"attempts":[{"attempt":0,"workerIndex":0,"duration":5,
                  "startTime":"2026-01-01T00:00:00.000Z"}])";
    }

    HttpResponse add(const std::string& instance, const std::string& test, const std::string& state,
                     bool done, const std::string& machine = "m1", const std::string& key = {}) {
        return report("POST", "/test-record",
                      R"({"instanceId":")" + instance + R"(","testId":")" + test +
                          R"(","machineId":")" + machine +
                          R"(","expectedStatus":"passed","_ct":"2026-01-01T00:00:01.000Z",)" +
                          members(0, state, done) + "}",
                      key);
    }

    std::string added(const std::string& instance, const std::string& test,
                      const std::string& state, bool done, const std::string& machine = "m1") {
        const auto answer = add(instance, test, state, done, machine);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json(answer)["recordId"].GetString();
    }

    HttpResponse change(const std::string& record, int sequence, const std::string& state,
                        bool done) {
        return report("PUT", "/test-record/" + record, "{" + members(sequence, state, done) + "}");
    }

    /// "COMPLETE FAILED: 1 passed, 1 failed, 0 skipped of 2"
    std::string shown() {
        const auto answer = json(ask("GET", "/v1/runs/" + run_));
        const auto& data = answer["data"];
        const auto& tests = data["groups"][0]["tests"];
        const auto count = [&tests](const char* name) {
            return std::to_string(tests[name].GetInt64());
        };
        return std::string(data["completionState"].GetString()) + " " + data["status"].GetString() +
               ": " + count("passes") + " passed, " + count("failures") + " failed, " +
               count("skipped") + " skipped of " + count("overall");
    }

    HttpResponse reset(const std::string& machine) {
        return ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":[")" + machine + R"("]})");
    }

    void cancel() { EXPECT_EQ(ask("PUT", "/v1/runs/" + run_ + "/cancel").status, 200); }

    static void expect_stop(const rapidjson::Document& answer, const std::string& code) {
        ASSERT_TRUE(answer.HasMember("code") && answer.HasMember("errors"));
        EXPECT_EQ(answer["code"].GetString(), code);
        EXPECT_STREQ(answer["message"].GetString(), answer["error"].GetString());
        EXPECT_TRUE(answer["errors"].IsArray());
    }

    std::string run_;
};

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
    start();
    const std::string spec = begin();
    added(spec, "t1", "failed", true);
    added(spec, "t2", "passed", true);
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
