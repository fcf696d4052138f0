// SPDX-License-Identifier: MIT
// What the rules need of the store: it knows what a History knows, takes calls back, and lets
// others by a call that is planned for later.
#include "decide/decide.hpp"
#include "tests/decide/telling.hpp"
#include "tests/store/store_fixture.hpp"

#include <algorithm>

namespace runs_agent::store {
namespace {

using decide::Operation;

NewDelivery telling(const std::string& guid, decide::Event event) {
    NewDelivery made = delivery(guid);
    made.event = std::holds_alternative<WorkflowRun>(event) ? "workflow_run" : "workflow_job";
    made.facts = std::move(event);
    return made;
}

TEST_F(StoreTest, ItKnowsWhatAHistoryKnows) {
    decide::Policy policy;
    policy.defaults.superseded = true;
    std::size_t planned = 0;
    for (std::uint64_t seed = 1; seed <= 24; ++seed) {
        // Each world gets a host of its own, so that one file holds them all.
        const decide::tests::World world = decide::tests::make_world(seed);
        auto deliveries = decide::tests::Teller(world, seed).by_webhooks();
        std::sort(deliveries.begin(), deliveries.end(),
                  [](const auto& a, const auto& b) { return a.at < b.at; });
        decide::History history;
        for (std::size_t i = 0; i < deliveries.size(); ++i) {
            if (!std::holds_alternative<WorkflowRun>(deliveries[i].event)) continue;
            WorkflowRun run = std::get<WorkflowRun>(deliveries[i].event);
            run.key.host = "host" + std::to_string(seed);
            accept(telling(std::to_string(seed) + "-" + std::to_string(i), run));
            Decision decision;
            decide([&](const decide::Event& event, const Known& known) {
                EXPECT_EQ(known, history.known_of(run)) << "SEED=" << seed << " event " << i;
                decision = decide::decide(event, policy, known);
                return decision;
            });
            planned += decision.calls.size();
            history.record(run, decision);
        }
    }
    EXPECT_GT(planned, 50U);
}

Decision planning(const WorkflowRun& run, Operation operation, std::chrono::milliseconds delay) {
    PlannedCall call;
    call.operation = operation;
    call.run = run.key;
    call.attempt = run.attempt;
    call.delay = delay;
    call.machine_id = "m1";
    call.claimed_before = start;
    Decision decision;
    decision.calls.push_back(call);
    return decision;
}

TEST_F(StoreTest, ACallForLaterLetsOthersBy) {
    accept(delivery("later"));
    decide([](const decide::Event& event, const Known&) {
        return planning(std::get<WorkflowRun>(event), Operation::cancel_run, 2min);
    });
    accept(delivery("now", 1001, 2));
    decide([](const decide::Event& event, const Known&) {
        return planning(std::get<WorkflowRun>(event), Operation::reset_run, 0ms);
    });
    auto calls = claim();
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].planned.operation, Operation::reset_run);
    EXPECT_EQ(calls[0].planned.machine_id, "m1");
    EXPECT_EQ(calls[0].planned.claimed_before, start);
    succeed(calls[0]);
    EXPECT_EQ(*tests::run(store_->next_due(start, runs_api_service)), start + 2min);
    calls = claim(start + 2min);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].planned.operation, Operation::cancel_run);
}

TEST_F(StoreTest, ACallIsTakenBackUnlessItIsUnderWay) {
    accept(delivery("a"));
    decide([](const decide::Event& event, const Known&) {
        return planning(std::get<WorkflowRun>(event), Operation::reset_run, 0ms);
    });
    const Decider taking_back = [](const decide::Event&, const Known& known) {
        Decision decision;
        for (const decide::KnownCall& call : known.calls)
            if (!call.withdrawn) decision.withdrawn.push_back(withdrawal_of(call, "it has ended"));
        return decision;
    };
    const auto under_way = claim();
    ASSERT_EQ(under_way.size(), 1U);
    accept(delivery("b"));
    decide(taking_back);
    EXPECT_EQ(show("a").calls[0].call.state, CallState::pending);

    ASSERT_TRUE(tests::run(store_->release({under_way[0].id}, start)).has_value());
    accept(delivery("c"));
    decide(taking_back);
    const Call call = show("a").calls[0].call;
    EXPECT_EQ(call.state, CallState::succeeded);
    EXPECT_EQ(call.outcome, "not needed any more: it has ended");
    EXPECT_TRUE(claim(start + 1h).empty());
}

TEST_F(StoreTest, ADeliveryThatTheRulesFailOnKeepsNoOtherFromBeingDecided) {
    accept(delivery("odd", 1001));
    accept(delivery("sound", 2002));
    decide([](const decide::Event& event, const Known& known) {
        if (std::get<WorkflowRun>(event).key.run_id == 1001) throw std::logic_error("no such rule");
        return cancel(event, known);
    });
    EXPECT_EQ(show("sound").calls.size(), 1U);
    EXPECT_NE(show("odd").row.reason.find("no such rule"), std::string::npos);
    EXPECT_EQ(tests::run(store_->replay("odd", start)).value(), 0);
    decide();
    EXPECT_EQ(show("odd").calls.size(), 1U);
}

TEST_F(StoreTest, WhatOfThePolicyHeldIsKeptWithTheDecision) {
    const auto by = [](const char* policy) {
        return [policy](const decide::Event&, const Known&) {
            Decision decision;
            decision.reason = "because";
            decision.policy = policy;
            return decision;
        };
    };
    accept(delivery("waits", 1001));
    EXPECT_FALSE(show("waits").row.policy) << "it is not decided";
    decide(by("rule 1 (policy.yml:7)"));
    EXPECT_EQ(show("waits").row.policy, "rule 1 (policy.yml:7)");
    NewDelivery push = delivery("push");
    push.facts.reset();
    accept(push);
    EXPECT_EQ(show("push").row.policy, "") << "no rule was asked for";
    // At once where the store can.
    ASSERT_TRUE(tests::run(store_->accept_and_decide(delivery("at once", 2002),
                                                     Decider(by("the defaults")), start))
                    .has_value());
    decide(by("the defaults"));
    EXPECT_EQ(show("at once").row.policy, "the defaults");
    const auto listed = tests::run(store_->list(DeliveryFilter()));
    ASSERT_TRUE(listed.has_value());
    EXPECT_EQ(listed->at(0).policy, "the defaults");
    // Decided anew, by another.
    EXPECT_EQ(tests::run(store_->replay("waits", start)).value(), 0);
    EXPECT_FALSE(show("waits").row.policy);
    decide(by("rule 2 (policy.yml:9)"));
    EXPECT_EQ(show("waits").row.policy, "rule 2 (policy.yml:9)");
}

TEST_F(StoreTest, AJobIsDecidedWithWhatItsRunTold) {
    decide::WorkflowJob job;
    job.action = "completed";
    job.run = {"github.com", 1001};
    job.job_id = 5;
    job.name = "e2e (1)";
    job.repository = "octo/demo";
    job.runner_name = "r1";
    job.completed_at = start;
    std::vector<Known> seen;
    const Decider looking = [&](const decide::Event& event, const Known& known) {
        if (const auto* const told = std::get_if<decide::WorkflowJob>(&event)) {
            EXPECT_EQ(*told, job);
            seen.push_back(known);
        }
        return Decision();
    };
    accept(telling("early", job));
    decide(looking);
    accept(delivery("run"));
    accept(telling("job", job));
    decide(looking);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_FALSE(seen[0].last);
    ASSERT_TRUE(seen[1].last);
    EXPECT_EQ(*seen[1].last, run_in(*std::make_unique<NewDelivery>(delivery("run"))));
    EXPECT_EQ(seen[1].attempts.size(), 1U);
    const DeliveryDetail shown = show("job");
    EXPECT_EQ(shown.row.run->key.run_id, 1001);
    EXPECT_EQ(shown.row.job, job);
    EXPECT_FALSE(show("run").row.job);
}

}  // namespace
}  // namespace runs_agent::store
