// SPDX-License-Identifier: MIT
#include "agent/action/told/workflow_command.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

TEST(WorkflowCommand, EscapesExactlyWhatTheRunnerUndoes) {
    EXPECT_EQ(escape_data("50% of a:b,c\r\nd"), "50%25 of a:b,c%0D%0Ad");
    EXPECT_EQ(escape_property("50% of a:b,c\r\nd"), "50%25 of a%3Ab%2Cc%0D%0Ad");
    EXPECT_EQ(escape_data("%0A"), "%250A");
    EXPECT_EQ(escape_data(""), "");
}

TEST(WorkflowCommand, HasATitleWhereOneIsGiven) {
    EXPECT_EQ(workflow_command("error", "a: b, c", "d: e\nf"), "::error title=a%3A b%2C c::d: e f");
    EXPECT_EQ(workflow_command("group", "", "x"), "::group::x");
    EXPECT_EQ(workflow_command("notice", "", "see ##[add-mask]x"), "::notice::see ## [add-mask]x");
}

TEST(WorkflowCommand, CarriesOneLineThatHidesNothing) {
    EXPECT_EQ(workflow_command("notice", "t\n\u202e", "a\r\n\x1b[31m\u202e\u200b%::error::"),
              R"(::notice title=t \u202e::a   [31m\u202e\u200b%25::error::)");
}

}  // namespace
}  // namespace runs_agent::agent::action
