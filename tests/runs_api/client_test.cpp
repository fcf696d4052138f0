// SPDX-License-Identifier: MIT
#include "runs_api/client.hpp"

#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace runs_agent::runs_api {
namespace {

using namespace std::chrono_literals;
using tests::answer;

class RunsApiClientTest : public testing::Test {
protected:
    Answer get(net::HttpResponse response) {
        response_ = std::move(response);
        Result<Answer> made = get();
        if (made.has_error()) throw std::runtime_error(made.error().message);
        return std::move(*made);
    }
    Result<Answer> get() { return tests::run(client_.get_run("r1")); }

    Result<net::HttpResponse> response_ = answer(200, R"({"status":"OK","data":{"runId":"r1"}})");
    Result<std::string> key_ = std::string("the-key");
    tests::ScriptedTransport transport_{[this](const net::HttpRequest&) { return response_; }};
    tests::ManualClock clock_;
    RunsApiClient client_{transport_, clock_, "https://api.example.dev/v1/",
                          [this] { return key_; }};
};

TEST_F(RunsApiClientTest, EveryOperationAsksWhatTheContractSays) {
    FindRun find;
    find.project_id = "p1";
    CancelGithubCi cancel;
    cancel.github_run_id = "77";
    ResetRun reset;
    reset.machine_ids = {"m"};
    ListRuns list;
    list.project_id = "p1";
    std::ignore = tests::run(client_.get_run("a/b"));
    std::ignore = tests::run(client_.find_run(find));
    std::ignore = tests::run(client_.cancel_run("r1"));
    std::ignore = tests::run(client_.cancel_github_ci(cancel));
    std::ignore = tests::run(client_.reset_run("r1", reset));
    std::ignore = tests::run(client_.delete_run("r1"));
    std::ignore = tests::run(client_.list_runs(list));
    std::ignore = tests::run(client_.list_projects({}));
    std::ignore = tests::run(client_.get_instance("i/1"));
    const std::pair<const char*, const char*> expected[] = {
        {"GET /v1/runs/a%2Fb", ""},
        {"GET /v1/runs/find?projectId=p1", ""},
        {"PUT /v1/runs/r1/cancel", ""},
        {"PUT /v1/runs/cancel-ci/github", R"({"githubRunId":"77","githubRunAttempt":1})"},
        {"PUT /v1/runs/r1/reset", R"({"machineId":["m"]})"},
        {"DELETE /v1/runs/r1", ""},
        {"GET /v1/projects/p1/runs?limit=10", ""},
        {"GET /v1/projects", ""},
        {"GET /v1/instances/i%2F1", ""},
    };
    ASSERT_EQ(transport_.requests.size(), std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        EXPECT_EQ(transport_.asked(i), expected[i].first);
        EXPECT_EQ(transport_.requests[i].body, expected[i].second);
        EXPECT_EQ(transport_.requests[i].headers.find("Authorization"), "Bearer the-key");
        EXPECT_EQ(transport_.requests[i].headers.has("Content-Type"),
                  !transport_.requests[i].body.empty());
        EXPECT_EQ(transport_.requests[i].target.find("the-key"), std::string::npos);
    }
    EXPECT_EQ(transport_.requests[0].target, "https://api.example.dev/v1/runs/a%2Fb");
}

TEST_F(RunsApiClientTest, AnAnswerHoldsTheData) {
    const Answer good = get(answer(200, R"({"status":"OK","data":{"runId":"r9"}})"));
    EXPECT_TRUE(good.ok());
    ASSERT_TRUE(good.data.has_value());
    EXPECT_EQ(good.data->text("runId"), "r9");
    EXPECT_EQ(good.error, "");
    EXPECT_FALSE(get(answer(204)).data.has_value());
}

TEST_F(RunsApiClientTest, AFailureHoldsTheServicesWords) {
    const Answer bad = get(answer(404, R"({"status":"FAILED","error":"Run not found"})"));
    EXPECT_EQ(bad.status, 404);
    EXPECT_FALSE(bad.ok());
    EXPECT_FALSE(bad.data.has_value());
    EXPECT_EQ(bad.error, "Run not found");
    EXPECT_EQ(get(answer(401, R"({"error":"no key the-key"})")).error, "no key [secret]");
    EXPECT_NE(get(answer(301)).error.find("redirect"), std::string::npos);
}

TEST_F(RunsApiClientTest, AGoodStatusWithAPageForPeopleIsAnError) {
    response_ = answer(200, "<html>please log in</html>");
    const auto made = get();
    ASSERT_TRUE(made.has_error());
    EXPECT_EQ(made.error().code, Errc::network);
}

TEST_F(RunsApiClientTest, ANetworkErrorIsPassedOn) {
    response_ = fail(Errc::timeout, "too slow");
    const auto made = get();
    ASSERT_TRUE(made.has_error());
    EXPECT_EQ(made.error().code, Errc::timeout);
    EXPECT_EQ(made.error().message, "too slow");
}

TEST_F(RunsApiClientTest, ABrokenRuleIsNotSent) {
    EXPECT_EQ(tests::run(client_.get_run("")).error().code, Errc::bad_input);
    EXPECT_EQ(tests::run(client_.reset_run("r", {})).error().code, Errc::bad_input);
    EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(RunsApiClientTest, TheKeyIsAskedForEachTimeAndCheckedAndNeverShown) {
    for (const std::string bad :
         {"", "sec ret", "secret\r\nX-Evil: 1", "secret\x7f", "secr\xc3\xa9t"}) {
        key_ = bad;
        const auto made = get();
        ASSERT_TRUE(made.has_error());
        EXPECT_EQ(made.error().code, Errc::refused);
        EXPECT_NE(made.error().message.find("CURRENTS_API_KEY"), std::string::npos);
        EXPECT_EQ(made.error().message.find("sec"), std::string::npos);
    }
    key_ = fail(Errc::bad_input, "CURRENTS_API_KEY is not set");
    EXPECT_EQ(get().error().code, Errc::refused);
    EXPECT_TRUE(transport_.requests.empty());
    key_ = std::string("mended");
    EXPECT_TRUE(get().has_value());
    EXPECT_EQ(transport_.requests.at(0).headers.find("Authorization"), "Bearer mended");
}

TEST_F(RunsApiClientTest, ReadsRetryAfter) {
    const Time now = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)) + 10h;
    clock_.advance(now - clock_.now());
    struct Case {
        const char* value;
        std::optional<std::chrono::milliseconds> expected;
    };
    const Case cases[] = {
        {"120", 120s},
        {"Mon, 23 Nov 2026 10:01:30 GMT", 90s},
        {"soon", std::nullopt},
    };
    for (const Case& each : cases) {
        auto response = answer(503);
        response.headers.add("retry-after", each.value);
        EXPECT_EQ(get(std::move(response)).retry_after, each.expected) << each.value;
    }
    EXPECT_FALSE(get(answer(503)).retry_after.has_value());
}

}  // namespace
}  // namespace runs_agent::runs_api
