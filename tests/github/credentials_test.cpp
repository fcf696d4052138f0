// SPDX-License-Identifier: MIT
#include "github/credentials.hpp"

#include "tests/github/github_fixture.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

using CredentialsTest = GitHubTest;

TEST_F(CredentialsTest, ATokenIsAskedForEachTime) {
    EXPECT_EQ(ask(credentials_.token_for("octo/shop")).value->text, "good");
    const std::string budget = ask(credentials_.token_for("other/one")).value->budget;
    EXPECT_EQ(ask(credentials_.token_for("octo")).value->budget, budget);
    EXPECT_EQ(budget.find("good"), std::string::npos);
    token_ = std::string("mended");
    EXPECT_EQ(ask(credentials_.token_for("octo/shop")).value->text, "mended");
    EXPECT_NE(ask(credentials_.token_for("octo/shop")).value->budget, budget);
    EXPECT_FALSE(credentials_.forget("octo/shop", "mended"));
}

TEST_F(CredentialsTest, ATokenIsCheckedAndNeverShown) {
    for (const std::string bad :
         {"", "sec ret", "secret\r\nX-Evil: 1", "secret\x7f", "secr\xc3\xa9t"}) {
        token_ = bad;
        const auto answer = run(client_.get_repository("octo/shop"));
        ASSERT_TRUE(answer.has_error());
        EXPECT_EQ(answer.error().code, Errc::refused);
        EXPECT_NE(answer.error().message.find("GITHUB_TOKEN"), std::string::npos);
        EXPECT_EQ(answer.error().message.find("sec"), std::string::npos);
    }
    token_ = fail(Errc::bad_input, "the file of GITHUB_TOKEN_FILE is gone");
    const auto answer = run(client_.get_repository("octo/shop"));
    EXPECT_EQ(answer.error().code, Errc::refused);
    EXPECT_EQ(answer.error().message, "the file of GITHUB_TOKEN_FILE is gone");
    EXPECT_TRUE(fake_.requests().empty());
}

TEST_F(CredentialsTest, ATokenCannotReadAnAppsLog) {
    const auto answer = run(client_.list_deliveries({HookTarget::app, "", ""}, ""));
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::refused);
    EXPECT_NE(answer.error().message.find("not with a token"), std::string::npos);
    EXPECT_NE(answer.error().message.find("GITHUB_APP_PRIVATE_KEY"), std::string::npos);
    EXPECT_TRUE(fake_.requests().empty());
}

TEST_F(CredentialsTest, WithoutAnySaysWhatToSet) {
    NoCredentials none;
    GitHubClient client(transport_, clock_, fake_.api_url(), none);
    const Error errors[] = {run(client.get_repository("octo/shop")).error(),
                            run(client.list_deliveries({HookTarget::app, "", ""}, "")).error()};
    for (const Error& error : errors) {
        EXPECT_EQ(error.code, Errc::refused);
        EXPECT_NE(
            error.message.find("set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY"),
            std::string::npos);
    }
    EXPECT_FALSE(none.forget("octo/shop", ""));
    EXPECT_TRUE(fake_.requests().empty());
}

}  // namespace
}  // namespace runs_agent::github
