// SPDX-License-Identifier: MIT
#include "agent/daemon/health.hpp"

#include "tests/agent/quiet_store.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent {
namespace {

using namespace std::chrono_literals;

class HealthTest : public testing::Test {
protected:
    net::HttpResponse ready() { return tests::run(health_.ready()); }
    std::string metrics() {
        Standing standing;
        standing.connections = 7;
        standing.max_connections = 64;
        standing.caught_up = caught_up_;
        return std::string(tests::run(health_.metrics(standing)).content());
    }

    QuietStore store_;
    tests::ManualClock clock_;
    Metrics metrics_;
    std::optional<Time> caught_up_;
    Health health_{
        store_, clock_, metrics_, {"1.2.3", "abc", Time(1'700'000'000'250ms), "runs_api", {}}};
};

TEST_F(HealthTest, IsReadyWhereEverythingWorks) {
    EXPECT_EQ(ready().status, 200);
    EXPECT_NE(metrics().find("\nruns_agent_store_up 1\n"), std::string::npos);
}

TEST_F(HealthTest, AStoreThatCanOnlyBeReadIsNotReady) {
    EXPECT_EQ(ready().status, 200);
    store_.written = fail(Errc::store, "database or disk is full");
    clock_.advance(1s);
    const auto response = ready();
    EXPECT_EQ(response.status, 503);
    EXPECT_NE(response.body.find("database or disk is full"), std::string::npos) << response.body;
    EXPECT_NE(metrics().find("\nruns_agent_store_up 0\n"), std::string::npos);
    store_.written = Result<void>();
    clock_.advance(1s);
    EXPECT_EQ(ready().status, 200);
}

TEST_F(HealthTest, AskingOftenDoesNotWriteNorCountOften) {
    for (int i = 0; i < 10; ++i) {
        ready();
        metrics();
    }
    EXPECT_EQ(store_.checks, 1);
    EXPECT_EQ(store_.counts, 1);
    clock_.advance(200ms);
    ready();
    EXPECT_EQ(store_.counts, 2);
}

TEST_F(HealthTest, SaysWhereCallsGo) {
    EXPECT_EQ(health_.alive().body, R"({"status":"ok","version":"1.2.3","calls":"runs_api"})");
}

TEST_F(HealthTest, WhoeverLooksTheStoreIsNotWrittenOncePerLook) {
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(tests::run(health_.writable()).has_value());
    EXPECT_EQ(store_.checks, 1);
}

// The clock is set right, by hours, in either direction: what was found before holds no longer for
// it.
TEST_F(HealthTest, AStepOfTheClockDoesNotFreezeWhatItSays) {
    for (const std::chrono::hours step : {-10h, 10h, -10'000h}) {
        EXPECT_EQ(ready().status, 200) << step.count();
        clock_.step(step);
        store_.written = fail(Errc::store, "database or disk is full");
        const int asked = store_.checks;
        ready();
        EXPECT_EQ(store_.checks, asked) << "nor does it ask more often";
        clock_.advance(1s);
        EXPECT_EQ(ready().status, 503) << step.count();
        EXPECT_NE(metrics().find("\nruns_agent_store_up 0\n"), std::string::npos);
        store_.written = Result<void>();
        clock_.advance(1s);
        EXPECT_EQ(ready().status, 200) << step.count();
    }
}

TEST_F(HealthTest, ARefusedKeyIsSaidWithItsReason) {
    store_.waiting->held = 2;
    store_.waiting->held_because = "the API key was refused (403)";
    const auto response = ready();
    EXPECT_EQ(response.status, 503);
    EXPECT_NE(response.body.find("2 calls wait: the API key was refused (403)"), std::string::npos)
        << response.body;
}

TEST_F(HealthTest, MetricsHoldWhatIsCountedAndWhatIsOpen) {
    metrics_.webhook_requests.add(Metrics::Event::workflow_run, Metrics::Answer::accepted);
    store_.waiting->pending = 3;
    store_.waiting->oldest_pending = Time(1'700'000'000'000ms);
    const std::string text = metrics();
    const char* const accepted =
        "\nruns_agent_webhook_requests_total{event=\"workflow_run\",outcome=\"accepted\","
        "code=\"202\"} 1\n";
    for (const char* const line :
         {"\nruns_agent_webhook_connections 7\n", "\nruns_agent_webhook_connections_limit 64\n",
          "\nruns_agent_calls{state=\"pending\"} 3\n", "\nruns_agent_calls{state=\"dead\"} 0\n",
          "\nruns_agent_oldest_pending_call_timestamp_seconds 1700000000\n",
          "\nruns_agent_build_info{version=\"1.2.3\",commit=\"abc\"} 1\n",
          "\nprocess_start_time_seconds 1700000000.25\n", accepted})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST_F(HealthTest, MetricsSayWhenCatchingUpLastSawAll) {
    EXPECT_EQ(metrics().find("catch_up_last_whole_look"), std::string::npos)
        << "nothing catches up";
    const std::string name = "\nruns_agent_catch_up_last_whole_look_timestamp_seconds ";
    caught_up_ = Time();
    clock_.advance(200ms);
    EXPECT_NE(metrics().find(name + "0\n"), std::string::npos);
    caught_up_ = Time(1'700'000'000'500ms);
    clock_.advance(200ms);
    EXPECT_NE(metrics().find(name + "1700000000\n"), std::string::npos) << metrics();
}

}  // namespace
}  // namespace runs_agent::agent
