// SPDX-License-Identifier: MIT
#include "runs_server/recording/run_state.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

using runs_api::CompletionState;
using runs_api::RunStatus;
using namespace std::chrono_literals;

const Time begun(std::chrono::hours(490'000));

RunFacts facts(std::int64_t specs, std::int64_t complete, std::int64_t failures = 0) {
    RunFacts made;
    made.created_at = begun;
    made.active_at = begun + 5min;
    made.specs = specs;
    made.specs_complete = complete;
    made.specs_failed = failures;
    return made;
}

struct Case {
    const char* name;
    RunFacts facts;
    std::chrono::milliseconds now;  // since it began
    CompletionState completion;
    RunStatus status;
    std::optional<std::chrono::milliseconds> duration;
};

RunFacts cancelled(RunFacts given, std::chrono::minutes at = 6min) {
    given.canceled_at = begun + at;
    return given;
}

RunFacts without_tests(RunFacts given) {
    given.without_tests = true;
    return given;
}

class RunStateTest : public testing::TestWithParam<Case> {};

TEST_P(RunStateTest, FollowsFromWhatWasRecorded) {
    const auto& [name, given, now, completion, status, duration] = GetParam();
    const RunState state = run_state_of(given, begun + now);
    EXPECT_EQ(state.completion, completion);
    EXPECT_EQ(state.status, status);
    EXPECT_EQ(state.duration, duration);
}

INSTANTIATE_TEST_SUITE_P(
    , RunStateTest,
    testing::Values(
        Case{"announced", facts(2, 0), 6min, CompletionState::in_progress, RunStatus::running, {}},
        Case{"nothing_known",
             facts(0, 0),
             6min,
             CompletionState::in_progress,
             RunStatus::running,
             {}},
        Case{"without_tests", without_tests(facts(0, 0)), 6min, CompletionState::complete,
             RunStatus::passed, 5min},
        Case{"without_tests_until_some_come",
             without_tests(facts(1, 0)),
             6min,
             CompletionState::in_progress,
             RunStatus::running,
             {}},
        Case{"failing", facts(2, 1, 1), 6min, CompletionState::in_progress, RunStatus::failing, {}},
        Case{"passed", facts(2, 2), 6min, CompletionState::complete, RunStatus::passed, 5min},
        Case{"failed", facts(2, 2, 3), 6min, CompletionState::complete, RunStatus::failed, 5min},
        Case{"long_complete", facts(2, 2), 24h, CompletionState::complete, RunStatus::passed, 5min},
        Case{"silent", facts(2, 1), 35min, CompletionState::in_progress, RunStatus::running, {}},
        Case{"too_silent", facts(2, 1), 35min + 1ms, CompletionState::timeout, RunStatus::passed,
             35min},
        Case{"too_silent_failed", facts(2, 1, 1), 24h, CompletionState::timeout, RunStatus::failed,
             35min},
        Case{"cancelled", cancelled(facts(2, 1)), 7min, CompletionState::canceled,
             RunStatus::passed, 6min},
        Case{"cancelled_after_failing", cancelled(facts(2, 1, 1)), 24h, CompletionState::canceled,
             RunStatus::failed, 6min},
        Case{"cancelled_when_complete", cancelled(facts(2, 2)), 7min, CompletionState::canceled,
             RunStatus::passed, 5min},
        Case{"cancelled_after_its_time_out", cancelled(facts(2, 1), 50min), 60min,
             CompletionState::canceled, RunStatus::passed, 35min},
        Case{"cancelled_and_silent_since", cancelled(facts(2, 1)), 24h, CompletionState::canceled,
             RunStatus::passed, 6min},
        Case{"completed_by_what_came_late", cancelled(facts(2, 2), 4min), 7min,
             CompletionState::canceled, RunStatus::passed, 4min}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(RunState, WhatFailedBeforeAResetHasFailedWhereTheRunEndsWithoutIt) {
    RunFacts given = facts(2, 1);
    given.specs_failed_before = 1;
    EXPECT_EQ(run_state_of(given, begun + 6min).status, RunStatus::running);
    EXPECT_EQ(run_state_of(given, begun + 24h).status, RunStatus::failed);
    EXPECT_EQ(run_state_of(cancelled(given), begun + 7min).status, RunStatus::failed);
}

TEST(RunState, EndsAfterTheProjectsInactivity) {
    RunFacts given = facts(2, 1);
    given.inactivity = 3min;
    EXPECT_EQ(run_state_of(given, begun + 8min).completion, CompletionState::in_progress);
    EXPECT_EQ(run_state_of(given, begun + 8min + 1ms).completion, CompletionState::timeout);
    EXPECT_EQ(run_state_of(given, begun + 9min).duration, 8min);
}

}  // namespace
}  // namespace runs_agent::runs_server
