// SPDX-License-Identifier: MIT
#include "agent/action/told/console.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace runs_agent::agent::action {
namespace {

TEST(Console, ShowsASecretOnlyToMaskIt) {
    std::ostringstream out;
    Console console(Output(out), true);
    console.mask("s%3cret");
    console.hide("other");
    console.group("with s%3cret");
    console.line("the s%3cret and the other");
    console.detail("s%3cret");
    console.annotate(Level::error, "s%3cret: refused");
    console.end_group();
    EXPECT_EQ(out.str(),
              "::add-mask::s%253cret\n"
              "::group::with ***\n"
              "the *** and the ***\n"
              "::debug::***\n"
              "::error title=runs-agent::***: refused\n"
              "::endgroup::\n");
}

TEST(Console, ShowsDetailsOnlyWhereAsked) {
    std::ostringstream out;
    Console console(Output(out), false);
    console.detail("x");
    console.mask("");
    console.annotate(Level::notice, "a\nb");
    console.annotate(Level::warning, "c");
    EXPECT_EQ(out.str(), "::notice title=runs-agent::a b\n::warning title=runs-agent::c\n");
}

TEST(Console, ObeysNobodyElse) {
    std::ostringstream out;
    Console console(Output(out), true);
    const std::string evil = "\u200b::error::a\r\n::add-mask::b\n##[error]c\x1b[2J\u202e\u009b%0A";
    console.group(evil);
    console.line(evil);
    console.detail(evil);
    console.annotate(Level::warning, evil);
    std::istringstream lines(out.str());
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        for (const char* const way : {"##[", "\r", "\x1b", "\u202e", "\u009b", "\u200b", "%0A"})
            EXPECT_EQ(
                line.find(way) == std::string::npos || (count == 1 && way == std::string("%0A")),
                true)
                << line;
    }
    EXPECT_EQ(count, 4) << out.str();
    EXPECT_NE(out.str().find("\n\\u200b::error::a  ::add-mask::b ## [error]c [2J"),
              std::string::npos)
        << out.str();
}

}  // namespace
}  // namespace runs_agent::agent::action
