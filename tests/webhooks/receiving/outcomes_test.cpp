// SPDX-License-Identifier: MIT
// What GitHub's published examples lack, made from samples: from the signed request to the
// decision.
#include "decide/decide.hpp"
#include "tests/webhooks/receiving/facts_of.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using decide::Decision;
using decide::History;
using decide::Policy;
using decide::Rule;
using decide::WorkflowRun;

Decision decision_of(const std::string& payload, const Policy& policy = {}) {
    return decide::decide(facts_of(example_request(payload)), policy, {});
}

Sample ended(const std::string& conclusion, int attempt = 1) {
    Sample sample;
    sample.conclusion = conclusion;
    sample.run_attempt = attempt;
    return sample;
}

TEST(Outcomes, WhatEndsWithoutReportingIsCancelled) {
    const std::pair<const char*, const char*> cases[] = {
        {"cancelled", "was cancelled"},
        {"timed_out", "timed out"},
        {"stale", "went stale"},
        {"startup_failure", "never started (startup_failure)"},
    };
    for (const auto& [conclusion, words] : cases) {
        const Decision decision = decision_of(example_payload(ended(conclusion)));
        EXPECT_EQ(decision.rule, Rule::cancelled) << conclusion;
        EXPECT_EQ(
            decision.reason,
            std::string("attempt 1 of run 1001 (e2e in octo/demo), started by octocat, ") + words);
        ASSERT_EQ(decision.calls.size(), 1U) << conclusion;
        EXPECT_EQ(decision.calls[0].key(), "cancel-ci/github.com/1001/1/");
        EXPECT_EQ(decision.calls[0].ci_build_id, "octo/demo-1001-1");
        EXPECT_FALSE(decision.calls[0].only_if_in_progress);
    }
}

TEST(Outcomes, AllElseIsLeftAlone) {
    for (const char* const conclusion :
         {"success", "failure", "neutral", "skipped", "action_required", "brand_new"}) {
        const Decision decision = decision_of(example_payload(ended(conclusion)));
        EXPECT_EQ(decision.rule, Rule::none) << conclusion;
        EXPECT_TRUE(decision.calls.empty()) << conclusion;
        EXPECT_NE(decision.reason.find(conclusion), std::string::npos) << decision.reason;
    }
    for (const char* const action : {"requested", "in_progress", "waiting"}) {
        Sample sample;
        sample.action = action;
        const Decision decision = decision_of(example_payload(sample));
        EXPECT_EQ(decision.rule, Rule::none) << action;
        EXPECT_TRUE(decision.calls.empty()) << action;
    }
}

TEST(Outcomes, AFormIsDecidedAsJsonIs) {
    const std::string payload = example_payload();
    EXPECT_EQ(facts_of(example_form(payload)), facts_of(example_request(payload)));
    EXPECT_EQ(decide::decide(facts_of(example_form(payload)), {}, {}), decision_of(payload));
}

TEST(Outcomes, ACancelledReRunIsCancelledByItsOwnAttempt) {
    const Decision decision =
        decision_of(edited(example_payload(ended("cancelled", 2)),
                           {{"workflow_run.triggering_actor", R"({"login":"hubot"})"}}));
    EXPECT_EQ(decision.rule, Rule::cancelled);
    ASSERT_EQ(decision.calls.size(), 2U);
    EXPECT_EQ(decision.calls[0].key(), "cancel-ci/github.com/1001/2/");
    EXPECT_EQ(decision.calls[0].ci_build_id, "octo/demo-1001-2");
    // The attempt before was never heard of: what it left is cancelled with care.
    EXPECT_EQ(decision.calls[1].key(), "cancel-ci/github.com/1001/1/");
    EXPECT_TRUE(decision.calls[1].only_if_in_progress);
    EXPECT_NE(decision.reason.find("started by hubot, was cancelled"), std::string::npos)
        << decision.reason;
}

TEST(Outcomes, AReRunsHistoryIsToldByItsDeliveries) {
    Sample started = ended("", 1);
    started.action = "in_progress";
    Sample again = started;
    again.run_attempt = 2;
    History history;
    const auto next = [&history](const Sample& sample) {
        const WorkflowRun run = facts_of(example_request(example_payload(sample)));
        Decision decision = decide::decide(run, {}, history.known_of(run));
        history.record(run, decision);
        return decision;
    };
    EXPECT_EQ(next(started).rule, Rule::none);
    EXPECT_EQ(next(ended("cancelled", 1)).rule, Rule::cancelled);
    const Decision rerun = next(again);  // no `requested` comes for a re-run
    EXPECT_EQ(rerun.rule, Rule::rerun);
    EXPECT_TRUE(rerun.calls.empty()) << "attempt 1's call was planned already";
    const Decision second = next(ended("timed_out", 2));
    EXPECT_EQ(second.rule, Rule::cancelled);
    ASSERT_EQ(second.calls.size(), 1U);
    EXPECT_EQ(second.calls[0].attempt, 2);
    EXPECT_TRUE(next(ended("timed_out", 2)).calls.empty()) << "the same event twice";
}

TEST(Outcomes, AForksRunIsCancelledInTheRepositoryWhoseWorkflowItIs) {
    Sample sample;
    sample.head_repository = "stranger/demo";
    sample.run_event = "pull_request";
    const WorkflowRun run = facts_of(example_request(example_payload(sample)));
    EXPECT_EQ(run.head_repository, "stranger/demo");
    EXPECT_EQ(run.repository, "octo/demo");
    EXPECT_TRUE(run.pull_requests.empty());
    const Decision decision = decide::decide(run, {}, {});
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].ci_build_id, "octo/demo-1001-1");

    Sample other = sample;
    other.head_repository = "other/demo";
    const WorkflowRun others = facts_of(example_request(example_payload(other)));
    EXPECT_NE(decide::group_of(run), decide::group_of(others));
}

TEST(Outcomes, ADeletedForksRunIsCancelledToo) {
    const Decision decision =
        decision_of(edited(example_payload(), {{"workflow_run.head_repository", "null"}}));
    EXPECT_EQ(decision.rule, Rule::cancelled);
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].key(), "cancel-ci/github.com/1001/1/");
}

TEST(Outcomes, AnEnterpriseServersRunIsItsOwn) {
    net::HttpRequest request = example_request(example_payload());
    request.headers.add("X-GitHub-Enterprise-Host", "github.octo.example");
    request.headers.add("X-GitHub-Enterprise-Version", "3.14.0");
    const Decision decision = decide::decide(facts_of(std::move(request)), {}, {});
    EXPECT_EQ(decision.rule, Rule::cancelled);
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].key(), "cancel-ci/github.octo.example/1001/1/");
}

TEST(Outcomes, IdsPastThirtyTwoBitsStayWhole) {
    Sample sample;
    sample.run_id = 30'433'642'041'234;
    const Decision decision = decision_of(example_payload(sample));
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].key(), "cancel-ci/github.com/30433642041234/1/");
    EXPECT_EQ(decision.calls[0].ci_build_id, "octo/demo-30433642041234-1");
}

TEST(Outcomes, AnOldServerThatKnowsNoAttemptsMeansTheFirst) {
    const Decision decision =
        decision_of(edited(example_payload(), {{"workflow_run.run_attempt", ""}}));
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].attempt, 1);
}

TEST(Outcomes, NamesFromOutsideCannotForgeAReason) {
    Sample sample;
    sample.workflow = "e2e\nforged \u001b[2J";
    sample.actor = "octo\u202ecat";
    const Decision decision = decision_of(example_payload(sample));
    EXPECT_EQ(decision.rule, Rule::cancelled);
    for (const char* const unfit : {"\n", "\x1b", "\u202e"})
        EXPECT_EQ(decision.reason.find(unfit), std::string::npos) << decision.reason;
}

TEST(Outcomes, APolicyFindsARunByWhatItsPayloadSays) {
    Policy policy;
    policy.rules.emplace_back();
    policy.rules[0].repository = "octo/*";
    policy.rules[0].workflow = {".github/workflows/e2e-*.yml"};
    policy.rules[0].branch = {"release/*"};
    policy.rules[0].settings.project_ids = {"abc123", "def456"};
    Sample sample;
    sample.workflow = "e2e-shop";
    sample.branch = "release/7";
    const Decision decision = decision_of(example_payload(sample), policy);
    ASSERT_EQ(decision.calls.size(), 2U);
    EXPECT_EQ(decision.calls[0].project_id, "abc123");
    EXPECT_EQ(decision.calls[1].project_id, "def456");
    sample.branch = "main";
    EXPECT_EQ(decision_of(example_payload(sample), policy).calls.size(), 1U);
}

}  // namespace
}  // namespace runs_agent::webhooks
