// SPDX-License-Identifier: MIT
// Machines that ask what to run next.
#include "runs_server/orchestrating/lanes.hpp"
#include "tests/runs_server/server_fixture.hpp"

#include <array>

namespace runs_agent::runs_server {
namespace {

class Orchestrating : public ServerTest {
protected:
    HttpResponse report(const std::string& target, const std::string& body,
                        const std::string& key = {}, const std::string& method = "POST") {
        HttpRequest request;
        request.method = method;
        request.target = target;
        request.headers.add("x-currents-key", "foo");
        if (!key.empty()) request.headers.add("x-currents-idempotency-key", key);
        request.body = body;
        return tests::run(context_, server_.handle(std::move(request)));
    }

    /// A machine joins; returns its orchestration.
    std::string join(const std::string& machine, const std::string& more = R"("globalWorkers":1)",
                     const std::string& build = "b1") {
        const auto answer = report(
            "/orchestration-v1", R"({"recordKey":"foo","projectId":"p1","ciBuildId":")" + build +
                                     R"(","machineId":")" + machine +
                                     R"(","suite":[{"name":"g","tests":[{"spec":"a","testId":"t1"},
                {"spec":"b","testId":"t2"},{"spec":"c","testId":"t3"}]}],)" +
                                     more + "}");
        EXPECT_EQ(answer.status, 200) << answer.body;
        run_ = json(answer)["runId"].GetString();
        return json(answer)["id"].GetString();
    }

    /// "g: a b", or "" where there is nothing to run.
    std::string next(const std::string& orchestration, const std::string& key = {}) {
        const auto response = report("/orchestration-v1/" + orchestration + "/task", "{}", key);
        EXPECT_EQ(response.status, 200) << response.body;
        const auto answer = json(response);
        if (answer["batch"].IsNull()) return {};
        std::string text = std::string(answer["batch"]["groupId"].GetString()) + ":";
        for (const auto& task : answer["batch"]["tasks"].GetArray())
            text += std::string(" ") + task["spec"].GetString();
        return text;
    }

    void run_spec(const std::string& spec, const std::string& test, const std::string& machine,
                  int seconds) {
        const auto begun =
            report("/runs/" + run_ + "/pw/instances/v1",
                   R"({"groupId":"g","spec":")" + spec + R"(","machineId":")" + machine + R"("})");
        const std::string instance = json(begun)["instanceId"].GetString();
        report("/test-record", R"({"instanceId":")" + instance + R"(","testId":")" + test +
                                   R"(","machineId":")" + machine +
                                   R"(","_t":0,"_s":"passed","_d":true,"attempts":[{"workerIndex":0,
                        "startTime":"2026-01-01T00:00:00.000Z","duration":)" +
                                   std::to_string(seconds * 1000LL) + "}]}");
    }

    std::string run_;
};

TEST_F(Orchestrating, EachSpecIsOneMachines) {
    const std::string one = join("m1");
    const std::string other = join("m2");
    EXPECT_EQ(next(one), "g: a");
    EXPECT_EQ(next(other), "g: b");
    run_spec("a", "t1", "m1", 1);
    EXPECT_EQ(next(one), "g: c");
    run_spec("b", "t2", "m2", 1);
    EXPECT_EQ(next(other), "");
    run_spec("c", "t3", "m1", 1);
    EXPECT_EQ(state(run_), "COMPLETE");
    EXPECT_EQ(next(join("m3")), "");  // who comes late has nothing to do
}

TEST_F(Orchestrating, TheLongestIsFirst) {
    const std::string before = join("m1");
    next(before);
    run_spec("a", "t1", "m1", 5);
    run_spec("b", "t2", "m1", 60);
    run_spec("c", "t3", "m1", 20);
    EXPECT_EQ(state(run_), "COMPLETE");
    const std::string now = join("m1", R"("globalWorkers":2,"globalBatchSize":"auto")", "b2");
    EXPECT_EQ(next(now), "g: b c");
    run_spec("b", "t2", "m1", 60);
    run_spec("c", "t3", "m1", 60);
    EXPECT_EQ(next(now), "g: a");
}

TEST_F(Orchestrating, ALostAnswerLosesNoSpec) {
    const std::string one = join("m1");
    EXPECT_EQ(next(one, "key"), "g: a");
    EXPECT_EQ(next(one, "key"), "g: a");  // sent again
    // Asked anew by a machine that never saw the answer.
    EXPECT_EQ(next(one), "g: a");
    // But what it does not begin even then is broken, and keeps nobody from the rest.
    EXPECT_EQ(next(one), "g: b");
}

TEST_F(Orchestrating, WhatAMachineDoesNotBeginIsForTheOthers) {
    // It takes what there is, and begins nothing.
    const std::string broken = join("m1");
    for (const char* const spec : {"a", "a", "b", "b", "c", "c", "", ""})
        EXPECT_EQ(next(broken), spec[0] == 0 ? "" : std::string("g: ") + spec);
    const std::string sound = join("m2");
    const std::array tests{"t1", "t2", "t3"};
    const std::array specs{"a", "b", "c"};
    for (std::size_t i = 0; i < specs.size(); ++i) {
        EXPECT_EQ(next(sound), std::string("g: ") + specs[i]);
        run_spec(specs[i], tests[i], "m2", 1);
    }
    EXPECT_EQ(state(run_), "COMPLETE");
}

TEST_F(Orchestrating, AMachineThatIsResetMayHaveAgainWhatItDidNotBegin) {
    const std::string one = join("m1");
    for (int i = 0; i < 6; ++i) next(one);
    EXPECT_EQ(next(one), "");
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":["m1"]})").status, 200);
    EXPECT_EQ(next(one), "g: a");
}

TEST_F(Orchestrating, AResetGivesEachWhatItDidNotBeginOnceMore) {
    const std::string one = join("m1");
    const std::string other = join("m2");
    for (const std::string& machine : {one, other}) {
        for (int i = 0; i < 6; ++i) EXPECT_NE(next(machine), "");
        EXPECT_EQ(next(machine), "");
    }
    // Their names may come again in the next attempt, of which the reset of any machine tells.
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":["m9"]})").status, 200);
    EXPECT_EQ(next(one), "g: a");
    EXPECT_EQ(next(other), "g: b");
}

TEST_F(Orchestrating, AnAnswerOfBeforeAResetIsNotGivenAgain) {
    const std::string one = join("m1");
    const std::string other = join("m2");
    EXPECT_EQ(next(one, "key"), "g: a");
    EXPECT_EQ(next(other, "other key"), "g: b");
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":["m1"]})").status, 200);
    EXPECT_EQ(next(other, "other key"), "g: b") << "it is another's reset";
    run_spec("b", "t2", "m2", 1);
    EXPECT_EQ(next(other), "g: a");
    // Its answer was lost, it was taken for dead, and it asks once more.
    EXPECT_EQ(next(one, "key"), "g: c");
    EXPECT_EQ(next(one, "key"), "g: c") << "which is kept in its turn";
}

TEST_F(Orchestrating, AResetGivesBackWhatAMachineHas) {
    const std::string one = join("m1");
    const std::string other = join("m2");
    EXPECT_EQ(next(one), "g: a");
    EXPECT_EQ(next(other), "g: b");
    run_spec("b", "t2", "m2", 1);
    EXPECT_EQ(report("/runs/v1/" + run_ + "/reset", R"({"machineId":"m1","isBatchedOr8n":true})",
                     {}, "PUT")
                  .status,
              200);
    // It goes on for a moment, and does not get the spec back by that.
    run_spec("a", "t1", "m1", 1);
    EXPECT_EQ(next(other), "g: a");
    run_spec("a", "t1", "m2", 1);
    EXPECT_EQ(next(other), "g: c");
    run_spec("c", "t3", "m2", 1);
    EXPECT_EQ(state(run_), "COMPLETE");
}

TEST_F(Orchestrating, ACancelledRunHandsOutNothing) {
    const std::string one = join("m1");
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run_ + "/cancel").status, 200);
    const auto answer = report("/orchestration-v1/" + one + "/task", "{}");
    EXPECT_EQ(answer.status, 422);
    EXPECT_STREQ(json(answer)["code"].GetString(), "RUN_CANCELLED");
}

TEST_F(Orchestrating, WhatItHandedOutBeforeItWasCancelledIsNotHandedOutAgain) {
    const std::string one = join("m1");
    EXPECT_EQ(next(one, "key"), "g: a");
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run_ + "/cancel").status, 200);
    const auto answer = report("/orchestration-v1/" + one + "/task", "{}", "key");
    ASSERT_EQ(answer.status, 422);
    EXPECT_STREQ(json(answer)["code"].GetString(), "RUN_CANCELLED");
}

TEST_F(Orchestrating, AClockThatIsWrongSaysNothingOfHowLongASpecTakes) {
    const std::string before = join("m1");
    for (int i = 0; i < 3; ++i) next(before);
    run_spec("a", "t1", "m1", 5);
    run_spec("b", "t2", "m1", 2 * 24 * 60 * 60);
    run_spec("c", "t3", "m1", 20);
    EXPECT_EQ(state(run_), "COMPLETE");
    // Of b nothing is known: it takes as long as the others do on average.
    EXPECT_EQ(next(join("m1", R"("globalWorkers":3,"globalBatchSize":"auto")", "b2")), "g: c b a");
}

TEST_F(Orchestrating, ARunWithoutTestsIsCompleteAtOnce) {
    const auto joined = [this](const std::string& suite) {
        const auto answer = report(
            "/orchestration-v1",
            R"({"recordKey":"foo","projectId":"p1","ciBuildId":"none","machineId":"m1","suite":)" +
                suite + "}");
        EXPECT_EQ(answer.status, 200) << answer.body;
        run_ = json(answer)["runId"].GetString();
        return std::string(json(answer)["id"].GetString());
    };
    EXPECT_EQ(next(joined("[]")), "");
    EXPECT_EQ(state(run_), "COMPLETE");
    EXPECT_EQ(next(joined(R"([{"name":"g","tests":[]}])")), "");
    EXPECT_EQ(state(run_), "COMPLETE");
    EXPECT_EQ(ask("GET", "/v1/runs/find?projectId=p1").status, 404)
        << "of what failed it tells nothing";
    // Another machine has found some.
    EXPECT_EQ(next(joined(R"([{"name":"g","tests":[{"spec":"a","testId":"t1"}]}])")), "g: a");
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    run_spec("a", "t1", "m1", 1);
    EXPECT_EQ(state(run_), "COMPLETE");
    EXPECT_EQ(ask("GET", "/v1/runs/find?projectId=p1").status, 200);
}

TEST_F(Orchestrating, ARunOfWhichNobodyKnowsTheTestsIsAwaited) {
    report("/orchestration-v1",
           R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b1","machineId":"m1"})");
    const auto found = json(ask("GET", "/v1/runs/find?projectId=p1&ciBuildId=b1"));
    EXPECT_STREQ(found["data"]["completionState"].GetString(), "IN_PROGRESS");
}

TEST(Lanes, ABatchIsAsLargeAsIsConfigured) {
    const auto read = [](const char* body, const std::string& group) {
        rapidjson::Document document;
        document.Parse(body);
        const Lanes lanes = read_lanes(document);
        const auto own = lanes_of_groups(to_text(lanes.of_groups));
        const auto found = own.find(group);
        return found == own.end() ? lanes.of_all : found->second;
    };
    EXPECT_EQ(read("{}", "g"), 1);
    EXPECT_EQ(read(R"({"globalWorkers":4,"globalBatchSize":"auto"})", "g"), 4);
    EXPECT_EQ(read(R"({"globalWorkers":4,"globalBatchSize":2})", "g"), 2);
    EXPECT_EQ(read(R"({"globalWorkers":4,"projectWorkers":{"g":3}})", "g"), 3);
    EXPECT_EQ(read(R"({"globalBatchSize":2,"projectBatchSizes":{"g":5}})", "g"), 5);
    EXPECT_EQ(
        read(R"({"globalWorkers":4,"globalBatchSize":2,"projectBatchSizes":{"g":"auto"}})", "g"),
        4);
}

}  // namespace
}  // namespace runs_agent::runs_server
