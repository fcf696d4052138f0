// SPDX-License-Identifier: MIT
#include "agent/action/doing/supersede_plan.hpp"

#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

using decide::example_run;
using decide::WorkflowRun;
using Names = std::vector<std::string>;

decide::Settings settings(std::vector<std::string> include = {}, bool cancel_workflow = false) {
    return superseding({}, decide::BuildIdTemplate::standard(), cancel_workflow,
                       std::move(include));
}

/// What follows for run 1010 where there are these, too: "cancel-ci 1009/1".
Names calls(const WorkflowRun& own, const std::vector<WorkflowRun>& others,
            const decide::Settings& by = settings()) {
    Names names;
    for (const SupersededRun& one : plan_supersede(own, others, by).runs)
        for (const decide::PlannedCall& call : one.calls)
            names.push_back(std::string(to_string(call.operation)) + " " +
                            std::to_string(call.run.run_id) + "/" + std::to_string(call.attempt) +
                            (call.only_if_in_progress ? " if in progress" : ""));
    return names;
}

WorkflowRun own_run(int attempt = 1) {
    return example_run("in_progress", "", attempt, 1010);
}

WorkflowRun goes_on(std::int64_t id, int attempt = 1) {
    return example_run("in_progress", "", attempt, id);
}

WorkflowRun ended(std::int64_t id, const std::string& conclusion) {
    return example_run("completed", conclusion, 1, id);
}

TEST(Superseded, OlderRunsThatGoOnTheNewestFirst) {
    EXPECT_EQ(calls(own_run(), {goes_on(1008), goes_on(1009)}),
              (Names{"cancel-ci 1009/1 if in progress", "cancel-ci 1008/1 if in progress"}));
}

TEST(Superseded, WhatWasCancelledIsSentOutrightAndWhatEndedIsLeftAlone) {
    EXPECT_EQ(
        calls(own_run(), {ended(1001, "success"), ended(1002, "failure"), ended(1003, "skipped"),
                          ended(1004, "cancelled"), ended(1005, "timed_out"), ended(1006, "stale"),
                          ended(1007, "startup_failure"), ended(1008, "action_required")}),
        // A run that waits for approval has not ended.
        (Names{"cancel-ci 1008/1 if in progress", "cancel-ci 1007/1", "cancel-ci 1006/1",
               "cancel-ci 1005/1", "cancel-ci 1004/1"}));
}

TEST(Superseded, NeverItselfNorItsOtherAttemptsNorANewerOne) {
    EXPECT_EQ(calls(own_run(), {own_run(), own_run(2), goes_on(1011), ended(1012, "cancelled")}),
              Names());
    EXPECT_EQ(calls(own_run(2), {example_run("completed", "cancelled", 1, 1010)}), Names());
    // It is superseded itself, and still supersedes what is older.
    EXPECT_EQ(calls(own_run(), {goes_on(1011), goes_on(1009)}),
              Names{"cancel-ci 1009/1 if in progress"});
}

TEST(Superseded, AReRunOfAnOlderRunCancelsNoNewerOne) {
    EXPECT_EQ(calls(goes_on(1005, 2), {goes_on(1009), ended(1008, "cancelled")}), Names());
}

TEST(Superseded, WhoRunsAnOlderRunAgainLaterMeansIt) {
    WorkflowRun again = goes_on(1009, 2);
    again.started_at = own_run().created_at + std::chrono::minutes(1);
    EXPECT_EQ(calls(own_run(), {again}), Names());
    again.started_at = own_run().created_at - std::chrono::minutes(1);
    EXPECT_EQ(calls(own_run(), {again}), Names{"cancel-ci 1009/2 if in progress"});
    again.started_at = {};
    EXPECT_EQ(calls(own_run(), {again}), Names());
}

TEST(Superseded, OnlyWithinTheGroup) {
    const auto left_alone = [](auto change) {
        for (WorkflowRun other : {goes_on(1009), ended(1009, "cancelled")}) {
            change(other);
            if (!calls(own_run(), {other}).empty()) return false;
        }
        return true;
    };
    EXPECT_FALSE(left_alone([](WorkflowRun&) {}));
    EXPECT_TRUE(left_alone([](WorkflowRun& run) { run.head_repository = "fork/demo"; }));
    EXPECT_TRUE(left_alone([](WorkflowRun& run) { run.head_repository = ""; }));
    EXPECT_TRUE(left_alone([](WorkflowRun& run) { run.event = "pull_request"; }));
    EXPECT_TRUE(left_alone([](WorkflowRun& run) { run.head_branch = "other"; }));
    // Two workflows may have one name.
    EXPECT_TRUE(left_alone([](WorkflowRun& run) { run.workflow_id = 78; }));
    EXPECT_TRUE(left_alone([](WorkflowRun& run) { run.repository = "octo/other"; }));
    EXPECT_TRUE(left_alone([](WorkflowRun& run) { run.key.host = "ghes.test"; }));
}

TEST(Superseded, AnotherRunOfTheSameCommitGoesOn) {
    WorkflowRun other = goes_on(1009);
    other.head_sha = own_run().head_sha;
    EXPECT_EQ(calls(own_run(), {other}), Names());
}

TEST(Superseded, WhatIsLeftAloneUnlessItIsIncluded) {
    const std::pair<const char*, const char*> cases[] = {
        {"main", "default branch"},
        {"v1.2.3", "named like a version"},
        {"gh-readonly-queue/main/pr-1", "merge queue"},
    };
    for (const auto& [branch, why] : cases) {
        WorkflowRun own = own_run();
        WorkflowRun older = goes_on(1009);
        own.head_branch = older.head_branch = branch;
        const SupersedePlan none = plan_supersede(own, {older}, settings());
        EXPECT_TRUE(none.runs.empty());
        EXPECT_NE(none.why_none.find(why), std::string::npos) << none.why_none;
        EXPECT_EQ(calls(own, {older}, settings({"x", branch})),
                  Names{"cancel-ci 1009/1 if in progress"});
    }
    for (const char* const event : {"merge_group", "schedule", "workflow_dispatch"}) {
        WorkflowRun own = own_run();
        WorkflowRun older = goes_on(1009);
        own.event = older.event = event;
        EXPECT_EQ(calls(own, {older}, settings({"*"})), Names());
    }
    WorkflowRun gone = own_run();
    WorkflowRun also_gone = goes_on(1009);
    gone.head_repository = also_gone.head_repository = "";
    EXPECT_EQ(calls(gone, {also_gone}, settings({"*"})), Names());
}

TEST(Superseded, TheWorkflowIsCancelledOnRequestButNeverByForce) {
    EXPECT_EQ(
        calls(own_run(), {goes_on(1009), ended(1008, "cancelled")}, settings({}, true)),
        (Names{"cancel-ci 1009/1 if in progress", "cancel-workflow 1009/1", "cancel-ci 1008/1"}));
}

TEST(Superseded, OneCallForEachProject) {
    const auto by = superseding({"p1", "p2"}, decide::BuildIdTemplate::standard(), false, {});
    const SupersedePlan found = plan_supersede(own_run(), {goes_on(1009)}, by);
    ASSERT_EQ(found.runs.size(), 1U);
    ASSERT_EQ(found.runs[0].calls.size(), 2U);
    EXPECT_EQ(found.runs[0].calls[1].project_id, "p2");
    EXPECT_EQ(found.runs[0].calls[1].ci_build_id, "octo/demo-1009-1");
}

}  // namespace
}  // namespace runs_agent::agent::action
