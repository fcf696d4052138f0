#include "runs_api/clean_text.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_api {
namespace {

TEST(CleanText, TakesOutWhatATerminalObeys) {
    struct Case {
        std::string text;
        std::string clean;
    };
    const Case cases[] = {
        {"Run not found", "Run not found"},
        {" a\r\n\t b ", "a b"},
        {"\x1b[31mred\x07", "[31mred"},
        {std::string("a\0b", 3), "a b"},
        {"a\x7f"
         "b",
         "a b"},
        {"a\xc2\x9b"
         "31m",
         "a 31m"},  // CSI as one C1 character
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82"},
        {"a\xff\xfe", "a??"},
        {"\xc0\xaf", "??"},            // overlong
        {"\xe0\x80\xaf", "???"},       // overlong
        {"\xed\xa0\x80", "???"},       // a surrogate
        {"\xf4\x90\x80\x80", "????"},  // past the last character
        {"a\xc3", "a?"},               // cut off
        {"", ""},
        {"\n", ""},
    };
    for (const Case& each : cases) EXPECT_EQ(clean_text(each.text, ""), each.clean) << each.text;
}

TEST(CleanText, CutsBetweenCharacters) {
    EXPECT_EQ(clean_text(std::string(600, 'x'), "").size(), 500U);
    std::string text = "x";
    for (int i = 0; i < 300; ++i) text += "\xc3\xa4";
    EXPECT_EQ(clean_text(text, "").size(), 499U);
}

TEST(CleanText, BlotsTheSecretOut) {
    EXPECT_EQ(clean_text("key abc and abc.", "abc"), "key [secret] and [secret].");
    EXPECT_EQ(clean_text("key abc", ""), "key abc");
    // Also where the cut would leave its beginning.
    const std::string cut = clean_text(std::string(497, 'x') + "topsecret", "topsecret");
    EXPECT_EQ(cut.find("top"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::runs_api
