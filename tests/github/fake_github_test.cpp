// SPDX-License-Identifier: MIT
// The fake is trusted by other tests: what it does beyond what our client asks for is checked here.
#include "tests/github/fake_github.hpp"

#include "github/jwt.hpp"
#include "tests/github/github_fixture.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

class FakeGitHubTest : public GitHubTest {
protected:
    net::HttpResponse send(const std::string& method, const std::string& path,
                           const std::string& token = "good") {
        net::HttpRequest request;
        request.method = method;
        request.target = fake_.api_url() + path;
        if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
        auto response = run(transport_.send(std::move(request)));
        if (response.has_error()) throw std::runtime_error(response.error().message);
        return std::move(*response);
    }
    void put_runs(int count) {
        for (int id = 1; id <= count; ++id) {
            tests::FakeRun run;
            run.id = id;
            fake_.put_run("octo/shop", run);
        }
    }
    static std::string header(const net::HttpResponse& response, const char* name) {
        return std::string(response.headers.find(name).value_or("none"));
    }
};

TEST_F(FakeGitHubTest, WantsToKnowWhoAsks) {
    EXPECT_EQ(send("GET", "/repos/octo/shop", "").status, 401);
    EXPECT_EQ(send("GET", "/repos/octo/shop", "bad").status, 401);
    EXPECT_EQ(send("GET", "/app/hook/deliveries", "good").status, 401);
    EXPECT_EQ(send("GET", "/repos/octo/none", "good").status, 404);
    EXPECT_EQ(send("PATCH", "/repos/octo/shop", "good").status, 404);
    fake_.access().tokens["narrow"] = {.repositories = {"octo/other"}};
    EXPECT_EQ(send("GET", "/repos/octo/shop", "narrow").status, 404);
}

TEST_F(FakeGitHubTest, EndsAFilteredSearchAtAThousandRuns) {
    put_runs(1'005);
    const std::string path = "/repos/octo/shop/actions/runs?per_page=100&status=in_progress&page=";
    const auto tenth = send("GET", path + "10");
    EXPECT_EQ(header(tenth, "Link").find("next"), std::string::npos);
    EXPECT_NE(tenth.body.find(R"("total_count":1000,)"), std::string::npos);
    const auto all = send("GET", "/repos/octo/shop/actions/runs?per_page=100&page=10");
    EXPECT_NE(header(all, "Link").find("page=11>; rel=\"next\""), std::string::npos);
}

TEST_F(FakeGitHubTest, KeepsTheAttemptsOfARun) {
    put_runs(1);
    tests::FakeRun second;
    second.id = 1;
    second.attempt = 2;
    fake_.put_run("octo/shop", second);
    for (const auto& [path, attempt] : {std::pair("", 2), {"/attempts/1", 1}, {"/attempts/2", 2}}) {
        const auto response = send("GET", std::string("/repos/octo/shop/actions/runs/1") + path);
        EXPECT_NE(response.body.find("\"run_attempt\":" + std::to_string(attempt)),
                  std::string::npos);
    }
    EXPECT_EQ(send("GET", "/repos/octo/shop/actions/runs/1/attempts/3").status, 404);
}

TEST_F(FakeGitHubTest, DeliversAgain) {
    tests::FakeDelivery delivery;
    delivery.guid = "g";
    delivery.status_code = 502;
    const std::int64_t id = fake_.add_delivery(hook_, delivery);
    int delivered = 0;
    fake_.on_redelivery = [&](const tests::FakeDelivery& again) {
        EXPECT_EQ(again.guid, "g");
        ++delivered;
        return 200;
    };
    const std::string log = "/repos/octo/shop/hooks/1/deliveries/";
    EXPECT_EQ(send("POST", log + std::to_string(id) + "/attempts").status, 202);
    EXPECT_EQ(send("POST", log + "1/attempts").status, 404);
    EXPECT_EQ(delivered, 1);
    ASSERT_EQ(fake_.deliveries(hook_).size(), 2U);
    EXPECT_TRUE(fake_.deliveries(hook_)[1].redelivery);
    EXPECT_EQ(fake_.deliveries(hook_)[1].status_code, 200);
    EXPECT_NE(fake_.deliveries(hook_)[1].id, id);
    const auto page = ask(client_.list_deliveries(hook_, ""));
    EXPECT_EQ(page.value->deliveries.at(0).status_code, 200);
    EXPECT_EQ(page.value->deliveries.at(1).status_code, 502);
}

TEST_F(FakeGitHubTest, CountsDownItsLimitAndBeginsAnewAfterAnHour) {
    fake_.access().limit = 2;
    EXPECT_EQ(header(send("GET", "/repos/octo/shop"), "x-ratelimit-remaining"), "1");
    EXPECT_EQ(header(send("GET", "/repos/octo/shop"), "x-ratelimit-remaining"), "0");
    const auto refused = send("GET", "/repos/octo/shop");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(header(refused, "x-ratelimit-remaining"), "0");
    EXPECT_EQ(header(refused, "x-ratelimit-limit"), "2");
    clock_.advance(1h);
    EXPECT_EQ(send("GET", "/repos/octo/shop").status, 200);
}

TEST_F(FakeGitHubTest, DropsConnectionsAndGoesOn) {
    fake_.drop_next(2);
    for (int i = 0; i < 2; ++i) EXPECT_THROW(send("POST", "/x"), std::runtime_error);
    EXPECT_EQ(send("GET", "/repos/octo/shop").status, 200);
    EXPECT_EQ(fake_.requests().size(), 3U);
    fake_.forget_requests();
    EXPECT_TRUE(fake_.asked().empty());
}

TEST(FakeApp, RefusesTimesThatGitHubRefuses) {
    // What is signed now, seen at other times.
    const Time now{1'767'225'600'000ms};
    const auto& keys = tests::app_keys();
    const std::string jwt = *make_jwt("1", keys.private_key, now);
    const std::pair<std::chrono::seconds, const char*> cases[] = {
        {0s, ""}, {-60s, ""}, {-61s, "Issued at"}, {539s, ""}, {540s, "future time"},
    };
    for (const auto& [later, wrong] : cases)
        EXPECT_NE(tests::check_jwt(jwt, keys.public_key, now + later).wrong.find(wrong),
                  std::string::npos)
            << later.count();
}

}  // namespace
}  // namespace runs_agent::github
