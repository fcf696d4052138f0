// SPDX-License-Identifier: MIT
#include "agent/action/asked/build_id.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

const config::Environment job({{"GITHUB_REPOSITORY", "octo/shop"},
                               {"GITHUB_RUN_NUMBER", "77"},
                               {"GITHUB_WORKFLOW", "e2e"},
                               {"GITHUB_ACTOR", "mona"},
                               {"GITHUB_EVENT_NAME", "push"}});

Result<std::string> render(const std::string& text, Attempt attempt = {"8589934593", 2},
                           const config::Environment& environment = job) {
    return render_build_id(text, "CURRENTS_CI_BUILD_ID", Inputs(environment), attempt);
}

TEST(BuildId, IsRenderedFromTheJobsVariables) {
    EXPECT_EQ(*render(default_build_id()), "octo/shop-8589934593-2");
    EXPECT_EQ(*render("${{ github.repository_owner }}/${{GitHub.Workflow}}-${{ github.run_number }}"
                      "-${{ github.actor }}-${{ github.event_name }}"),
              "octo/e2e-77-mona-push");
    EXPECT_EQ(*render("as it is, github.run_id"), "as it is, github.run_id");
}

TEST(BuildId, WhatTheEnvironmentDoesNotSayIsAnError) {
    const config::Environment nothing(std::map<std::string, std::string>{});
    EXPECT_EQ(*render("plain", {}, nothing), "plain");
    for (const auto& [text, variable] :
         {std::pair{"${{ github.repository }}", "GITHUB_REPOSITORY"},
          std::pair{"${{ github.repository_owner }}", "GITHUB_REPOSITORY"},
          std::pair{"a-${{ github.run_id }}", "GITHUB_RUN_ID"},
          std::pair{"${{ GITHUB.WORKFLOW }}", "GITHUB_WORKFLOW"}}) {
        const auto made = render(text, {}, nothing);
        ASSERT_TRUE(made.has_error()) << text;
        EXPECT_EQ(made.error().code, Errc::bad_input);
        EXPECT_NE(made.error().message.find(variable), std::string::npos) << made.error().message;
    }
}

TEST(BuildId, AWrongTemplateIsToldWithItsPlace) {
    const auto made = render("a-${{ github.sha }}");
    ASSERT_TRUE(made.has_error());
    EXPECT_EQ(made.error().message.rfind("CURRENTS_CI_BUILD_ID, character 7: ", 0), 0U)
        << made.error().message;
}

TEST(BuildId, OfThePreviousAttempt) {
    const Attempt second{"1001", 2};
    const std::pair<const char*, const char*> cases[] = {
        {"octo/shop-1001-2", "octo/shop-1001-1"},
        {"1001-2-e2e", "1001-1-e2e"},
        {"1001_2", "1001_1"},
        {"e2e-1001/2", "e2e-1001/1"},
        {"1001-2-shard-2", "1001-1-shard-2"},
        {"2-1001.2/1001.2", "2-1001.1/1001.1"},
        {"11001-2-1001-2", "11001-2-1001-1"},
    };
    for (const auto& [own, before] : cases) EXPECT_EQ(*of_previous_attempt(own, second), before);
    EXPECT_EQ(*of_previous_attempt("1001-10", {"1001", 10}), "1001-9");
    EXPECT_EQ(*of_previous_attempt("x-1001-1", {"1001", 1}), "x-1001-1");
    EXPECT_EQ(*of_previous_attempt("2", {"", 2}), "2");
}

TEST(BuildId, ThatNamesNoAttemptIsSharedByAll) {
    for (const char* const shared : {"octo/shop-1001", "1001-22", "x-91001-2", "nightly-2",
                                     "e2e-1001", "v2-1001", "1001-e2e", "10012", "", "1001-12"})
        EXPECT_EQ(*of_previous_attempt(shared, {"1001", 2}), shared);
}

TEST(BuildId, ThatNamesTheAttemptInAnotherWayIsNotGuessedAt) {
    for (const char* const unclear : {"2-1001", "1001-attempt2", "1001--2", "1001-e2e-2",
                                      "shop/2/1001", "1001\u00b7attempt\u00b72"}) {
        const auto made = of_previous_attempt(unclear, {"1001", 2});
        ASSERT_TRUE(made.has_error()) << unclear << " became " << *made;
        EXPECT_EQ(made.error().code, Errc::bad_input);
        EXPECT_NE(made.error().message.find("set previous-ci-build-id"), std::string::npos);
    }
}

TEST(BuildIdsOfOtherRuns, AreMadeOfWhatGitHubRendered) {
    const std::pair<const char*, const char*> cases[] = {
        {"octo/shop-1001-2", "octo/shop-${{ github.run_id }}-${{ github.run_attempt }}"},
        {"1001.2", "${{ github.run_id }}.${{ github.run_attempt }}"},
        {"e2e-1001", "e2e-${{ github.run_id }}"},
        {"1001-2-chrome", "${{ github.run_id }}-2-chrome"},
        {"11001-1001-2", "11001-${{ github.run_id }}-${{ github.run_attempt }}"},
        {"1001-1001-2", "${{ github.run_id }}-${{ github.run_id }}-${{ github.run_attempt }}"},
        {"b-${{ github.run_number }}", "b-${{ github.run_number }}"},
    };
    for (const auto& [given, expected] : cases)
        EXPECT_EQ(build_ids_of_other_runs(given, {"1001", 2})->text(), expected);
}

TEST(BuildIdsOfOtherRuns, AreTheDefaultWhereAllRunsWouldShareOne) {
    for (const char* const given : {"", "nightly", "10012", "11001", "2", "${{ github.workflow }}",
                                    "x-${{ github.run_attempt }}"})
        EXPECT_EQ(build_ids_of_other_runs(given, {"1001", 2})->text(), default_build_id()) << given;
    EXPECT_TRUE(build_ids_of_other_runs("${{ github.sha }}", {"1001", 2}).has_error());
}

}  // namespace
}  // namespace runs_agent::agent::action
