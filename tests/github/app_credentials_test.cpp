// SPDX-License-Identifier: MIT
#include "github/app_credentials.hpp"

#include "tests/github/github_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

class AppCredentialsTest : public GitHubTest {
protected:
    AppCredentialsTest() { fake_.add_app("1234"); }

    Error error_of(const std::string& repository = "octo/shop") {
        const auto answer = run(client_of_app_.get_repository(repository));
        if (answer.has_value()) throw std::runtime_error("there was an answer");
        return answer.error();
    }
    /// Asks for all tokens side by side.
    std::vector<Result<Answer<Token>>> ask_together(const std::vector<std::string>& owners) {
        std::vector<Result<Answer<Token>>> answers;
        for (const std::string& owner : owners)
            boost::asio::co_spawn(context_, app_.token_for(owner),
                                  [&](const std::exception_ptr&, Result<Answer<Token>> answer) {
                                      answers.push_back(std::move(answer));
                                  });
        const auto end = std::chrono::steady_clock::now() + 10s;
        context_.restart();
        while (answers.size() < owners.size() && std::chrono::steady_clock::now() < end)
            context_.run_one_until(end);
        return answers;
    }
    std::size_t asked(const std::string& what) const {
        const auto all = fake_.asked();
        return static_cast<std::size_t>(std::count(all.begin(), all.end(), what));
    }

    AppCredentials app_ = make_app_credentials();
    GitHubClient client_of_app_{transport_, clock_, fake_.api_url(), app_};
};

TEST_F(AppCredentialsTest, TradesItsSignatureForATokenAndKeepsIt) {
    const std::int64_t id = fake_.install_app("octo");
    fake_.add_repository("octo/other");
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 200);
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/other")).status, 200);
    const std::vector<std::string> expected = {
        "GET /repos/octo/shop/installation",
        "POST /app/installations/" + std::to_string(id) + "/access_tokens",
        "GET /repos/octo/shop",
        "GET /repos/octo/other",
    };
    EXPECT_EQ(fake_.asked(), expected);
    EXPECT_EQ(fake_.requests()[2].headers.find("Authorization"), "Bearer ghs_1");
    EXPECT_EQ(ask(app_.token_for("OCTO/anything")).value->text, "ghs_1");
}

TEST_F(AppCredentialsTest, AsksForAnOrganization) {
    fake_.install_app("octo");
    EXPECT_EQ(ask(app_.token_for("octo")).value->text, "ghs_1");
    EXPECT_EQ(fake_.asked().at(0), "GET /orgs/octo/installation");
    EXPECT_EQ(run(app_.token_for("octo/..")).error().code, Errc::bad_input);
}

TEST_F(AppCredentialsTest, EachAccountHasABudgetOfItsOwn) {
    EXPECT_EQ(client_of_app_.budget_of("octo/shop"), client_of_app_.budget_of("Octo"));
    EXPECT_NE(client_of_app_.budget_of("octo/shop"), client_of_app_.budget_of("another/shop"));
    EXPECT_NE(client_of_app_.budget_of("octo"), client_of_app_.budget_of("")) << "the App's own";
    EXPECT_EQ(client_.budget_of("octo/shop"), client_.budget_of("another")) << "one token for all";
}

TEST_F(AppCredentialsTest, AClientIdIsAsGood) {
    fake_.install_app("octo");
    fake_.access().app_client_id = "Iv23liAbC";
    AppCredentials app(transport_, clock_, fake_.api_url(), "Iv23liAbC",
                       [] { return Result<std::string>(tests::app_keys().private_key); });
    EXPECT_EQ(ask(app.token_for("octo/shop")).value->text, "ghs_1");
}

TEST_F(AppCredentialsTest, GetsANewTokenFiveMinutesBeforeTheOldOneEnds) {
    fake_.install_app("octo");
    EXPECT_EQ(ask(app_.token_for("octo/shop")).value->text, "ghs_1");
    clock_.advance(55min - 1s);
    EXPECT_EQ(ask(app_.token_for("octo/shop")).value->text, "ghs_1");
    clock_.advance(1s);
    EXPECT_EQ(ask(app_.token_for("octo/shop")).value->text, "ghs_2");
    // Where the App is installed does not change with the hour.
    EXPECT_EQ(asked("GET /repos/octo/shop/installation"), 1U);
}

TEST_F(AppCredentialsTest, ATokenThatWasRevokedIsFetchedAnewOnce) {
    fake_.install_app("octo");
    tests::FakeRun cancelled;
    cancelled.id = 7;
    fake_.put_run("octo/shop", cancelled);
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 200);
    fake_.access().revoke_installation_tokens();
    EXPECT_EQ(ask(client_of_app_.cancel_workflow_run("octo/shop", 7)).status, 202);
    EXPECT_EQ(fake_.requests().back().headers.find("Authorization"), "Bearer ghs_2");

    fake_.forget_requests();
    fake_.fail_next(1, 401, "Bad credentials");
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 200);
    EXPECT_EQ(fake_.access().tokens_made(), 3);
    // A life too short for any use: the second 401 is the answer.
    fake_.access().installation_token_life = 0s;
    clock_.advance(1h);
    const auto refused = ask(client_of_app_.get_repository("octo/shop"));
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(fake_.access().tokens_made(), 5);
}

TEST_F(AppCredentialsTest, ForgettingAnOldTokenLeavesTheNewOne) {
    fake_.install_app("octo");
    EXPECT_EQ(ask(app_.token_for("octo/shop")).value->text, "ghs_1");
    EXPECT_TRUE(app_.forget("octo/shop", "ghs_1"));
    EXPECT_EQ(ask(app_.token_for("octo/shop")).value->text, "ghs_2");
    EXPECT_TRUE(app_.forget("octo/shop", "ghs_1"));
    EXPECT_EQ(ask(app_.token_for("octo/shop")).value->text, "ghs_2");
}

TEST_F(AppCredentialsTest, WhoAskTogetherShareOneFetch) {
    fake_.install_app("octo");
    fake_.install_app("acme");
    std::vector<std::string> owners(20, "octo/shop");
    owners.emplace_back("octo");
    owners.emplace_back("acme/x");
    const auto answers = ask_together(owners);
    ASSERT_EQ(answers.size(), 22U);
    for (const auto& answer : answers) EXPECT_TRUE(answer.has_value() && answer->ok());
    EXPECT_EQ(fake_.access().tokens_made(), 2);
    EXPECT_EQ(fake_.requests().size(), 4U);
}

TEST_F(AppCredentialsTest, WhoAskTogetherShareAFailure) {
    fake_.install_app("octo");
    fake_.fail_next(1, 502, "Server Error");
    for (const auto& answer : ask_together(std::vector<std::string>(10, "octo/shop"))) {
        ASSERT_TRUE(answer.has_value());
        EXPECT_EQ(answer->status, 502);
    }
    EXPECT_EQ(fake_.requests().size(), 1U);
    EXPECT_EQ(ask(app_.token_for("octo/shop")).status, 200);
}

TEST_F(AppCredentialsTest, ThatOneRepositoryIsLeftOutSaysNothingOfAnother) {
    fake_.install_app("octo", {"octo/shop"});
    const auto answers = ask_together({"octo/left-out", "octo/shop", "octo/left-out"});
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(std::count_if(answers.begin(), answers.end(),
                            [](const auto& answer) { return answer.has_value(); }),
              1);
    EXPECT_EQ(asked("GET /repos/octo/left-out/installation"), 1U);
}

TEST_F(AppCredentialsTest, AFetchThatIsGivenUpIsTakenOverByWhoWaits) {
    fake_.install_app("octo");
    boost::asio::cancellation_signal give_up;
    std::optional<Result<Answer<Token>>> got;
    boost::asio::co_spawn(context_, app_.token_for("octo/shop"),
                          boost::asio::bind_cancellation_slot(
                              give_up.slot(), [](const std::exception_ptr&, const auto&) {}));
    boost::asio::co_spawn(
        context_, app_.token_for("octo/shop"),
        [&](const std::exception_ptr&, Result<Answer<Token>> answer) { got = std::move(answer); });
    context_.restart();
    context_.poll();
    give_up.emit(boost::asio::cancellation_type::terminal);
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!got && std::chrono::steady_clock::now() < end) context_.run_one_until(end);
    ASSERT_TRUE(got.has_value());
    ASSERT_TRUE(got->has_value()) << got->error().message;
    EXPECT_TRUE((*got)->ok());
}

TEST_F(AppCredentialsTest, ReadsItsOwnDeliveryLog) {
    const Hook of_app{HookTarget::app, "", ""};
    for (int i = 0; i < 101; ++i) {
        tests::FakeDelivery delivery;
        delivery.guid = std::to_string(i);
        fake_.add_delivery(of_app, delivery);
    }
    const auto first = ask(client_of_app_.list_deliveries(of_app, ""));
    ASSERT_TRUE(first.value.has_value()) << first.message;
    EXPECT_EQ(first.value->deliveries.size(), 100U);
    const auto rest = ask(client_of_app_.list_deliveries(of_app, first.value->next_cursor));
    ASSERT_EQ(rest.value->deliveries.size(), 1U);
    const auto payload = ask(client_of_app_.get_delivery(of_app, rest.value->deliveries[0].id));
    EXPECT_EQ(payload.value->guid, "0");
    EXPECT_EQ(fake_.access().tokens_made(), 0);
}

TEST_F(AppCredentialsTest, FollowsAnInstallationThatWasMadeAnew) {
    fake_.install_app("octo");
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 200);
    fake_.install_app("octo");
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 200);
    EXPECT_EQ(fake_.access().tokens_made(), 2);
}

TEST_F(AppCredentialsTest, SaysWhatIsWrong) {
    EXPECT_EQ(error_of().code, Errc::refused);
    EXPECT_NE(error_of().message.find("not installed for octo/shop"), std::string::npos);

    fake_.access().app_public_key = tests::make_rsa_keys().public_key;
    EXPECT_EQ(error_of().code, Errc::refused);
    EXPECT_NE(error_of().message.find("A JSON web token could not be decoded"), std::string::npos);
    EXPECT_NE(error_of().message.find("GITHUB_APP_ID"), std::string::npos);

    fake_.fail_next(1, 403, "This installation has been suspended");
    EXPECT_NE(error_of().message.find("suspended"), std::string::npos);

    const std::size_t before = fake_.requests().size();
    private_key_ = std::string("-----BEGIN RSA PRIVATE KEY-----\nsecret\n");
    EXPECT_EQ(error_of().code, Errc::refused);
    EXPECT_NE(error_of().message.find("GITHUB_APP_PRIVATE_KEY is not a PEM"), std::string::npos);
    EXPECT_EQ(error_of().message.find("secret"), std::string::npos);
    private_key_ = fail(Errc::io, "the key's file is gone");
    EXPECT_EQ(error_of().code, Errc::refused);
    EXPECT_EQ(error_of().message, "the key's file is gone");
    EXPECT_EQ(fake_.requests().size(), before);
}

TEST_F(AppCredentialsTest, WhatTimeMayMendIsAnAnswer) {
    fake_.install_app("octo");
    fake_.limit_next(1, 30);
    const auto limited = ask(client_of_app_.get_repository("octo/shop"));
    EXPECT_EQ(limited.status, 403);
    EXPECT_EQ(limited.retry_after, 30s);
    const auto held = ask(client_of_app_.get_repository("octo/shop"));
    EXPECT_EQ(held.status, 429);
    EXPECT_EQ(held.retry_after, 30s);
    EXPECT_EQ(fake_.requests().size(), 1U);
    clock_.advance(30s);
    fake_.fail_next(1, 503, "Unavailable");
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).message,
              "asking for the GitHub App's token: Unavailable");
    fake_.drop_next(2);
    EXPECT_EQ(error_of().code, Errc::network);
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 200);
}

TEST_F(AppCredentialsTest, EachInstallationHasALimitOfItsOwn) {
    fake_.install_app("octo");
    fake_.install_app("acme");
    fake_.add_repository("acme/shop");
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 200);
    fake_.limit_next(1, 3000);
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 403);
    EXPECT_EQ(ask(client_of_app_.get_repository("acme/shop")).status, 200);
    // A new token does not lift it.
    app_.forget("octo/shop", "ghs_1");
    EXPECT_EQ(ask(client_of_app_.get_repository("octo/shop")).status, 429);
}

}  // namespace
}  // namespace runs_agent::github
