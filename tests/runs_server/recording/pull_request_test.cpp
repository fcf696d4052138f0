// SPDX-License-Identifier: MIT
#include "runs_server/recording/pull_request.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

std::string of(const std::string& params, const std::string& event) {
    rapidjson::Document first;
    rapidjson::Document second;
    first.Parse("{" + params + "}");
    second.Parse(R"({"ghaEventData":{)" + event + "}}");
    EXPECT_FALSE(first.HasParseError() || second.HasParseError());
    return pull_request_of(&first, &second);
}

TEST(PullRequest, ThePageTellsAllOfIt) {
    EXPECT_EQ(of("", R"("htmlUrl":"https://github.com/o/r/pull/12")"), "github:github.com/o/r#12");
    EXPECT_EQ(of("", R"("htmlUrl":"https://ghe.test/o/r/pull/12/files")"),
              "github:ghe.test/o/r#12");
    EXPECT_EQ(of(R"("githubRef":"refs/pull/9/merge","githubRepository":"x/y")",
                 R"("htmlUrl":"https://github.com/o/pull/pull/12","issueUrl":"x/issues/8")"),
              "github:github.com/o/pull#12");
    EXPECT_EQ(of("", R"("htmlUrl":"/o/r/pull/12")"), "12");
}

TEST(PullRequest, ElseTheIssueOrTheRefAndTheRepository) {
    const std::string issue = R"("issueUrl":"https://api.github.com/repos/o/r/issues/13")";
    EXPECT_EQ(of("", issue), "13");
    EXPECT_EQ(of(R"("githubRepository":"o/r")", issue), "github:github.com/o/r#13");
    const std::string ref = R"("githubRef":"refs/pull/14/merge")";
    EXPECT_EQ(of(ref, ""), "14");
    EXPECT_EQ(of(ref + R"(,"githubRepository":"o/r")", ""), "github:github.com/o/r#14");
    EXPECT_EQ(of(ref + R"(,"githubRepository":"o/r","githubServerUrl":"https://ghe.test")", ""),
              "github:ghe.test/o/r#14");
    EXPECT_EQ(of(ref, issue), "13");
}

TEST(PullRequest, WhatIsNoneIsNone) {
    EXPECT_EQ(of("", ""), "");
    EXPECT_EQ(of(R"("githubRef":"refs/heads/pull/x","githubRepository":"o/r")", ""), "");
    EXPECT_EQ(of(R"("githubRef":"refs/heads/fix/pull/12","githubRepository":"o/r")", ""), "");
    EXPECT_EQ(of(R"("githubRef":"fix/refs/pull/12","githubRepository":"o/r")", ""), "");
    EXPECT_EQ(of("", R"("htmlUrl":"https://github.com/o/r/pull/next")"), "");
    EXPECT_EQ(of("", R"("htmlUrl":"https://github.com/o/r/pull/")"), "");
    EXPECT_EQ(of("", R"("htmlUrl":7)"), "");
    EXPECT_EQ(pull_request_of(nullptr, nullptr), "");
}

TEST(PullRequest, IsAskedForByItsIdOrItsNumber) {
    const std::string id = "github:github.com/o/r#12";
    EXPECT_TRUE(is_pull_request(id, id));
    EXPECT_TRUE(is_pull_request("12", id));
    EXPECT_TRUE(is_pull_request(id, "12"));
    EXPECT_FALSE(is_pull_request("2", id));
    EXPECT_FALSE(is_pull_request("github:github.com/o/other#12", id));
    EXPECT_FALSE(is_pull_request("", id));
    EXPECT_FALSE(is_pull_request("", ""));
    EXPECT_FALSE(is_pull_request("12", ""));
}

}  // namespace
}  // namespace runs_agent::runs_server
