// SPDX-License-Identifier: MIT
#include "decide/policy.hpp"

#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

PolicyRule rule(std::optional<std::string> repository, std::vector<std::string> workflow = {},
                std::vector<std::string> branch = {}) {
    PolicyRule made;
    made.repository = std::move(repository);
    made.workflow = std::move(workflow);
    made.branch = std::move(branch);
    return made;
}

TEST(Policy, TheFirstRuleThatFitsHolds) {
    Policy policy;
    policy.rules = {
        rule("octo/shop-*", {"e2e", ".github/workflows/e2e-*.yml"}),
        rule("octo/shop-web"),
        rule("octo/demo", {}, {"main", "release/*"}),
        rule(std::nullopt, {"nightly"}),
    };
    struct Case {
        const char* repository;
        const char* workflow;
        const char* path;
        const char* branch;
        std::optional<std::size_t> rule;
    };
    const Case cases[] = {
        {"octo/shop-web", "e2e", "", "x", 0},
        {"octo/shop-web", "End to end", ".github/workflows/e2e-web.yml", "x", 0},
        {"octo/shop-web", "unit", ".github/workflows/unit.yml", "x", 1},
        {"octo/shop-app", "unit", ".github/workflows/unit.yml", "x", std::nullopt},
        {"octo/demo", "e2e", "", "main", 2},
        {"octo/demo", "e2e", "", "release/1.2", 2},
        {"octo/demo", "e2e", "", "", std::nullopt},
        {"octo/demo", "nightly", "", "feature", 3},
        {"other/one", "nightly", "", "", 3},
        {"other/one", "e2e", "", "main", std::nullopt},
    };
    for (const Case& each : cases) {
        const auto match = policy.match(each.repository, each.workflow, each.path, each.branch);
        EXPECT_EQ(match.rule, each.rule) << each.repository << ' ' << each.workflow;
        EXPECT_EQ(match.settings,
                  each.rule ? &policy.rules[*each.rule].settings : &policy.defaults);
    }
}

TEST(Policy, WhatHeldIsSaidInWordsThatStandAlone) {
    Policy policy;
    const auto of = [&policy](const char* repository, const char* branch) {
        return policy.in_words(policy.match(repository, "", ".github/workflows/e2e.yml", branch));
    };
    EXPECT_EQ(of("octo/x", ""), "the built-in settings");
    policy.file = "policy.yml";
    policy.rules = {rule("octo/shop-*", {"e2e.yml", ".github/workflows/e2e.yml"}, {"a", "b\nc"}),
                    rule("octo/all"), rule(std::nullopt, {}, {"main"}), rule("octo/x", {"e2e"}),
                    rule(std::nullopt)};
    policy.rules[0].line = 7;
    EXPECT_EQ(of("octo/shop-web", "a"),
              "rule 1 (policy.yml:7): repository octo/shop-*, workflow e2e.yml or"
              " .github/workflows/e2e.yml, branch a or b c");
    EXPECT_EQ(of("octo/all", ""), "rule 2: repository octo/all");
    EXPECT_EQ(of("octo/y", "main"), "rule 3: branch main");
    EXPECT_EQ(of("octo/y", "x"), "rule 5: everything");
    EXPECT_EQ(of("octo/x", "x"),
              "not to be told: a rule asks for the workflow's name, which is not known");
    policy.rules.clear();
    EXPECT_EQ(of("octo/x", ""), "the defaults (policy.yml)");
}

// GitHub finds octo/Shop as octo/shop, too; branches and workflows that differ in case differ.
TEST(Policy, CaseCountsButForTheRepository) {
    Policy policy;
    policy.rules = {rule("Octo/SHOP-*", {}, {"Main"}), rule("octo/Site", {"E2E"})};
    EXPECT_EQ(policy.match("octo/shop-Web", "e2e", "", "Main").rule, 0U);
    EXPECT_EQ(policy.match("OCTO/Shop-web", "e2e", "", "main").rule, std::nullopt);
    EXPECT_EQ(policy.match("octo/site", "E2E", "", "x").rule, 1U);
    EXPECT_EQ(policy.match("octo/site", "e2e", "", "x").rule, std::nullopt);
    EXPECT_EQ(policy.match("octo/sites", "E2E", "", "x").rule, std::nullopt);
}

TEST(Policy, ARunIsMatchedByItsOwnNames) {
    Policy policy;
    policy.rules = {rule("fork/demo"), rule("octo/demo", {"e2e"}, {"feature"})};
    WorkflowRun run = example_run();
    run.head_repository = "fork/demo";
    EXPECT_EQ(policy.match(run).rule, 1U);
}

TEST(Policy, TheBuiltInDefaultsAreThoseOfTheDocuments) {
    const Settings settings;
    EXPECT_FALSE(settings.ignore);
    EXPECT_TRUE(settings.project_ids.empty());
    EXPECT_EQ(settings.ci_build_id.text(),
              "${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}");
    EXPECT_EQ(settings.cancel_on,
              (std::vector<std::string>{"cancelled", "timed_out", "stale", "startup_failure"}));
    EXPECT_TRUE(settings.cancel_previous);
    EXPECT_EQ(settings.reset, Reset::automatic);
    EXPECT_FALSE(settings.superseded);
    EXPECT_FALSE(settings.cancel_workflow);
    EXPECT_FALSE(settings.sweep_orphans);
    EXPECT_EQ(settings.sweep_after, std::chrono::minutes(2));
    EXPECT_EQ(settings.machine_id, "${{ runner.name }}");
}

}  // namespace
}  // namespace runs_agent::decide
