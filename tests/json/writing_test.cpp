// SPDX-License-Identifier: MIT
#include "json/writing.hpp"

#include <gtest/gtest.h>

namespace runs_agent::json {
namespace {

TEST(Writing, AnObjectMemberByMember) {
    ObjectWriter json;
    json.text("text", std::string_view("a\0\"b", 4));
    json.text("empty", "");
    json.text_or_null("told", "x");
    json.text_or_null("untold", "");
    json.number("number", -9'007'199'254'740'993);
    json.flag("flag", true);
    json.raw("raw", R"({"a":[1]})");
    json.begin("within");
    json.empty_list("list");
    json.end();
    EXPECT_EQ(json.finish(),
              R"({"text":"a\u0000\"b","empty":"","told":"x","untold":null,)"
              R"("number":-9007199254740993,"flag":true,"raw":{"a":[1]},"within":{"list":[]}})");
}

}  // namespace
}  // namespace runs_agent::json
