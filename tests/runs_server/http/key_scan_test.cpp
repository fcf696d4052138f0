// SPDX-License-Identifier: MIT
#include "runs_server/http/key_scan.hpp"

#include "runs_server/answers/json_text.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

struct Found {
    std::string key;
    std::string fault;
    bool operator==(const Found&) const = default;
};

/// In pieces of `size` bytes.
Found scan(std::string_view body, std::size_t size) {
    KeyScan scan;
    auto state = KeyScan::State::more;
    while (state == KeyScan::State::more && !body.empty()) {
        state = scan.feed(body.substr(0, size));
        body.remove_prefix(std::min(size, body.size()));
    }
    if (state == KeyScan::State::more) state = scan.end();
    return {state == KeyScan::State::found ? scan.key() : "", scan.fault()};
}

Found scan(std::string_view body) {
    Found found = scan(body, 1);
    for (const std::size_t size : {2UL, 7UL, 100'000UL}) EXPECT_EQ(scan(body, size).key, found.key);
    return found;
}

std::string key_of(std::string_view body) {
    const Found found = scan(body);
    EXPECT_EQ(found.fault, "") << body;
    return found.key;
}

TEST(KeyScan, FindsTheMemberOfTheWholeAndReadsNoFurther) {
    EXPECT_EQ(key_of(R"({"x":{"recordKey":"no"},"recordKey":"yes","y":broken)"), "yes");
    EXPECT_EQ(key_of(" {\n\t\"x\" : [1, -2.5e+7, {}, [], true,false , null ] ,\r\n"
                     "\"recordKey\" : \"yes\""),
              "yes");
    EXPECT_EQ(key_of(R"({"recordKey":"first","recordKey":"second"})"), "first");
    EXPECT_EQ(key_of(R"({"x":"recordKey","y":["recordKey","no"],"recordKey":"yes"})"), "yes");
    EXPECT_EQ(key_of(R"({"x":"a\"b\\","recordKey":"yes"})"), "yes");
    EXPECT_EQ(key_of(R"({"x":"\ud83d","recordKey":"yes"})"), "yes");
}

TEST(KeyScan, EscapesStandForWhatTheyMean) {
    EXPECT_EQ(key_of(R"({"r\u0065cordKey":"a\u0062\n\"\/\\"})"), "ab\n\"/\\");
    EXPECT_EQ(key_of(R"({"\u0072\u0065\u0063\u006f\u0072\u0064\u004b\u0065\u0079":"yes"})"), "yes");
    EXPECT_EQ(key_of(R"({"recordKey":"\ud83d\ude00"})"), "\xf0\x9f\x98\x80");
}

TEST(KeyScan, WhatIsNoKeyIsNone) {
    for (const char* const without :
         {R"({"x":1})", R"({"recordKey":7})", R"({"recordKey":["a"]})", R"({"recordKey":{}})",
          R"({"recordKey":null})", "{}", R"({"recordKeys":"a"})", R"({"recordKe":"a"})"})
        EXPECT_EQ(key_of(without), "") << without;
    EXPECT_EQ(key_of(R"({"recordKey":")" + std::string(1024, 'a') + "\"}").size(), 1024U);
    EXPECT_EQ(key_of(R"({"recordKey":")" + std::string(1025, 'a') + "\"}"), "");
    EXPECT_EQ(key_of(R"({"recordKey":")" + std::string(100'000, 'a') + "\"}"), "");
}

/// Where a body is broken before its key, it says the same as who reads bodies whole.
TEST(KeyScan, SaysWhatIsWrongAndWhere) {
    for (const char* const wrong : {R"({"x":broken,"recordKey":"a"})",
                                    R"({"recordKey":)",
                                    R"({"recordKey":"ye)",
                                    "",
                                    "[1]",
                                    R"(["recordKey","a"])",
                                    "7",
                                    R"({"a":1,})",
                                    R"({"a" 1})",
                                    R"({"a":1 "b":2})",
                                    R"({"a":[1 2]})",
                                    R"({"a":[1)",
                                    "{",
                                    R"({"a":1)",
                                    R"({"a)",
                                    R"({a:1})",
                                    R"({"a":[1}})",
                                    R"({"a":{"b":1]})",
                                    "\"a\"",
                                    "x",
                                    R"({"a":[1,]})"}) {
        rapidjson::Document document;
        EXPECT_EQ(scan(wrong).fault, parse_object(wrong, document)) << wrong;
    }
    EXPECT_NE(scan(R"({"a":trux})").fault, "");
    EXPECT_NE(scan(std::string("{\"a\":\"\0\"}", 9)).fault.find("NUL"), std::string::npos);
    EXPECT_NE(scan(std::string("{\0}", 3)).fault.find("NUL"), std::string::npos);
}

TEST(KeyScan, BodiesThatAreMadeToDoHarmEndIt) {
    const std::string deep = R"({"a":)" + std::string(200, '[');
    EXPECT_NE(scan(deep, 100).fault.find("nested too deeply"), std::string::npos);
    EXPECT_EQ(key_of(R"({"a":)" + std::string(199, '[') + std::string(199, ']') +
                     R"(,"recordKey":"yes"})"),
              "yes");
    std::string many = R"({"a":[0)";
    for (int i = 0; i < 4'000'000; ++i) many += ",0";
    EXPECT_NE(scan(many, 4096).fault.find("4,000,000"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::runs_server
