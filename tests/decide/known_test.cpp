// SPDX-License-Identifier: MIT
#include "decide/known.hpp"

#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

#include <set>

namespace runs_agent::decide {
namespace {

TEST(Known, EverythingThatSetsRunsApartIsPartOfTheGroup) {
    std::set<std::string> groups{group_of(example_run())};
    const auto add = [&groups](auto change) {
        WorkflowRun run = example_run();
        change(run);
        groups.insert(group_of(run));
    };
    add([](WorkflowRun& run) { run.key.host = "github.octo.example"; });
    add([](WorkflowRun& run) { run.repository = "octo/other"; });
    add([](WorkflowRun& run) { run.workflow_id = 78; });
    add([](WorkflowRun& run) { run.head_repository = "stranger/demo"; });
    add([](WorkflowRun& run) { run.head_branch = "main"; });
    add([](WorkflowRun& run) { run.event = "pull_request"; });
    // Texts that run into each other must not look the same.
    add([](WorkflowRun& run) {
        run.head_repository = "";
        run.head_branch = "octo/demofeature";
    });
    add([](WorkflowRun& run) { run.head_branch = "feature4:push"; });
    EXPECT_EQ(groups.size(), 9U);
}

TEST(Known, WhatDiffersBetweenRunsOfAGroupIsNotPartOfIt) {
    WorkflowRun run = example_run("completed", "success", 3, 2002);
    run.head_sha = "else";
    run.actor = "else";
    run.workflow_name = "renamed";
    EXPECT_EQ(group_of(run), group_of(example_run()));
}

/// What is known of an attempt; with a conclusion, that it has completed.
KnownAttempt attempt_of(WorkflowRun run, const std::string& conclusion) {
    run.action = run.status = conclusion.empty() ? "in_progress" : "completed";
    run.conclusion = conclusion;
    KnownAttempt known;
    known.attempt = run.attempt;
    merge_event(known, run);
    return known;
}

KnownRun known_run(const WorkflowRun& run, const std::string& conclusion) {
    return {run.key, run.run_number, run.head_sha, run.created_at, attempt_of(run, conclusion)};
}

/// A call of the example run's first attempt, as planning() plans it.
KnownCall known_call(bool careful) {
    KnownCall call;
    call.key = "cancel-ci/github.com/1001/1/";
    call.only_if_in_progress = careful;
    call.run = example_run().key;
    return call;
}

TEST(History, TellsTheRunOfAJob) {
    History history;
    WorkflowJob job;
    job.run = example_run().key;
    EXPECT_EQ(history.known_of(job), Known());
    const WorkflowRun run = example_run();
    history.record(run, {});
    EXPECT_EQ(history.known_of(job).last, run);
    EXPECT_EQ(history.known_of(job).attempts, std::vector<KnownAttempt>{attempt_of(run, "")});
}

Decision planning(const WorkflowRun& run, int attempt, bool careful) {
    PlannedCall call;
    call.run = run.key;
    call.attempt = attempt;
    call.only_if_in_progress = careful;
    Decision decision;
    decision.calls.push_back(call);
    return decision;
}

TEST(History, KnowsTheRunsOwnAttemptsAndCalls) {
    History history;
    EXPECT_EQ(history.known_of(example_run()), Known());
    const WorkflowRun second = example_run("in_progress", "", 2);
    history.record(second, planning(second, 1, true));
    history.record(example_run("completed", "cancelled"), {});
    history.record(example_run("in_progress", "", 1, 1002), {});

    const Known known = history.known_of(example_run("completed", "", 3));
    EXPECT_EQ(known.attempts, (std::vector<KnownAttempt>{attempt_of(example_run(), "cancelled"),
                                                         attempt_of(second, "")}));
    EXPECT_EQ(known.calls, std::vector<KnownCall>{known_call(true)});
}

TEST(History, ACallThatMayBeSentOutrightStaysSo) {
    History history;
    const WorkflowRun run = example_run();
    history.record(run, planning(run, 1, true));
    history.record(run, planning(run, 1, false));
    history.record(run, planning(run, 1, true));
    EXPECT_EQ(history.known_of(run).calls, std::vector<KnownCall>{known_call(false)});
}

TEST(History, OfTheGroupItKnowsTheOlderThatGoOnAndTheNewest) {
    History history;
    history.record(example_run("completed", "success", 1, 1002), {});
    history.record(example_run("in_progress", "", 1, 1003), {});
    history.record(example_run("completed", "cancelled", 1, 1004), {});
    history.record(example_run("in_progress", "", 2, 1004), {});
    history.record(example_run("completed", "failure", 1, 1007), {});
    history.record(example_run("in_progress", "", 1, 1006), {});
    WorkflowRun other = example_run("in_progress", "", 1, 1009);
    other.head_branch = "main";
    history.record(other, {});

    const WorkflowRun own = example_run("in_progress", "", 1, 1005);
    const std::vector<KnownRun> older{known_run(example_run("", "", 1, 1003), ""),
                                      known_run(example_run("", "", 2, 1004), "")};
    EXPECT_EQ(history.known_of(own).older, older);
    EXPECT_EQ(history.known_of(own).newer,
              known_run(example_run("completed", "", 1, 1007), "failure"));
    // Nor does the newest count where it is of the same commit.
    WorkflowRun same = own;
    same.head_sha = example_run("", "", 1, 1007).head_sha;
    EXPECT_EQ(history.known_of(same).newer->key.run_id, 1006);
    // A run is not in its own group's list, not even where it is the newest.
    EXPECT_EQ(history.known_of(example_run("in_progress", "", 1, 1007)).newer, std::nullopt);

    // What is superseded need not be looked at again, but for a later life of it.
    Decision decision;
    decision.superseded.emplace_back(example_run("", "", 1, 1003).key, 1);
    history.record(decision);
    EXPECT_EQ(history.known_of(own).older, std::vector<KnownRun>{older[1]});
}

}  // namespace
}  // namespace runs_agent::decide
