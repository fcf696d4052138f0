// SPDX-License-Identifier: MIT
#include "github/client.hpp"

#include "tests/github/github_fixture.hpp"
#include "tests/scripted_transport.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

using tests::FakeDelivery;
using tests::FakeRun;

class GitHubClientTest : public GitHubTest {
protected:
    void put_run(std::int64_t id, const std::string& status = "in_progress") {
        FakeRun run;
        run.id = id;
        run.status = status;
        if (status == "completed") run.conclusion = "success";
        fake_.put_run("octo/shop", run);
    }
    void add_delivery(const Hook& hook, const std::string& guid) {
        FakeDelivery delivery;
        delivery.guid = guid;
        fake_.add_delivery(hook, delivery);
    }
    ListWorkflowRuns all_runs() const {
        ListWorkflowRuns query;
        query.repository = "octo/shop";
        return query;
    }
};

TEST_F(GitHubClientTest, SendsTheHeadersThatGitHubAsksFor) {
    ask(client_.get_repository("octo/shop"));
    const auto& headers = fake_.requests().at(0).headers;
    EXPECT_EQ(headers.find("Accept"), "application/vnd.github+json");
    EXPECT_EQ(headers.find("X-GitHub-Api-Version"), "2022-11-28");
    EXPECT_EQ(headers.find("Authorization"), "Bearer good");
    EXPECT_EQ(fake_.asked().at(0), "GET /repos/octo/shop");
}

TEST_F(GitHubClientTest, NamesItsHost) {
    const std::pair<const char*, const char*> cases[] = {
        {"https://api.github.com/", "github.com"},
        {"https://ghe.example.com/api/v3", "ghe.example.com"},
        {"no url", ""},
    };
    for (const auto& [url, host] : cases)
        EXPECT_EQ(GitHubClient(transport_, clock_, url, credentials_).host(), host);
}

TEST_F(GitHubClientTest, AsksAnEnterpriseServerBelowItsPath) {
    tests::ScriptedTransport transport(
        [](const net::HttpRequest&) { return tests::answer(200, R"({"full_name":"a/b"})"); });
    GitHubClient client(transport, clock_, "https://ghe.example.com/api/v3/", credentials_);
    ask(client.get_repository("a/b"));
    EXPECT_EQ(transport.requests.at(0).target, "https://ghe.example.com/api/v3/repos/a/b");
}

TEST_F(GitHubClientTest, CancelsARun) {
    put_run(7);
    const auto first = ask(client_.cancel_workflow_run("octo/shop", 7));
    EXPECT_EQ(first.status, 202);
    EXPECT_TRUE(first.value.has_value());
    EXPECT_EQ(fake_.run("octo/shop", 7).conclusion, "cancelled");
    EXPECT_EQ(fake_.asked().back(), "POST /repos/octo/shop/actions/runs/7/cancel");
    const auto second = ask(client_.cancel_workflow_run("octo/shop", 7));
    EXPECT_EQ(second.status, 409);
    EXPECT_FALSE(second.value.has_value());
    EXPECT_EQ(second.message, "Cannot cancel a workflow run that is completed.");
    EXPECT_FALSE(second.retry_after.has_value());
}

TEST_F(GitHubClientTest, ForceCancelsARunThatDoesNotAnswer) {
    FakeRun stuck;
    stuck.id = 8;
    stuck.is_stuck = true;
    fake_.put_run("octo/shop", stuck);
    EXPECT_EQ(ask(client_.cancel_workflow_run("octo/shop", 8)).status, 202);
    EXPECT_EQ(fake_.run("octo/shop", 8).status, "in_progress");
    EXPECT_EQ(ask(client_.force_cancel_workflow_run("octo/shop", 8)).status, 202);
    EXPECT_EQ(fake_.run("octo/shop", 8).status, "completed");
}

TEST_F(GitHubClientTest, GetsARunAndARepository) {
    put_run(9'000'000'000);
    FakeRun again;
    again.id = 9'000'000'000;
    again.attempt = 2;
    again.status = "queued";
    fake_.put_run("octo/shop", again);
    const auto run = ask(client_.get_workflow_run("octo/shop", 9'000'000'000));
    ASSERT_TRUE(run.value.has_value());
    EXPECT_EQ(run.value->id, 9'000'000'000);
    EXPECT_EQ(run.value->attempt, 2);
    EXPECT_EQ(run.value->status, "queued");
    EXPECT_NE(run.value->json.find(R"("path":".github/workflows/e2e.yml")"), std::string::npos);

    const auto first = ask(client_.get_workflow_run_attempt("octo/shop", 9'000'000'000, 1));
    EXPECT_EQ(first.value->attempt, 1);
    EXPECT_EQ(ask(client_.get_workflow_run_attempt("octo/shop", 9'000'000'000, 3)).status, 404);

    FakeRun titled;
    titled.id = 8;
    titled.run_name = "Deploy 8 by octocat";
    fake_.put_run("octo/shop", titled);
    EXPECT_FALSE(ask(client_.get_workflow_run("octo/shop", 8)).value->names_workflow);
    EXPECT_TRUE(run.value->names_workflow);
    const auto workflow = ask(client_.get_workflow("octo/shop", titled.workflow_id));
    EXPECT_EQ(workflow.value->name, "e2e");
    EXPECT_EQ(workflow.value->json,
              R"({"id":5001,"name":"e2e","path":".github/workflows/e2e.yml","state":"active"})");
    EXPECT_EQ(ask(client_.get_workflow("octo/shop", 7)).status, 404);

    fake_.add_repository("octo/trunk", "trunk");
    const auto repository = ask(client_.get_repository("octo/trunk"));
    EXPECT_EQ(repository.value->default_branch, "trunk");
    EXPECT_EQ(ask(client_.get_workflow_run("octo/trunk", 1)).status, 404);
}

TEST_F(GitHubClientTest, ListsRunsPageByPage) {
    for (int id = 1; id <= 250; ++id) put_run(id);
    ListWorkflowRuns query = all_runs();
    std::size_t found = 0;
    for (bool more = true; more; ++query.page) {
        const auto page = ask(client_.list_workflow_runs(query));
        ASSERT_TRUE(page.value.has_value()) << page.message;
        if (query.page == 1) {
            EXPECT_EQ(page.value->runs.at(0).id, 250);
        }
        found += page.value->runs.size();
        more = page.value->more;
    }
    EXPECT_EQ(found, 250U);
    EXPECT_EQ(query.page, 4);
}

TEST_F(GitHubClientTest, FiltersRuns) {
    put_run(1, "completed");
    clock_.advance(10min);
    const Time since = clock_.now();
    put_run(2);
    put_run(3, "completed");
    ListWorkflowRuns query = all_runs();
    query.created_since = since;
    EXPECT_EQ(ask(client_.list_workflow_runs(query)).value->runs.size(), 2U);
    query.status = "in_progress";
    const auto running = ask(client_.list_workflow_runs(query));
    ASSERT_EQ(running.value->runs.size(), 1U);
    EXPECT_EQ(running.value->runs[0].id, 2);
    EXPECT_FALSE(running.value->more);
}

TEST_F(GitHubClientTest, ListsTheRunsOfOneWorkflowBranchAndEvent) {
    const auto put = [this](std::int64_t id, auto change) {
        FakeRun run;
        run.id = id;
        change(run);
        fake_.put_run("octo/shop", run);
    };
    put(1, [](FakeRun&) {});
    clock_.advance(10min);
    const Time until = clock_.now();
    put(2, [](FakeRun& run) { run.branch = "other"; });
    put(3, [](FakeRun& run) { run.event = "pull_request"; });
    put(4, [](FakeRun& run) { run.workflow_id = 5'002; });
    put(5, [](FakeRun&) {});
    clock_.advance(10min);
    put(6, [](FakeRun&) {});
    ListWorkflowRuns query = all_runs();
    query.workflow_id = 5'001;
    query.branch = "main";
    query.event = "push";
    query.created_until = until;
    const auto listed = ask(client_.list_workflow_runs(query));
    ASSERT_EQ(listed.value->runs.size(), 2U);
    EXPECT_EQ(listed.value->runs[0].id, 5);
    EXPECT_EQ(listed.value->runs[1].id, 1);
    query.created_since = until;
    EXPECT_EQ(ask(client_.list_workflow_runs(query)).value->runs.size(), 1U);
    query.workflow_id = 7;
    EXPECT_EQ(ask(client_.list_workflow_runs(query)).status, 404);
}

TEST_F(GitHubClientTest, ReadsADeliveryLogByItsCursors) {
    const Hook hooks[] = {hook_, {HookTarget::organization, "octo", "2"}};
    for (const Hook& hook : hooks) {
        for (int i = 1; i <= 201; ++i) add_delivery(hook, "guid-" + std::to_string(i));
        std::vector<std::string> guids;
        std::string cursor;
        int pages = 0;
        do {
            const auto page = ask(client_.list_deliveries(hook, cursor));
            ASSERT_TRUE(page.value.has_value()) << page.message;
            for (const auto& delivery : page.value->deliveries) guids.push_back(delivery.guid);
            cursor = page.value->next_cursor;
            ++pages;
        } while (!cursor.empty());
        EXPECT_EQ(pages, 3);
        ASSERT_EQ(guids.size(), 201U);
        EXPECT_EQ(guids.front(), "guid-201");
        EXPECT_EQ(guids.back(), "guid-1");
    }
}

TEST_F(GitHubClientTest, GetsADelivery) {
    FakeDelivery delivery;
    delivery.guid = "g";
    delivery.payload = R"({"action":"completed","workflow_run":{"id":7}})";
    const std::int64_t id = fake_.add_delivery(hook_, delivery);
    const auto got = ask(client_.get_delivery(hook_, id));
    ASSERT_TRUE(got.value.has_value());
    EXPECT_EQ(got.value->guid, "g");
    EXPECT_EQ(got.value->event, "workflow_run");
    EXPECT_EQ(got.value->payload, delivery.payload);
    EXPECT_EQ(ask(client_.get_delivery(hook_, id + 1)).status, 404);
}

TEST_F(GitHubClientTest, SaysWhatATokenMayNot) {
    put_run(7);
    add_delivery(hook_, "g");
    fake_.access().tokens["good"] = {.hooks = false, .actions = false};
    const auto log = ask(client_.list_deliveries(hook_, ""));
    EXPECT_EQ(log.status, 404);
    EXPECT_EQ(log.message, "Not Found");
    const auto cancel = ask(client_.cancel_workflow_run("octo/shop", 7));
    EXPECT_EQ(cancel.status, 403);
    EXPECT_EQ(cancel.message, "Resource not accessible by personal access token");
    EXPECT_FALSE(cancel.retry_after.has_value());
    // A permission that is missing is no limit: others go on.
    EXPECT_EQ(ask(client_.get_workflow_run("octo/shop", 7)).status, 200);
}

TEST_F(GitHubClientTest, SaysThatATokenIsWrongWithoutShowingIt) {
    token_ = std::string("ghp_wrong");
    const auto answer = ask(client_.get_repository("octo/shop"));
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.message, "Bad credentials");
    EXPECT_EQ(fake_.requests().size(), 1U);
    fake_.fail_next(1, 400, "what is\nghp_wrong?");
    EXPECT_EQ(ask(client_.get_repository("octo/shop")).message, "what is [secret]?");
}

TEST_F(GitHubClientTest, SaysThatARepositoryHasMoved) {
    fake_.rename_repository("octo/shop", "octo/store");
    const auto answer = ask(client_.get_repository("octo/shop"));
    EXPECT_EQ(answer.status, 301);
    EXPECT_NE(answer.message.find("renamed or moved"), std::string::npos);
    EXPECT_FALSE(answer.value.has_value());
    EXPECT_EQ(fake_.requests().size(), 1U);
}

TEST_F(GitHubClientTest, SendsNothingForANameThatIsNone) {
    for (const char* const name : {"", "octo", "octo/../x", "octo/shop?x"}) {
        const auto code = [](const auto& answer) { return answer.error().code; };
        EXPECT_EQ(code(run(client_.get_repository(name))), Errc::bad_input);
        EXPECT_EQ(code(run(client_.cancel_workflow_run(name, 1))), Errc::bad_input);
        EXPECT_EQ(code(run(client_.get_workflow_run(name, 1))), Errc::bad_input);
        EXPECT_EQ(code(run(client_.list_deliveries({HookTarget::repository, name, "1"}, ""))),
                  Errc::bad_input);
    }
    EXPECT_TRUE(fake_.requests().empty());
}

TEST_F(GitHubClientTest, PassesOnThatTheNetworkFailed) {
    put_run(7);
    fake_.drop_next(1);
    const auto dropped = run(client_.cancel_workflow_run("octo/shop", 7));
    ASSERT_TRUE(dropped.has_error());
    EXPECT_EQ(dropped.error().code, Errc::network);
    EXPECT_EQ(fake_.run("octo/shop", 7).status, "in_progress");
    fake_.fail_next(1, 502, "Server Error");
    const auto failed = ask(client_.cancel_workflow_run("octo/shop", 7));
    EXPECT_EQ(failed.status, 502);
    EXPECT_EQ(failed.message, "Server Error");
    EXPECT_EQ(ask(client_.cancel_workflow_run("octo/shop", 7)).status, 202);
}

TEST_F(GitHubClientTest, TakesAPageForPeopleForNoAnswer) {
    tests::ScriptedTransport transport(
        [](const net::HttpRequest&) { return tests::answer(200, "<html>please log in</html>"); });
    GitHubClient client(transport, clock_, "https://ghe.example.com/api/v3", credentials_);
    EXPECT_EQ(run(client.get_repository("a/b")).error().code, Errc::network);
    EXPECT_EQ(run(client.list_workflow_runs(all_runs())).error().code, Errc::network);
}

}  // namespace
}  // namespace runs_agent::github
