// SPDX-License-Identifier: MIT
#include "runs_server/recording/read_instance.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace runs_agent::runs_server {
namespace {

RecordedSpec read(const std::string& json) {
    rapidjson::Document document;
    document.Parse(json.c_str());
    EXPECT_FALSE(document.HasParseError()) << json;
    auto read = read_instance(document, "web");
    if (const auto* wrong = std::get_if<std::string>(&read)) throw std::runtime_error(*wrong);
    return std::get<RecordedSpec>(std::move(read));
}

TEST(ReadInstance, CountersAreTheReportersAndRetriesAreCounted) {
    const RecordedSpec spec = read(R"({"spec":"a","results":{
        "stats":{"tests":4,"passes":2,"failures":1,"pending":-1,"skipped":"1","flaky":1},
        "tests":[{"attempts":[{},{},{}]},{"attempts":[{}]},{"attempts":[]},{}]}})");
    EXPECT_TRUE(spec.finished);
    EXPECT_EQ(spec.group, "web");
    EXPECT_EQ(spec.counters.overall, 4);
    EXPECT_EQ(spec.counters.passes, 2);
    EXPECT_EQ(spec.counters.failures, 1);
    EXPECT_EQ(spec.counters.pending, 0);
    EXPECT_EQ(spec.counters.skipped, 1);
    EXPECT_EQ(spec.counters.flaky, 1);
    EXPECT_EQ(spec.counters.retries, 2);
}

TEST(ReadInstance, WithoutResultsTheSpecHasOnlyBegun) {
    EXPECT_FALSE(read(R"({"spec":"a"})").finished);
    EXPECT_FALSE(read(R"({"spec":"a","results":null})").finished);
    EXPECT_THROW(read(R"({"spec":"a","results":7})"), std::runtime_error);
    EXPECT_THROW(read(R"({"results":null})"), std::runtime_error);
    EXPECT_THROW(read("7"), std::runtime_error);
}

TEST(ReadInstance, AttemptsGetTheNamesThatReadersKnow) {
    const RecordedSpec spec = read(R"({"spec":"a","results":{"stats":{},"tests":[
        {"testId":"t","attempts":[{"status":"failed","startTime":"now","duration":7,
            "errors":[{"message":"m"},{"message":"n"}]}]},7]}})");
    EXPECT_NE(spec.tests_json.find(
                  R"("error":{"message":"m"},"state":"failed","wallClockStartedAt":"now",)"
                  R"("wallClockDuration":7)"),
              std::string::npos)
        << spec.tests_json;
    EXPECT_NE(spec.tests_json.find(R"("displayError":"m")"), std::string::npos);
}

TEST(ReadInstance, ArtifactsOfAllLevelsAreTaken) {
    const RecordedSpec spec = read(R"({"spec":"a",
        "artifacts":[{"path":"1","type":"stdout","contentType":"text/plain"},{"type":"no path"}],
        "results":{"stats":{},"tests":[{"testId":"t","artifacts":[{"path":"2"}],"attempts":[
            {"attempt":0},{"attempt":1,"artifacts":[{"path":"3","contentType":"a/b\r\nX: y"}]}]}]}})");
    ASSERT_EQ(spec.artifacts.size(), 3U);
    EXPECT_EQ(spec.artifacts[0].level, "spec");
    EXPECT_EQ(spec.artifacts[0].content_type, "text/plain");
    EXPECT_EQ(spec.artifacts[1].level, "test");
    EXPECT_EQ(spec.artifacts[1].test_id, "t");
    EXPECT_EQ(spec.artifacts[2].level, "attempt");
    EXPECT_EQ(spec.artifacts[2].attempt, 1);
    // What would end a header's line becomes no part of one.
    EXPECT_EQ(spec.artifacts[2].content_type, "application/octet-stream");
}

TEST(ReadInstance, AnExceptionIsAFailure) {
    const RecordedSpec crashed =
        read(R"({"spec":"a","results":{"stats":{"failures":0},"exception":{"message":"m"}}})");
    EXPECT_TRUE(crashed.failed);
    EXPECT_EQ(crashed.exception_json, R"({"message":"m"})");
    EXPECT_TRUE(read(R"({"spec":"a","results":{"stats":{"failures":1}}})").failed);
    EXPECT_FALSE(read(R"({"spec":"a","results":{"stats":{},"exception":null}})").failed);
}

TEST(ReadInstance, AFailedTestIsAFailureThatNoCounterTellsOf) {
    EXPECT_TRUE(read(R"({"spec":"a","results":{"stats":{"failures":0},
        "tests":[{"state":"passed"},{"state":"failed"}]}})")
                    .failed);
    EXPECT_FALSE(
        read(R"({"spec":"a","results":{"stats":{},"tests":[{"state":"passed"}]}})").failed);
}

TEST(ReadInstance, CountersAreRounded) {
    const RecordedSpec spec = read(R"({"spec":"a","results":{"stats":{"failures":0.9,"passes":2.0,
        "wallClockDuration":1234.5,"pending":-0.9,"skipped":1e300}}})");
    EXPECT_EQ(spec.counters.failures, 1);
    EXPECT_TRUE(spec.failed);
    EXPECT_EQ(spec.counters.passes, 2);
    EXPECT_EQ(spec.counters.pending, 0);
    EXPECT_EQ(spec.counters.skipped, 1'000'000'000);
    EXPECT_NE(spec.stats_json.find(R"("wallClockDuration":1235)"), std::string::npos);
}

TEST(ReadInstance, CountersThatNoSpecCanHaveAreCut) {
    const RecordedSpec spec =
        read(R"({"spec":"a","results":{"stats":{"failures":9223372036854775807}}})");
    EXPECT_EQ(spec.counters.failures, 1'000'000'000);
}

}  // namespace
}  // namespace runs_agent::runs_server
