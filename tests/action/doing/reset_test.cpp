// SPDX-License-Identifier: MIT
#include "agent/action/told/judge.hpp"
#include "tests/action/doing/recorded_run.hpp"
#include "tests/action/doing/step.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

using tests::answer;

constexpr const char* run = R"({"status":"OK","data":{"runId":"4f2a","status":"FAILED","specs":[
    {"machineId":"m1","claimedAt":"x","completedAt":"y","results":{"stats":{"failures":0}}},
    {"machineId":"m2","claimedAt":"x","completedAt":"y","results":{"stats":{"failures":1}}},
    {"machineId":"m3","claimedAt":"x","completedAt":null,"results":null},
    {"machineId":"m2","claimedAt":"x","completedAt":null,"results":null},
    {"machineId":null,"claimedAt":null,"completedAt":null,"results":null}]}})";
constexpr const char* done = R"({"status":"OK","data":{"runId":"4f2a"}})";

Request reset(std::vector<std::string> machines = {}) {
    Request request;
    request.command = Command::reset;
    request.api_key = "sk-4711";
    request.run_id = "4f2a";
    request.machine_ids = std::move(machines);
    return request;
}

bool looks_up(const net::HttpRequest& request) {
    return request.method == "GET";
}

TEST(Reset, TheMachinesThatNeedItAreFound) {
    Step step([](const auto& request) { return answer(200, looks_up(request) ? run : done); });
    const Outcome outcome = step.perform(reset());
    EXPECT_EQ(outcome.ending, Ending::reset);
    EXPECT_EQ(outcome.run_id, "4f2a");
    ASSERT_EQ(step.transport.requests.size(), 2U);
    EXPECT_EQ(step.transport.asked(0), "GET /v1/runs/4f2a");
    EXPECT_EQ(step.transport.asked(1), "PUT /v1/runs/4f2a/reset");
    EXPECT_EQ(step.transport.requests[1].body, R"({"machineId":["m2","m3"]})");
}

TEST(Reset, ARunIsFoundByItsBuildId) {
    Step step([](const auto& request) { return answer(200, looks_up(request) ? run : done); });
    Request request = reset({"m9"});
    request.run_id.clear();
    request.project_id = "p1";
    request.ci_build_id = "b";
    EXPECT_EQ(step.perform(request).ending, Ending::reset);
    EXPECT_EQ(step.transport.asked(0), "GET /v1/runs/find?projectId=p1&ciBuildId=b");
    EXPECT_EQ(step.transport.requests[1].body, R"({"machineId":["m9"]})");
}

/// A service whose find knows complete runs alone.
tests::ScriptedTransport::Script finds_only_in_list(std::string build_id) {
    return [build_id = std::move(build_id)](const net::HttpRequest& request) {
        if (request.target.find("/find?") != std::string::npos)
            return answer(404, R"({"error":"Run not found"})");
        if (request.target.find("/projects/") != std::string::npos)
            return answer(200, R"({"data":[{"runId":"1","meta":{"ciBuildId":"other"}},)"
                               R"({"runId":"4f2a","completionState":"IN_PROGRESS",)"
                               R"("meta":{"ciBuildId":")" +
                                   build_id + R"("}}]})");
        return answer(200, looks_up(request) ? run : done);
    };
}

Request reset_build(const std::string& build_id) {
    Request request = reset();
    request.run_id.clear();
    request.project_ids = {"p1"};
    request.project_id = "p1";
    request.ci_build_id = build_id;
    return request;
}

TEST(Reset, ARunInProgressIsFoundInItsProjectsList) {
    Step step(finds_only_in_list("b"));
    EXPECT_EQ(step.perform(reset_build("b")).ending, Ending::reset);
    ASSERT_EQ(step.transport.requests.size(), 4U);
    EXPECT_TRUE(step.transport.asked(1).starts_with("GET /v1/projects/p1/runs?"));
    EXPECT_NE(step.transport.asked(1).find("IN_PROGRESS"), std::string::npos);
    EXPECT_EQ(step.transport.asked(2), "GET /v1/runs/4f2a");
    EXPECT_EQ(step.transport.requests[3].body, R"({"machineId":["m2","m3"]})");
    EXPECT_EQ(step.perform(reset_build("c")).ending, Ending::nothing_to_reset);
}

TEST(Reset, ALookUpThatFailsIsNoAbsence) {
    Step refusing([](const auto&) { return answer(401, R"({"error":"Invalid API key"})"); });
    const Outcome refused = refusing.perform(reset_build("b"));
    EXPECT_EQ(refused.failure, Errc::refused);
    EXPECT_NE(refused.happened.find("CURRENTS_API_KEY"), std::string::npos) << refused.happened;
    Step down([](const auto&) -> Result<net::HttpResponse> {
        return fail(Errc::network, "connection refused");
    });
    EXPECT_EQ(down.perform(reset_build("b")).failure, Errc::network);
}

TEST(Reset, InEveryProjectThatIsNamed) {
    Step step(finds_only_in_list("b"));
    Request request = reset_build("b");
    request.project_ids = {"p1", "p2"};
    const Outcome outcome = step.perform(request);
    EXPECT_EQ(outcome.ending, Ending::reset);
    EXPECT_EQ(outcome.rows.size(), 2U);
    EXPECT_EQ(step.transport.requests.size(), 8U);
}

TEST(Reset, MachinesThatAreAtWorkAreLeftAlone) {
    constexpr const char* at_work = R"({"data":{"runId":"4f2a","specs":[
        {"machineId":"m1","claimedAt":"2026-11-23T10:00:01Z","completedAt":null,"results":null},
        {"machineId":"m2","claimedAt":"2026-11-23T09:00:00Z","completedAt":null,"results":null}]}})";
    Step step([&](const auto& request) { return answer(200, looks_up(request) ? at_work : done); });
    tests::QuietGitHub github;
    github.hold("in_progress", 2);
    github.run.value->json =
        R"({"id":1001,"run_attempt":2,"run_started_at":"2026-11-23T10:00:00Z",)"
        R"("repository":{"full_name":"octo/shop"}})";
    step.github = &github;
    Request request = reset();
    request.repository = "octo/shop";
    request.github_token = "t";
    request.github_run_id = 1001;
    request.attempt = {"1001", 2};
    step.perform(request);
    EXPECT_EQ(step.transport.requests.back().body, R"({"machineId":["m2"]})");

    // A token that may not see it is no reason to fail.
    github.run = {403, "Resource not accessible by integration", {}, {}};
    step.perform(request);
    EXPECT_EQ(step.transport.requests.back().body, R"({"machineId":["m1","m2"]})");
    ASSERT_FALSE(step.said.empty());
    EXPECT_NE(step.said.back().find("actions: read"), std::string::npos) << step.said.back();
    // Before a first attempt there was none.
    github.asked.clear();
    request.attempt.number = 1;
    step.perform(request);
    EXPECT_TRUE(github.asked.empty());
}

TEST(Reset, ACallTakesAtMost63Machines) {
    std::vector<std::string> machines;
    machines.reserve(130);
    for (int i = 0; i < 130; ++i) machines.push_back("m" + std::to_string(i));
    std::vector<std::ptrdiff_t> sizes;
    Step step([&](const net::HttpRequest& request) {
        sizes.push_back(std::count(request.body.begin(), request.body.end(), 'm') - 1);
        return answer(200, done);
    });
    EXPECT_EQ(step.perform(reset(machines)).ending, Ending::reset);
    EXPECT_EQ(sizes, (std::vector<std::ptrdiff_t>{63, 63, 4}));

    int asked = 0;
    Step broken([&](const auto&) { return ++asked == 1 ? answer(200, done) : answer(400); });
    const Outcome outcome = broken.perform(reset(machines));
    EXPECT_EQ(outcome.failure, Errc::refused);
    EXPECT_NE(outcome.happened.find("63 of 130 machines were reset"), std::string::npos);
}

TEST(Reset, NothingToDoIsASuccess) {
    Step none([](const auto&) { return answer(404, R"({"error":"Run not found"})"); });
    EXPECT_EQ(none.perform(reset()).ending, Ending::nothing_to_reset);
    EXPECT_EQ(none.perform(reset({"m1"})).ending, Ending::nothing_to_reset);
    Step whole([](const auto&) { return answer(200, R"({"data":)" + passed_run() + "}"); });
    const Outcome outcome = whole.perform(reset());
    EXPECT_EQ(outcome.ending, Ending::nothing_to_reset);
    EXPECT_EQ(outcome.status, "PASSED");
    EXPECT_EQ(whole.transport.requests.size(), 1U);
    // Nothing says that this one ran.
    Step empty([](const auto&) {
        return answer(200, R"({"data":{"runId":"4f2a","status":"PASSED","specs":[]}})");
    });
    EXPECT_EQ(empty.perform(reset()).status, "UNKNOWN");
}

TEST(Reset, ACancelledRunStaysSo) {
    Step step([](const auto&) { return answer(422, R"({"error":"Run is cancelled"})"); });
    const Outcome outcome = step.perform(reset({"m1"}));
    EXPECT_EQ(outcome.failure, Errc::refused);
    EXPECT_NE(outcome.happened.find("cannot be reset"), std::string::npos);

    // Where no machine is named, it is seen before it is asked for.
    Step seen([](const auto&) {
        return answer(200, R"({"data":{"runId":"4f2a","completionState":"CANCELED","specs":[
            {"machineId":"m3","claimedAt":"x","completedAt":null,"results":null}]}})");
    });
    const Outcome nothing = seen.perform(reset());
    EXPECT_EQ(nothing.ending, Ending::nothing_to_reset);
    EXPECT_EQ(nothing.level, Level::warning);
    EXPECT_EQ(nothing.status, "CANCELED");
    EXPECT_EQ(seen.transport.requests.size(), 1U);
}

}  // namespace
}  // namespace runs_agent::agent::action
