// SPDX-License-Identifier: MIT
// Machines with cypress-cloud: who gets which spec, and what counts of what they report.
#include "tests/runs_server/server_fixture.hpp"

#include <set>

namespace runs_agent::runs_server {
namespace {

using namespace std::chrono_literals;

class Cypress : public ServerTest {
protected:
    HttpResponse send(const std::string& method, const std::string& target, const std::string& body,
                      int attempt = 0) {
        HttpRequest request;
        request.method = method;
        request.target = target;
        request.headers.add("Host", "runs.example:4000");
        request.headers.add("x-cypress-request-attempt", std::to_string(attempt));
        request.headers.add("x-cypress-version", "13.6.0");
        if (!run_.empty()) request.headers.add("x-cypress-run-id", run_);
        request.body = body;
        return tests::run(context_, server_.handle(std::move(request)));
    }

    HttpResponse join(const std::string& machine, const std::string& more = "",
                      const std::string& build = "b1") {
        auto answer = send("POST", "/runs",
                           R"({"recordKey":"foo","projectId":"p1","ciBuildId":")" + build +
                               R"(","providedMachineId":")" + machine +
                               R"(","specs":["a","b","c"])" + more + "}");
        if (answer.status == 200) run_ = json(answer)["runId"].GetString();
        return answer;
    }

    HttpResponse ask_next(const std::string& machine, int attempt = 0) {
        return send("POST", "/runs/" + run_ + "/instances",
                    R"({"groupId":"default","machineId":")" + machine + R"("})", attempt);
    }

    struct Given {
        std::string spec;  // empty: there is none
        std::string instance;
        bool operator==(const Given&) const = default;
    };
    Given next(const std::string& machine, int attempt = 0) {
        const auto response = ask_next(machine, attempt);
        EXPECT_EQ(response.status, 200) << response.body;
        const auto answer = json(response);
        if (answer["spec"].IsNull()) return {};
        return {answer["spec"].GetString(), answer["instanceId"].GetString()};
    }

    HttpResponse report(const std::string& instance, const std::string& state = "passed",
                        int milliseconds = 1000, const std::string& more = "") {
        const std::string at = "/instances/" + instance;
        const auto told =
            send("POST", at + "/tests", R"({"tests":[{"clientId":"r0","title":["t"]}]})");
        EXPECT_EQ(told.status, 200) << told.body;
        const bool passed = state == "passed";
        return send("POST", at + "/results",
                    R"({"stats":{"tests":1,"passes":)" + std::to_string(passed ? 1 : 0) +
                        R"(,"failures":)" + std::to_string(passed ? 0 : 1) +
                        R"(,"wallClockDuration":)" + std::to_string(milliseconds) +
                        R"(},"tests":[{"clientId":"r0","state":")" + state +
                        R"(","attempts":[{"state":")" + state + R"("}]}])" + more + "}");
    }

    int passes() {
        const auto answer = json(ask("GET", "/v1/runs/" + run_));
        return answer["data"]["groups"][0]["tests"]["passes"].GetInt();
    }

    std::string run_;
};

TEST_F(Cypress, EachSpecIsOneMachines) {
    EXPECT_EQ(json(join("m1"))["machineId"], "m1");
    join("m2");
    const Given a = next("m1");
    const Given b = next("m2");
    EXPECT_EQ(a.spec, "a");
    EXPECT_EQ(b.spec, "b");
    EXPECT_EQ(report(a.instance).status, 200);
    const Given c = next("m1");
    EXPECT_EQ(c.spec, "c");
    EXPECT_EQ(next("m2"), Given());
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    report(b.instance);
    report(c.instance);
    EXPECT_EQ(state(run_), "COMPLETE");
    EXPECT_EQ(passes(), 3);
    // Who comes late has nothing to do, and is told why.
    const auto late = json(join("m3"));
    EXPECT_EQ(late["warnings"].Size(), 1U);
    EXPECT_EQ(next("m3"), Given());
}

TEST_F(Cypress, NoMachineIsGivenWhatItCannotRun) {
    join("m1");
    send("POST", "/runs",
         R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b1","providedMachineId":"m2",
        "specs":["b","d"]})");
    EXPECT_EQ(next("m2").spec, "b");
    EXPECT_EQ(next("m2").spec, "d");
    EXPECT_EQ(next("m2"), Given());
    EXPECT_EQ(next("m1").spec, "a");
    EXPECT_EQ(next("m1").spec, "c");
    EXPECT_EQ(next("m1"), Given());
}

TEST_F(Cypress, BatchesAreAsLargeAsAsked) {
    join("m1");
    const std::string body = R"({"groupId":"default","machineId":"m1","batchSize":2})";
    const auto first = json(send("POST", "/runs/" + run_ + "/cy/instances", body));
    ASSERT_EQ(first["specs"].Size(), 2U);
    EXPECT_EQ(first["claimedInstances"].GetInt(), 2);
    EXPECT_EQ(first["totalInstances"].GetInt(), 3);
    const auto reported = send(
        "POST",
        std::string("/instances/") + first["specs"][1]["instanceId"].GetString() + "/cy/results",
        R"({"tests":{"tests":[{"clientId":"r0","title":["t"]}]},"results":{"stats":{"tests":1,
        "passes":1},"tests":[{"clientId":"r0","state":"passed","attempts":[]}]}})");
    EXPECT_EQ(reported.status, 200) << reported.body;
    EXPECT_EQ(passes(), 1);
    // The answer to the first was lost; nothing is under way of the other spec alone.
    const auto again = json(send("POST", "/runs/" + run_ + "/cy/instances", body, 1));
    ASSERT_EQ(again["specs"].Size(), 1U);
    EXPECT_EQ(again["specs"][0], first["specs"][0]);
    EXPECT_EQ(json(send("POST", "/runs/" + run_ + "/cy/instances", body))["specs"].Size(), 1U);
    EXPECT_EQ(json(send("POST", "/runs/" + run_ + "/cy/instances", body))["specs"].Size(), 0U);
}

TEST_F(Cypress, TheLongestIsFirst) {
    join("m1", "", "b0");
    for (const int seconds : {1, 5, 3}) report(next("m1").instance, "passed", seconds * 1000);
    run_.clear();
    join("m1");
    EXPECT_EQ(next("m1").spec, "b");
    EXPECT_EQ(next("m1").spec, "c");
    EXPECT_EQ(next("m1").spec, "a");
}

TEST_F(Cypress, ALostAnswerComesAgain) {
    join("m1");
    join("m2");
    const Given a = next("m1");
    EXPECT_EQ(next("m1", 1), a);
    EXPECT_EQ(next("m1", 2), a);
    EXPECT_EQ(next("m2", 1).spec, "b");  // its first try has never come
    report(a.instance);
    EXPECT_EQ(next("m1", 1).spec, "c");
}

TEST_F(Cypress, WhatWasRunIsNotGivenAgain) {
    join("m1");
    next("m1");
    // The results of what was given this long ago are under way: it is the first try that was lost.
    clock_.advance(61s);
    EXPECT_EQ(next("m1", 1).spec, "b");
    clock_.advance(99s);
    EXPECT_EQ(next("m1", 2).spec, "b");
}

TEST_F(Cypress, WhatComesOfALostClaimCountsNowhere) {
    join("m1");
    const Given a = next("m1");
    const auto reset = ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":["m1"]})");
    EXPECT_EQ(json(reset)["data"]["resetSpecs"].GetInt(), 1);
    const auto late = report(a.instance, "failed");
    EXPECT_EQ(late.status, 200) << late.body;
    EXPECT_TRUE(json(late)["videoUploadUrl"].IsNull());
    EXPECT_EQ(json(ask("GET", "/v1/runs/" + run_))["data"]["status"], "RUNNING");
    join("m2");
    const Given again = next("m2");
    EXPECT_EQ(again.spec, "a");
    EXPECT_NE(again.instance, a.instance);
    report(a.instance, "failed");
    send("PUT", "/instances/" + a.instance + "/stdout", R"({"stdout":"late"})");
    EXPECT_EQ(passes(), 0);
    report(again.instance);
    EXPECT_EQ(passes(), 1);
    // The same machine may be given it again, and then its first claim is lost as well.
    const Given b = next("m2");
    ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":["m2"]})");
    const Given b_again = next("m2");
    EXPECT_EQ(b_again.spec, b.spec);
    report(b.instance);
    EXPECT_EQ(passes(), 1);
    report(b_again.instance);
    EXPECT_EQ(passes(), 2);
}

TEST_F(Cypress, ResultsThatComeTwiceCountOnce) {
    join("m1");
    const Given a = next("m1");
    const std::string files =
        R"(,"video":true,"screenshots":[{"screenshotId":"s","testId":"r0","path":"p.png"}])";
    const auto first = json(report(a.instance, "failed", 1000, files));
    const auto second = json(report(a.instance, "failed", 1000, files));
    const auto path = [](const rapidjson::Value& url) {
        const std::string text = url.GetString();
        return text.substr(0, text.find('?'));
    };
    EXPECT_EQ(path(first["videoUploadUrl"]), path(second["videoUploadUrl"]));
    EXPECT_EQ(path(first["screenshotUploadUrls"][0]["uploadUrl"]),
              path(second["screenshotUploadUrls"][0]["uploadUrl"]));
    EXPECT_EQ(second["screenshotUploadUrls"][0]["screenshotId"], "s");
    const auto answer = json(ask("GET", "/v1/runs/" + run_));
    EXPECT_EQ(answer["data"]["groups"][0]["tests"]["failures"].GetInt(), 1);
}

TEST_F(Cypress, ACancelledRunEndsItsMachines) {
    join("m1");
    join("m2");
    const Given a = next("m1");
    ask("PUT", "/v1/runs/" + run_ + "/cancel");
    const auto none = ask_next("m2");
    EXPECT_EQ(none.status, 422);
    EXPECT_EQ(json(none)["code"], "RUN_CANCELLED");
    EXPECT_TRUE(json(none)["message"].IsString());
    EXPECT_EQ(json(none)["errors"].Size(), 0U);
    // Its results are taken yet, and their answer tells it.
    EXPECT_EQ(next("m1"), Given());
    const auto reported = json(report(a.instance));
    EXPECT_TRUE(reported["cloud"]["shouldCancel"].IsString());
    EXPECT_EQ(passes(), 1);
    EXPECT_EQ(ask_next("m1").status, 422);
    EXPECT_EQ(join("m3").status, 422);
    EXPECT_EQ(state(run_), "CANCELED");
}

TEST_F(Cypress, AsManyFailuresAsAreAllowedCancel) {
    join("m1", R"(,"autoCancelAfterFailures":2)");
    const auto first = json(report(next("m1").instance, "failed"));
    EXPECT_TRUE(first["cloud"]["shouldCancel"].IsFalse());
    const auto second = json(report(next("m1").instance, "failed"));
    EXPECT_TRUE(second["cloud"]["shouldCancel"].IsString());
    EXPECT_EQ(state(run_), "CANCELED");
}

TEST_F(Cypress, ATimedOutRunTakesFailuresAlone) {
    join("m1");
    const Given a = next("m1");
    const Given b = next("m1");
    clock_.advance(31min);
    const auto refused = report(a.instance);
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(json(refused)["code"], "RUN_EXPIRED");
    EXPECT_EQ(report(b.instance, "failed").status, 200);
    EXPECT_EQ(ask_next("m1").status, 422);
    EXPECT_EQ(state(run_), "TIMEOUT");
}

TEST_F(Cypress, FilesCanBeReadAgain) {
    join("m1");
    const Given a = next("m1");
    const auto answer = json(report(a.instance, "failed", 1000, R"(,"video":true)"));
    const std::string url = answer["videoUploadUrl"].GetString();
    HttpRequest upload;
    upload.method = "PUT";
    upload.target = url.substr(url.find("/v1/"));
    upload.headers.add("Content-Type", "video/mp4");
    upload.body = "a film";
    EXPECT_EQ(tests::run(context_, server_.handle(std::move(upload))).status, 200);
    EXPECT_EQ(
        send("PUT", "/instances/" + a.instance + "/stdout", R"({"stdout":"so it is"})").status,
        200);
    // Who has claimed it knows the instance by its claim.
    const auto instance = json(ask("GET", "/v1/instances/" + a.instance));
    ASSERT_EQ(instance["data"]["results"]["artifacts"].Size(), 2U);
    EXPECT_TRUE(instance["data"]["results"]["videoUrl"].IsString());
    EXPECT_EQ(instance["data"]["results"]["artifacts"][1]["type"], "stdout");
    EXPECT_EQ(instance["data"]["results"]["artifacts"][1]["size"].GetInt(), 8);
}

TEST_F(Cypress, WhoWasToldNoIdGetsNothing) {
    join("m1");
    const Given a = next("m1");
    const std::string results = R"({"stats":{"failures":1}})";
    EXPECT_EQ(send("POST", "/instances/" + std::string(32, '0') + "/results", results).status, 401);
    const std::string mine = std::exchange(run_, std::string(16, '0'));
    EXPECT_EQ(send("POST", "/instances/" + a.instance + "/results", results).status, 401);
    EXPECT_EQ(ask_next("m1").status, 401);
    run_ = "";
    EXPECT_EQ(send("POST", "/instances/" + a.instance + "/results", results).status, 401);
    EXPECT_EQ(send("POST", "/runs/" + mine + "/instances", "{}").status, 401);
    run_ = mine;
    EXPECT_EQ(ask_next("stranger").status, 404);
    EXPECT_EQ(json(ask("GET", "/v1/runs/" + run_))["data"]["status"], "RUNNING");
    // Nor do ids of other reporters' runs and instances open anything.
    const std::string other = announce();
    const auto spec =
        json(ask("GET", "/v1/runs/" + other))["data"]["specs"][0]["instanceId"].GetString();
    run_ = other;
    EXPECT_EQ(other == mine, true);  // the same build: cypress-cloud's, too
    EXPECT_EQ(send("POST", std::string("/instances/") + spec + "/results", results).status, 401);
}

TEST_F(Cypress, ABodyWithoutIdsIsNotWaitedFor) {
    HttpRequest head;
    head.method = "POST";
    head.target = "/instances/x/results";
    EXPECT_FALSE(RunsServer::wants_body(head));
    head.headers.add("x-cypress-run-id", "r1");
    EXPECT_TRUE(RunsServer::wants_body(head));
    head.target = "/runs/r2/instances";
    EXPECT_FALSE(RunsServer::wants_body(head));
    head.target = "/runs/r1/instances";
    EXPECT_TRUE(RunsServer::wants_body(head));
}

TEST_F(Cypress, WhatItsUserMustKnowIsSaidWith422) {
    const auto refusal = [this](const std::string& members) {
        return send("POST", "/runs", R"({"recordKey":"foo","specs":["a"],)" + members + "}");
    };
    EXPECT_EQ(json(refusal(R"("projectId":"none","ciBuildId":"b")"))["code"], "PROJECT_NOT_FOUND");
    const auto unnamed = refusal(R"("projectId":"p1")");
    EXPECT_EQ(unnamed.status, 422);
    EXPECT_EQ(json(unnamed)["code"], "BUILD_ID_MISSING");
    EXPECT_EQ(send("POST", "/runs", R"({"recordKey":"bar","projectId":"p1"})").status, 401);
}

TEST_F(Cypress, PlaywrightsMachinesAreGivenNoneOfItsSpecs) {
    join("m1");
    HttpRequest request;
    request.method = "POST";
    request.target = "/orchestration-v1";
    request.headers.add("x-currents-key", "foo");
    request.body = R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b1","machineId":"m1",
        "suite":[{"name":"default","tests":[{"spec":"p","testId":"t1"}]}]})";
    const auto joined = json(tests::run(context_, server_.handle(HttpRequest(request))));
    request.target = std::string("/orchestration-v1/") + joined["id"].GetString() + "/task";
    request.body = "{}";
    std::set<std::string> given;
    for (int asked = 0; asked < 5; ++asked) {
        const auto task = json(tests::run(context_, server_.handle(HttpRequest(request))));
        if (task["batch"].IsObject()) given.insert(task["batch"]["tasks"][0]["spec"].GetString());
    }
    EXPECT_EQ(given, std::set<std::string>{"p"});
    // Nor the other way round.
    for (const char* const spec : {"a", "b", "c", ""}) EXPECT_EQ(next("m1").spec, spec);
}

}  // namespace
}  // namespace runs_agent::runs_server
