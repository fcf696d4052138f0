// SPDX-License-Identifier: MIT
#include "agent/action/doing/operations.hpp"

#include "agent/action/doing/record_key.hpp"
#include "tests/action/doing/step.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

using tests::answer;

constexpr const char* cancelled =
    R"({"status":"OK","data":{"runId":"4f2a","actor":"api:k","canceledAt":"x","reason":"apiRequest"}})";

Request cancel(CancelBy route) {
    Request request;
    request.cancel_by = route;
    request.api_key = "sk-4711";
    request.record_key = "rk-4711";
    request.attempt = {"10000000001", 2};
    request.project_id = "p1";
    if (route != CancelBy::github_run) request.run_id = "4f2a";
    return request;
}

/// The outcome where every request gets this answer.
Outcome cancel_answered(CancelBy route, int status, const std::string& body = "") {
    Step step([&](const auto&) { return answer(status, body); });
    return step.perform(cancel(route));
}

TEST(Cancel, ByRunId) {
    Step step([](const auto&) { return answer(200, cancelled); });
    const Outcome outcome = step.perform(cancel(CancelBy::run_id));
    EXPECT_EQ(outcome.ending, Ending::cancelled);
    EXPECT_EQ(outcome.run_id, "4f2a");
    EXPECT_EQ(outcome.status, "CANCELED");
    EXPECT_EQ(outcome.run_url, "http://api.test/v1/runs/4f2a");
    ASSERT_EQ(step.transport.requests.size(), 1U);
    EXPECT_EQ(step.transport.asked(0), "PUT /v1/runs/4f2a/cancel");
}

TEST(Cancel, ByGithubRun) {
    Step step([](const auto&) { return answer(200, cancelled); });
    Request request = cancel(CancelBy::github_run);
    request.ci_build_id = "b";
    EXPECT_EQ(step.perform(request).ending, Ending::cancelled);
    ASSERT_EQ(step.transport.requests.size(), 1U);
    EXPECT_EQ(step.transport.asked(0), "PUT /v1/runs/cancel-ci/github");
    EXPECT_EQ(
        step.transport.requests[0].body,
        R"({"githubRunId":"10000000001","githubRunAttempt":"2","projectId":"p1","ciBuildId":"b"})");
}

TEST(Cancel, TheAttemptIsSentAsANumberWhereTheServiceWantsIt) {
    for (const int status : {400, 422}) {
        Step step([&](const net::HttpRequest& request) {
            const bool number = request.body.find(R"("githubRunAttempt":2,)") != std::string::npos;
            return number ? answer(200, cancelled)
                          : answer(status, R"({"error":"must be a number"})");
        });
        EXPECT_EQ(step.perform(cancel(CancelBy::github_run)).ending, Ending::cancelled);
        EXPECT_EQ(step.transport.requests.size(), 2U);

        Step never([&](const auto&) { return answer(status, R"({"error":"no"})"); });
        EXPECT_EQ(never.perform(cancel(CancelBy::github_run)).failure, Errc::refused);
        EXPECT_EQ(never.transport.requests.size(), 2U);
    }
}

TEST(Cancel, ARunThatIsOverIsNotAskedForAgain) {
    for (const char* const body :
         {R"({"error":"Run is cancelled"})", R"({"error":"Run is complete"})", ""}) {
        Step step([&](const auto&) { return answer(422, body); });
        EXPECT_FALSE(step.perform(cancel(CancelBy::github_run)).failure.has_value());
        EXPECT_EQ(step.transport.requests.size(), 1U) << body;
    }
}

TEST(Cancel, InEveryProjectThatIsNamed) {
    Step step([](const net::HttpRequest& request) {
        const bool first = request.body.find(R"("projectId":"p1")") != std::string::npos;
        return first ? answer(404, R"({"error":"Run not found"})") : answer(200, cancelled);
    });
    Request request = cancel(CancelBy::github_run);
    request.project_id.clear();
    request.project_ids = {"p1", "p2"};
    const Outcome outcome = step.perform(request);
    EXPECT_EQ(outcome.ending, Ending::cancelled);
    EXPECT_EQ(outcome.run_id, "4f2a");
    EXPECT_EQ(outcome.rows.size(), 2U);
    EXPECT_EQ(step.transport.requests.size(), 2U);
    // A run id needs no project.
    request.cancel_by = CancelBy::run_id;
    request.run_id = "4f2a";
    step.perform(request);
    EXPECT_EQ(step.transport.requests.size(), 3U);
}

TEST(Cancel, WithARecordKeyNoApiKeyIsSent) {
    Step step([](const auto&) { return answer(200, cancelled); });
    Request request = cancel(CancelBy::record_key);
    EXPECT_EQ(step.perform(request).run_id, "4f2a");
    EXPECT_EQ(step.transport.requests[0].target, "http://director.test/v1/runs/cancel");
    EXPECT_EQ(step.transport.requests[0].method, "POST");
    EXPECT_FALSE(step.transport.requests[0].headers.has("Authorization"));
    EXPECT_EQ(step.transport.requests[0].body,
              R"({"recordKey":"rk-4711","projectId":"p1","runId":"4f2a"})");
    request.run_id.clear();
    request.ci_build_id = "b\"1";
    EXPECT_EQ(record_key_body(request),
              R"({"recordKey":"rk-4711","projectId":"p1","ciBuildId":"b\"1"})");
}

TEST(Cancel, NothingRecordedIsASuccess) {
    for (const CancelBy route : {CancelBy::run_id, CancelBy::github_run, CancelBy::record_key}) {
        const Outcome outcome = cancel_answered(route, 404, R"({"error":"Run not found"})");
        EXPECT_EQ(outcome.ending, Ending::nothing_to_cancel);
        EXPECT_EQ(outcome.level, Level::warning);
        EXPECT_FALSE(outcome.failure.has_value());
        EXPECT_EQ(outcome.run_url, "");
    }
    const char* const none = R"({"status":"OK","data":{"runId":null,"cancellation":null}})";
    EXPECT_EQ(cancel_answered(CancelBy::record_key, 200, none).ending, Ending::nothing_to_cancel);
}

TEST(Cancel, CancelledAlreadyIsASuccess) {
    for (const char* const text : {"Run is cancelled", "Run already cancelled"}) {
        const Outcome outcome =
            cancel_answered(CancelBy::run_id, 422, R"({"error":")" + std::string(text) + "\"}");
        EXPECT_EQ(outcome.ending, Ending::already_cancelled);
        EXPECT_EQ(outcome.run_id, "4f2a");
        EXPECT_EQ(outcome.status, "CANCELED");
        EXPECT_FALSE(outcome.failure.has_value());
    }
    EXPECT_EQ(cancel_answered(CancelBy::run_id, 422, R"({"error":"Run is complete"})").ending,
              Ending::nothing_to_cancel);
    EXPECT_TRUE(
        cancel_answered(CancelBy::run_id, 422, R"({"error":"bad id"})").failure.has_value());
}

TEST(Cancel, ARefusalSaysHowToMendIt) {
    const Outcome unknown =
        cancel_answered(CancelBy::run_id, 401, R"({"error":"Invalid API key"})");
    EXPECT_EQ(unknown.failure, Errc::refused);
    EXPECT_EQ(unknown.level, Level::error);
    EXPECT_NE(unknown.happened.find("CURRENTS_API_KEY"), std::string::npos) << unknown.happened;
    const Outcome echo =
        cancel_answered(CancelBy::record_key, 401, R"({"error":"no key rk-4711"})");
    EXPECT_NE(echo.happened.find("CURRENTS_RECORD_KEY"), std::string::npos);
    EXPECT_EQ(echo.happened.find("rk-4711"), std::string::npos) << echo.happened;
    EXPECT_EQ(cancel_answered(CancelBy::record_key, 200, "{}").failure, Errc::network);
    EXPECT_TRUE(cancel_answered(CancelBy::record_key, 302).failure.has_value());
}

TEST(Cancel, IsTriedAgainWithEitherKey) {
    for (const CancelBy route : {CancelBy::run_id, CancelBy::github_run, CancelBy::record_key}) {
        int asked = 0;
        Step step([&](const auto&) {
            auto busy = answer(503, R"({"error":"busy"})");
            busy.headers.add("Retry-After", "2");
            return ++asked < 3 ? busy : answer(200, cancelled);
        });
        const Time began = step.clock.now();
        EXPECT_EQ(step.perform(cancel(route)).ending, Ending::cancelled);
        EXPECT_EQ(step.clock.now() - began, std::chrono::seconds(4));
        EXPECT_EQ(step.said.size(), 2U);
    }
}

}  // namespace
}  // namespace runs_agent::agent::action
