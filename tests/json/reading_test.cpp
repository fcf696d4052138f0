// SPDX-License-Identifier: MIT
#include "json/reading.hpp"

#include <gtest/gtest.h>

namespace runs_agent::json {
namespace {

TEST(Reading, WhatIsMissingOrOfAnotherTypeIsAbsent) {
    rapidjson::Document document;
    document.Parse(R"({"a":{"b":"text","c":7,"d":null,"e":"n\u0000l"},"f":[1]})");
    const rapidjson::Value* const a = member(document, "a");
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(text(a, "b"), "text");
    EXPECT_EQ(text(*a, "e"), std::string_view("n\0l", 3));
    for (const char* name : {"c", "d", "x", ""}) EXPECT_EQ(text(a, name), "") << name;
    EXPECT_EQ(member(a, "x"), nullptr);
    EXPECT_EQ(member(member(document, "f"), "a"), nullptr);
    EXPECT_EQ(member(nullptr, "a"), nullptr);
    EXPECT_EQ(text(nullptr, "a"), "");
    EXPECT_TRUE(member(*a, "d")->IsNull());
}

TEST(Reading, NestingIsBoundedAsTheParserSeesIt) {
    const auto fits = [](std::string_view text) { return fault_of(text, 2).empty(); };
    EXPECT_FALSE(fits(R"([{"a":1},{"b":[]}])"));
    EXPECT_TRUE(fits(R"([{"a":1},{"b":2}])"));
    EXPECT_TRUE(fits(R"({"[[[":"{{{\"[[["})"));
    EXPECT_TRUE(fits(R"(["\\",[]])"));
    EXPECT_FALSE(fits(R"(["\\",[[]]])"));
    EXPECT_TRUE(fits("]]]]}}[[]]"));
    EXPECT_TRUE(fits(""));
    EXPECT_EQ(fault_of(std::string(1'000'000, '['), 128), "it is nested too deeply.");
}

TEST(Reading, ANulIsAFault) {
    EXPECT_EQ(fault_of(std::string_view("{}\0{}", 5), 9), "it holds a NUL byte.");
}

std::string fault_in(const char* text) {
    rapidjson::Document document;
    document.Parse(text);
    return fault_of(document);
}

TEST(Reading, AParsersFaultTellsItsPlace) {
    EXPECT_EQ(fault_in(R"({"a":1})"), "");
    EXPECT_NE(fault_in(R"({"a":x})").find(" At byte 5."), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::json
