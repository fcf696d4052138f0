// SPDX-License-Identifier: MIT
// `config check --repository …`: what applies to the runs of a repository and workflow.
#include "tests/config/command_line.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace runs_agent::agent {
namespace {

using tests::config;
using tests::Shown;

class ConfigApplies : public testing::Test {
protected:
    void SetUp() override {
        std::ofstream(file_) << R"(defaults:
  cancel_on: [cancelled]
rules:
  - repository: octo/legacy
    ignore: true
  - repository: octo/shop-*
    workflow: ["e2e", ".github/workflows/e2e-*.yml"]
    branch: ["release/*"]
    project_id: [abc123, def456]
    superseded: {enabled: true, protect: ["release/9", "a*"]}
  - repository: octo/shop-*
    ci_build_id: ${{ github.repository }}-${{ github.run_id }}
    superseded: {enabled: true, cancel_workflow: true}
  - repository: octo/careful
    superseded: {enabled: true, cancel_workflow: true, force_after: never}
)";
    }

    Shown check(const std::string& arguments) {
        return config("check --config " + file_ + " " + arguments);
    }

    static bool says(const Shown& shown, const std::string& text) {
        return shown.out.find(text) != std::string::npos;
    }

    const tests::Variables token_{{{"GITHUB_TOKEN", "for cancel_workflow"}}};
    tests::TempDir dir_;
    std::string file_ = dir_.file("policy.yml");
};

TEST_F(ConfigApplies, TellsOfTheFirstRuleThatFits) {
    const Shown legacy = check("--repository octo/legacy");
    EXPECT_EQ(legacy.exit, Exit::done);
    EXPECT_TRUE(says(legacy, "rule 1 (" + file_ + ":4):\n  nothing is done")) << legacy.out;
    EXPECT_FALSE(says(legacy, "else")) << legacy.out;

    const Shown release = check("--repository octo/shop-web --workflow e2e --branch release/8");
    EXPECT_TRUE(says(release, "rule 2 (" + file_ + ":6):\n  projects: abc123, def456"))
        << release.out;
    EXPECT_TRUE(says(release, "that ends as cancelled is cancelled (R1)")) << release.out;
    EXPECT_TRUE(says(release, "older runs of the branch are cancelled (R4)")) << release.out;
    EXPECT_FALSE(says(release, "rule 3")) << release.out;

    const Shown other = check("--repository octo/docs");
    EXPECT_TRUE(says(other, "the defaults:\n  projects: every one")) << other.out;
    EXPECT_FALSE(says(other, "rule 1 (")) << other.out;
    EXPECT_FALSE(says(other, "else")) << other.out;
}

TEST_F(ConfigApplies, TellsWhatMakesTheDifferenceWhereARunCouldTell) {
    const Shown shown = check("--repository octo/shop-web");
    EXPECT_TRUE(
        says(shown, "rule 2 (" + file_ +
                        ":6), where the workflow's name or path matches "
                        "e2e or .github/workflows/e2e-*.yml and the branch matches release/*:"))
        << shown.out;
    EXPECT_TRUE(says(shown, "else rule 3")) << shown.out;
    EXPECT_TRUE(says(shown, "and release/9, a*")) << shown.out;
    EXPECT_TRUE(says(shown, "all attempts record into one run, which is reset (R3)")) << shown.out;
    EXPECT_TRUE(says(shown,
                     "their workflow runs on GitHub, too, and after 5 min 0 s by force, "
                     "without their always() steps"))
        << shown.out;
    EXPECT_FALSE(says(shown, "else the defaults")) << "rule 3 fits all that is left";
    const Shown careful = check("--repository octo/careful");
    EXPECT_TRUE(says(careful, "their workflow runs on GitHub, too (never by force);"))
        << careful.out;
    EXPECT_FALSE(says(careful, "always() steps")) << careful.out;

    EXPECT_TRUE(says(check("--repository octo/shop-web --workflow lint --branch release/8"),
                     "where the workflow's path matches"));
    EXPECT_FALSE(says(check("--repository octo/shop-web --workflow lint --workflow "
                            ".github/workflows/lint.yml"),
                      "rule 2"));
    EXPECT_TRUE(says(check("--repository octo/shop-web --branch release/8 --workflow "
                           ".github/workflows/e2e-web.yml"),
                     "rule 2 (" + file_ + ":6):"));
}

TEST_F(ConfigApplies, TellsWhyABranchIsLeftAlone) {
    EXPECT_TRUE(says(check("--repository octo/shop-web --workflow e2e --branch release/9"),
                     "superseded: nothing for a push: superseded.protect lists its branch"));
    const std::string trunk = "--repository octo/shop-web --branch trunk";
    EXPECT_TRUE(says(check(trunk), "older runs of the branch are cancelled"));
    EXPECT_TRUE(says(check(trunk + " --default-branch trunk"), "it is on the default branch"));
}

TEST_F(ConfigApplies, AsJson) {
    const Shown shown = check("--json --repository octo/shop-web --branch main");
    EXPECT_TRUE(
        says(shown, R"({"ok":true,"mistakes":[],"applies":[{"rule":3,"line":11,"where":[],)"))
        << shown.out;
    EXPECT_TRUE(says(shown, R"("cancel_workflow":true)")) << shown.out;
    EXPECT_FALSE(says(check("--json"), "applies"));
}

TEST_F(ConfigApplies, WrongQuestionsAreRefused) {
    for (const char* const wrong :
         {"--repository octo", "--repository octo/", "--repository https://github.com/octo/shop",
          "--workflow e2e", "--branch main", "--repository octo/shop --workflow a --workflow b"}) {
        const Shown shown = check(wrong);
        EXPECT_EQ(shown.exit, Exit::usage) << wrong;
        EXPECT_NE(shown.error.find("--"), std::string::npos) << shown.error;
    }
}

}  // namespace
}  // namespace runs_agent::agent
