// SPDX-License-Identifier: MIT
#include "github/standing.hpp"

#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

/// What each path is answered; anything else is a 404.
class StandingTest : public testing::Test {
protected:
    std::map<std::string, std::string> answers_;
    tests::ManualClock clock_;
    tests::ScriptedTransport http_{[this](const net::HttpRequest& request) {
        const std::string path = request.target.substr(request.target.find('/', 8));
        const auto found = answers_.find(path);
        return found == answers_.end() ? tests::answer(404, R"({"message":"Not Found"})")
                                       : tests::answer(200, found->second);
    }};
    TokenCredentials credentials_{[] { return std::string("secret"); }};
    Standing standing_{http_, clock_, "https://api.github.com", credentials_};
};

TEST_F(StandingTest, AWebhooksSettings) {
    answers_["/repos/octo/shop/hooks/7"] =
        R"({"id":7,"active":false,"events":["push","workflow_run"],)"
        R"("config":{"url":"https://h/x","content_type":"form","insecure_ssl":"1","secret":"****"}})";
    const auto found = tests::run(standing_.get_hook({HookTarget::repository, "octo/shop", "7"}));
    ASSERT_TRUE(found.has_value() && found->value);
    EXPECT_FALSE(found->value->active);
    EXPECT_EQ(found->value->events, (std::vector<std::string>{"push", "workflow_run"}));
    EXPECT_EQ(found->value->url, "https://h/x");
    EXPECT_EQ(found->value->content_type, "form");
    EXPECT_TRUE(found->value->insecure_ssl);
    EXPECT_TRUE(found->value->has_secret);
}

TEST_F(StandingTest, AnOrganizationsWebhookIsBelowIt) {
    answers_["/orgs/octo/hooks/7"] = R"({"id":7,"config":{"insecure_ssl":0}})";
    const auto found = tests::run(standing_.get_hook({HookTarget::organization, "octo", "7"}));
    ASSERT_TRUE(found.has_value() && found->value);
    EXPECT_TRUE(found->value->active) << "what is not said is as usual";
    EXPECT_FALSE(found->value->insecure_ssl);
    EXPECT_FALSE(found->value->has_secret);
}

TEST_F(StandingTest, ListsAndRefusals) {
    answers_["/repos/octo/shop/hooks?per_page=100"] = R"([{"id":1},{"id":2}])";
    const auto found = tests::run(standing_.list_hooks("octo/shop"));
    ASSERT_TRUE(found.has_value() && found->value);
    ASSERT_EQ(found->value->size(), 2U);
    EXPECT_EQ(found->value->at(1).id, "2");
    const auto none = tests::run(standing_.list_hooks("octo/other"));
    ASSERT_TRUE(none.has_value());
    EXPECT_EQ(none->status, 404);
    EXPECT_EQ(none->message, "Not Found");
    EXPECT_EQ(tests::run(standing_.list_hooks("../x")).error().code, Errc::bad_input);
    EXPECT_EQ(http_.requests.size(), 2U);
    answers_["/orgs/octo/hooks?per_page=100"] = R"([{"id":3}])";
    const auto of_organization = tests::run(standing_.list_hooks("octo"));
    ASSERT_TRUE(of_organization.has_value() && of_organization->value);
    EXPECT_EQ(of_organization->value->at(0).id, "3");
    // A token is nobody's App.
    EXPECT_EQ(tests::run(standing_.get_app()).error().code, Errc::refused);
    EXPECT_EQ(http_.requests.size(), 3U);
}

TEST_F(StandingTest, OnlyGitHubsAnswerSaysThatItTakesTheToken) {
    for (const char* const strange : {"<html>", "{}", "[]", R"({"resources":1})"}) {
        answers_["/rate_limit"] = strange;
        const auto found = tests::run(standing_.get_rate_limit());
        ASSERT_TRUE(found.has_error()) << strange;
        EXPECT_NE(found.error().message.find("GITHUB_API_URL"), std::string::npos);
    }
    answers_["/rate_limit"] = R"({"resources":{"core":{}}})";
    const auto found = tests::run(standing_.get_rate_limit());
    EXPECT_TRUE(found.has_value() && found->value);
}

TEST(StandingDocument, AnApp) {
    const auto app = standing::read_app(
        {R"({"slug":"ours","permissions":{"actions":"read","x":1},"events":["workflow_run",2]})",
         ""});
    ASSERT_TRUE(app.has_value());
    EXPECT_EQ(app->slug, "ours");
    EXPECT_EQ(app->permissions, (std::map<std::string, std::string>{{"actions", "read"}}));
    EXPECT_EQ(app->events, std::vector<std::string>{"workflow_run"});
    EXPECT_TRUE(standing::read_app({"<html>", ""}).has_error());
    EXPECT_TRUE(standing::read_app({"[]", ""}).has_error());
    EXPECT_TRUE(standing::read_app({"{}", ""}).has_error());
}

TEST(StandingDocument, Installations) {
    const auto all = standing::read_installations(
        {R"([{"account":{"login":"octo"},"suspended_at":null,"permissions":{"actions":"write"}},)"
         R"({"account":{"login":"ada"},"suspended_at":"2026-01-01T00:00:00Z"}])",
         ""});
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ(all->at(0).account, "octo");
    EXPECT_FALSE(all->at(0).suspended);
    EXPECT_EQ(all->at(0).permissions.at("actions"), "write");
    EXPECT_TRUE(all->at(1).suspended);
    EXPECT_TRUE(standing::read_installations({"{}", ""}).has_error());
}

}  // namespace
}  // namespace runs_agent::github
