// SPDX-License-Identifier: MIT
#include "config/policy_file.hpp"

#include <gtest/gtest.h>

namespace runs_agent::config {
namespace {

/// All mistakes of a policy, a line each; empty: there are none.
std::string mistakes(std::string_view yaml) {
    const auto policy = parse_policy(yaml, "p.yml", {});
    if (!policy.has_error()) return {};
    EXPECT_EQ(policy.error().code, Errc::bad_input);
    return policy.error().message;
}

TEST(PolicyMistakes, EachIsToldWithItsPlaceAndACure) {
    const std::pair<const char*, const char*> cases[] = {
        // unknown keys
        {"default: {}",
         R"(p.yml:1:1: unknown key "default" in the policy; did you mean "defaults"?)"},
        {"colour: red",
         R"(p.yml:1:1: unknown key "colour" in the policy; known are defaults, rules)"},
        {"defaults:\n  project: a",
         R"(p.yml:2:3: unknown key "project" in defaults; known are project_id, ci_build_id, cancel_on, rerun, superseded, sweep_orphans, machine_id, jobs)"},
        {"defaults:\n  ignore: true",
         R"(p.yml:2:3: unknown key "ignore" in defaults; known are project_id, ci_build_id, cancel_on, rerun, superseded, sweep_orphans, machine_id, jobs)"},
        {"rules:\n  - repositroy: a/b",
         R"(p.yml:2:5: unknown key "repositroy" in a rule; did you mean "repository"?)"},
        {"rules:\n  - branch: a\n    projectid: x",
         R"(p.yml:3:5: unknown key "projectid" in a rule; did you mean "project_id"?)"},
        {"defaults: {rerun: {rest: auto}}",
         R"(p.yml:1:20: unknown key "rest" in rerun; did you mean "reset"?)"},
        {"defaults:\n  superseded:\n    enable: true",
         R"(p.yml:3:5: unknown key "enable" in superseded; did you mean "enabled"?)"},
        {"defaults: {sweep_orphans: {afer: 2m}}",
         R"(p.yml:1:28: unknown key "afer" in sweep_orphans; did you mean "after"?)"},
        {"rules: []\nrules: []", R"(p.yml:2:1: the key "rules" is there twice; keep one of them)"},
        {"[a]: b", "p.yml:1:1: a key must be a text"},
        // wrong types
        {"- a", "p.yml:1:1: the policy must be a map, but is a list; its keys are defaults, rules"},
        {"just text",
         R"(p.yml:1:1: the policy must be a map, but is "just text"; its keys are defaults, rules)"},
        {"defaults: []",
         "p.yml:1:11: defaults must be a map, but is a list; its keys are project_id, ci_build_id, "
         "cancel_on, rerun, superseded, sweep_orphans, machine_id, jobs"},
        {"rules: {}", "p.yml:1:8: rules must be a list; begin each rule with a dash"},
        {"rules: octo/demo", "p.yml:1:8: rules must be a list; begin each rule with a dash"},
        {"rules:\n  - octo/demo",
         R"(p.yml:2:5: a rule must be a map, but is "octo/demo"; its keys are repository, workflow, branch, ignore, project_id, ci_build_id, cancel_on, rerun, superseded, sweep_orphans, machine_id, jobs)"},
        {"rules:\n  - ignore: yes", R"(p.yml:2:13: ignore must be true or false, but is "yes")"},
        {"rules:\n  - ignore: \"true\"",
         R"(p.yml:2:13: ignore must be true or false, but is "true")"},
        {"rules:\n  - ignore: [true]", "p.yml:2:13: ignore must be true or false, but is a list"},
        {"defaults: {rerun: {cancel_previous: 1}}",
         R"(p.yml:1:37: rerun.cancel_previous must be true or false, but is "1")"},
        {"defaults: {rerun: true}",
         R"(p.yml:1:19: rerun must be a map, but is "true"; its keys are cancel_previous, reset)"},
        {"defaults: {rerun: {reset: []}}", "p.yml:1:27: rerun.reset must be a text, but is a list"},
        {"defaults: {superseded: true}",
         R"(p.yml:1:24: superseded must be a map, but is "true"; its keys are enabled, cancel_workflow, force_after, protect, include)"},
        {"defaults: {superseded: {enabled: 1}}",
         R"(p.yml:1:34: superseded.enabled must be true or false, but is "1")"},
        {"defaults: {superseded: {force_after: no}}",
         R"(p.yml:1:38: superseded.force_after must be a duration such as 90s, 2m or 1h, or never, but is "no")"},
        {"defaults: {superseded: {force_after: Never}}",
         R"(p.yml:1:38: superseded.force_after must be a duration such as 90s, 2m or 1h, or never, but is "Never")"},
        {"defaults: {superseded: {force_after: []}}",
         R"(p.yml:1:38: superseded.force_after must be a duration such as 90s, 2m or 1h, or never, but is a list)"},
        {"defaults: {superseded: {cancel_workflow: on}}",
         R"(p.yml:1:42: superseded.cancel_workflow must be true or false, but is "on")"},
        {"defaults: {superseded: {protect: {}}}",
         "p.yml:1:34: superseded.protect must be a list of texts, but is a map"},
        {"defaults: {sweep_orphans: on}",
         R"(p.yml:1:27: sweep_orphans must be a map, but is "on"; its keys are enabled, after)"},
        {"defaults: {sweep_orphans: {enabled: True}}",
         R"(p.yml:1:37: sweep_orphans.enabled must be true or false, but is "True")"},
        {"rules:\n  - repository: [a/b]", "p.yml:2:17: repository must be a text, but is a list"},
        {"rules:\n  - workflow: {}", "p.yml:2:15: workflow must be a list of texts, but is a map"},
        {"rules:\n  - branch: [main, [dev]]",
         "p.yml:2:20: each entry of branch must be a text, but is a list"},
        {"rules:\n  - project_id: {a: b}",
         "p.yml:2:17: project_id must be a list of texts, but is a map"},
        {"defaults: {cancel_on: [{}]}",
         "p.yml:1:24: each entry of cancel_on must be a text, but is a map"},
        {"defaults: {machine_id: []}", "p.yml:1:24: machine_id must be a text, but is a list"},
        {"defaults: {ci_build_id: {a: b}}", "p.yml:1:25: ci_build_id must be a text, but is a map"},
        // values
        {"rules:\n  - repository: demo",
         R"(p.yml:2:17: repository is owner/name, or a glob over it, but is "demo"; write OWNER/demo)"},
        {"defaults: {rerun: {reset: allways}}",
         R"(p.yml:1:27: rerun.reset must be auto, always or never, but is "allways"; did you mean "always"?)"},
        {"defaults: {rerun: {reset: sometimes}}",
         R"(p.yml:1:27: rerun.reset must be auto, always or never, but is "sometimes")"},
        {"defaults:\n  cancel_on: [cancelled, canceled]",
         R"(p.yml:2:26: "canceled" is not a conclusion that GitHub has; did you mean "cancelled"?)"},
        {"defaults:\n  cancel_on: timeout",
         R"(p.yml:2:14: "timeout" is not a conclusion that GitHub has; did you mean "timed_out"?)"},
        {"defaults:\n  cancel_on: [red]",
         R"(p.yml:2:15: "red" is not a conclusion that GitHub has; it has success, failure, neutral, cancelled, skipped, timed_out, stale, startup_failure)"},
        {"defaults:\n  cancel_on: [cancelled, action_required]",
         "p.yml:2:26: action_required is no end: the run waits for approval, and goes on after "
         "that;"
         " leave it out"},
        {"defaults: {sweep_orphans: {after: 2}}",
         R"(p.yml:1:35: sweep_orphans.after must be a duration such as 90s, 2m or 1h, but is "2")"},
    };
    for (const auto& [yaml, mistake] : cases) EXPECT_EQ(mistakes(yaml), mistake) << yaml;
}

TEST(PolicyMistakes, AnUnknownNameInATemplateIsShownWhereItStands) {
    struct Case {
        const char* yaml;
        const char* place;
        const char* says;
    };
    const Case cases[] = {
        {"defaults:\n  ci_build_id: a-${{ github.run_idd }}",
         "p.yml:2:22: ", R"("github.run_idd" is not known here; did you mean "github.run_id"?)"},
        {"defaults:\n  ci_build_id: \"a-${{ github.run_idd }}\"",
         "p.yml:2:23: ", R"(did you mean "github.run_id"?)"},
        {"rules:\n- ci_build_id: ${{ github.sha }}", "p.yml:2:20: ", "merge commit"},
        {"rules:\n- ci_build_id: ${{ env.BUILD }}", "p.yml:2:20: ", "use github.actor"},
        {"rules:\n- ci_build_id: x${{ github.run_id", "p.yml:2:17: ", "never closed"},
        {"rules:\n- ci_build_id: \"  \"", "p.yml:2:16: ", "empty"},
        {"defaults:\n  machine_id: a-${{ runner.nam }}",
         "p.yml:2:21: ", R"("runner.nam" is not known here; did you mean "runner.name"?)"},
        {"rules:\n- machine_id: ${{ runner.os }}", "p.yml:2:19: ", "is not known here"},
        {"rules:\n- machine_id: ${{ runner.name", "p.yml:2:15: ", "never closed"},
        {"rules:\n- machine_id: x-${{ matrix.shard }}",
         "p.yml:2:15: ", "say where the names of the jobs hold it"},
        {"rules:\n- machine_id: ${{ matrix.shard }}\n  jobs: [\"e2e (${{ matrix.shard }})\", b]",
         "p.yml:3:9: ", "machine_id names matrix.shard"},
        {"rules:\n- jobs: e2e ${{ runner.name }}", "p.yml:2:17: ", "only matrix values"},
        {"rules:\n- jobs: [x, \"*(${{ matrix.shard }}*)*\"]", "p.yml:2:20: ", "read in two ways"},
    };
    for (const Case& each : cases) {
        const std::string told = mistakes(each.yaml);
        EXPECT_TRUE(told.starts_with(each.place)) << each.yaml << '\n' << told;
        EXPECT_NE(told.find(each.says), std::string::npos) << each.yaml << '\n' << told;
    }
}

TEST(PolicyMistakes, AValueThatIsNotThereIsOneToo) {
    for (const char* const key :
         {"project_id", "ci_build_id", "cancel_on", "rerun", "superseded", "sweep_orphans",
          "machine_id", "jobs", "repository", "workflow", "branch", "ignore"}) {
        const std::string told = mistakes("rules:\n  - " + std::string(key) + ":\n\n# later\n");
        EXPECT_TRUE(told.starts_with("p.yml:2:5: ")) << key << ": " << told;
        EXPECT_NE(told.find(key), std::string::npos) << told;
        EXPECT_NE(told.find("but is nothing"), std::string::npos) << told;
    }
}

TEST(PolicyMistakes, AnEntryThatIsNotThereIsToldAtItsList) {
    for (const char* const key : {"project_id", "cancel_on", "workflow", "branch"}) {
        const std::string told =
            mistakes("rules:\n  - " + std::string(key) + ":\n      - stale\n      -\n\n# later\n");
        EXPECT_EQ(told, "p.yml:2:5: each entry of " + std::string(key) +
                            " must be a text, but is nothing");
    }
    EXPECT_EQ(mistakes("defaults:\n  superseded:\n    protect:\n      -\n\n\n"),
              "p.yml:3:5: each entry of superseded.protect must be a text, but is nothing");
    EXPECT_TRUE(
        mistakes("rules:\n  -\n\n").starts_with("p.yml:1:1: a rule must be a map, but is nothing"))
        << mistakes("rules:\n  -\n\n");
}

TEST(PolicyMistakes, AllAreToldAtOnceInTheirOrder) {
    EXPECT_EQ(mistakes("defaults:\n  colour: red\n  machine_id: []\nrules:\n  - ignore: 1\n  - "
                       "branch: {}\n"),
              "p.yml:2:3: unknown key \"colour\" in defaults; known are project_id, ci_build_id, "
              "cancel_on, rerun, superseded, sweep_orphans, machine_id, jobs\n"
              "p.yml:3:15: machine_id must be a text, but is a list\n"
              "p.yml:5:13: ignore must be true or false, but is \"1\"\n"
              "p.yml:6:13: branch must be a list of texts, but is a map");
}

TEST(PolicyMistakes, WhatIsNoYamlIsToldWithItsPlace) {
    for (const char* const yaml : {"rules: [", "rules:\n\t- a", "a: b: c", "\"open", "rules: *none",
                                   "}", "a: &x\nb: *y", "%YAML 9.9\n"}) {
        const std::string told = mistakes(yaml);
        EXPECT_TRUE(told.starts_with("p.yml:")) << yaml << '\n' << told;
        EXPECT_NE(told.find("this is not valid YAML: "), std::string::npos) << yaml << '\n' << told;
    }
    EXPECT_TRUE(mistakes("rules:\n  - a: [").starts_with("p.yml:2:"))
        << mistakes("rules:\n  - a: [");
}

TEST(PolicyMistakes, OneDocumentIsEnough) {
    EXPECT_EQ(mistakes("defaults: {}\n---\nrules: []\n"),
              "p.yml:3:1: a second YAML document begins here; keep one");
}

TEST(PolicyMistakes, DeepNestingHarmsNothing) {
    EXPECT_NE(mistakes(std::string(100'000, '[')), "");
    EXPECT_NE(mistakes("rules: " + std::string(100'000, '{')), "");
}

}  // namespace
}  // namespace runs_agent::config
