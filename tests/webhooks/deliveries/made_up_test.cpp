// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/made_up.hpp"

#include "webhooks/deliveries/incoming.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

const Time now(std::chrono::hours(490'000));

TEST(CatchUpPlan, AMadeUpDeliverySaysWhatTheRunsStateIs) {
    github::WorkflowRun run;
    run.id = 5;
    run.attempt = 2;
    run.status = "completed";
    run.json = R"({"id":5,"run_attempt":2,"status":"completed","conclusion":"cancelled"})";
    github::Repository repository;
    repository.json = R"({"full_name":"octo/demo","default_branch":"main"})";
    const auto made = make_delivery(synthesize_delivery(run, repository, "", "github.com"), now);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->guid, "catch-up-5-2-completed");
    EXPECT_EQ(made->repository, "octo/demo");
    EXPECT_EQ(made->hook_id, "");
    ASSERT_TRUE(made->facts);
    const auto& facts = std::get<decide::WorkflowRun>(*made->facts);
    EXPECT_EQ(facts.action, "completed");
    EXPECT_EQ(facts.conclusion, "cancelled");
    EXPECT_EQ(facts.default_branch, "main");
    run.status = "in_progress";
    run.json = R"({"id":5,"name":"Deploy 7 by octocat","display_title":"Deploy 7 by octocat"})";
    const auto named = make_delivery(
        synthesize_delivery(run, repository, R"({"name":"deploy"})", "github.com"), now);
    EXPECT_EQ(std::get<decide::WorkflowRun>(*named->facts).workflow_name, "deploy");
    EXPECT_EQ(guid_for(run), "catch-up-5-2-in_progress");
    run.status = "waiting";
    EXPECT_EQ(guid_for(run), "catch-up-5-2-requested");
    // Another life of it has other times.
    run.updated_at = Time(std::chrono::seconds(1'700'000'000));
    EXPECT_EQ(guid_for(run), "catch-up-5-2-requested-1700000000");
}

}  // namespace
}  // namespace runs_agent::webhooks
