// SPDX-License-Identifier: MIT
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace runs_agent {
namespace {

/// Of all bytes those that `is` says yes to, in their order.
template <class Is>
std::string those_that(const Is& is) {
    std::string found;
    for (int byte = 0; byte < 256; ++byte)
        if (const char c = static_cast<char>(byte); is(c)) found += c;
    return found;
}

const std::string digits = "0123456789";
const std::string large = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const std::string small = "abcdefghijklmnopqrstuvwxyz";

TEST(Text, KnowsAsciiLettersAndDigitsAlone) {
    EXPECT_EQ(those_that(is_digit), digits);
    EXPECT_EQ(those_that(is_letter), large + small);
    EXPECT_EQ(those_that(is_letter_or_digit), digits + large + small);
    EXPECT_EQ(those_that([](char c) { return hex_value(c) >= 0; }), digits + "ABCDEFabcdef");
    EXPECT_EQ(those_that([](char c) { return lower(c) != c; }), large);
    EXPECT_EQ(hex_value('9'), 9);
    EXPECT_EQ(hex_value('A'), 10);
    EXPECT_EQ(hex_value('f'), 15);
    EXPECT_EQ(lower(large + "\xc3\x84[`"), small + "\xc3\x84[`");
}

TEST(Text, AllDigits) {
    EXPECT_TRUE(all_digits("0123456789"));
    for (const char* const text : {"", "-1", "1 ", "1a"}) EXPECT_FALSE(all_digits(text)) << text;
}

TEST(Text, VisibleAscii) {
    const std::string visible = those_that([](char c) { return is_visible_ascii(c); });
    EXPECT_EQ(visible.size(), 94U);
    EXPECT_EQ(visible.front(), '!');
    EXPECT_EQ(visible.back(), '~');
    EXPECT_TRUE(is_visible_ascii(visible));
    for (const char* const text : {"", "a b", "a\n", "a\x7f", "\xc3\x84"})
        EXPECT_FALSE(is_visible_ascii(std::string_view(text))) << text;
}

TEST(Text, AsciiHasNoHighBitAnywhere) {
    EXPECT_TRUE(is_ascii(""));
    for (const std::size_t size : {1U, 7U, 8U, 9U, 40U}) {
        std::string text(size, '\x7f');
        EXPECT_TRUE(is_ascii(text)) << size;
        for (char& c : text) {
            c = '\x80';
            EXPECT_FALSE(is_ascii(text)) << size;
            c = '\0';
        }
    }
}

TEST(Text, Trims) {
    EXPECT_EQ(trimmed(" \t\r\na b\n "), "a b");
    EXPECT_EQ(trimmed("a"), "a");
    EXPECT_EQ(trimmed(" \r\n"), "");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(trimmed(" a\n", " \t"), "a\n");
}

TEST(Text, ComparesWithoutCase) {
    EXPECT_TRUE(equals_ignoring_case("Content-TYPE", "content-type"));
    EXPECT_FALSE(equals_ignoring_case("content", "content-type"));
    EXPECT_FALSE(equals_ignoring_case("@", "`"));  // neighbours of the letters
    EXPECT_FALSE(equals_ignoring_case("\xc3\x84", "\xc3\xa4"));
    EXPECT_TRUE(equals_ignoring_case("", ""));
}

TEST(Text, FindsWithoutCase) {
    EXPECT_TRUE(contains_ignoring_case("Run already CANCELLED", "cancel"));
    EXPECT_TRUE(contains_ignoring_case("a", "A"));
    EXPECT_FALSE(contains_ignoring_case("cance", "cancel"));
    EXPECT_TRUE(contains_ignoring_case("a", ""));
    EXPECT_TRUE(contains_ignoring_case("", ""));
    EXPECT_FALSE(contains_ignoring_case("", "a"));
}

TEST(Text, ReadsWholeNumbersOnly) {
    EXPECT_EQ(parse_number<int>("0"), 0);
    EXPECT_EQ(parse_number<int>("-12"), -12);
    EXPECT_EQ(parse_number<int>("007"), 7);
    EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
    EXPECT_EQ(parse_number<std::int64_t>("9223372036854775807"),
              std::numeric_limits<std::int64_t>::max());
    for (const char* const text : {"", " 1", "1 ", "+1", "1a", "a", "-", "0x1", "1.0"})
        EXPECT_FALSE(parse_number<std::int64_t>(text).has_value()) << text;
    EXPECT_FALSE(parse_number<std::uint16_t>("65536").has_value());
    EXPECT_FALSE(parse_number<std::uint16_t>("-1").has_value());
    EXPECT_FALSE(parse_number<std::int64_t>("9223372036854775808").has_value());
}

}  // namespace
}  // namespace runs_agent
