// SPDX-License-Identifier: MIT
#include "decide/decide.hpp"

#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

Policy everything() {
    Policy policy;
    policy.rules.emplace_back();
    return policy;
}

Policy sharing_build_ids() {
    Policy policy = everything();
    policy.rules[0].settings.ci_build_id =
        std::get<BuildIdTemplate>(BuildIdTemplate::parse("${{ github.run_id }}"));
    return policy;
}

Known knowing(std::vector<KnownAttempt> attempts) {
    Known known;
    known.attempts = std::move(attempts);
    return known;
}

KnownAttempt told_by(const WorkflowRun& run) {
    KnownAttempt known;
    known.attempt = run.attempt;
    merge_event(known, run);
    return known;
}

const KnownAttempt first_open = told_by(example_run());
const KnownAttempt first_cancelled = told_by(example_run("completed", "cancelled"));
const KnownAttempt second_open = told_by(example_run("in_progress", "", 2));

KnownCall known_call(std::string key, bool careful = false) {
    KnownCall call;
    call.key = std::move(key);
    call.only_if_in_progress = careful;
    call.run = example_run().key;
    return call;
}

TEST(Decide, ACancelledAttemptIsCancelledAtTheRunsApi) {
    const Decision decision = decide(example_run("completed", "cancelled"), everything(), {});
    EXPECT_EQ(decision.rule, Rule::cancelled);
    EXPECT_EQ(decision.reason,
              "attempt 1 of run 1001 (e2e in octo/demo), started by octocat, was cancelled");
    ASSERT_EQ(decision.calls.size(), 1U);
    const PlannedCall& call = decision.calls[0];
    EXPECT_EQ(call.operation, Operation::cancel_ci);
    EXPECT_EQ(call.rule, Rule::cancelled);
    EXPECT_EQ(call.run, (RunKey{"github.com", 1001}));
    EXPECT_EQ(call.attempt, 1);
    EXPECT_EQ(call.project_id, "");
    EXPECT_EQ(call.ci_build_id, "octo/demo-1001-1");
    EXPECT_FALSE(call.only_if_in_progress);
    EXPECT_EQ(call.delay.count(), 0);
    EXPECT_EQ(call.reason, decision.reason);
    EXPECT_EQ(call.key(), "cancel-ci/github.com/1001/1/");
}

struct Ending {
    const char* action;
    const char* conclusion;
    Rule rule;
    const char* says;
};

TEST(Decide, ADecisionKeepsWhatOfThePolicyHeld) {
    Policy policy = everything();
    policy.file = "policy.yml";
    policy.rules.resize(1);
    policy.rules[0].repository = "octo/*";
    policy.rules[0].line = 3;
    const std::string held = "rule 1 (policy.yml:3): repository octo/*";
    EXPECT_EQ(decide(example_run("completed", "cancelled"), policy, {}).policy, held);
    EXPECT_EQ(decide(example_run("requested", ""), policy, {}).policy, held) << "nothing to do";
    policy.rules[0].settings.ignore = true;
    EXPECT_EQ(decide(example_run("completed", "cancelled"), policy, {}).policy, held) << "ignored";
    policy.rules.clear();
    EXPECT_EQ(decide(example_run("completed", "cancelled"), policy, {}).policy,
              "the defaults (policy.yml)");
}

TEST(Decide, EveryWayForAnEventToEnd) {
    const Ending endings[] = {
        {"completed", "cancelled", Rule::cancelled, "was cancelled"},
        {"completed", "timed_out", Rule::cancelled, "timed out"},
        {"completed", "stale", Rule::cancelled, "went stale"},
        {"completed", "startup_failure", Rule::cancelled, "never started"},
        {"completed", "success", Rule::none, "ended as success, which is not in cancel_on"},
        {"completed", "failure", Rule::none, "ended as failure"},
        {"completed", "neutral", Rule::none, "ended as neutral"},
        {"completed", "skipped", Rule::none, "ended as skipped"},
        {"completed", "action_required", Rule::none, "waits for approval"},
        {"completed", "abandoned", Rule::none, "ended as abandoned"},
        {"completed", "", Rule::none, "without a conclusion"},
        {"requested", "", Rule::none, "is not completed (requested)"},
        {"in_progress", "", Rule::none, "is not completed (in_progress)"},
        {"in_progress", "cancelled", Rule::none, "is not completed (in_progress)"},
        {"reopened", "", Rule::none, "is not completed (reopened)"},
        {"", "", Rule::none, "is not completed (no action)"},
    };
    for (const Ending& each : endings) {
        const Decision decision =
            decide(example_run(each.action, each.conclusion), everything(), {});
        EXPECT_EQ(decision.rule, each.rule) << each.action << ' ' << each.conclusion;
        EXPECT_EQ(decision.calls.size(), each.rule == Rule::none ? 0U : 1U) << each.conclusion;
        EXPECT_NE(decision.reason.find(each.says), std::string::npos) << decision.reason;
    }
}

TEST(Decide, APayloadThatContradictsItselfSaysSo) {
    WorkflowRun run = example_run("completed");
    run.status = "queued";
    const Decision decision = decide(run, everything(), {});
    EXPECT_EQ(decision.rule, Rule::none);
    EXPECT_NE(decision.reason.find("without a conclusion (its status is queued)"),
              std::string::npos)
        << decision.reason;
}

TEST(Decide, ThePolicySaysWhichEndingsCount) {
    Policy policy = everything();
    policy.rules[0].settings.cancel_on = {"failure", "abandoned"};
    EXPECT_EQ(decide(example_run("completed", "cancelled"), policy, {}).calls.size(), 0U);
    EXPECT_EQ(decide(example_run("completed", "failure"), policy, {}).calls.size(), 1U);
    EXPECT_EQ(decide(example_run("completed", "abandoned"), policy, {}).calls.size(), 1U);
    policy.rules[0].settings.cancel_on = {};
    EXPECT_EQ(decide(example_run("completed", "failure"), policy, {}).calls.size(), 0U);
    EXPECT_EQ(decide(example_run("completed", ""), policy, {}).calls.size(), 0U);
}

TEST(Decide, EveryMappedProjectGetsItsCallOnce) {
    Policy policy = everything();
    policy.rules[0].settings.project_ids = {"abc123", "def456", "abc123"};
    const Decision decision = decide(example_run("completed", "cancelled"), policy, {});
    ASSERT_EQ(decision.calls.size(), 2U);
    EXPECT_EQ(decision.calls[0].project_id, "abc123");
    EXPECT_EQ(decision.calls[1].project_id, "def456");
}

TEST(Decide, IdsAreSixtyFourBitsWide) {
    const Decision decision =
        decide(example_run("completed", "cancelled", 1, 30'433'642'041'234), everything(), {});
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].key(), "cancel-ci/github.com/30433642041234/1/");
}

TEST(Decide, AnEnterpriseServersRunIsAnotherRun) {
    WorkflowRun run = example_run("completed", "cancelled");
    run.key.host = "github.octo.example";
    const Decision decision = decide(run, everything(), {});
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].key(), "cancel-ci/github.octo.example/1001/1/");
}

TEST(Decide, AForksRunBelongsToTheRepositoryWhoseWorkflowItIs) {
    WorkflowRun run = example_run("completed", "cancelled");
    run.head_repository = "stranger/demo";
    run.event = "pull_request";
    const Decision decision = decide(run, everything(), {});
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].ci_build_id, "octo/demo-1001-1");
}

TEST(Decide, WhatThePolicyIgnoresIsLeftAlone) {
    Policy policy = everything();
    policy.rules[0].settings.ignore = true;
    policy.rules[0].line = 7;
    Decision decision = decide(example_run("completed", "cancelled"), policy, {});
    EXPECT_EQ(decision.rule, Rule::none);
    EXPECT_EQ(decision.reason, "the policy ignores octo/demo (rule at line 7)");
    EXPECT_TRUE(decision.calls.empty());
    EXPECT_TRUE(decide(example_run("in_progress", "", 2), policy, {}).calls.empty());
}

TEST(Decide, WhereNoRuleFitsTheDefaultsHold) {
    Policy policy;
    policy.rules.emplace_back();
    policy.rules[0].repository = "other/*";
    policy.rules[0].settings.ignore = true;
    policy.defaults.project_ids = {"fallback"};
    const Decision decision = decide(example_run("completed", "cancelled"), policy, {});
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].project_id, "fallback");
}

TEST(Decide, TheSameCallIsPlannedOnce) {
    Known known = knowing({first_cancelled});
    known.calls = {known_call("cancel-ci/github.com/1001/1/")};
    const Decision decision = decide(example_run("completed", "cancelled"), everything(), known);
    EXPECT_EQ(decision.rule, Rule::cancelled);
    EXPECT_TRUE(decision.calls.empty());
    EXPECT_NE(decision.reason.find("(already planned)"), std::string::npos) << decision.reason;
}

TEST(Decide, AProjectAddedLaterStillGetsItsCall) {
    Policy policy = everything();
    policy.rules[0].settings.project_ids = {"abc123", "def456"};
    Known known = knowing({first_cancelled});
    known.calls = {known_call("cancel-ci/github.com/1001/1/abc123")};
    const Decision decision = decide(example_run("completed", "cancelled"), policy, known);
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].project_id, "def456");
    EXPECT_EQ(decision.reason.find("already planned"), std::string::npos) << decision.reason;
}

TEST(Decide, ALateEventChangesNothing) {
    const Decision decision =
        decide(example_run("in_progress"), everything(), knowing({first_cancelled}));
    EXPECT_EQ(decision.rule, Rule::none);
    EXPECT_EQ(decision.reason,
              "a late event: attempt 1 of run 1001 (e2e in octo/demo) is already completed");
}

TEST(Decide, TheFirstSignOfAReRunCancelsWhatTheAttemptBeforeLeft) {
    for (const char* const action : {"in_progress", "requested", "completed"}) {
        const Decision decision =
            decide(example_run(action, "", 2), everything(), knowing({first_open}));
        EXPECT_EQ(decision.rule, Rule::rerun) << action;
        EXPECT_EQ(decision.reason,
                  "attempt 2 of run 1001 (e2e in octo/demo), started by octocat, is a re-run: what "
                  "attempt 1 left in progress is cancelled");
        ASSERT_EQ(decision.calls.size(), 1U) << action;
        const PlannedCall& call = decision.calls[0];
        EXPECT_EQ(call.operation, Operation::cancel_ci);
        EXPECT_EQ(call.rule, Rule::rerun);
        EXPECT_EQ(call.attempt, 1);
        EXPECT_EQ(call.ci_build_id, "octo/demo-1001-1");
        EXPECT_TRUE(call.only_if_in_progress);
    }
}

TEST(Decide, AReRunIsNewsOnlyOnce) {
    const Known known = knowing({first_open, second_open});
    const Decision decision = decide(example_run("in_progress", "", 2), everything(), known);
    EXPECT_EQ(decision.rule, Rule::none);
    EXPECT_TRUE(decision.calls.empty());
}

TEST(Decide, OnlyTheAttemptBeforeIsCancelledByAReRun) {
    Policy policy = everything();
    policy.rules[0].settings.project_ids = {"abc123", "def456"};
    const Decision decision = decide(example_run("in_progress", "", 5), policy, {});
    ASSERT_EQ(decision.calls.size(), 2U);
    EXPECT_EQ(decision.calls[0].attempt, 4);
    EXPECT_EQ(decision.calls[1].attempt, 4);
}

TEST(Decide, ThePolicyCanLeaveTheAttemptBeforeAlone) {
    Policy policy = everything();
    policy.rules[0].settings.cancel_previous = false;
    const Decision decision = decide(example_run("in_progress", "", 2), policy, {});
    EXPECT_EQ(decision.rule, Rule::none);
    EXPECT_NE(decision.reason.find("rerun.cancel_previous off"), std::string::npos);
}

TEST(Decide, ALateEndOfAnOldAttemptMustNotEndTheRunThatANewerOneGoesOnWith) {
    const Known known = knowing({first_open, second_open});
    const WorkflowRun run = example_run("completed", "cancelled");
    const Decision shared = decide(run, sharing_build_ids(), known);
    EXPECT_EQ(shared.rule, Rule::none);
    EXPECT_TRUE(shared.calls.empty());
    EXPECT_NE(shared.reason.find("a newer attempt goes on"), std::string::npos) << shared.reason;

    EXPECT_EQ(decide(run, everything(), known).calls.size(), 1U);
    EXPECT_EQ(decide(run, sharing_build_ids(), knowing({first_open})).calls.size(), 1U);
    // The newest attempt's is cancelled by its number and, as the run may still be known by the
    // first one's, by its build id.
    const Decision newest =
        decide(example_run("completed", "cancelled", 2), sharing_build_ids(), known);
    ASSERT_EQ(newest.calls.size(), 2U);
    EXPECT_EQ(newest.calls[0].operation, Operation::cancel_ci);
    EXPECT_EQ(newest.calls[1].operation, Operation::cancel_run);
    EXPECT_EQ(newest.calls[1].rule, Rule::cancelled);
    EXPECT_EQ(newest.calls[1].ci_build_id, "1001");
}

TEST(Decide, AReRunFirstHeardOfAsCancelledEndsBothAttempts) {
    const Decision decision =
        decide(example_run("completed", "cancelled", 2), everything(), knowing({first_open}));
    EXPECT_EQ(decision.rule, Rule::cancelled);
    ASSERT_EQ(decision.calls.size(), 2U);
    EXPECT_EQ(decision.calls[0].rule, Rule::cancelled);
    EXPECT_EQ(decision.calls[0].attempt, 2);
    EXPECT_FALSE(decision.calls[0].only_if_in_progress);
    EXPECT_EQ(decision.calls[1].rule, Rule::rerun);
    EXPECT_EQ(decision.calls[1].attempt, 1);
    EXPECT_TRUE(decision.calls[1].only_if_in_progress);
    EXPECT_NE(decision.reason.find("was cancelled; attempt 2"), std::string::npos);
}

TEST(Decide, ACertainCancellationReplacesACarefulOneButNotTheOtherWay) {
    Known known = knowing({first_open, second_open});
    known.calls = {known_call("cancel-ci/github.com/1001/1/", true)};
    const Decision certain = decide(example_run("completed", "cancelled"), everything(), known);
    ASSERT_EQ(certain.calls.size(), 1U);
    EXPECT_FALSE(certain.calls[0].only_if_in_progress);

    known = knowing({first_cancelled});
    known.calls = {known_call("cancel-ci/github.com/1001/1/")};
    const Decision careful = decide(example_run("in_progress", "", 2), everything(), known);
    EXPECT_EQ(careful.rule, Rule::rerun);
    EXPECT_TRUE(careful.calls.empty());
}

TEST(Decide, ReasonsAreOneLineWhateverNamesTheyHold) {
    WorkflowRun run = example_run("completed", "cancelled", 2);
    run.workflow_name = "e2e\n::error::x";
    run.triggering_actor = "\x1b[2Jmallory";
    run.repository = "octo/de\rmo";
    for (const WorkflowRun& each : {run, example_run("a\nb", "", 1)}) {
        const Decision decision = decide(each, everything(), {});
        EXPECT_EQ(decision.reason.find_first_of("\n\r\x1b"), std::string::npos);
        for (const PlannedCall& call : decision.calls)
            EXPECT_EQ(call.reason.find_first_of("\n\r\x1b"), std::string::npos);
    }
}

}  // namespace
}  // namespace runs_agent::decide
