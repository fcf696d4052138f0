// SPDX-License-Identifier: MIT
#include "config/policy_file.hpp"

#include <gtest/gtest.h>

namespace runs_agent::config {
namespace {

using decide::BuildIdTemplate;
using decide::Policy;
using decide::Reset;
using decide::Settings;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

Policy parsed(std::string_view yaml, const PolicyOverrides& overrides = {}) {
    auto policy = parse_policy(yaml, "policy.yml", overrides);
    if (policy.has_error()) {
        ADD_FAILURE() << policy.error().message;
        return {};
    }
    return std::move(*policy);
}

void expect_built_in(const Settings& settings) {
    EXPECT_FALSE(settings.ignore);
    EXPECT_EQ(settings.project_ids, Texts());
    EXPECT_EQ(settings.ci_build_id.text(),
              "${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}");
    EXPECT_EQ(settings.cancel_on, (Texts{"cancelled", "timed_out", "stale", "startup_failure"}));
    EXPECT_TRUE(settings.cancel_previous);
    EXPECT_EQ(settings.reset, Reset::automatic);
    EXPECT_FALSE(settings.superseded);
    EXPECT_FALSE(settings.cancel_workflow);
    EXPECT_EQ(settings.force_after, 5min);
    EXPECT_EQ(settings.protect, Texts());
    EXPECT_EQ(settings.include, Texts());
    EXPECT_EQ(settings.jobs, Texts());
    EXPECT_FALSE(settings.sweep_orphans);
    EXPECT_EQ(settings.sweep_after, 2min);
    EXPECT_EQ(settings.machine_id, "${{ runner.name }}");
}

TEST(PolicyFile, WithoutAnythingTheBuiltInDefaultsHold) {
    for (const char* const yaml :
         {"", "\n", "# only a comment\n", "---\n", "~", "null", "{}", "defaults:\n", "defaults: {}",
          "rules:\n", "rules: []", "defaults:\nrules:\n"}) {
        const Policy policy = parsed(yaml);
        EXPECT_TRUE(policy.rules.empty()) << yaml;
        expect_built_in(policy.defaults);
    }
}

constexpr const char* every_key = R"(
project_id: [abc123, def456]
ci_build_id: e2e-${{ github.run_id }}
cancel_on: [cancelled, failure]
rerun: {cancel_previous: false, reset: always}
superseded: {enabled: true, cancel_workflow: true, force_after: 20m, protect: ["release/*", hotfix], include: main}
sweep_orphans: {enabled: true, after: 90s}
machine_id: ci-${{ matrix.shard }}
jobs: e2e (${{ matrix.shard }})
)";

void expect_every_key(const Settings& settings) {
    EXPECT_EQ(settings.project_ids, (Texts{"abc123", "def456"}));
    EXPECT_EQ(settings.ci_build_id.text(), "e2e-${{ github.run_id }}");
    EXPECT_EQ(settings.cancel_on, (Texts{"cancelled", "failure"}));
    EXPECT_FALSE(settings.cancel_previous);
    EXPECT_EQ(settings.reset, Reset::always);
    EXPECT_TRUE(settings.superseded);
    EXPECT_TRUE(settings.cancel_workflow);
    EXPECT_EQ(settings.force_after, 20min);
    EXPECT_EQ(settings.protect, (Texts{"release/*", "hotfix"}));
    EXPECT_TRUE(settings.sweep_orphans);
    EXPECT_EQ(settings.sweep_after, 90s);
    EXPECT_EQ(settings.machine_id, "ci-${{ matrix.shard }}");
    EXPECT_EQ(settings.include, Texts{"main"});
    EXPECT_EQ(settings.jobs, Texts{"e2e (${{ matrix.shard }})"});
}

/// The lines of a YAML map, moved to the right.
std::string indented(std::string_view yaml, const std::string& by) {
    std::string text;
    for (const char c : yaml) text += c == '\n' ? "\n" + by : std::string(1, c);
    return text;
}

TEST(PolicyFile, EveryKeyMayStandInDefaults) {
    const Policy policy =
        parsed("defaults:" + indented(every_key, "  ") + "\nrules:\n  - branch: main\n");
    expect_every_key(policy.defaults);
    ASSERT_EQ(policy.rules.size(), 1U);
    expect_every_key(policy.rules[0].settings);  // what a rule leaves out comes from defaults
}

TEST(PolicyFile, EveryKeyMayStandInARule) {
    const Policy policy = parsed(
        "rules:\n  - repository: octo/shop-*\n    workflow: [e2e, \".github/workflows/*.yml\"]\n"
        "    branch: [\"*\"]" +
        indented(every_key, "    ") + "\n  - repository: octo/legacy\n    ignore: true\n");
    expect_built_in(policy.defaults);
    ASSERT_EQ(policy.rules.size(), 2U);
    EXPECT_EQ(policy.rules[0].repository, "octo/shop-*");
    EXPECT_EQ(policy.rules[0].workflow, (Texts{"e2e", ".github/workflows/*.yml"}));
    EXPECT_EQ(policy.rules[0].branch, Texts{"*"});
    EXPECT_EQ(policy.rules[0].line, 2);
    EXPECT_FALSE(policy.rules[0].settings.ignore);
    expect_every_key(policy.rules[0].settings);
    EXPECT_EQ(policy.rules[1].repository, "octo/legacy");
    EXPECT_EQ(policy.rules[1].workflow, Texts());
    EXPECT_EQ(policy.rules[1].branch, Texts());
    EXPECT_TRUE(policy.rules[1].settings.ignore);
}

TEST(PolicyFile, TheDocumentedExampleIsUnderstood) {
    const Policy policy = parsed(R"(
defaults:
  ci_build_id: ${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}
  cancel_on: [cancelled, timed_out, stale, startup_failure]
  rerun: {cancel_previous: true, reset: auto}      # auto: only where every attempt shares the build id; always; never
  superseded: {enabled: false, cancel_workflow: false, protect: []}   # protect: branch globs, beside the default branch
  sweep_orphans: {enabled: false, after: 2m}
  machine_id: ${{ runner.name }}
rules:
  - repository: octo/shop-*        # glob over owner/name
    workflow: ["e2e", ".github/workflows/e2e-*.yml"]   # globs over name or path; absent: all
    branch: ["*"]
    project_id: [abc123, def456]   # one call for each; absent: the call names no project
    superseded: {enabled: true}
  - repository: octo/legacy
    ignore: true
)");
    expect_built_in(policy.defaults);
    ASSERT_EQ(policy.rules.size(), 2U);
    EXPECT_EQ(policy.rules[0].line, 10);
    EXPECT_TRUE(policy.rules[0].settings.superseded);
    EXPECT_FALSE(policy.rules[0].settings.cancel_workflow);
    EXPECT_EQ(policy.rules[0].settings.project_ids, (Texts{"abc123", "def456"}));
    EXPECT_EQ(policy.rules[1].line, 15);
    EXPECT_EQ(policy.match("octo/legacy", "e2e", "", "main").rule, 1U);
    EXPECT_EQ(policy.match("octo/shop-eu", "e2e", "", "main").rule, 0U);
}

TEST(PolicyFile, ARuleChangesOnlyWhatItSays) {
    const Policy policy = parsed(R"(
defaults:
  project_id: fallback
  rerun: {cancel_previous: false, reset: never}
  superseded: {enabled: true, force_after: never, protect: [release]}
rules:
  - rerun: {reset: always}
    superseded: {cancel_workflow: true}
  - project_id: []
    superseded: {force_after: 0s}
)");
    ASSERT_EQ(policy.rules.size(), 2U);
    const Settings& first = policy.rules[0].settings;
    EXPECT_EQ(first.project_ids, Texts{"fallback"});
    EXPECT_FALSE(first.cancel_previous);
    EXPECT_EQ(first.reset, Reset::always);
    EXPECT_TRUE(first.superseded);
    EXPECT_TRUE(first.cancel_workflow);
    EXPECT_EQ(first.force_after, std::nullopt) << "never";
    EXPECT_EQ(policy.rules[1].settings.force_after, 0s);
    EXPECT_EQ(first.protect, Texts{"release"});
    EXPECT_EQ(policy.rules[1].settings.project_ids, Texts());
    EXPECT_EQ(policy.defaults.reset, Reset::never);
}

TEST(PolicyFile, TheOrderOfDefaultsAndRulesDoesNotMatter) {
    const Policy policy = parsed("rules:\n- branch: main\ndefaults: {project_id: late}\n");
    ASSERT_EQ(policy.rules.size(), 1U);
    EXPECT_EQ(policy.rules[0].settings.project_ids, Texts{"late"});
}

TEST(PolicyFile, OneTextMayStandForAList) {
    const Policy policy = parsed(
        "rules:\n- {workflow: e2e, branch: main, project_id: 123, cancel_on: failure,"
        " superseded: {protect: release}}\n");
    ASSERT_EQ(policy.rules.size(), 1U);
    EXPECT_EQ(policy.rules[0].workflow, Texts{"e2e"});
    EXPECT_EQ(policy.rules[0].branch, Texts{"main"});
    EXPECT_EQ(policy.rules[0].settings.project_ids, Texts{"123"});
    EXPECT_EQ(policy.rules[0].settings.cancel_on, Texts{"failure"});
    EXPECT_EQ(policy.rules[0].settings.protect, Texts{"release"});
}

TEST(PolicyFile, EveryConclusionOfGitHubAndEveryResetIsKnown) {
    const Policy policy = parsed(
        "defaults:\n  cancel_on: [success, failure, neutral, cancelled, skipped, timed_out, "
        "stale, startup_failure]\n");
    EXPECT_EQ(policy.defaults.cancel_on.size(), 8U);
    EXPECT_EQ(parsed("defaults: {cancel_on: []}").defaults.cancel_on, Texts());
    const std::pair<const char*, Reset> resets[] = {
        {"auto", Reset::automatic}, {"always", Reset::always}, {"never", Reset::never}};
    for (const auto& [name, reset] : resets)
        EXPECT_EQ(parsed("defaults: {rerun: {reset: " + std::string(name) + "}}").defaults.reset,
                  reset);
}

TEST(PolicyFile, TheEnvironmentTakesTheDefaultsPlaceButNotTheRules) {
    PolicyOverrides overrides;
    overrides.project_ids = Texts{"env1", "env2"};
    overrides.ci_build_id = std::get<BuildIdTemplate>(BuildIdTemplate::parse("env-id"));
    const Policy policy = parsed(R"(
defaults: {project_id: file, ci_build_id: file-id}
rules:
  - repository: octo/own
    project_id: own
    ci_build_id: own-id
  - repository: octo/other
)",
                                 overrides);
    EXPECT_EQ(policy.defaults.project_ids, (Texts{"env1", "env2"}));
    EXPECT_EQ(policy.defaults.ci_build_id.text(), "env-id");
    ASSERT_EQ(policy.rules.size(), 2U);
    EXPECT_EQ(policy.rules[0].settings.project_ids, Texts{"own"});
    EXPECT_EQ(policy.rules[0].settings.ci_build_id.text(), "own-id");
    EXPECT_EQ(policy.rules[1].settings.project_ids, (Texts{"env1", "env2"}));
    EXPECT_EQ(policy.rules[1].settings.ci_build_id.text(), "env-id");
    EXPECT_EQ(parsed("", overrides).defaults.ci_build_id.text(), "env-id");
}

}  // namespace
}  // namespace runs_agent::config
