// SPDX-License-Identifier: MIT
#include "agent/cli/measured_transport.hpp"

#include "decide/plan.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"

#include <boost/asio/awaitable.hpp>
#include <gtest/gtest.h>

namespace runs_agent::agent {
namespace {

using Code = Metrics::Code;
using Request = Metrics::Request;

class Answering final : public net::HttpTransport {
public:
    boost::asio::awaitable<Result<net::HttpResponse>> send(net::HttpRequest /*request*/) override {
        co_return answer;
    }
    Result<net::HttpResponse> answer = net::HttpResponse();
};

class MeasuredTransportTest : public testing::Test {
protected:
    void send(const char* method, const char* url, const char* who = "Bearer one") {
        net::HttpRequest request;
        request.method = method;
        request.target = url;
        request.headers.add("Authorization", who);
        (void)tests::run(transport_.send(std::move(request)));
    }
    void says(int limit, int remaining, Time reset) {
        inner_.answer = net::HttpResponse();
        const auto seconds = std::chrono::floor<std::chrono::seconds>(reset).time_since_epoch();
        inner_.answer->headers.add("X-RateLimit-Limit", std::to_string(limit));
        inner_.answer->headers.add("X-RateLimit-Remaining", std::to_string(remaining));
        inner_.answer->headers.add("X-RateLimit-Reset", std::to_string(seconds.count()));
    }

    Answering inner_;
    tests::ManualClock clock_;
    Metrics metrics_;
    MeasuredTransport transport_{inner_, clock_, metrics_, "https://api.test/v1/",
                                 "https://github.test/api/v3/"};
};

TEST_F(MeasuredTransportTest, EachRequestIsCountedByWhatItIsFor) {
    const std::string api = "https://api.test/v1";
    const std::string github = "https://github.test/api/v3";
    const std::string repository = github + "/repos/runs/cancel";  // names that mislead
    const std::vector<std::tuple<const char*, std::string, Request>> all{
        {"PUT", api + "/runs/cancel-ci/github", Request::cancel_ci},
        {"PUT", api + "/runs/4f2a/cancel", Request::cancel_run},
        {"PUT", api + "/runs/4f2a/reset", Request::reset_run},
        {"GET", api + "/runs/find?ciBuildId=a/runs/b", Request::find_run},
        {"GET", api + "/runs/4f2a", Request::get_run},
        {"GET", api + "/projects/p1/runs?limit=5", Request::list_runs},
        {"DELETE", api + "/runs/4f2a", Request::other_of_runs_api},
        {"GET", "https://api.test", Request::other_of_runs_api},
        {"POST", repository + "/actions/runs/5/cancel", Request::cancel_workflow},
        {"POST", repository + "/actions/runs/5/force-cancel", Request::force_cancel_workflow},
        {"GET", repository + "/actions/runs/5", Request::get_workflow_run},
        {"GET", repository + "/actions/runs/5/attempts/2", Request::get_workflow_run},
        {"GET", repository + "/actions/runs?per_page=100", Request::list_workflow_runs},
        {"GET", repository + "/actions/workflows/7/runs", Request::list_workflow_runs},
        {"GET", repository + "/actions/workflows/7", Request::get_workflow},
        {"GET", repository, Request::get_repository},
        {"GET", repository + "/hooks/1/deliveries?cursor=x", Request::list_deliveries},
        {"GET", github + "/app/hook/deliveries/12", Request::get_delivery},
        {"POST", github + "/app/installations/3/access_tokens", Request::authorize},
        {"GET", repository + "/installation", Request::authorize},
        {"GET", github + "/rate_limit", Request::other_of_github}};
    for (const auto& [method, url, asked] : all) {
        const auto before = metrics_.http_requests.value(asked, Code::ok);
        send(method, url.c_str());
        EXPECT_EQ(metrics_.http_requests.value(asked, Code::ok), before + 1) << method << url;
    }
    EXPECT_EQ(metrics_.http_duration.count(Metrics::Service::runs_api), 8U);
    EXPECT_EQ(metrics_.http_duration.count(Metrics::Service::github), 13U);
}

TEST_F(MeasuredTransportTest, OneServiceMayLieBelowTheOther) {
    MeasuredTransport one_gate(inner_, clock_, metrics_, "https://gate.test/runs/v1",
                               "https://gate.test");
    net::HttpRequest request;
    request.method = "PUT";
    request.target = "https://gate.test/runs/v1/runs/cancel-ci/github";
    (void)tests::run(one_gate.send(std::move(request)));
    EXPECT_EQ(metrics_.http_requests.value(Request::cancel_ci, Code::ok), 1U);
}

TEST_F(MeasuredTransportTest, ARequestWithoutAnAnswerIsCountedToo) {
    inner_.answer = fail(Errc::network, "connection refused");
    send("PUT", "https://api.test/v1/runs/cancel-ci/github");
    EXPECT_EQ(metrics_.http_requests.value(Request::cancel_ci, Code::none), 1U);
    EXPECT_EQ(metrics_.http_duration.count(Metrics::Service::runs_api), 1U);
}

TEST_F(MeasuredTransportTest, OfSeveralBudgetsTheOneNearestToItsEndIsTold) {
    using namespace std::chrono_literals;
    const char* const url = "https://github.test/api/v3/repos/a/b";
    says(5000, 4000, clock_.now() + 1h);
    send("GET", url, "Bearer one");
    EXPECT_EQ(metrics_.github_remaining, 4000);
    says(15000, 1500, clock_.now() + 30min);
    send("GET", url, "Bearer two");
    EXPECT_EQ(metrics_.github_limit, 15000);
    says(5000, 3000, clock_.now() + 1h);
    send("GET", url, "Bearer one");
    EXPECT_EQ(metrics_.github_remaining, 1500) << "the other is still the shortest";
    clock_.advance(31min);
    send("GET", url, "Bearer one");
    EXPECT_EQ(metrics_.github_remaining, 3000) << "that of the other is whole again";
}

TEST_F(MeasuredTransportTest, WhatAStrangeServerSaysOfLimitsDoesNoHarm) {
    const char* const url = "https://github.test/api/v3/repos/a/b";
    inner_.answer->headers.add("X-RateLimit-Limit", "0");
    inner_.answer->headers.add("X-RateLimit-Remaining", "-1");
    inner_.answer->headers.add("X-RateLimit-Reset", "9223372036854775807");
    send("GET", url);
    EXPECT_EQ(metrics_.github_limit, 0);
    inner_.answer = net::HttpResponse();
    inner_.answer->headers.add("X-RateLimit-Limit", "10");
    inner_.answer->headers.add("X-RateLimit-Remaining", "5");
    inner_.answer->headers.add("X-RateLimit-Reset", "9223372036854775807");
    send("GET", url);
    EXPECT_EQ(metrics_.github_reset, clock_.now() + std::chrono::hours(24));
}

// observe/ must not know decide/, so the names are written twice.
TEST(MetricNames, AreThoseThatPeopleSeeElsewhere) {
    Metrics metrics;
    for (const auto operation :
         {decide::Operation::cancel_ci, decide::Operation::cancel_run, decide::Operation::reset_run,
          decide::Operation::cancel_workflow, decide::Operation::force_cancel_workflow}) {
        metrics.calls_finished.add_many(100 + static_cast<std::uint64_t>(operation), operation,
                                        Metrics::Ended::dead);
        const std::string line = "{operation=\"" + std::string(decide::to_string(operation)) +
                                 R"(",state="dead"} )" +
                                 std::to_string(100 + static_cast<int>(operation)) + "\n";
        EXPECT_NE(metrics.text().find(line), std::string::npos) << line;
    }
    for (const auto rule :
         {decide::Rule::cancelled, decide::Rule::orphaned, decide::Rule::rerun,
          decide::Rule::superseded, decide::Rule::none, decide::Rule::dead_runner}) {
        metrics.decisions.add_many(100 + static_cast<std::uint64_t>(rule), rule,
                                   Metrics::Effect::nothing);
        const std::string line = "{rule=\"" + std::string(decide::to_string(rule)) +
                                 R"(",effect="nothing"} )" +
                                 std::to_string(100 + static_cast<int>(rule)) + "\n";
        EXPECT_NE(metrics.text().find(line), std::string::npos) << line;
    }
}

}  // namespace
}  // namespace runs_agent::agent
