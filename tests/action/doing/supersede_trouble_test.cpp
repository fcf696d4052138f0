// SPDX-License-Identifier: MIT
// `command: supersede`: the workflows themselves, what goes wrong, and how much it does.
#include "tests/action/doing/supersede_fixture.hpp"
#include "tests/github/fake_github.hpp"
#include "tests/run_awaitable.hpp"

namespace runs_agent::agent::action {
namespace {

TEST_F(SupersedeTest, CancelsTheWorkflowsWhereAsked) {
    put(900, 5);
    put(901, 6, "cancelled");
    record(900);
    request_.cancel_workflow = true;
    const Outcome outcome = supersede();
    EXPECT_EQ(routes_.repositories["octo/shop"].runs[900].back().conclusion, "cancelled");
    EXPECT_EQ(outcome.rows[1].happened, "cancelled run r900; GitHub cancels workflow run 900");
    EXPECT_EQ(outcome.run_id, "r900");
    int cancels = 0;
    for (const std::string& line : asked()) cancels += line.starts_with("POST") ? 1 : 0;
    EXPECT_EQ(cancels, 1);  // what has ended is not asked for
}

TEST_F(SupersedeTest, GitHubsConflictIsNoFailure) {
    put(900, 5);
    record(900);
    request_.cancel_workflow = true;
    tests::ScriptedTransport conflict([this](net::HttpRequest request) {
        if (request.method == "POST") return answer(409, R"({"message":"Cannot cancel"})");
        request.target = origin_form(request.target);
        return routes_.answer(request);
    });
    github::GitHubClient client(conflict, step_.clock, "http://github.test", credentials_);
    step_.github = &client;
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::cancelled);
    EXPECT_FALSE(outcome.failure.has_value());
}

TEST_F(SupersedeTest, ATokenThatMayNotCancelFailsTheStepButStopsNothing) {
    routes_.access.tokens["good"].actions = false;
    put(900, 5);
    put(901, 6);
    record(900);
    record(901);
    request_.cancel_workflow = true;
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.failure, Errc::refused);
    EXPECT_EQ(outcome.level, Level::error);
    EXPECT_EQ(cancelled_, (Names{"901/1", "900/1"}));
    EXPECT_NE(outcome.happened.find("actions: write"), std::string::npos) << outcome.happened;
    EXPECT_EQ(outcome.run_id, "r901,r900");
}

TEST_F(SupersedeTest, WhatGoesWrongWithOneOlderRunDoesNotStopTheOthers) {
    put(900, 5, "cancelled");
    put(901, 6, "cancelled");
    record(900);
    broken_ = {"901"};
    const Outcome outcome = supersede();
    EXPECT_EQ(outcome.ending, Ending::failed);
    EXPECT_EQ(outcome.failure, Errc::refused);
    EXPECT_EQ(outcome.run_id, "r900");
    EXPECT_NE(outcome.rows[0].happened.find("409 no such thing"), std::string::npos);
    EXPECT_EQ(outcome.rows[1].happened, "cancelled run r900");
}

TEST_F(SupersedeTest, SaysWhatGitHubsTokenLacks) {
    put(900, 5, "cancelled");
    routes_.access.tokens["good"].sees_actions = false;
    const Outcome forbidden = supersede();
    EXPECT_EQ(forbidden.failure, Errc::refused);
    EXPECT_NE(forbidden.happened.find("403"), std::string::npos);
    EXPECT_NE(forbidden.happened.find("actions: read"), std::string::npos) << forbidden.happened;
    routes_.access.tokens["good"] = {};
    routes_.access.tokens["good"].repositories = {"octo/other"};
    EXPECT_NE(supersede().happened.find("actions: read"), std::string::npos);
    routes_.access.tokens.clear();
    EXPECT_NE(supersede().happened.find("check github-token"), std::string::npos);
    EXPECT_TRUE(step_.transport.requests.empty());
}

TEST_F(SupersedeTest, AsksAProjectEach) {
    put(900, 5, "cancelled");
    record(900);
    request_.project_ids = {"p1", "p2"};
    request_.project_id.clear();
    const Outcome outcome = supersede();
    EXPECT_EQ(cancelled_, (Names{"900/1", "900/1"}));
    EXPECT_NE(outcome.happened.find("project p2: cancelled run r900"), std::string::npos);
    EXPECT_EQ(outcome.run_id, "r900");
}

TEST_F(SupersedeTest, ReadsThreePagesAndCancelsFiftyRunsAtMost) {
    put(100'000, 5'000);
    request_.attempt = {"100000", 1};
    request_.github_run_id = 100'000;
    for (std::int64_t i = 1; i <= 400; ++i) {
        FakeRun& run = put(2'000 + i, i, "cancelled");
        run.created_at = step_.clock.now() + std::chrono::minutes(4'000) + std::chrono::seconds(i);
        recorded_.insert(std::to_string(run.id));
    }
    const Outcome outcome = supersede();
    EXPECT_EQ(asked().size(), 5U);
    EXPECT_EQ(cancelled_.size(), 50U);
    EXPECT_EQ(cancelled_.front(), "2400/1");
    EXPECT_NE(outcome.happened.find("at least 249 older runs were not looked at"),
              std::string::npos);
}

TEST_F(SupersedeTest, SaysWhatItDidNotLookAt) {
    request_.attempt = {"100000", 1};
    request_.github_run_id = 100'000;
    struct Case {
        std::int64_t runs;
        std::int64_t cancelled;  // of them, the newest; the others ended well
        const char* says;        // empty: that there was nothing that it did not look at
    };
    const Case cases[] = {
        {299, 0, ""},
        {301, 0, ", among the newest 300, which alone were looked at"},
        {301, 1, "; runs older than the newest 300 were not looked at"},
        {60, 60, "; 10 older runs were not looked at"},
        {60, 50, ""},
    };
    for (const Case& each : cases) {
        routes_.repositories["octo/shop"].runs.clear();
        put(100'000, 5'000);
        for (std::int64_t i = 1; i <= each.runs; ++i) {
            const bool cancelled = i > each.runs - each.cancelled;
            FakeRun& run = put(2'000 + i, i, cancelled ? "cancelled" : "success");
            run.created_at =
                step_.clock.now() + std::chrono::minutes(4'000) + std::chrono::seconds(i);
            recorded_.insert(std::to_string(run.id));
        }
        const std::string happened = supersede().happened;
        EXPECT_TRUE(happened.ends_with(each.says)) << happened;
        EXPECT_EQ(happened.find("looked at") == std::string::npos, std::string(each.says).empty())
            << happened;
    }
}

TEST_F(SupersedeTest, ASlowServiceIsAskedForSeveralRunsAtOnce) {
    routes_.repositories["octo/shop"].runs.clear();
    put(100'000, 100);
    request_.attempt = {"100000", 1};
    request_.github_run_id = 100'000;
    for (std::int64_t i = 1; i <= 50; ++i) {
        put(2'000 + i, i, "cancelled");
        recorded_.insert(std::to_string(2'000 + i));
    }
    int at_once = 0;
    int max_at_once = 0;
    step_.transport.delay = [&]() -> boost::asio::awaitable<void> {
        max_at_once = std::max(max_at_once, ++at_once);
        co_await step_.clock.sleep_until(step_.clock.now() + 1s);
        --at_once;
    };
    const Time began = step_.clock.now();
    const Outcome outcome = supersede();
    EXPECT_FALSE(outcome.failure.has_value()) << outcome.happened;
    EXPECT_EQ(cancelled_.size(), 50U);
    EXPECT_EQ(max_at_once, 4);
    EXPECT_EQ(step_.clock.now() - began, 13s);
    EXPECT_EQ(outcome.rows.front().happened, "cancelled run r2050");
    EXPECT_EQ(outcome.rows.back().happened, "cancelled run r2001");
}

TEST_F(SupersedeTest, TriesAgainWithinTheStepsTime) {
    put(900, 5, "cancelled");
    record(900);
    int asked = 0;
    tests::ScriptedTransport shaky([&](net::HttpRequest request) {
        if (++asked == 1) return answer(502, R"({"message":"Server Error"})");
        if (asked == 2) {
            auto limited = answer(403, R"({"message":"You have exceeded a secondary rate limit"})");
            limited.headers.add("Retry-After", "2");
            return limited;
        }
        request.target = origin_form(request.target);
        return routes_.answer(request);
    });
    github::GitHubClient client(shaky, step_.clock, "http://github.test", credentials_);
    step_.github = &client;
    EXPECT_EQ(supersede().run_id, "r900");

    tests::ScriptedTransport down([](const auto&) { return answer(503, R"({"message":"down"})"); });
    github::GitHubClient broken(down, step_.clock, "http://github.test", credentials_);
    step_.github = &broken;
    const Time began = step_.clock.now();
    EXPECT_TRUE(supersede().failure.has_value());
    EXPECT_LE(step_.clock.now() - began, 25s);
}

TEST_F(SupersedeTest, AServiceThatIsDownEndsTheStepInTime) {
    for (std::int64_t i = 1; i <= 6; ++i) put(900 + i, i, "cancelled");
    Step down([](const auto&) { return answer(503, R"({"error":"down"})"); });
    down.clock = step_.clock;
    github::GitHubClient client(github_http_, down.clock, "http://github.test", credentials_);
    down.github = &client;
    const Time began = down.clock.now();
    const Outcome outcome = down.perform(request_);
    EXPECT_TRUE(outcome.failure.has_value());
    EXPECT_EQ(outcome.rows.size(), 6U);
    EXPECT_LE(down.clock.now() - began, 25s);
}

TEST(Supersede, OverHttp) {
    boost::asio::io_context context;
    tests::ManualClock clock;
    tests::FakeGitHub fake(context, clock);
    fake.access().tokens["good"] = {};
    fake.add_repository("octo/shop");
    for (std::int64_t i = 1; i <= 3; ++i) {
        FakeRun run;
        run.id = 1'000 + i;
        run.number = i;
        run.branch = "fix/a&b #1";
        run.sha = "c0ffee" + std::to_string(i);
        fake.put_run("octo/shop", run);
        clock.advance(1min);
    }
    net::HttpClient http(context.get_executor(), net::ClientOptions{});
    github::TokenCredentials credentials([] { return Result<std::string>("good"); });
    github::GitHubClient github(http, clock, fake.api_url(), credentials);
    tests::ScriptedTransport service([](const net::HttpRequest& request) {
        if (request.method == "GET") return answer(404, R"({"error":"Run not found"})");
        return answer(200, R"({"data":{"runId":"4f2a"}})");
    });
    runs_api::RunsApiClient api(service, clock, "http://api.test/v1",
                                [] { return Result<std::string>("sk-4711"); });
    const auto say = [](const std::string&) {};
    Retrier retrier(clock, say);
    Request request;
    request.command = Command::supersede;
    request.api_url = "http://api.test/v1";
    request.repository = "octo/shop";
    request.project_ids = {"p1"};
    request.project_id = "p1";
    request.attempt = {"1003", 1};
    request.github_run_id = 1003;
    request.cancel_workflow = true;
    const Services services{api, github, service, clock, retrier, say};
    const Outcome outcome = tests::run(context, perform(request, services));
    EXPECT_EQ(outcome.ending, Ending::cancelled) << outcome.happened;
    EXPECT_EQ(outcome.rows.size(), 2U);
    EXPECT_EQ(fake.run("octo/shop", 1001).conclusion, "cancelled");
    EXPECT_EQ(fake.run("octo/shop", 1002).conclusion, "cancelled");
    EXPECT_EQ(fake.run("octo/shop", 1003).status, "in_progress");
}

}  // namespace
}  // namespace runs_agent::agent::action
