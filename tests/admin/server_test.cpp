// SPDX-License-Identifier: MIT
// Who is let in, what each answer carries, and how long a wrong token is waited with.
#include "admin/server.hpp"

#include "store/sqlite_store.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace runs_agent::admin {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

class AdminTest : public testing::Test {
protected:
    AdminTest() {
        AdminOptions options;
        options.token = "the-admin-token-of-the-test";
        options.read_token = "the-read-token-of-the-test";
        options.policy = [policy = std::make_shared<const decide::Policy>()] { return policy; };
        options.failure_delay = 1ms;
        store_ = store::open_sqlite_store(dir_.file("a.db")).value();
        admin_ = std::make_unique<Admin>(context_.get_executor(), std::move(options), *store_,
                                         clock_, log_);
    }

    net::HttpResponse ask(net::HttpRequest request) {
        std::optional<net::HttpResponse> answered;
        asio::co_spawn(context_, admin_->handle(std::move(request)),
                       [&](std::exception_ptr bug, net::HttpResponse response) {
                           if (bug) std::rethrow_exception(bug);
                           answered = std::move(response);
                       });
        context_.restart();
        while (!answered && context_.run_one() > 0) {
        }
        return std::move(*answered);
    }
    static net::HttpRequest request(std::string method, std::string target,
                                    net::Headers headers = {}, std::string body = {}) {
        net::HttpRequest made;
        made.method = std::move(method);
        made.target = std::move(target);
        made.headers = std::move(headers);
        made.headers.add("Host", "agent.example");
        made.body = std::move(body);
        return made;
    }
    static net::Headers bearer(const char* token) {
        return {{"Authorization", std::string("Bearer ") + token}};
    }

    tests::TempDir dir_;
    asio::io_context context_{1};
    SystemClock clock_;
    Log log_{clock_, LogLevel::error, LogFormat::json, 2};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Admin> admin_;
};

TEST_F(AdminTest, NobodySeesAnythingWithoutAToken) {
    for (const char* const path : {"/", "/deliveries", "/setup", "/recorded/x", "/nothing"}) {
        const auto answer = ask(request("GET", path));
        EXPECT_EQ(answer.status, 303) << path;
        EXPECT_NE(answer.headers.find("Location")->find("sign-in"), std::string_view::npos);
    }
    EXPECT_EQ(*ask(request("GET", "/deliveries/x")).headers.find("Location"), "../sign-in");
    for (const char* const path : {"/api/deliveries", "/api/health", "/api/nothing"})
        EXPECT_EQ(ask(request("GET", path)).status, 401) << path;
    EXPECT_EQ(ask(request("POST", "/api/deliveries/replay")).status, 401);
    EXPECT_EQ(ask(request("GET", "/api/health", bearer("wrong"))).status, 401);
    EXPECT_EQ(ask(request("GET", "/style.css")).status, 200);
    EXPECT_EQ(ask(request("GET", "/sign-in")).status, 200);
}

TEST_F(AdminTest, EachAnswerKeepsOthersOut) {
    for (const auto& answer : {ask(request("GET", "/sign-in")), ask(request("GET", "/script.js")),
                               ask(request("GET", "/api/health")), ask(request("GET", "/%zz"))}) {
        EXPECT_TRUE(answer.headers.find("Content-Security-Policy")
                        ->starts_with("default-src 'none'; script-src 'self'"));
        EXPECT_EQ(*answer.headers.find("X-Content-Type-Options"), "nosniff");
        EXPECT_TRUE(answer.headers.has("Cache-Control"));
    }
}

TEST_F(AdminTest, WhoMayLookMayNotChange) {
    const auto reader = bearer("the-read-token-of-the-test");
    EXPECT_EQ(ask(request("GET", "/api/deliveries", reader)).status, 200);
    EXPECT_EQ(
        ask(request("POST", "/api/deliveries/replay", reader, "{\"q\":\"state:dead\"}")).status,
        403);
    const auto admin = bearer("the-admin-token-of-the-test");
    EXPECT_EQ(
        ask(request("POST", "/api/deliveries/replay", admin, "{\"q\":\"state:dead\"}")).status,
        200);
    // Without a filter it would be everything.
    EXPECT_EQ(ask(request("POST", "/api/deliveries/replay", admin, "{}")).status, 400);
    EXPECT_EQ(ask(request("PUT", "/api/deliveries", admin)).status, 405);
}

TEST_F(AdminTest, AFormOfAnotherSiteChangesNothing) {
    const auto signed_in =
        ask(request("POST", "/sign-in", {{"Content-Type", "application/x-www-form-urlencoded"}},
                    "token=the-admin-token-of-the-test&name=Ada"));
    ASSERT_EQ(signed_in.status, 303);
    const std::string set(*signed_in.headers.find("Set-Cookie"));
    const std::string cookie = set.substr(0, set.find(';'));
    EXPECT_EQ(ask(request("GET", "/", {{"Cookie", cookie}})).status, 200);
    const auto forged = ask(request("POST", "/deliveries/replay",
                                    {{"Cookie", cookie}, {"Origin", "https://evil.example"}},
                                    "which=all&q=state:dead&confirmed=yes"));
    EXPECT_EQ(forged.status, 403);
    // JSON, which a form can make look like text, has no form token either.
    EXPECT_EQ(ask(request("POST", "/api/deliveries/replay", {{"Cookie", cookie}},
                          "{\"q\":\"state:dead\"}"))
                  .status,
              403);
}

TEST_F(AdminTest, WhoeverGuessesWaitsAndManyAreTurnedAway) {
    int waited = 0;
    int turned_away = 0;
    for (int i = 0; i < 40; ++i)
        asio::co_spawn(context_, admin_->handle(request("GET", "/api/health", bearer("a guess"))),
                       [&](std::exception_ptr bug, net::HttpResponse response) {
                           if (bug) std::rethrow_exception(bug);
                           ++(response.status == 429 ? turned_away : waited);
                       });
    // Whoever has the token need not wait for them.
    bool before = false;
    asio::co_spawn(
        context_,
        admin_->handle(request("GET", "/api/acts", bearer("the-admin-token-of-the-test"))),
        [&](std::exception_ptr bug, net::HttpResponse response) {
            if (bug) std::rethrow_exception(bug);
            EXPECT_EQ(response.status, 200);
            before = waited < 16;
        });
    context_.restart();
    while (waited + turned_away < 40 && context_.run_one() > 0) {
    }
    EXPECT_EQ(waited, 16);
    EXPECT_EQ(turned_away, 24);
    while (!before && context_.run_one_for(5s) > 0) {
    }
}

}  // namespace
}  // namespace runs_agent::admin
