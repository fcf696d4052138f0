// SPDX-License-Identifier: MIT
#include "config/policy_text.hpp"

#include "config/policy_file.hpp"

#include <gtest/gtest.h>

namespace runs_agent::config {
namespace {

using decide::Policy;
using namespace std::chrono_literals;

Policy parsed(const std::string& yaml) {
    auto policy = parse_policy(yaml, "policy.yml", {});
    if (policy.has_error()) {
        ADD_FAILURE() << policy.error().message << "\nin\n" << yaml;
        return {};
    }
    return std::move(*policy);
}

void expect_same(const decide::Settings& a, const decide::Settings& b) {
    EXPECT_EQ(a.ignore, b.ignore);
    EXPECT_EQ(a.project_ids, b.project_ids);
    EXPECT_EQ(a.ci_build_id, b.ci_build_id);
    EXPECT_EQ(a.cancel_on, b.cancel_on);
    EXPECT_EQ(a.cancel_previous, b.cancel_previous);
    EXPECT_EQ(a.reset, b.reset);
    EXPECT_EQ(a.superseded, b.superseded);
    EXPECT_EQ(a.cancel_workflow, b.cancel_workflow);
    EXPECT_EQ(a.force_after, b.force_after);
    EXPECT_EQ(a.protect, b.protect);
    EXPECT_EQ(a.include, b.include);
    EXPECT_EQ(a.sweep_orphans, b.sweep_orphans);
    EXPECT_EQ(a.sweep_after, b.sweep_after);
    EXPECT_EQ(a.machine_id, b.machine_id);
    EXPECT_EQ(a.jobs, b.jobs);
}

/// What is printed says the same when it is read again.
void expect_to_survive(const Policy& policy) {
    const Policy again = parsed(to_yaml(policy));
    expect_same(again.defaults, policy.defaults);
    ASSERT_EQ(again.rules.size(), policy.rules.size()) << to_yaml(policy);
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        EXPECT_EQ(again.rules[i].repository, policy.rules[i].repository);
        EXPECT_EQ(again.rules[i].workflow, policy.rules[i].workflow);
        EXPECT_EQ(again.rules[i].branch, policy.rules[i].branch);
        expect_same(again.rules[i].settings, policy.rules[i].settings);
    }
}

TEST(PolicyText, TheBuiltInDefaultsAreWrittenOut) {
    EXPECT_EQ(to_yaml({}), R"(defaults:
  ci_build_id: ${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}
  cancel_on: [cancelled, timed_out, stale, startup_failure]
  rerun: {cancel_previous: true, reset: auto}
  superseded: {enabled: false, cancel_workflow: false, force_after: 5m, protect: [], include: []}
  sweep_orphans: {enabled: false, after: 2m}
  machine_id: ${{ runner.name }}
)");
}

TEST(PolicyText, RulesAreFilledIn) {
    const Policy policy = parsed(
        "defaults: {project_id: abc123, cancel_on: [failure]}\n"
        "rules:\n"
        "- {repository: octo/shop-*, workflow: e2e, branch: [main, dev], rerun: {reset: never}}\n"
        "- {repository: octo/legacy, ignore: true}\n");
    EXPECT_EQ(to_yaml(policy), R"(defaults:
  project_id: [abc123]
  ci_build_id: ${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}
  cancel_on: [failure]
  rerun: {cancel_previous: true, reset: auto}
  superseded: {enabled: false, cancel_workflow: false, force_after: 5m, protect: [], include: []}
  sweep_orphans: {enabled: false, after: 2m}
  machine_id: ${{ runner.name }}
rules:
  - repository: octo/shop-*
    workflow: [e2e]
    branch: [main, dev]
    project_id: [abc123]
    ci_build_id: ${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}
    cancel_on: [failure]
    rerun: {cancel_previous: true, reset: never}
    superseded: {enabled: false, cancel_workflow: false, force_after: 5m, protect: [], include: []}
    sweep_orphans: {enabled: false, after: 2m}
    machine_id: ${{ runner.name }}
  - repository: octo/legacy
    ignore: true
)");
}

TEST(PolicyText, WhatIsPrintedSaysTheSameWhenReadAgain) {
    expect_to_survive({});
    expect_to_survive(parsed(R"(
defaults:
  project_id: [abc123, "123", "true", "null", "a, b", "#x", "- y", "z: z", "ünï", "~", "*", "&a"]
  ci_build_id: "e2e: ${{ github.run_id }} # \"quoted\""
  cancel_on: []
  rerun: {cancel_previous: false, reset: always}
  superseded: {enabled: true, cancel_workflow: true, force_after: never, protect: ["*", "release/*"],
    include: main}
  sweep_orphans: {enabled: true, after: 90s}
  machine_id: "yes"
rules:
  - repository: "*/demo"
    project_id: []
    sweep_orphans: {after: 0s}
    superseded: {force_after: 20m}
  - workflow: ["e2e [linux]", "{a}", "!b", "%c", "@d", "`e`", "'f'"]
    branch: "*"
    ci_build_id: "line\nbreak"
  - ignore: true
)"));
}

TEST(PolicyText, DurationsAreWrittenInTheLargestUnitThatFits) {
    const std::pair<std::chrono::seconds, const char*> cases[] = {
        {1s, "1s"},     {90s, "90s"}, {60s, "1m"},    {120s, "2m"},
        {59min, "59m"}, {1h, "1h"},   {90min, "90m"}, {48h, "48h"},
    };
    for (const auto& [length, text] : cases) {
        Policy policy;
        policy.defaults.sweep_after = length;
        EXPECT_NE(to_yaml(policy).find("after: " + std::string(text) + "}"), std::string::npos)
            << to_yaml(policy);
        expect_to_survive(policy);
    }
}

}  // namespace
}  // namespace runs_agent::config
