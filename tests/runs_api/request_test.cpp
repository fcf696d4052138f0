// SPDX-License-Identifier: MIT
#include "runs_api/request.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_api {
namespace {

template <class T>
void expect_refused(const Result<T>& result, const std::string& why) {
    ASSERT_TRUE(result.has_error()) << why;
    EXPECT_EQ(result.error().code, Errc::bad_input) << result.error().message;
    EXPECT_NE(result.error().message.find(why), std::string::npos) << result.error().message;
}

template <class T>
void expect_text(const Result<T>& result, const std::string& text) {
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(*result, text);
}

TEST(RunPath, EscapesTheId) {
    expect_text(run_path("6f1c"), "/runs/6f1c");
    expect_text(run_path("a/../b?c#d", "/cancel"), "/runs/a%2F..%2Fb%3Fc%23d/cancel");
    expect_refused(run_path(""), "empty");
    expect_refused(run_path(".."), "no run id");
    expect_refused(run_path("."), "no run id");
}

TEST(FindPath, CarriesWhatIsGiven) {
    FindRun query;
    query.project_id = "p 1";
    expect_text(find_path(query), "/runs/find?projectId=p%201");
    query.ci_build_id = "octo/shop-1001-1";
    query.branch = "release/*";
    query.tags = {"smoke", "a&b"};
    query.pw_last_run = true;
    expect_text(find_path(query),
                "/runs/find?projectId=p%201&ciBuildId=octo%2Fshop-1001-1&branch=release%2F%2A"
                "&tags%5B%5D=smoke&tags%5B%5D=a%26b&pwLastRun=true");
}

TEST(FindPath, NeedsAProject) {
    expect_refused(find_path({}), "CURRENTS_PROJECT_ID");
}

TEST(FindPath, KeepsTheBranchRule) {
    FindRun query;
    query.project_id = "p";
    for (const std::string good : {"main", "release/*", "!", "~", "a)b+c", "feat#1"}) {
        query.branch = good;
        EXPECT_TRUE(find_path(query).has_value()) << good;
    }
    for (const std::string bad :
         {"*", "a b", "a*b", "**", "a**", "*a", "caf\xc3\xa9", "a\n", "a\x7f"}) {
        query.branch = bad;
        expect_refused(find_path(query), "branch");
    }
    query.branch = std::string(250, 'b');
    EXPECT_TRUE(find_path(query).has_value());
    query.branch += 'b';
    expect_refused(find_path(query), "250");
}

TEST(FindPath, RefusesAnEmptyTag) {
    FindRun query;
    query.project_id = "p";
    query.tags = {"a", ""};
    expect_refused(find_path(query), "tag");
}

TEST(ListPath, CarriesWhatIsGiven) {
    ListRuns query;
    query.project_id = "p/1";
    expect_text(list_path(query), "/projects/p%2F1/runs?limit=10");
    query.limit = 100;
    query.starting_after = "c=";
    query.branches = {"main"};
    query.tags = {"t"};
    query.statuses = {"PASSED", "FAILED"};
    query.completion_states = {"IN_PROGRESS"};
    query.search = "a b";
    expect_text(list_path(query),
                "/projects/p%2F1/runs?limit=100&starting_after=c%3D&branches%5B%5D=main"
                "&tags%5B%5D=t&status=PASSED&status=FAILED&completion_state=IN_PROGRESS"
                "&search=a%20b");
}

TEST(ListPath, KeepsTheRules) {
    ListRuns query;
    expect_refused(list_path(query), "project id");
    query.project_id = "p";
    for (const int limit : {0, -1, 101}) {
        query.limit = limit;
        expect_refused(list_path(query), "from 1 to 100");
    }
    query.limit = 1;
    query.starting_after = "a";
    query.ending_before = "b";
    expect_refused(list_path(query), "exclude each other");
    query.ending_before.clear();
    query.search = std::string(201, 's');
    expect_refused(list_path(query), "200");
    query.search.clear();
    query.statuses = {"passed"};
    expect_refused(list_path(query), "no status");
    query.statuses.clear();
    query.completion_states = {"CANCELLED"};
    expect_refused(list_path(query), "no completion state");
}

TEST(CancelCiBody, WritesTheAttemptAsAsked) {
    CancelGithubCi request;
    request.github_run_id = "16588214931";
    request.github_run_attempt = 2;
    expect_text(cancel_ci_body(request), R"({"githubRunId":"16588214931","githubRunAttempt":2})");
    request.encoding = AttemptEncoding::string;
    request.project_id = "p\"1";
    request.ci_build_id = "b";
    expect_text(
        cancel_ci_body(request),
        R"({"githubRunId":"16588214931","githubRunAttempt":"2","projectId":"p\"1","ciBuildId":"b"})");
}

TEST(CancelCiBody, KeepsTheRules) {
    CancelGithubCi request;
    for (const char* const id : {"", "12a", "-1", "1 "}) {
        request.github_run_id = id;
        expect_refused(cancel_ci_body(request), "decimal number");
    }
    request.github_run_id = "1";
    request.github_run_attempt = 0;
    expect_refused(cancel_ci_body(request), "attempt");
}

TEST(ResetBody, WritesTheMachines) {
    ResetRun request;
    request.machine_ids = {"m1", "m\n2"};
    expect_text(reset_body(request), R"({"machineId":["m1","m\n2"]})");
    request.is_batched_or_8n = false;
    request.machine_ids = {"m1"};
    expect_text(reset_body(request), R"({"machineId":["m1"],"isBatchedOr8n":false})");
}

TEST(ResetBody, TakesOneTo63Machines) {
    ResetRun request;
    expect_refused(reset_body(request), "1 to 63");
    request.machine_ids.assign(63, "m");
    EXPECT_TRUE(reset_body(request).has_value());
    request.machine_ids.emplace_back("m");
    expect_refused(reset_body(request), "not 64");
    request.machine_ids = {"m", ""};
    expect_refused(reset_body(request), "machine id is empty");
}

}  // namespace
}  // namespace runs_agent::runs_api
