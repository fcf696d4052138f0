// SPDX-License-Identifier: MIT
#include "runs_server/answers/json_text.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

/// What is wrong with a body; empty: nothing.
std::string fault_of(const std::string& body) {
    rapidjson::Document document;
    return parse_object(body, document);
}

/// The member `a`, as JSON.
std::string read(const std::string& body) {
    rapidjson::Document document;
    EXPECT_EQ(parse_object(body, document), "") << body;
    const rapidjson::Value* const a = member(&document, "a");
    return a == nullptr ? "" : to_json(*a);
}

std::string list_of(std::size_t values) {
    std::string list = "[0";
    for (std::size_t i = 1; i < values; ++i) list += ",0";
    return list + "]";
}

TEST(JsonText, SaysWhatIsWrongWithABodyAndWhere) {
    const std::string no = "the body must be a JSON object";
    EXPECT_EQ(fault_of(R"({"a":1,})"), no + ": Missing a name for object member. At byte 7.");
    EXPECT_EQ(fault_of("{\"a\":\"\xff\"}"), no + ": Invalid encoding in string. At byte 6.");
    EXPECT_EQ(fault_of("{}x"),
              no + ": The document root must not be followed by other values. At byte 2.");
    EXPECT_EQ(fault_of(std::string("{}\0{}", 5)), no + ": it holds a NUL byte.");
    EXPECT_EQ(fault_of(R"({"a":)" + std::string(201, '[') + std::string(201, ']') + "}"),
              no + ": it is nested too deeply.");
    EXPECT_EQ(fault_of("[1]"), no);
    EXPECT_EQ(fault_of("7"), no);
    EXPECT_EQ(fault_of("{}"), "");
}

TEST(JsonText, WhatIsReadInItsPlaceIsTheSame) {
    for (const std::string& body :
         {std::string(R"({"a":"b\u0063\"\ud83d\ude00","c":[1,2.5,null,{"d":""}]})"),
          std::string(R"({"a":"cut \ud83d","b":"\ude00"})"), std::string(R"({"a":1,})"),
          std::string("[1]"), std::string()}) {
        rapidjson::Document copied;
        rapidjson::Document placed;
        std::string place = body;
        const std::string wrong = parse_object(body, copied);
        EXPECT_EQ(parse_in_place(place, placed), wrong) << body;
        if (wrong.empty()) {
            EXPECT_EQ(to_json(placed), to_json(copied)) << body;
        }
    }
}

TEST(JsonText, ABodyOfMoreValuesThanAnyIsIsRefused) {
    EXPECT_EQ(fault_of(R"({"a":)" + list_of(3'999'998) + "}"), "");
    EXPECT_NE(fault_of(R"({"a":)" + list_of(3'999'999) + "}").find("4,000,000"), std::string::npos);
}

TEST(JsonText, HalvesOfSurrogatePairsAreReplaced) {
    const std::string unknown = "\xef\xbf\xbd";
    EXPECT_EQ(read(R"({"a":"x\ud83d"})"), "\"x" + unknown + "\"");
    EXPECT_EQ(read(R"({"a":"\uDE00x"})"), "\"" + unknown + "x\"");
    EXPECT_EQ(read(R"({"a":"\ud83d\ud83d\ude00"})"), "\"" + unknown + "\xf0\x9f\x98\x80\"");
    EXPECT_EQ(read(R"({"a":"\ud83d\n\udbff"})"), "\"" + unknown + "\\n" + unknown + "\"");
    EXPECT_EQ(read(R"({"a":"\ud83d\\ude00"})"), "\"" + unknown + R"(\\ude00")");
    // What is none stays.
    EXPECT_EQ(read(R"({"a":"\ud83d\ude00"})"), "\"\xf0\x9f\x98\x80\"");
    EXPECT_EQ(read(R"({"a":"\\ud83d"})"), R"("\\ud83d")");
    EXPECT_EQ(read(R"({"a":"\u00e9\\"})"), "\"\xc3\xa9\\\\\"");
    EXPECT_NE(fault_of(R"({"a":"\ud83)"), "");
    EXPECT_NE(fault_of("{\"a\":\"\\"), "");
}

}  // namespace
}  // namespace runs_agent::runs_server
