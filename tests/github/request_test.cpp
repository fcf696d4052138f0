// SPDX-License-Identifier: MIT
#include "github/request.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

using namespace std::chrono_literals;

TEST(Request, KnowsHowDeliveriesNameTheHost) {
    const std::pair<const char*, const char*> cases[] = {
        {"https://api.github.com", "github.com"},
        {"https://API.github.com/", "github.com"},
        {"https://ghe.example.com/api/v3", "ghe.example.com"},
        {"https://ghe.example.com:8443/api/v3", "ghe.example.com:8443"},
        {"https://ghe.example.com:443/api/v3/", "ghe.example.com"},
        {"https://api.octo.ghe.com", "octo.ghe.com"},
        {"https://GHE.Example.com./api/v3", "ghe.example.com"},
        {"https://api.github.com.", "github.com"},
        {"http://127.0.0.1:4567", "127.0.0.1:4567"},
    };
    for (const auto& [url, host] : cases) {
        const auto found = host_of_api(url);
        ASSERT_TRUE(found.has_value()) << url << ": " << found.error().message;
        EXPECT_EQ(*found, host);
    }
    for (const char* const wrong :
         {"", "api.github.com", "ftp://api.github.com", "https://", "https://github.com",
          "https://www.github.com/", "https://me:secret@api.github.com", "https://api.github.com?x",
          "https://api.github.com/#x"}) {
        const auto found = host_of_api(wrong);
        ASSERT_TRUE(found.has_error()) << wrong;
        EXPECT_EQ(found.error().code, Errc::bad_input);
        EXPECT_EQ(found.error().message.find("secret"), std::string::npos);
    }
}

TEST(Request, RefusesNamesThatLeadElsewhere) {
    for (const char* const good : {"octo/shop", "a/b", "Octo-1/My.repo_2-x", "o_corp/.github"})
        EXPECT_EQ(*repository_path(good), "/repos/" + std::string(good));
    for (const char* const bad : {"", "octo", "octo/", "/shop", "octo/..", "./shop", "octo/shop/x",
                                  "octo/sh op", "octo/shop?x", "octo/shop#", "octo/%2e",
                                  "octo/sh\xc3\xa9p", "octo/shop\r\n", "octo\\shop"}) {
        ASSERT_TRUE(repository_path(bad).has_error()) << bad;
        EXPECT_EQ(repository_path(bad).error().code, Errc::bad_input);
        EXPECT_TRUE(run_path(bad, 1).has_error());
        ListWorkflowRuns query;
        query.repository = bad;
        EXPECT_TRUE(runs_path(query).has_error());
        EXPECT_TRUE(installation_path(bad).has_error() || std::string(bad) == "octo") << bad;
    }
    EXPECT_TRUE(repository_path("octo/" + std::string(101, 'a')).has_error());
}

TEST(Request, MakesPathsOfRuns) {
    EXPECT_EQ(*run_path("octo/shop", 7), "/repos/octo/shop/actions/runs/7");
    EXPECT_EQ(*run_path("octo/shop", 9'000'000'000, "/cancel"),
              "/repos/octo/shop/actions/runs/9000000000/cancel");
    EXPECT_TRUE(run_path("octo/shop", 0).has_error());
    EXPECT_TRUE(run_path("octo/shop", -1).has_error());

    ListWorkflowRuns query;
    query.repository = "octo/shop";
    EXPECT_EQ(*runs_path(query), "/repos/octo/shop/actions/runs?per_page=100");
    query.created_since = Time(1'767'225'600'999ms);
    query.status = "in_progress";
    query.page = 3;
    EXPECT_EQ(*runs_path(query),
              "/repos/octo/shop/actions/runs?per_page=100&page=3"
              "&created=%3E%3D2026-01-01T00%3A00%3A00Z&status=in_progress");
    query.status = "a&b=c";
    query.created_since.reset();
    query.page = 1;
    EXPECT_EQ(*runs_path(query), "/repos/octo/shop/actions/runs?per_page=100&status=a%26b%3Dc");
    query.page = 0;
    EXPECT_TRUE(runs_path(query).has_error());
}

TEST(Request, NarrowsListsOfRuns) {
    ListWorkflowRuns query;
    query.repository = "octo/shop";
    query.workflow_id = 9'000'000'000;
    query.branch = "fix/a&b #1";
    query.event = "pull_request";
    EXPECT_EQ(*runs_path(query),
              "/repos/octo/shop/actions/workflows/9000000000/runs?per_page=100"
              "&branch=fix%2Fa%26b%20%231&event=pull_request");
    query = {};
    query.repository = "octo/shop";
    query.created_until = Time(1'767'225'600'999ms);
    EXPECT_EQ(*runs_path(query),
              "/repos/octo/shop/actions/runs?per_page=100&created=%3C%3D2026-01-01T00%3A00%3A00Z");
    query.created_since = Time(1'767'225'000'000ms);
    EXPECT_EQ(*runs_path(query),
              "/repos/octo/shop/actions/runs?per_page=100"
              "&created=2025-12-31T23%3A50%3A00Z..2026-01-01T00%3A00%3A00Z");
    query.workflow_id = -1;
    EXPECT_TRUE(runs_path(query).has_error());
}

TEST(Request, MakesPathsOfDeliveryLogs) {
    const Hook of_repository{HookTarget::repository, "octo/shop", "12"};
    const Hook of_organization{HookTarget::organization, "octo", "34"};
    const Hook of_app{HookTarget::app, "", ""};
    EXPECT_EQ(*deliveries_path(of_repository, ""),
              "/repos/octo/shop/hooks/12/deliveries?per_page=100");
    EXPECT_EQ(*deliveries_path(of_organization, "v1_1&2"),
              "/orgs/octo/hooks/34/deliveries?per_page=100&cursor=v1_1%262");
    EXPECT_EQ(*deliveries_path(of_app, ""), "/app/hook/deliveries?per_page=100");
    EXPECT_EQ(*delivery_path(of_repository, 5), "/repos/octo/shop/hooks/12/deliveries/5");
    EXPECT_EQ(*delivery_path(of_app, 5), "/app/hook/deliveries/5");
    EXPECT_TRUE(delivery_path(of_app, 0).has_error());
    for (const char* const id : {"", "1/2", "-1", "x", "111111111111111111111"})
        EXPECT_TRUE(deliveries_path({HookTarget::repository, "octo/shop", id}).has_error()) << id;
    EXPECT_TRUE(deliveries_path({HookTarget::organization, "octo/shop", "1"}).has_error());
    EXPECT_TRUE(deliveries_path({HookTarget::repository, "octo", "1"}).has_error());
}

TEST(Request, MakesPathsOfInstallations) {
    EXPECT_EQ(*installation_path("octo/shop"), "/repos/octo/shop/installation");
    EXPECT_EQ(*installation_path("octo"), "/orgs/octo/installation");
    EXPECT_TRUE(installation_path("..").has_error());
}

}  // namespace
}  // namespace runs_agent::github
