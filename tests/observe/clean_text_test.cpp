// SPDX-License-Identifier: MIT
#include "observe/clean_text.hpp"

#include <gtest/gtest.h>

namespace runs_agent {
namespace {

TEST(CleanText, IsOneLineThatCanDoNothing) {
    const std::pair<std::string, std::string> cases[] = {
        {"Not Found", "Not Found"},
        {" a \r\n\t b\x1b[31m ", "a b [31m"},
        {std::string("a\0b", 3), "a b"},
        {R"(says "no" \o/)", R"(says "no" \o/)"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"\xff", "\xef\xbf\xbd"},
        {"a\xc3", "a\xef\xbf\xbd"},                // cut off
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},  // overlong
        {"\xed\xa0", "\xef\xbf\xbd\xef\xbf\xbd"},  // of a surrogate
        {"\xf0\x9f\x99\x82", "\xf0\x9f\x99\x82"},
        {"\xc2\x85", R"(\u0085)"},
        {"\xe2\x80\xae", R"(\u202e)"},
        {"", ""},
        {"   ", ""},
    };
    for (const auto& [text, expected] : cases) EXPECT_EQ(clean_text(text, ""), expected);
}

TEST(CleanText, BlotsOutASecret) {
    EXPECT_EQ(clean_text("token ghp_1 and ghp_1", "ghp_1"), "token [secret] and [secret]");
    EXPECT_EQ(clean_text("key abc", ""), "key abc");
    // Also where the cut would leave its beginning.
    const std::string cut = clean_text(std::string(497, 'x') + "topsecret", "topsecret");
    EXPECT_EQ(cut.find("top"), std::string::npos);
}

TEST(CleanText, IsCutBetweenCharacters) {
    EXPECT_EQ(clean_text(std::string(600, 'a'), "").size(), 500U);
    std::string accents = "a";
    for (int i = 0; i < 300; ++i) accents += "\xc3\xa9";
    const std::string clean = clean_text(accents, "");
    EXPECT_EQ(clean.size(), 499U);
    EXPECT_EQ(clean.substr(497), "\xc3\xa9");
}

}  // namespace
}  // namespace runs_agent
