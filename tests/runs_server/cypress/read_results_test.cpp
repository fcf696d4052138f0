// SPDX-License-Identifier: MIT
#include "runs_server/cypress/read_results.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

using rapidjson::Document;

constexpr const char* spec_name = "cypress/e2e/a.cy.js";

Document parse(const std::string& json) {
    Document document;
    document.Parse(json.c_str());
    EXPECT_FALSE(document.HasParseError()) << json;
    return document;
}

const std::string& named() {
    static const std::string names = named_tests_json(parse(R"({"config":{"x":1},"tests":[
        {"title":["suite","works"],"body":"() => {}","clientId":"r0","config":null},
        {"title":["suite","is flaky"],"body":"() => {}","clientId":"r1","config":null},
        {"clientId":"r2"}]})"));
    return names;
}

CypressResults read(const std::string& results, const std::string& names = named()) {
    auto all = read_cypress_results(parse(results), names, "g", spec_name);
    EXPECT_TRUE(std::holds_alternative<CypressResults>(all));
    return std::get<CypressResults>(std::move(all));
}

TEST(ReadCypressResults, NamesAreKeptAndNothingElse) {
    EXPECT_EQ(named(), R"([{"clientId":"r0","title":["suite","works"]},)"
                       R"({"clientId":"r1","title":["suite","is flaky"]}])");
    EXPECT_EQ(named_tests_json(parse("{}")), "[]");
}

TEST(ReadCypressResults, CountsWhatThereIs) {
    const auto results = read(R"({"stats":{"suites":1,"tests":4,"passes":2,"failures":1,"pending":1,
        "skipped":0,"wallClockDuration":7,"wallClockStartedAt":"2026-01-01T00:00:00.000Z"},
        "exception":null,"video":false,"screenshots":[],"hasCoverage":false,"tests":[
        {"clientId":"r0","state":"passed","displayError":null,"attempts":[{"state":"passed"}]},
        {"clientId":"r1","state":"passed","displayError":null,
         "attempts":[{"state":"failed"},{"state":"passed"}]},
        {"clientId":"r2","state":"failed","displayError":"no","attempts":[{"state":"failed",
         "error":{"message":"no"},"screenshots":[{"path":"x"}]}]},
        {"clientId":"r3","state":"pending","displayError":null,"attempts":[]}]})");
    EXPECT_EQ(results.spec.group, "g");
    EXPECT_EQ(results.spec.spec, spec_name);
    EXPECT_TRUE(results.spec.finished);
    EXPECT_TRUE(results.spec.failed);
    EXPECT_EQ(results.spec.started, "2026-01-01T00:00:00.000Z");
    const Counters& counters = results.spec.counters;
    EXPECT_EQ(counters.overall, 4);
    EXPECT_EQ(counters.passes, 2);
    EXPECT_EQ(counters.failures, 1);
    EXPECT_EQ(counters.pending, 1);
    EXPECT_EQ(counters.skipped, 0);
    EXPECT_EQ(counters.flaky, 1);
    EXPECT_EQ(counters.retries, 1);
    const Document tests = parse(results.spec.tests_json);
    ASSERT_EQ(tests.Size(), 4U);
    EXPECT_STREQ(tests[0]["title"][1].GetString(), "works");
    EXPECT_TRUE(tests[1]["isFlaky"].GetBool());
    EXPECT_EQ(tests[1]["attempts"][1]["attempt"].GetInt(), 1);
    EXPECT_STREQ(tests[2]["displayError"].GetString(), "no");
    EXPECT_FALSE(tests[2]["attempts"][0].HasMember("screenshots"));
    EXPECT_STREQ(tests[3]["title"][0].GetString(), "r3");
}

TEST(ReadCypressResults, ATestIsKnownByItsTitleAndNotByItsPlace) {
    const auto id_of = [](const std::string& names, const char* client) {
        const auto results = read(R"({"stats":{},"tests":[{"clientId":")" + std::string(client) +
                                      R"(","state":"passed","attempts":[]}]})",
                                  names);
        return std::string(parse(results.spec.tests_json)[0]["testId"].GetString());
    };
    const std::string moved =
        R"([{"clientId":"r7","title":["suite","works"]},{"clientId":"r0","title":["new"]}])";
    EXPECT_EQ(id_of(named(), "r0"), id_of(moved, "r7"));
    EXPECT_NE(id_of(named(), "r0"), id_of(moved, "r0"));
    EXPECT_NE(id_of("", "r0"), id_of("", "r1"));
}

TEST(ReadCypressResults, FilesHaveTheirOrderAndTheirTest) {
    const auto results = read(R"({"stats":{},"video":true,"hasCoverage":true,"tests":[
        {"clientId":"r0","state":"failed","attempts":[{"state":"failed"},{"state":"failed"}]}],
        "screenshots":[{"screenshotId":"s1","testId":"r0","testAttemptIndex":1,"path":"/p/1.png",
        "name":"screenshot"},{"testId":"r0"},{"screenshotId":"s2"}]})");
    EXPECT_TRUE(results.video);
    EXPECT_TRUE(results.coverage);
    EXPECT_EQ(results.screenshot_ids, (std::vector<std::string>{"s1", "s2"}));
    const auto& files = results.spec.artifacts;
    ASSERT_EQ(files.size(), 4U);
    EXPECT_EQ(files[0].type, "video");
    EXPECT_EQ(files[1].type, "coverage");
    EXPECT_EQ(files[2].path, "/p/1.png");
    EXPECT_EQ(files[2].attempt, 1);
    EXPECT_EQ(files[2].test_id, parse(results.spec.tests_json)[0]["testId"].GetString());
    EXPECT_EQ(files[3].path, "s2");
    EXPECT_EQ(files[3].test_id, "");
}

TEST(ReadCypressResults, AnExceptionFailsTheSpec) {
    const auto results = read(R"({"stats":{"failures":0},"exception":"it broke","tests":[]})");
    EXPECT_TRUE(results.spec.failed);
    EXPECT_EQ(results.spec.exception_json, R"("it broke")");
}

TEST(ReadCypressResults, WithoutStatsItIsNoResult) {
    const auto wrong = read_cypress_results(parse(R"({"tests":[]})"), "", "g", "a");
    ASSERT_TRUE(std::holds_alternative<std::string>(wrong));
    EXPECT_NE(std::get<std::string>(wrong).find("stats"), std::string::npos);
    for (const char* const odd : {"[]", "7", R"({"stats":[],"tests":{},"screenshots":7})"})
        EXPECT_TRUE(
            std::holds_alternative<std::string>(read_cypress_results(parse(odd), "{}", "g", "a")));
}

}  // namespace
}  // namespace runs_agent::runs_server
