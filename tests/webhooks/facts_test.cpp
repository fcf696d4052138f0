#include "webhooks/facts.hpp"

#include "tests/webhooks/example_request.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

std::variant<decide::WorkflowRun, Ignored> facts(const std::string& event,
                                                 const std::string& payload) {
    return read_facts(event, "github.octo.example", *Payload::parse(payload));
}

TEST(Facts, ARunIsToldWithItsHost) {
    const auto read = facts("workflow_run", example_payload());
    ASSERT_TRUE(std::holds_alternative<decide::Event>(read));
    EXPECT_EQ(decide::run_of(std::get<decide::Event>(read)).host, "github.octo.example");
    EXPECT_EQ(decide::run_of(std::get<decide::Event>(read)).run_id, 1001);
}

TEST(Facts, WhatThereIsNothingToDecideAboutHasAReason) {
    const std::tuple<const char*, std::string, const char*> cases[] = {
        {"ping", "{}", "ping: the webhook reaches this daemon"},
        {"push", example_payload(), "only workflow_run and workflow_job events are acted on"},
        {"", example_payload(), "only workflow_run and workflow_job events are acted on"},
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
