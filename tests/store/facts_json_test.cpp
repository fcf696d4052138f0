// SPDX-License-Identifier: MIT
#include "store/facts_json.hpp"

#include <gtest/gtest.h>

namespace runs_agent::store {
namespace {

TEST(FactsJson, WhatIsWrittenIsReadAgain) {
    decide::WorkflowRun run;
    run.action = "completed";
    run.key = {"github.example.com", 9'007'199'254'740'993};
    run.attempt = 3;
    run.run_number = 77;
    run.repository = "octo/demo";
    run.default_branch = "main";
    run.workflow_id = 5'000'000'000;
    run.workflow_name = "e2e \"quoted\" \n";
    run.workflow_path = ".github/workflows/e2e.yml";
    run.head_branch = "fix/ünïcode";
    run.head_sha = "abc";
    run.head_repository = "fork/demo";
    run.event = "pull_request";
    run.status = "completed";
    run.conclusion = "cancelled";
    run.actor = "octocat";
    run.triggering_actor = "hubot";
    run.pull_requests = {1, 2};
    run.created_at = decide::Time(std::chrono::milliseconds(1'767'225'600'123));
    run.started_at = run.created_at + std::chrono::seconds(5);
    run.updated_at = run.created_at + std::chrono::seconds(9);
    EXPECT_EQ(parse_facts(to_json(run)), decide::Event(run));
    EXPECT_EQ(parse_facts(to_json(decide::WorkflowRun{})), decide::Event(decide::WorkflowRun{}));
}

TEST(FactsJson, AJobIsReadAgainToo) {
    decide::WorkflowJob job;
    job.action = "completed";
    job.run = {"github.com", 1001};
    job.attempt = 2;
    job.job_id = 77;
    job.name = "e2e (1)";
    job.repository = "octo/demo";
    job.runner_name = "runner-7";
    job.workflow_name = "End to end";
    job.head_branch = "feature/x";
    job.sender = "ada";
    job.conclusion = "failure";
    job.completed_at = decide::Time(std::chrono::milliseconds(1'767'225'600'123));
    EXPECT_EQ(parse_facts(to_json(job)), decide::Event(job));
}

TEST(FactsJson, BearsWithWhatOtherVersionsWrote) {
    const auto run =
        parse_run_facts(R"({"run_id":7,"later":{"a":1},"attempt":"two","head_branch":null})");
    ASSERT_TRUE(run);
    EXPECT_EQ(run->key.run_id, 7);
    EXPECT_EQ(run->attempt, 1);
    EXPECT_FALSE(parse_facts("{\"run_id\":"));
    EXPECT_FALSE(parse_facts("[]"));
    EXPECT_FALSE(parse_facts(""));
}

}  // namespace
}  // namespace runs_agent::store
