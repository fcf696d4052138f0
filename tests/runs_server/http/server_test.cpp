// SPDX-License-Identifier: MIT
// What depends on the time; the rest is asked over HTTP by tests/clients.
#include "tests/runs_server/server_fixture.hpp"

#include <tuple>

namespace runs_agent::runs_server {
namespace {

using namespace std::chrono_literals;

TEST_F(ServerTest, ARunWithoutReportsTimesOutAfterHalfAnHour) {
    const std::string run = announce();
    clock_.advance(29min);
    EXPECT_EQ(record(results("a")).status, 200);
    clock_.advance(30min);
    EXPECT_EQ(state(run), "IN_PROGRESS");
    clock_.advance(1ms);
    EXPECT_EQ(state(run), "TIMEOUT");
    const auto shown = json(ask("GET", "/v1/runs/" + run));
    EXPECT_TRUE(shown["data"]["timeout"]["isTimeout"].GetBool());
    EXPECT_EQ(shown["data"]["timeout"]["timeoutValueMs"].GetInt64(), 1'800'000);
    EXPECT_EQ(shown["data"]["durationMs"].GetInt64(), 59 * 60'000);
    const auto listed = json(ask("GET", "/v1/projects/p1/runs?completion_state=TIMEOUT"));
    EXPECT_EQ(listed["data"].Size(), 1U);
}

TEST_F(ServerTest, ATimedOutRunTakesNothingNewUntilItIsReset) {
    const std::string run = announce();
    record(R"("group":"g","instances":[{"groupId":"g","spec":"b"}])");
    clock_.advance(31min);
    const HttpResponse refused = record(results("a"));
    EXPECT_EQ(refused.status, 422);
    EXPECT_NE(refused.body.find("timed out"), std::string::npos);
    EXPECT_EQ(record(R"("group":"other","instances":[{"spec":"c","results":{"stats":{}}}])").status,
              422);
    EXPECT_EQ(state(run), "TIMEOUT");
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run + "/reset", R"({"machineId":["m1"]})").status, 200);
    EXPECT_EQ(state(run), "IN_PROGRESS");
    EXPECT_EQ(record(results("a")).status, 200);
    EXPECT_EQ(record(results("b")).status, 200);
    EXPECT_EQ(state(run), "COMPLETE");
}

TEST_F(ServerTest, ATimedOutRunTakesFailuresAndItsAdviceHelps) {
    const std::string run = announce();
    clock_.advance(31min);
    std::string failed = results("a");
    failed.replace(failed.find(R"("passes":1)"), 10, R"("failures":1)");
    EXPECT_EQ(record(failed).status, 200);
    EXPECT_EQ(state(run), "TIMEOUT");
    EXPECT_STREQ(json(ask("GET", "/v1/runs/" + run))["data"]["status"].GetString(), "FAILED");
    EXPECT_EQ(record(results("b")).status, 422);
    EXPECT_EQ(ask("PUT", "/v1/runs/" + run + "/reset", R"({"machineId":["none"]})").status, 200);
    EXPECT_EQ(record(results("b")).status, 200);
    EXPECT_EQ(state(run), "COMPLETE");
}

TEST_F(ServerTest, EachProjectHasItsOwnInactivity) {
    const std::string run = announce();
    std::ignore = tests::run(context_, worker_.write([](sqlite::Database& database) -> Result<int> {
        change_project(database, "p1", {{}, 3min, {}});
        return 0;
    }));
    // A run keeps what held when it was made: the past does not change.
    clock_.advance(3min + 1ms);
    EXPECT_EQ(state(run), "IN_PROGRESS");
    const auto answer = record(R"("ciBuildId":"b2")");
    const std::string next = json(answer)["runId"].GetString();
    clock_.advance(3min + 1ms);
    EXPECT_EQ(state(next), "TIMEOUT");
}

TEST_F(ServerTest, AResetRevivesATimedOutRunWhoseSpecsNobodyHasBegun) {
    const std::string run = announce();
    clock_.advance(31min);
    EXPECT_EQ(record(results("a")).status, 422);
    const auto answer =
        json(ask("PUT", "/v1/runs/" + run + "/reset", R"({"machineId":["nobody"]})"));
    EXPECT_EQ(answer["data"]["resetSpecs"].GetInt64(), 0);
    EXPECT_EQ(state(run), "IN_PROGRESS");
    EXPECT_EQ(record(results("a")).status, 200);
    EXPECT_EQ(record(results("b")).status, 200);
    EXPECT_EQ(state(run), "COMPLETE");
}

TEST_F(ServerTest, ABatchWithoutAMachineIsTheSameWhenItComesAgain) {
    const std::string body =
        R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b9",)" + results("a") + "}";
    const auto first = json(ask("POST", "/v1/runs", body));
    EXPECT_EQ(state(first["runId"].GetString()), "COMPLETE");
    const auto again = ask("POST", "/v1/runs", body);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(json(again)["warnings"].Size(), 0U);
    EXPECT_STREQ(json(again)["machineId"].GetString(), first["machineId"].GetString());
    const std::string other = R"({"recordKey":"foo","projectId":"p1","ciBuildId":"b8"})";
    EXPECT_STRNE(json(ask("POST", "/v1/runs", other))["machineId"].GetString(),
                 first["machineId"].GetString());
}

TEST_F(ServerTest, IdentityIsNoEncoding) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/runs";
    request.headers.add("Content-Encoding", "Identity");
    request.body = R"({"recordKey":"foo","projectId":"p1"})";
    EXPECT_EQ(tests::run(context_, server_.handle(request)).status, 200);
    request.target = "/v1/runs/none/reset";
    request.method = "PUT";
    request.headers.add("Authorization", "Bearer process");
    request.body = R"({"machineId":["m"]})";
    EXPECT_EQ(tests::run(context_, server_.handle(request)).status, 404);
}

TEST_F(ServerTest, UrlsNameTheServerAsItsClientDoes) {
    const auto answer = json(record(R"("fullTestSuite":[])"));
    const std::string url = answer["runUrl"].GetString();
    EXPECT_EQ(url, std::string("http://runs.example:4000/v1/runs/") + answer["runId"].GetString());
}

TEST_F(ServerTest, AnUploadUrlIsGoodForTwoHours) {
    announce();
    const std::string spec =
        R"("group":"g","instances":[{"groupId":"g","spec":"a","artifacts":[{"path":"x"}],)"
        R"("results":{"stats":{"tests":1,"passes":1}}}])";
    const auto answer = json(record(spec));
    const std::string url = answer["artifactUploadUrls"][0]["uploadUrl"].GetString();
    const std::string target = url.substr(url.find("/v1/"));
    clock_.advance(2h - 1ms);
    EXPECT_EQ(ask("PUT", target, "x").status, 200);
    clock_.advance(1ms);
    EXPECT_EQ(ask("PUT", target, "x").status, 403);
}

TEST_F(ServerTest, AnyKeyButTheRightOneIsRefused) {
    HttpRequest request;
    request.method = "GET";
    request.target = "/v1/projects";
    for (const char* const header :
         {"", "Bearer ", "Bearer proces", "Bearer process2", "process"}) {
        HttpRequest other = request;
        other.headers.add("Authorization", header);
        EXPECT_EQ(tests::run(context_, server_.handle(other)).status, 401) << header;
    }
    request.headers.add("Authorization", "bearer process");
    EXPECT_EQ(tests::run(context_, server_.handle(request)).status, 200);
}

}  // namespace
}  // namespace runs_agent::runs_server
