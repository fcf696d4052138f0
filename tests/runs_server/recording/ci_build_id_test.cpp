// SPDX-License-Identifier: MIT
#include "runs_server/recording/ci_build_id.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

std::string made(const char* ci) {
    rapidjson::Document document;
    document.Parse(ci);
    return made_build_id(&document);
}

TEST(CiBuildId, OfGithubItIsRepositoryRunAndAttempt) {
    EXPECT_EQ(made(R"({"provider":"githubActions","params":{"githubRepository":"octo/shop",
        "githubRunId":"1001","githubRunAttempt":"2"}})"),
              "octo/shop-1001-2");
    EXPECT_EQ(made(R"({"provider":"githubActions","params":{"githubRepository":"octo/shop",
        "githubRunId":1001}})"),
              "octo/shop-1001");
    EXPECT_EQ(made(R"({"params":{"githubRunId":"7"}})"), "7");
}

TEST(CiBuildId, OfOthersItIsWhatTheyTellBuildsApartBy) {
    EXPECT_EQ(made(R"({"provider":"gitlab","params":{"ciProjectId":"5","ciPipelineId":"77",
        "ciJobId":"1"}})"),
              "gitlab-5-77");
    EXPECT_EQ(
        made(R"({"provider":"circle","params":{"circleWorkflowId":"w","circleBuildNum":"3"}})"),
        "circle-w");
}

TEST(CiBuildId, WhereNothingTellsThereIsNone) {
    for (const char* const ci :
         {"null", "{}", R"({"provider":"teamcity","params":{"x":"1"}})",
          R"({"provider":"gitlab","params":{"ciProjectId":"5"}})",
          R"({"provider":"githubActions","params":{"githubRepository":"octo/shop"}})"})
        EXPECT_EQ(made(ci), "") << ci;
}

TEST(CiBuildId, OneOfGithubsKindIsReadBack) {
    const GithubBuild build = github_build_of("octo/my-shop-1001-2");
    EXPECT_EQ(build.repository, "octo/my-shop");
    EXPECT_EQ(build.run_id, "1001");
    EXPECT_EQ(build.attempt, 2);
    for (const char* const other :
         {"octo/shop-1001", "shop-1001-2", "octo/shop-a-2", "octo/shop-1-0", "octo/shop--2", ""})
        EXPECT_EQ(github_build_of(other).run_id, "") << other;
}

}  // namespace
}  // namespace runs_agent::runs_server
