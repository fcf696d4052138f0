// SPDX-License-Identifier: MIT
#include "decide/superseded.hpp"

#include "decide/decide.hpp"
#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace runs_agent::decide {
namespace {

Policy superseding() {
    Policy policy;
    policy.defaults.superseded = true;
    return policy;
}

/// Decides on the events in that order; returns every call, by its key.
std::vector<std::string> calls_after(const std::vector<WorkflowRun>& events,
                                     const Policy& policy = superseding()) {
    History history;
    std::vector<std::string> keys;
    for (const WorkflowRun& event : events) {
        const Decision decision = decide(event, policy, history.known_of(event));
        for (const PlannedCall& call : decision.calls) {
            EXPECT_TRUE(call.only_if_in_progress || call.rule != Rule::superseded);
            keys.push_back(std::string(to_string(call.rule)) + " " + call.key());
        }
        history.record(event, decision);
    }
    return keys;
}

using Keys = std::vector<std::string>;

WorkflowRun older() {
    return example_run("in_progress", "", 1, 1001);
}
WorkflowRun newer() {
    return example_run("requested", "", 1, 1002);
}
const Keys older_cancelled{"R4 cancel-ci/github.com/1001/1/"};

TEST(Superseded, ANewerRunCancelsTheOlderInWhateverOrderTheyCome) {
    EXPECT_EQ(calls_after({older(), newer()}), older_cancelled);
    EXPECT_EQ(calls_after({newer(), older()}), older_cancelled);
    EXPECT_EQ(calls_after({older(), newer(), older(), newer()}), older_cancelled);
    EXPECT_EQ(calls_after({older(), newer()}, Policy()), Keys());
}

TEST(Superseded, TheWorkflowIsCancelledTooWhereThePolicySaysSo) {
    Policy policy = superseding();
    policy.defaults.cancel_workflow = true;
    policy.defaults.project_ids = {"a", "b"};
    History history;
    history.record(older(), {});
    const WorkflowRun run = newer();
    const Decision decision = decide(run, policy, history.known_of(run));
    ASSERT_EQ(decision.calls.size(), 4U);
    EXPECT_EQ(decision.calls[2].key(), "cancel-workflow/github.com/1001/1/");
    EXPECT_EQ(decision.calls[2].delay.count(), 0);
    EXPECT_EQ(decision.calls[3].key(), "force-cancel-workflow/github.com/1001/1/");
    EXPECT_EQ(decision.calls[3].delay, std::chrono::minutes(5));
    EXPECT_EQ(decision.calls[3].reason, decision.reason);
    history.record(run, decision);
    // What has ended need not be cancelled by force.
    const WorkflowRun end = example_run("completed", "cancelled", 1, 1001);
    EXPECT_EQ(decide(end, policy, history.known_of(end)).withdrawn.size(), 2U);
}

// By force, GitHub skips always() steps, which take down what the tests had set up.
TEST(Superseded, ThePolicySaysWhenAWorkflowIsCancelledByForce) {
    Policy policy = superseding();
    policy.defaults.cancel_workflow = true;
    const auto calls = [&policy] {
        History history;
        history.record(older(), {});
        return decide(newer(), policy, history.known_of(newer())).calls;
    };
    for (const int minutes : {0, 20}) {
        policy.defaults.force_after = std::chrono::minutes(minutes);
        ASSERT_EQ(calls().size(), 3U);
        EXPECT_EQ(calls()[2].operation, Operation::force_cancel_workflow);
        EXPECT_EQ(calls()[2].delay, std::chrono::minutes(minutes));
    }
    policy.defaults.force_after.reset();
    ASSERT_EQ(calls().size(), 2U) << "never";
    EXPECT_EQ(calls()[1].operation, Operation::cancel_workflow);
}

TEST(Superseded, WhatHasCompletedIsLeftAlone) {
    const WorkflowRun done = example_run("completed", "success", 1, 1001);
    EXPECT_EQ(calls_after({older(), done, newer()}), Keys());
    EXPECT_EQ(calls_after({newer(), done}), Keys());
}

TEST(Superseded, TheReasonNamesBoth) {
    History history;
    history.record(older(), {});
    const WorkflowRun run = newer();
    const Decision decision = decide(run, superseding(), history.known_of(run));
    EXPECT_EQ(decision.reason,
              "attempt 1 of run 1001 (number 1) is superseded by run 1002 (number 2) on feature of"
              " octo/demo");
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].ci_build_id, "octo/demo-1001-1");
}

TEST(Superseded, EveryOlderRunIsCancelledOnce) {
    EXPECT_EQ(calls_after({older(), newer(), example_run("requested", "", 1, 1003),
                           example_run("requested", "", 1, 1004)}),
              (Keys{"R4 cancel-ci/github.com/1001/1/", "R4 cancel-ci/github.com/1002/1/",
                    "R4 cancel-ci/github.com/1003/1/"}));
}

// Each of these has cost somebody a healthy run.
TEST(Superseded, RunsThatOnlyLookAlikeAreLeftAlone) {
    struct Case {
        const char* what;
        std::function<void(WorkflowRun&)> change;
    };
    const Case cases[] = {
        {"a branch whose name is a prefix", [](auto& run) { run.head_branch = "feature-2"; }},
        {"a fork's branch of the same name", [](auto& run) { run.head_repository = "fork/demo"; }},
        {"a pull request of the branch", [](auto& run) { run.event = "pull_request"; }},
        {"another workflow of the same name", [](auto& run) { run.workflow_id = 78; }},
        {"another repository", [](auto& run) { run.repository = "octo/other"; }},
        {"another GitHub", [](auto& run) { run.key.host = "github.octo.example"; }},
        {"another run of the same commit", [](auto& run) { run.head_sha = older().head_sha; }},
    };
    for (const Case& each : cases) {
        WorkflowRun run = newer();
        each.change(run);
        EXPECT_EQ(calls_after({older(), run}), Keys()) << each.what;
        EXPECT_EQ(calls_after({run, older()}), Keys()) << each.what;
    }
}

TEST(Superseded, WhatIsLeftAloneByItself) {
    struct Case {
        const char* branch;
        std::string event = "push";
        std::string says;
    };
    const Case cases[] = {
        {"main", "push", "default branch"},
        {"main", "pull_request", "default branch"},
        {"gh-readonly-queue/main/pr-7-abc", "push", "merge queue"},
        {"feature", "merge_group", "push and pull_request"},
        {"feature", "schedule", "push and pull_request"},
        {"feature", "workflow_dispatch", "push and pull_request"},
        {"v1", "push", "may be a tag"},
        {"v1.2.3-rc.1", "push", "may be a tag"},
        {"2024.01", "push", "may be a tag"},
        {"", "push", "branch is not known"},
        {"release/7", "push", "superseded.protect"},
    };
    for (const Case& each : cases) {
        Policy policy = superseding();
        policy.defaults.protect = {"release/*"};
        WorkflowRun first = older();
        WorkflowRun second = newer();
        for (WorkflowRun* const run : {&first, &second}) {
            run->head_branch = each.branch;
            run->event = each.event;
        }
        EXPECT_EQ(calls_after({first, second}, policy), Keys()) << each.branch;
        const std::string why = why_left_alone(second, policy.defaults);
        EXPECT_NE(why.find(each.says), std::string::npos) << each.branch << ": " << why;
    }
}

TEST(Superseded, ThePolicyCanIncludeWhatIsLeftAloneByItself) {
    Policy policy = superseding();
    policy.defaults.include = {"main", "v*"};
    for (const char* branch : {"main", "v1", "feature"}) {
        WorkflowRun first = older();
        WorkflowRun second = newer();
        first.head_branch = second.head_branch = branch;
        EXPECT_EQ(calls_after({first, second}, policy), older_cancelled) << branch;
    }
    policy.defaults.protect = {"main"};
    WorkflowRun run = newer();
    run.head_branch = "main";
    EXPECT_FALSE(why_left_alone(run, policy.defaults).empty()) << "protect comes first";
}

TEST(Superseded, AForksDefaultBranchIsNoDefaultBranch) {
    WorkflowRun first = older();
    WorkflowRun second = newer();
    for (WorkflowRun* const run : {&first, &second}) {
        run->head_branch = "main";
        run->head_repository = "fork/demo";
        run->event = "pull_request";
    }
    EXPECT_EQ(calls_after({first, second}), older_cancelled);
}

TEST(Superseded, DeletedHeadRepositoriesAreNotToldApart) {
    WorkflowRun first = older();
    WorkflowRun second = newer();
    for (WorkflowRun* const run : {&first, &second}) {
        run->head_repository.clear();
        run->event = "pull_request";
    }
    EXPECT_EQ(calls_after({first, second}), Keys());
    EXPECT_NE(why_left_alone(first, superseding().defaults).find("gone"), std::string::npos);
}

TEST(Superseded, WithoutADefaultBranchNothingIsRisked) {
    WorkflowRun first = older();
    WorkflowRun second = newer();
    first.default_branch.clear();
    second.default_branch.clear();
    EXPECT_EQ(calls_after({first, second}), Keys());
}

/// A person runs the older run again, after the newer one was made.
WorkflowRun older_again() {
    WorkflowRun run = example_run("in_progress", "", 2, 1001);
    run.started_at = newer().created_at + std::chrono::hours(3);
    return run;
}

TEST(Superseded, WhenAFirstAttemptBeganIsNotGuessedEither) {
    // Of a server without attempts, it may be a re-run of which nothing else was heard.
    const WorkflowRun run = newer();
    struct Case {
        Time started_at;
        Time updated_at;
        std::size_t calls;
    };
    const Case cases[] = {{{}, {}, 0},
                          {{}, run.created_at + std::chrono::minutes(2), 0},
                          {{}, run.created_at - std::chrono::minutes(2), 1},
                          {older().created_at, {}, 1}};
    for (const Case& each : cases) {
        WorkflowRun first = older();
        first.started_at = each.started_at;
        first.updated_at = each.updated_at;
        History history;
        history.record(first, {});
        EXPECT_EQ(decide(run, superseding(), history.known_of(run)).calls.size(), each.calls);
    }
}

TEST(Superseded, AReRunOfAnOlderRunIsNeitherSupersededNorDoesItCancelTheNewer) {
    const WorkflowRun done = example_run("completed", "failure", 1, 1001);
    // Only what its own first attempt left is looked after.
    const Keys expected{"R3 cancel-ci/github.com/1001/1/"};
    EXPECT_EQ(calls_after({done, newer(), older_again()}), expected);
    EXPECT_EQ(calls_after({older_again(), done, newer()}), expected);
    EXPECT_EQ(calls_after({newer(), older_again(), done}), expected);
}

TEST(Superseded, APushAfterAReRunSupersedesIt) {
    WorkflowRun third = example_run("requested", "", 1, 1003);
    third.created_at = older_again().started_at + std::chrono::minutes(1);
    const WorkflowRun done = example_run("completed", "failure", 1, 1001);
    for (const auto& order :
         {std::vector{done, older_again(), third}, std::vector{third, older_again(), done}}) {
        Keys keys = calls_after(order);
        std::sort(keys.begin(), keys.end());
        EXPECT_EQ(keys,
                  (Keys{"R3 cancel-ci/github.com/1001/1/", "R4 cancel-ci/github.com/1001/2/"}));
    }
}

TEST(Superseded, WhenAReRunBeganIsNotGuessed) {
    WorkflowRun again = older_again();
    again.started_at = {};
    EXPECT_EQ(calls_after({newer(), again}), Keys{"R3 cancel-ci/github.com/1001/1/"});
}

}  // namespace
}  // namespace runs_agent::decide
