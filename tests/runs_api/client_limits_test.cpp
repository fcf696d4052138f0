// SPDX-License-Identifier: MIT
// How much is taken of an answer, by what it is an answer to.
#include "runs_api/client.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <tuple>

namespace runs_agent::runs_api {
namespace {

namespace asio = boost::asio;
using tests::answer;

constexpr std::size_t mebibyte = 1024UL * 1024;
constexpr const char* run = R"({"status":"OK","data":{"runId":"r1"}})";

class RunsApiLimitsTest : public testing::Test {
protected:
    /// A service whose whole runs are longer than a usual answer.
    Result<net::HttpResponse> serve(const net::HttpRequest& request) {
        most_.push_back(request.max_answer);
        const bool whole =
            request.method == "GET" && (request.target.find("/runs/") != std::string::npos ||
                                        request.target.find("/instances/") != std::string::npos);
        if (whole && request.max_answer <= mebibyte)
            return fail(Errc::too_large, "longer than 1 MiB");
        return answer(200, run);
    }

    tests::ScriptedTransport transport_{
        [this](const net::HttpRequest& request) { return serve(request); }};
    tests::ManualClock clock_;
    RunsApiClient client_{transport_, clock_, "https://api.example.dev/v1",
                          [] { return Result<std::string>("k"); }, AnswerLimits::careful()};
    std::vector<std::size_t> most_;
};

TEST_F(RunsApiLimitsTest, WhatIsDoneIsToldInAMebibyteAndAPageOfRunsInEight) {
    CancelGithubCi cancel;
    cancel.github_run_id = "77";
    ResetRun reset;
    reset.machine_ids = {"m"};
    ListRuns list;
    list.project_id = "p1";
    std::ignore = tests::run(client_.cancel_run("r1"));
    std::ignore = tests::run(client_.cancel_github_ci(cancel));
    std::ignore = tests::run(client_.reset_run("r1", reset));
    std::ignore = tests::run(client_.delete_run("r1"));
    std::ignore = tests::run(client_.list_projects({}));
    std::ignore = tests::run(client_.list_runs(list));
    EXPECT_EQ(most_, (std::vector<std::size_t>{mebibyte, mebibyte, mebibyte, mebibyte, mebibyte,
                                               8 * mebibyte}));
}

TEST_F(RunsApiLimitsTest, ALongRunIsReadOnceMoreUpToThirtyTwo) {
    FindRun find;
    find.project_id = "p1";
    for (const auto& ask : std::vector<std::function<asio::awaitable<Result<Answer>>()>>{
             [&] { return client_.get_run("r1"); }, [&] { return client_.find_run(find); },
             [&] { return client_.get_instance("i1"); }}) {
        most_.clear();
        EXPECT_TRUE(tests::run(ask()).has_value());
        EXPECT_EQ(most_, (std::vector<std::size_t>{mebibyte, 32 * mebibyte}));
    }
}

TEST_F(RunsApiLimitsTest, WhatFailsOtherwiseIsNotReadOnceMore) {
    tests::ScriptedTransport down(
        [](const auto&) { return fail(Errc::network, "connection refused"); });
    RunsApiClient client(
        down, clock_, "https://api.example.dev/v1", [] { return Result<std::string>("k"); },
        AnswerLimits::careful());
    EXPECT_EQ(tests::run(client.get_run("r1")).error().code, Errc::network);
    EXPECT_EQ(down.requests.size(), 1U);
}

TEST_F(RunsApiLimitsTest, OfLongRunsOneIsReadAtATime) {
    asio::io_context context;
    asio::steady_timer gate(context, asio::steady_timer::time_point::max());
    int reading = 0;
    int most = 0;
    int done = 0;
    transport_.delay = [&]() -> asio::awaitable<void> {
        const bool is_long = transport_.requests.back().max_answer > mebibyte;
        if (!is_long) co_return;
        most = std::max(most, ++reading);
        co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
        --reading;
    };
    for (int i = 0; i < 3; ++i)
        asio::co_spawn(context, client_.get_run("r1"), [&](std::exception_ptr, Result<Answer> got) {
            done += got.has_value() ? 1 : 0;
        });
    for (int i = 0; i < 20 && done < 3; ++i) {
        context.restart();
        context.poll();
        gate.cancel();
    }
    EXPECT_EQ(done, 3);
    EXPECT_EQ(most, 1);
}

TEST_F(RunsApiLimitsTest, WithoutLimitsTheTransportsOwnHolds) {
    RunsApiClient client(transport_, clock_, "https://api.example.dev/v1",
                         [] { return Result<std::string>("k"); });
    std::ignore = tests::run(client.cancel_run("r1"));
    EXPECT_TRUE(tests::run(client.get_run("r1")).has_error());  // as the stand-in has it
    EXPECT_EQ(most_, (std::vector<std::size_t>{0, 0}));
}

}  // namespace
}  // namespace runs_agent::runs_api
