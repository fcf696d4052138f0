// SPDX-License-Identifier: MIT
#include "observe/metrics.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace runs_agent {
namespace {

using namespace std::chrono_literals;

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, WhatCanHappenIsThereAsZeroFromTheStart) {
    const std::string text = Metrics().text();
    for (
        const char* const line :
        {R"(runs_agent_webhook_requests_total{event="workflow_run",outcome="accepted",code="202"} 0)",
         R"(runs_agent_webhook_requests_total{event="ping",outcome="pong",code="200"} 0)",
         R"(runs_agent_webhook_requests_total{event="unverified",outcome="refused",code="401"} 0)",
         R"(runs_agent_webhook_connections_cut_total{reason="last_resort"} 0)",
         R"(runs_agent_event_age_seconds_bucket{source="catch_up",le="+Inf"} 0)",
         R"(runs_agent_event_age_seconds_sum{source="webhook"} 0)",
         R"(runs_agent_decisions_total{rule="R6",effect="withdrawn"} 0)",
         R"(runs_agent_decision_lag_seconds_count 0)",
         R"(runs_agent_calls_finished_total{operation="force-cancel-workflow",state="dead"} 0)",
         R"(runs_agent_http_client_requests_total{service="runs_api",operation="cancel-ci",code="none"} 0)",
         R"(runs_agent_http_client_requests_total{service="github",operation="authorize",code="4xx"} 0)",
         R"(runs_agent_http_client_request_duration_seconds_bucket{service="github",le="0.025"} 0)",
         R"(runs_agent_store_commit_duration_seconds_bucket{le="0.0005"} 0)",
         "runs_agent_catch_up_lost_total 0", "runs_agent_config_last_reload_successful 1"})
        EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
}

TEST(Metrics, WhatCannotHappenIsNotThereUnlessItDid) {
    Metrics metrics;
    const std::string line = R"({event="ping",outcome="accepted",code="202"})";
    EXPECT_EQ(metrics.text().find(line), std::string::npos);
    metrics.webhook_requests.add(Metrics::Event::ping, Metrics::Answer::accepted);
    EXPECT_NE(metrics.text().find(line + " 1\n"), std::string::npos);
}

TEST(Metrics, EachCombinationIsCountedByItself) {
    Metrics metrics;
    const auto answers = static_cast<std::size_t>(Metrics::Answer::other) + 1;
    const auto events = static_cast<std::size_t>(Metrics::Event::unverified) + 1;
    for (std::size_t event = 0; event < events; ++event)
        for (std::size_t answer = 0; answer < answers; ++answer)
            metrics.webhook_requests.add_many(1 + event * answers + answer, event, answer);
    for (std::size_t event = 0; event < events; ++event)
        for (std::size_t answer = 0; answer < answers; ++answer)
            EXPECT_EQ(metrics.webhook_requests.value(event, answer), 1 + event * answers + answer);
    EXPECT_NE(metrics.text().find(R"({event="unverified",outcome="refused",code="other"} 75)"),
              std::string::npos);
}

TEST(Metrics, BucketsAddUpAndTheirBoundsAreInclusive) {
    Metrics metrics;
    for (const double seconds : {0.001, 0.0011, 5.0, 11.0})
        metrics.webhook_request_duration.observe(seconds);
    const std::string text = metrics.text();
    const std::string name = "runs_agent_webhook_request_duration_seconds";
    for (const char* const rest :
         {R"(_bucket{le="0.001"} 1)", R"(_bucket{le="0.0025"} 2)", R"(_bucket{le="2.5"} 2)",
          R"(_bucket{le="5"} 3)", R"(_bucket{le="10"} 3)", R"(_bucket{le="+Inf"} 4)", "_count 4"})
        EXPECT_TRUE(has_line(text, name + rest)) << rest << "\n" << text;
    EXPECT_NE(text.find(name + "_sum 16.0021"), std::string::npos) << text;
}

TEST(Metrics, WhatCameBeforeItHappenedIsNoAgeBelowZero) {
    Metrics metrics;
    metrics.event_age.observe(-5, Metrics::Source::webhook);
    const std::string text = metrics.text();
    EXPECT_TRUE(has_line(text, "runs_agent_event_age_seconds_sum{source=\"webhook\"} 0")) << text;
    EXPECT_TRUE(
        has_line(text, "runs_agent_event_age_seconds_bucket{source=\"webhook\",le=\"1\"} 1"));
}

TEST(Metrics, EachFamilyIsDescribedOnce) {
    std::istringstream lines(Metrics().text());
    std::string described;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("# HELP ")) continue;
        const std::string name = line.substr(7, line.find(' ', 7) - 7) + " ";
        EXPECT_EQ(described.find(" " + name), std::string::npos) << name;
        described += " " + name;
    }
    EXPECT_NE(described.find(" runs_agent_catch_up_rounds_total "), std::string::npos);
}

TEST(Metrics, TimesAreSeconds) {
    Metrics metrics;
    metrics.last_delivery = Time(1'700'000'000'250ms);
    EXPECT_TRUE(
        has_line(metrics.text(), "runs_agent_last_delivery_timestamp_seconds 1700000000.25"));
    EXPECT_DOUBLE_EQ(in_seconds(1500ms), 1.5);
}

TEST(Metrics, CodesThatMeanSomethingOfTheirOwnAreTold) {
    using Code = Metrics::Code;
    for (const auto& [status, code] : {std::pair{0, Code::none},
                                       {200, Code::ok},
                                       {204, Code::ok},
                                       {304, Code::moved},
                                       {400, Code::refused},
                                       {401, Code::unauthorized},
                                       {403, Code::forbidden},
                                       {404, Code::not_found},
                                       {418, Code::refused},
                                       {429, Code::limited},
                                       {500, Code::failed},
                                       {503, Code::failed}})
        EXPECT_EQ(Metrics::code_of(status), code) << status;
}

}  // namespace
}  // namespace runs_agent
