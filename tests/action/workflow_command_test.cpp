#include "agent/action/workflow_command.hpp"

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
    EXPECT_EQ(workflow_command("error", "a: b, c", "d: e\nf"),
              "::error title=a%3A b%2C c::d: e%0Af");
    EXPECT_EQ(workflow_command("group", "", "x"), "::group::x");
    EXPECT_EQ(workflow_command("notice", "", "see ##[add-mask]x"), "::notice::see ## [add-mask]x");
}

TEST(InertLine, LeavesPlainTextAlone) {
    for (const char* const text : {"", "cancelled run 4f2a", "std::string", "a b: c", "#[x]"})
        EXPECT_EQ(inert_line(text), text);
}

TEST(InertLine, CannotBeginWithACommand) {
    for (const char* const text :
         {"::error::x", "  ::error::x", "\t::stop-commands::x", "\xC2\xA0::error::x",
          "\xE3\x80\x80::error::x", "- ::error::x", "\n::error::x", "\r\n::error::x"}) {
        const std::string line = inert_line(text);
        EXPECT_EQ(line.rfind("text: ", 0), 0U) << line;
        EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
    }
}

TEST(InertLine, HoldsNoCommandOfTheOlderForm) {
    for (const char* const text :
         {"##[error]x", "a ##[add-mask]y ##[group]z", "###[a]", "##\x01[a"})
        EXPECT_EQ(inert_line(text).find("##["), std::string::npos) << text;
    EXPECT_EQ(inert_line("a\nb\rc\x1b[31m"), "a b c [31m");
}

}  // namespace
}  // namespace runs_agent::agent::action
