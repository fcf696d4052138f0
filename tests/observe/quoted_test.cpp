#include "observe/quoted.hpp"

#include <gtest/gtest.h>

namespace runs_agent {
namespace {

using namespace std::string_literals;

TEST(QuotedForLog, LeavesReadableTextAlone) {
    for (const char* const text :
         {"", "octo/demo", "fix login", "a=b", "fix/ünïcode", "日本", "🚀", "\u00a0", "\u2027",
          "\u202f", "\u2065", "\u206a", "\ufffd", "\U0010ffff"})
        EXPECT_EQ(quoted_for_log(text), "\""s + text + "\"");
}

TEST(QuotedForLog, EscapesWhatCouldEndALineOrDrawOnATerminal) {
    const std::pair<std::string, const char*> cases[] = {
        {"a\nb", R"("a\nb")"},
        {"a\r\tb", R"("a\r\tb")"},
        {R"(say "hi")", R"("say \"hi\"")"},
        {R"(C:\temp)", R"("C:\\temp")"},
        {"\0x"s, R"("\u0000x")"},
        {"\x1b[2J", R"("\u001b[2J")"},
        {"\x1f", R"("\u001f")"},
        {"\x7f", R"("\u007f")"},
        {"\u0080\u009b\u009f", R"("\u0080\u009b\u009f")"},
        {"\u2028\u2029", R"("\u2028\u2029")"},
        {"\u202e", R"("\u202e")"},
        {"\u2066\u2069", R"("\u2066\u2069")"},
    };
    for (const auto& [text, quoted] : cases) EXPECT_EQ(quoted_for_log(text), quoted);
}

TEST(QuotedForLog, MendsWhatIsNotUtf8) {
    const std::pair<std::string, const char*> cases[] = {
        {"a\xff", "a\ufffd"},
        {"\x80", "\ufffd"},
        {"\xc3", "\ufffd"},
        {"\xc3(", "\ufffd("},
        {"\xc0\xaf", "\ufffd\ufffd"},                      // an overlong '/'
        {"\xe0\x80\xaf", "\ufffd\ufffd\ufffd"},            // and another
        {"\xf0\x80\x80\xaf", "\ufffd\ufffd\ufffd\ufffd"},  // and another
        {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},            // half a surrogate pair
        {"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},  // past U+10FFFF
        {"\xf5\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
        {"\xe2\x80", "\ufffd\ufffd"},  // cut short
        {"\xf0\x9f\x9a", "\ufffd\ufffd\ufffd"},
    };
    for (const auto& [text, mended] : cases) EXPECT_EQ(quoted_for_log(text), "\""s + mended + "\"");
}

}  // namespace
}  // namespace runs_agent
