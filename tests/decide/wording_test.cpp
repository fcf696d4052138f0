// SPDX-License-Identifier: MIT
#include "decide/wording.hpp"

#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

TEST(Wording, NothingFromOutsideCanEndALineOrMoveTheCursor) {
    const std::pair<std::string, std::string> cases[] = {
        {"feature/größer €", "feature/größer €"},
        {"a\nb\r\tc", "a b  c"},
        {std::string("a\0b", 3), "a b"},
        {"\x1b[31mred", " [31mred"},
        {"a\x7f", "a "},
        {"a\xc2\x9b"
         "31m",
         "a 31m"},
        {"a\u2028b\u2029c", "a b c"},
        {"a\u202egnp.exe", "a gnp.exe"},
        {"a\u2066b\u2069", "a b "},
        {"\u00a0\u2013\u2070", "\u00a0\u2013\u2070"},
        {"", ""},
    };
    for (const auto& [text, line] : cases) EXPECT_EQ(one_line(text), line);
}

TEST(Wording, LongNamesAreCutBetweenCharacters) {
    EXPECT_EQ(one_line(std::string(200, 'a')), std::string(200, 'a'));
    EXPECT_EQ(one_line(std::string(201, 'a')), std::string(200, 'a') + "…");
    EXPECT_EQ(one_line(std::string(199, 'a') + "éé"), std::string(199, 'a') + "…");
}

TEST(Wording, NamesAnAttempt) {
    WorkflowRun run = example_run("completed", "cancelled", 2);
    EXPECT_EQ(name_of(run, 1), "attempt 1 of run 1001 (e2e in octo/demo)");
    EXPECT_EQ(full_name_of(run), "attempt 2 of run 1001 (e2e in octo/demo), started by octocat,");
    run.triggering_actor = "hubot";
    EXPECT_EQ(full_name_of(run), "attempt 2 of run 1001 (e2e in octo/demo), started by hubot,");
    run.actor.clear();
    run.triggering_actor.clear();
    run.workflow_name.clear();
    EXPECT_EQ(full_name_of(run), "attempt 2 of run 1001 (.github/workflows/e2e.yml in octo/demo)");
    run.workflow_path.clear();
    EXPECT_EQ(full_name_of(run), "attempt 2 of run 1001 (octo/demo)");
}

}  // namespace
}  // namespace runs_agent::decide
