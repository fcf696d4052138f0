// SPDX-License-Identifier: MIT
#include "runs_server/recording/record_request.hpp"

#include "runs_server/answers/json_text.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

std::variant<RecordRequest, std::string> read_body(const std::string& body) {
    rapidjson::Document root;
    if (std::string wrong = parse_object(body, root); !wrong.empty()) return wrong;
    return read_record_request(root);
}

RecordRequest read(const std::string& members) {
    auto read = read_body(R"({"projectId":"p1")" + members + "}");
    if (const auto* wrong = std::get_if<std::string>(&read)) throw std::runtime_error(*wrong);
    return std::get<RecordRequest>(std::move(read));
}

std::string refusal(const std::string& body) {
    auto read = read_body(body);
    const auto* const wrong = std::get_if<std::string>(&read);
    return wrong == nullptr ? "" : *wrong;
}

TEST(RecordRequest, TheBuildIdComesFromTheTopOrFromTheCiBlock) {
    EXPECT_EQ(read(R"(,"ciBuildId":"a","ci":{"ciBuildId":{"value":"b"}})").ci_build_id, "a");
    EXPECT_EQ(read(R"(,"ci":{"ciBuildId":{"value":"b"}})").ci_build_id, "b");
    EXPECT_EQ(read(R"(,"ci":{"ciBuildId":{"value":null}})").ci_build_id, "");
    EXPECT_EQ(read(R"(,"previousCiBuildId":"before")").previous_ci_build_id, "before");
}

TEST(RecordRequest, GithubsRunAndAttemptAreTakenAsTextOrNumber) {
    const auto text =
        read(R"(,"ci":{"params":{"githubRunId":"8589934593","githubRunAttempt":"2"}})");
    EXPECT_EQ(text.github_run_id, "8589934593");
    EXPECT_EQ(text.github_run_attempt, 2);
    const auto number = read(R"(,"ci":{"params":{"githubRunId":8589934593,"githubRunAttempt":3}})");
    EXPECT_EQ(number.github_run_id, "8589934593");
    EXPECT_EQ(number.github_run_attempt, 3);
    EXPECT_EQ(read(R"(,"ci":{"params":{"githubRunId":"7"}})").github_run_attempt, 1);
    EXPECT_EQ(read(R"(,"ci":{"params":{"githubRunAttempt":null}})").github_run_attempt, 1);
    EXPECT_EQ(read("").github_run_id, "");
    for (const char* const bad : {R"("x")", R"("0")", "-1", "1.5", R"("")", "[]"})
        EXPECT_NE(refusal(R"({"projectId":"p","ci":{"params":{"githubRunAttempt":)" +
                          std::string(bad) + "}}}"),
                  "")
            << bad;
}

TEST(RecordRequest, ThePullRequestIsFoundInTheCommitAndTheVariables) {
    EXPECT_EQ(read(R"(,"commit":{"ghaEventData":{"htmlUrl":"https://github.com/o/r/pull/12"}})")
                  .pull_request,
              "github:github.com/o/r#12");
    EXPECT_EQ(read(R"(,"ci":{"params":{"githubRef":"refs/pull/14/merge"}})").pull_request, "14");
    EXPECT_EQ(read("").pull_request, "");
}

TEST(RecordRequest, TheSuiteIsSummedUpBySpec) {
    const auto request = read(R"(,"group":"web","fullTestSuite":[
        {"name":"chromium","tags":["ui","ui"],"tests":[
            {"spec":"b","tags":["@y"]},{"spec":"a","tags":["@x"]},{"spec":"b","tags":["@x",7]}]},
        {"tests":[{"spec":"c"}]}])");
    ASSERT_EQ(request.groups.size(), 2U);
    EXPECT_EQ(request.groups[0].tags_json, R"(["ui"])");
    EXPECT_EQ(request.groups[1].group, "web");
    ASSERT_EQ(request.suite.size(), 3U);
    EXPECT_EQ(request.suite[1].spec, "b");
    EXPECT_EQ(request.suite[1].tests, 2);
    EXPECT_EQ(request.suite[1].tags_json, R"(["@x","@y"])");
    EXPECT_EQ(request.suite[2].group, "web");
}

TEST(RecordRequest, SuitesOfOneNameAreOneReport) {
    const auto suite = [](const char* start, const char* state, int failures) {
        return R"({"spec":"a","startTime":")" + std::string(start) +
               R"(","results":{"stats":{"tests":1,"failures":)" + std::to_string(failures) +
               R"(},"tests":[{"testId":"v","state":")" + state + R"("}]}})";
    };
    const auto request = read(R"(,"instances":[{"spec":"a"},)" + suite("1", "passed", 0) + "," +
                              suite("2", "failed", 1) + "," + suite("1", "passed", 0) +
                              R"(,{"spec":"b","results":{"stats":{}}}])");
    ASSERT_EQ(request.instances.size(), 3U);
    EXPECT_FALSE(request.instances[0].finished);
    const RecordedSpec& joined = request.instances[1];
    EXPECT_EQ(joined.counters.overall, 3);
    EXPECT_TRUE(joined.failed);
    EXPECT_NE(joined.stats_json.find(R"("failures":1)"), std::string::npos);
}

TEST(RecordRequest, OnlyWhatTheContractNamesIsKeptOfCommitAndPlatform) {
    const auto request = read(
        R"(,"commit":{"sha":"s","branch":7,"secret":"x"},"platform":{"osName":"linux","osCpus":[]})");
    EXPECT_EQ(request.commit_json,
              R"({"sha":"s","branch":null,"authorName":null,"authorEmail":null,"message":null,)"
              R"("remoteOrigin":null,"defaultBranch":null})");
    EXPECT_EQ(request.platform_json,
              R"({"osName":"linux","osVersion":null,"browserName":null,"browserVersion":null})");
    EXPECT_EQ(request.branch, "");
}

TEST(RecordRequest, WhatIsNoRequestIsRefused) {
    for (const char* const body :
         {"", "[]", "null", "{", R"({"projectId":7})", "{\"projectId\":\"\xff\"}"})
        EXPECT_NE(refusal(body), "") << body;
    for (const char* const name : {"ciBuildId", "group", "machineId", "previousCiBuildId"})
        EXPECT_EQ(refusal(R"({"projectId":"p","x":1,")" + std::string(name) + R"(":7})"),
                  std::string(name) + " must be a text");
}

TEST(RecordRequest, NestingWithoutEndIsRefusedBeforeItExhaustsTheStack) {
    const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
    EXPECT_NE(refusal(std::string(1'000'000, '[')), "");
    EXPECT_NE(refusal(R"({"projectId":"p","instances":[{"spec":"a","results":{"stats":{},)"
                      R"("exception":)" +
                      deep + "}}]}"),
              "");
    EXPECT_NE(refusal(R"({"projectId":"p","instances":[{"spec":"a","results":{"stats":{},)"
                      R"("tests":)" +
                      deep + "}}]}"),
              "");
    // Brackets in a text do not nest.
    EXPECT_EQ(refusal(R"({"projectId":"p","group":"\\\"[)" + std::string(1000, '[') + "\"}"), "");
}

}  // namespace
}  // namespace runs_agent::runs_server
