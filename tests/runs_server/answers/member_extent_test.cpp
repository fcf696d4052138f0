// SPDX-License-Identifier: MIT
#include "runs_server/answers/member_extent.hpp"

#include <gtest/gtest.h>

#include <string>

namespace runs_agent::runs_server {
namespace {

/// The text of the list "a"; "-" where there is none.
std::string list_in(const std::string& body) {
    const auto extent = list_extent(body, "a");
    return extent ? body.substr(extent->begin, extent->end - extent->begin) : "-";
}

TEST(MemberExtent, IsOfTheListAtTheTop) {
    EXPECT_EQ(list_in(R"({"a":[1]})"), "[1]");
    EXPECT_EQ(list_in(" { \"b\" : { \"a\" : [2] } ,\n\t\"a\" : [ 1, [3] ] , \"c\":null } "),
              "[ 1, [3] ]");
    EXPECT_EQ(list_in(R"({"b":"\"a\":[2]\\","c":-1.5e3,"a":[{"}":"]"}],"d":true})"),
              R"([{"}":"]"}])");
    EXPECT_EQ(list_in(R"({"b":["\\\"]"],"a":["\\"]})"), R"(["\\"])");
}

TEST(MemberExtent, OfWhatIsNoSuchListThereIsNone) {
    for (const char* const body : {"",
                                   "{",
                                   "{}",
                                   "[]",
                                   "[1]",
                                   "\"a\"",
                                   R"({"a":[]})",
                                   R"({"a":[ ]})",
                                   R"({"a":{}})",
                                   R"({"a":null})",
                                   R"({"a":[1],"a":[2]})",
                                   R"({"a":[1],"a":2})",
                                   R"({"b":{"a":[1]}})",
                                   R"({"a":[1])",
                                   R"({"a":[1)",
                                   R"({"a":["]})",
                                   R"({"a":[1],)",
                                   R"({"a":[1] "b":2})",
                                   R"({"a" [1]})",
                                   R"({"a":)",
                                   R"({"a)",
                                   R"({a:[1]})",
                                   R"({"\u0061":[1]})",
                                   R"({"b":,"a":[1]})",
                                   R"({"b":"\","a":[1]})"})
        EXPECT_EQ(list_in(body), "-") << body;
}

}  // namespace
}  // namespace runs_agent::runs_server
