// SPDX-License-Identifier: MIT
#include "observe/printable.hpp"

#include "observe/characters.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace runs_agent {
namespace {

using namespace std::string_literals;

/// A character of each range that nobody may see as it is, and those at its ends.
const std::pair<std::string, const char*> unfit[] = {
    {"\0"s, "\\u0000"},
    {"\x1b", "\\u001b"},
    {"\x1f", "\\u001f"},
    {"\x7f", "\\u007f"},
    {"\u0080", "\\u0080"},
    {"\u0085", "\\u0085"},
    {"\u009b", "\\u009b"},
    {"\u009f", "\\u009f"},
    {"\u00ad", "\\u00ad"},
    {"\u034f", "\\u034f"},
    {"\u061c", "\\u061c"},
    {"\u115f", "\\u115f"},
    {"\u17b5", "\\u17b5"},
    {"\u180e", "\\u180e"},
    {"\u200b", "\\u200b"},
    {"\u200c", "\\u200c"},
    {"\u200d", "\\u200d"},
    {"\u200e", "\\u200e"},
    {"\u200f", "\\u200f"},
    {"\u2028", "\\u2028"},
    {"\u2029", "\\u2029"},
    {"\u202a", "\\u202a"},
    {"\u202e", "\\u202e"},
    {"\u2060", "\\u2060"},
    {"\u2065", "\\u2065"},
    {"\u2066", "\\u2066"},
    {"\u2069", "\\u2069"},
    {"\u206f", "\\u206f"},
    {"\u3164", "\\u3164"},
    {"\ufe0f", "\\ufe0f"},
    {"\ufeff", "\\ufeff"},
    {"\uffa0", "\\uffa0"},
    {"\ufff9", "\\ufff9"},
    {"\ufffb", "\\ufffb"},
    {"\U0001bca0", "\\ud82f\\udca0"},
    {"\U0001d173", "\\ud834\\udd73"},
    {"\U000e0001", "\\udb40\\udc01"},
    {"\U000e0041", "\\udb40\\udc41"},
    {"\U000e007f", "\\udb40\\udc7f"},
    {"\U000e0fff", "\\udb43\\udfff"},
};

/// Bytes that are no UTF-8, and what stands for them.
const std::pair<std::string, const char*> broken[] = {
    {"a\xff", "a\ufffd"},
    {"\x80", "\ufffd"},
    {"\x9b", "\ufffd"},  // C1 in other encodings
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

const char* const fine[] = {"",       "octo/demo",   "fix login", "a=b",    "fix/ünïcode",
                            "日本",   "🚀",          "\u00a0",    "\u00ac", "\u00ae",
                            "\u2027", "\u202f",      "\u2070",    "\ufdff", "\U0010ffff",
                            "\ufffd", "std::string", "#[x]",      "## x",   "[##"};

TEST(Printable, LeavesReadableTextAlone) {
    for (const std::string text : fine) {
        EXPECT_EQ(printable(text), text);
        EXPECT_EQ(printable_json(text), text);
        EXPECT_EQ(json_string(text), "\"" + text + "\"");
    }
}

TEST(Printable, ShowsWhatWouldDrawHideOrTurnTheWriting) {
    for (const auto& [text, escape] : unfit) {
        const bool ascii = text.size() == 1;
        EXPECT_EQ(printable("a" + text + "b"), ascii ? "a b" : "a"s + escape + "b");
        EXPECT_EQ(printable_json("[\"" + text + "\"]"), "[\""s + escape + "\"]");
        EXPECT_EQ(json_string(text), "\""s + escape + "\"");
    }
}

TEST(Printable, MendsWhatIsNotUtf8) {
    for (const auto& [text, mended] : broken) {
        EXPECT_EQ(printable(text), mended);
        EXPECT_EQ(printable_json(text), mended);
        EXPECT_EQ(json_string(text), "\""s + mended + "\"");
    }
}

TEST(Printable, IsOneLine) {
    EXPECT_EQ(printable("a\nb\r\nc\td\v\f"), "a b  c d  ");
    EXPECT_EQ(printable(" a  b "), " a  b ");
    EXPECT_EQ(json_string("a\nb\r\tc"), R"("a\nb\r\tc")");
    EXPECT_EQ(json_string(R"(say "hi" C:\x)"), R"("say \"hi\" C:\\x")");
}

TEST(Printable, TwiceIsAsOnce) {
    std::string all;
    for (const auto& list : {&unfit[0], &broken[0]}) all += list->first;
    all += "##[error]x ###[ ##\u200b[ ##\x1b[ \\u200b";
    EXPECT_EQ(printable(printable(all)), printable(all));
    EXPECT_EQ(printable_json(printable_json(all)), printable_json(all));
}

TEST(Printable, HoldsNoCommandOfTheOlderForm) {
    for (const std::string text : {"##[error]x", "a ##[add-mask]y ##[group]z", "###[a]", "##\x01[a",
                                   "##\u200b[a", "##[##["}) {
        EXPECT_EQ(printable(text).find("##["), std::string::npos) << text;
        EXPECT_EQ(printable_json(text).find("##["), std::string::npos) << text;
        EXPECT_EQ(json_string(text).find("##["), std::string::npos) << text;
        EXPECT_EQ(inert_line(text).find("##["), std::string::npos) << text;
    }
    EXPECT_EQ(printable("see ##[error]x"), "see ## [error]x");
    EXPECT_EQ(json_string("##[error]x"), R"("##\u005berror]x")");
    EXPECT_EQ(printable("a\nb\rc\x1b[31m"), "a b c [31m");
}

/// What a JSON reader gets out of a text.
rapidjson::Document read(const std::string& json) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag>(json);
    EXPECT_FALSE(document.HasParseError()) << json;
    return document;
}

TEST(PrintableJson, KeepsEachValue) {
    std::string value = "::error::x ##[error]y \" \\ / ünï 日本 🚀 \\u200b";
    for (const auto& [text, escape] : unfit) value += text;
    for (const char* const end : {"", "\n"}) {
        const auto document = read(printable_json(json_string(value) + end));
        EXPECT_EQ(std::string(document.GetString(), document.GetStringLength()), value);
    }
    // As a writer writes it that escapes no more than it must.
    std::string raw;
    for (const auto& [text, escape] : unfit)
        if (static_cast<unsigned char>(text[0]) >= 0x20) raw += text;
    const std::string json = "{\n  \"" + raw + "\": [\"##[a]\", \"##\",\t[1]]\r\n}\n";
    const std::string clean = printable_json(json);
    EXPECT_EQ(read(clean), read(json));
    EXPECT_EQ(std::count(clean.begin(), clean.end(), '\n'), 3);
    EXPECT_EQ(clean.find_first_of("\r\t\x7f"), std::string::npos);
}

TEST(PrintableJson, WhatIsNoJsonIsNoCommandEither) {
    EXPECT_EQ(printable_json("{\n::error::x\n  ::debug::\n}"),
              "{\ntext: ::error::x\ntext:   ::debug::\n}");
    EXPECT_EQ(printable_json("\u3000::error::x"), "text: \u3000::error::x");
    EXPECT_EQ(printable_json("\x1b::error::x"), "text: \\u001b::error::x");
    EXPECT_EQ(printable_json("\"::error::\": 1"), "\"::error::\": 1");
}

TEST(InertLine, LeavesPlainTextAlone) {
    for (const char* const text : {"", "cancelled run 4f2a", "std::string", "a b: c", "#[x]"})
        EXPECT_EQ(inert_line(text), text);
}

TEST(InertLine, CannotBeginWithACommand) {
    for (const char* const text :
         {"::error::x", "  ::error::x", "\t::stop-commands::x", "\xC2\xA0::error::x",
          "\xE3\x80\x80::error::x", "- ::error::x", "\n::error::x", "\r\n::error::x",
          "\u200b::error::x", ":\u00ad:error::x", ":::error::x"}) {
        const std::string line = inert_line(printable(text));
        EXPECT_FALSE(line.starts_with("::")) << line;
        const bool told = line.starts_with("text: ") || line.find("\\u") < 2;
        EXPECT_TRUE(told) << line;
        EXPECT_EQ(line.find_first_of("\r\n\t"), std::string::npos);
    }
}

}  // namespace
}  // namespace runs_agent
