// SPDX-License-Identifier: MIT
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace runs_agent {
namespace {

using namespace std::chrono_literals;
using tests::CapturedLog;

class LogLimitTest : public testing::Test {
protected:
    /// `count` refusals at once, as a stranger makes them.
    void flood(int count) {
        for (int i = 0; i < count; ++i)
            captured_.log().limited(LogLevel::warning, "delivery.refused", {{"status", 401}});
    }

    /// The events of all lines, and what was counted of one.
    std::string events() const {
        std::string events;
        std::istringstream lines(captured_.text());
        for (std::string line; std::getline(lines, line);) {
            const auto place = line.find("  ");
            const auto at = place == std::string::npos ? line.find("error ") + 6 : place + 2;
            events += line.substr(at) + "\n";
        }
        return events;
    }

    tests::ManualClock clock_;
    CapturedLog captured_{clock_, LogLevel::info, LogFormat::text};
    Log& log_ = captured_.log();
};

constexpr const char* five =
    "delivery.refused status=401\n"
    "delivery.refused status=401\n"
    "delivery.refused status=401\n"
    "delivery.refused status=401\n"
    "delivery.refused status=401\n";

TEST_F(LogLimitTest, AFloodIsFiveLinesASecondAndItsCount) {
    for (int second = 0; second < 3; ++second) {
        flood(1'000);
        clock_.advance(1s);
    }
    log_.tell_suppressed(Log::Suppressed::in_seconds_over);
    const std::string counted = "log.suppressed of=delivery.refused count=995\n";
    EXPECT_EQ(events(), five + counted + five + counted + five + counted);
}

TEST_F(LogLimitTest, TheNextLineOfAnyEventBringsTheCount) {
    flood(8);
    log_.info("delivery.received");
    clock_.advance(1s);
    log_.info("delivery.received");
    log_.info("delivery.received");
    EXPECT_EQ(events(), std::string(five) +
                            "delivery.received\n"
                            "log.suppressed of=delivery.refused count=3\n"
                            "delivery.received\n"
                            "delivery.received\n");
}

TEST_F(LogLimitTest, AtTheEndTheCountComesWithoutWaiting) {
    flood(7);
    log_.tell_suppressed(Log::Suppressed::in_seconds_over);
    EXPECT_EQ(events(), five);
    log_.tell_suppressed(Log::Suppressed::all);
    log_.tell_suppressed(Log::Suppressed::all);
    EXPECT_EQ(events(), five + std::string("log.suppressed of=delivery.refused count=2\n"));
}

TEST_F(LogLimitTest, WhatIsNotAStrangersIsNeverSuppressed) {
    flood(100);
    for (int i = 0; i < 20; ++i) log_.warn("delivery.refused", {{"status", 400}});
    const std::string all = events();
    std::size_t honest = 0;
    for (auto at = all.find("status=400"); at != std::string::npos;
         at = all.find("status=400", at + 1))
        ++honest;
    EXPECT_EQ(honest, 20U);
}

TEST_F(LogLimitTest, AStepOfTheTimeOfDayChangesNothing) {
    flood(6);
    clock_.step(-24h);
    flood(6);
    clock_.step(48h);
    flood(6);
    EXPECT_EQ(events(), five);
    clock_.advance(1s);
    log_.tell_suppressed(Log::Suppressed::in_seconds_over);
    EXPECT_EQ(events(), five + std::string("log.suppressed of=delivery.refused count=13\n"));
}

TEST_F(LogLimitTest, WhatTheLevelLeavesOutIsNotCounted) {
    for (int i = 0; i < 100; ++i) log_.limited(LogLevel::debug, "api.answered");
    log_.tell_suppressed(Log::Suppressed::all);
    EXPECT_EQ(events(), "");
}

TEST_F(LogLimitTest, FromAnyThread) {
    constexpr int each = 1'000;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) threads.emplace_back([this] { flood(each); });
    for (std::thread& thread : threads) thread.join();
    log_.tell_suppressed(Log::Suppressed::all);
    EXPECT_EQ(events(), five + std::string("log.suppressed of=delivery.refused count=3995\n"));
}

}  // namespace
}  // namespace runs_agent
