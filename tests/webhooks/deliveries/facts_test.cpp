// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/facts.hpp"

#include "base/time_text.hpp"
#include "tests/webhooks/example_request.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

std::variant<decide::Event, Ignored> facts(const std::string& event, const std::string& payload) {
    return read_facts(event, "github.octo.example", *Payload::parse(payload));
}

TEST(Facts, ARunIsToldWithItsHost) {
    const auto read = facts("workflow_run", example_payload());
    ASSERT_TRUE(std::holds_alternative<decide::Event>(read));
    EXPECT_EQ(decide::run_of(std::get<decide::Event>(read)).host, "github.octo.example");
    EXPECT_EQ(decide::run_of(std::get<decide::Event>(read)).run_id, 1001);
}

TEST(Facts, AJobIsToldWhenItHasEnded) {
    const std::string payload = R"json({"action":"completed","repository":{"full_name":"octo/demo"},
        "workflow_job":{"id":9000000001,"run_id":1001,"run_attempt":2,"name":"e2e (1)",
        "runner_name":"runner-7","conclusion":"failure","workflow_name":"End to end",
        "head_branch":"feature/x","completed_at":"2026-01-01T12:00:00Z"},
        "sender":{"login":"ada","id":7}})json";
    const auto read = facts("workflow_job", payload);
    ASSERT_TRUE(std::holds_alternative<decide::Event>(read));
    const auto& job = std::get<decide::WorkflowJob>(std::get<decide::Event>(read));
    EXPECT_EQ(job.run, (decide::RunKey{"github.octo.example", 1001}));
    EXPECT_EQ(job.attempt, 2);
    EXPECT_EQ(job.job_id, 9'000'000'001);
    EXPECT_EQ(job.name, "e2e (1)");
    EXPECT_EQ(job.repository, "octo/demo");
    EXPECT_EQ(job.runner_name, "runner-7");
    EXPECT_EQ(job.conclusion, "failure");
    EXPECT_EQ(job.workflow_name, "End to end");
    EXPECT_EQ(job.head_branch, "feature/x");
    EXPECT_EQ(job.sender, "ada");
    EXPECT_EQ(job.completed_at, *parse_iso8601("2026-01-01T12:00:00Z"));
}

TEST(Facts, WhatThereIsNothingToDecideAboutHasAReason) {
    const std::tuple<const char*, std::string, const char*> cases[] = {
        {"ping", "{}", "ping: the webhook reaches this daemon"},
        {"push", example_payload(), "only workflow_run and workflow_job events are acted on"},
        {"", example_payload(), "only workflow_run and workflow_job events are acted on"},
        {"workflow_job", R"({"action":"queued","workflow_job":{"id":1,"run_id":2}})",
         "the job has not ended"},
        {"workflow_job", "{}",
         "the payload has no workflow_job.id and run_id: nothing can be decided"},
        {"workflow_job", R"({"workflow_job":{"id":1,"run_id":2,"run_attempt":"x"}})",
         "workflow_job.run_attempt is not a number from 1"},
        {"workflow_run", "{}", "the payload has no workflow_run.id: nothing can be decided"},
    };
    for (const auto& [event, payload, because] : cases) {
        const auto read = facts(event, payload);
        ASSERT_TRUE(std::holds_alternative<Ignored>(read)) << event;
        EXPECT_EQ(std::get<Ignored>(read).because, because);
    }
}

}  // namespace
}  // namespace runs_agent::webhooks
