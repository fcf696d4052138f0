// SPDX-License-Identifier: MIT
#include "decide/build_id_template.hpp"

#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

BuildIdTemplate parsed(std::string_view text) {
    auto result = BuildIdTemplate::parse(text);
    if (const auto* wrong = std::get_if<TemplateError>(&result)) {
        ADD_FAILURE() << text << ": " << wrong->message;
        return BuildIdTemplate::standard();
    }
    return std::get<BuildIdTemplate>(result);
}

TEST(BuildIdTemplate, RendersWhatTheWorkflowSees) {
    WorkflowRun run = example_run("completed", "cancelled", 2, 30'433'642'041'234);
    run.run_number = 512;
    run.event = "pull_request";
    const std::pair<const char*, const char*> cases[] = {
        {"${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}",
         "octo/demo-30433642041234-3"},
        {"${{github.run_id}}", "30433642041234"},
        {"${{\tgithub.run_id  }}", "30433642041234"},
        {"${{ GitHub.Run_ID }}", "30433642041234"},
        {"e2e-${{ github.run_number }}!", "e2e-512!"},
        {"${{ github.repository_owner }}", "octo"},
        {"${{ github.workflow }}/${{ github.event_name }}", "e2e/pull_request"},
        {"${{ github.actor }}", "octocat"},
        {"fixed", "fixed"},
        {"a}}b{{c$", "a}}b{{c$"},
    };
    for (const auto& [text, rendered] : cases) {
        EXPECT_EQ(parsed(text).render(run, 3), rendered);
        EXPECT_EQ(parsed(text).text(), text);
    }
}

TEST(BuildIdTemplate, AWorkflowWithoutANameGoesByItsPath) {
    WorkflowRun run = example_run();
    run.workflow_name.clear();
    EXPECT_EQ(parsed("${{ github.workflow }}").render(run, 1), ".github/workflows/e2e.yml");
}

TEST(BuildIdTemplate, TheStandardIsTheDocumentedOne) {
    EXPECT_EQ(BuildIdTemplate::standard().render(example_run(), 4), "octo/demo-1001-4");
    EXPECT_FALSE(BuildIdTemplate::standard().shared_by_attempts());
}

TEST(BuildIdTemplate, AttemptsShareItUnlessItNamesThem) {
    EXPECT_TRUE(parsed("${{ github.run_id }}").shared_by_attempts());
    EXPECT_TRUE(parsed("github.run_attempt").shared_by_attempts());
    EXPECT_FALSE(parsed("${{ github.run_attempt }}").shared_by_attempts());
    EXPECT_FALSE(parsed("${{ github.RUN_ATTEMPT }}").shared_by_attempts());
}

TEST(BuildIdTemplate, MistakesAreShownWithTheirPlaceAndACure) {
    struct Case {
        const char* text;
        std::size_t offset;
        const char* says;
    };
    const Case cases[] = {
        {"", 0, "empty"},
        {"  ", 0, "empty"},
        {"a-${{ github.run_id", 2, "never closed"},
        {"${{ }}", 0, "no name"},
        {"a-${{ github.run_idd }}", 6, "did you mean \"github.run_id\"?"},
        {"${{ github.run_id }}-${{ github.atempt }}", 25, "use github.actor"},
        {"${{ github.sha }}", 4, "merge commit"},
        {"${{ github.ref_name }}", 4, "merge ref"},
        {"${{ github.head_ref }}", 4, "some triggers only"},
        {"${{ github.triggering_actor }}", 4, "differs between the attempts"},
        {"${{ github.head_ref || github.run_id }}", 4, "expression"},
        {"${{ format('{0}', github.run_id) }}", 4, "expression"},
        {"${{ github['run_id'] }}", 4, "expression"},
        {"${{ env.BUILD }}", 4, "is not known here"},
        {"${{ runner.name }}", 4, "is not known here"},
    };
    for (const Case& each : cases) {
        const auto result = BuildIdTemplate::parse(each.text);
        const auto* wrong = std::get_if<TemplateError>(&result);
        ASSERT_NE(wrong, nullptr) << each.text;
        EXPECT_EQ(wrong->offset, each.offset) << each.text;
        EXPECT_NE(wrong->message.find(each.says), std::string::npos) << wrong->message;
    }
}

}  // namespace
}  // namespace runs_agent::decide
