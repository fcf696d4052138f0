// SPDX-License-Identifier: MIT
#include "decide/plan.hpp"

#include <gtest/gtest.h>

#include <set>

namespace runs_agent::decide {
namespace {

TEST(Plan, RulesAreNamedAsTheDocumentsNameThem) {
    EXPECT_EQ(to_string(Rule::cancelled), "R1");
    EXPECT_EQ(to_string(Rule::orphaned), "R2");
    EXPECT_EQ(to_string(Rule::rerun), "R3");
    EXPECT_EQ(to_string(Rule::superseded), "R4");
    EXPECT_EQ(to_string(Rule::none), "R5");
}

TEST(Plan, OperationsAreReadBackAsTheyAreWritten) {
    EXPECT_EQ(to_string(Operation::cancel_ci), "cancel-ci");
    EXPECT_EQ(to_string(Operation::cancel_run), "cancel-run");
    EXPECT_EQ(to_string(Operation::reset_run), "reset-run");
    EXPECT_EQ(to_string(Operation::cancel_workflow), "cancel-workflow");
    for (const Operation each : {Operation::cancel_ci, Operation::cancel_run, Operation::reset_run,
                                 Operation::cancel_workflow})
        EXPECT_EQ(parse_operation(to_string(each)), each);
    EXPECT_EQ(parse_operation("cancel"), std::nullopt);
    EXPECT_EQ(parse_operation(""), std::nullopt);
}

PlannedCall call() {
    PlannedCall made;
    made.run = {"github.com", 1001};
    made.attempt = 2;
    made.project_id = "abc123";
    return made;
}

TEST(Plan, TheKeyNamesTheCall) {
    EXPECT_EQ(call().key(), "cancel-ci/github.com/1001/2/abc123");
}

TEST(Plan, WhatMakesAnotherCallMakesAnotherKey) {
    std::set<std::string> keys{call().key()};
    PlannedCall other = call();
    other.operation = Operation::cancel_run;
    keys.insert(other.key());
    other = call();
    other.run.host = "ghes.example";
    keys.insert(other.key());
    other = call();
    other.run.run_id = 10'012;
    other.attempt = 1;
    keys.insert(other.key());
    other = call();
    other.attempt = 3;
    keys.insert(other.key());
    other = call();
    other.project_id.clear();
    keys.insert(other.key());
    EXPECT_EQ(keys.size(), 6U);
}

TEST(Plan, WhyAndHowDoNotMakeAnotherKey) {
    PlannedCall other = call();
    other.rule = Rule::rerun;
    other.reason = "else";
    other.ci_build_id = "else";
    other.only_if_in_progress = true;
    other.delay = std::chrono::minutes(2);
    EXPECT_EQ(other.key(), call().key());
}

}  // namespace
}  // namespace runs_agent::decide
