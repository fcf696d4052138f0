// SPDX-License-Identifier: MIT
#include "github/link.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

TEST(Link, FindsTheNextPage) {
    struct Case {
        const char* field;
        std::optional<std::string> next;
    };
    const Case cases[] = {
        // As GitHub writes it: docs.github.com, "Using pagination in the REST API".
        {R"(<https://api.github.com/repositories/1300192/issues?page=2>; rel="prev", )"
         R"(<https://api.github.com/repositories/1300192/issues?page=4>; rel="next", )"
         R"(<https://api.github.com/repositories/1300192/issues?page=515>; rel="last")",
         "https://api.github.com/repositories/1300192/issues?page=4"},
        {R"(<https://a/?cursor=v1_17,x;y>; rel="next")", "https://a/?cursor=v1_17,x;y"},
        {"<u>;rel=next", "u"},
        {"<u> ; rel = next ,<v>;rel=last", "u"},
        {R"(<u>; REL="Next")", "u"},
        {R"(<u>; rel="last next")", "u"},
        {R"(<u>; title="a, <b>; rel=\"next\"", <v>; rel="next")", "v"},
        {R"(<u>; rel="prev"; rel="next")", std::nullopt},
        {R"(,, <u>; rel="next")", "u"},
        {R"(<u>; flag; rel="next")", "u"},
        {R"(<u>; rel="nextish")", std::nullopt},
        {R"(<u>; rel="prev")", std::nullopt},
        {R"(<u>; rel="next)", std::nullopt},
        {R"(<u; rel="next")", std::nullopt},
        {R"(u; rel="next")", std::nullopt},
        {R"(<u>; rel="ne\xt")", "u"},
        {R"(<u>; rel="next\)", std::nullopt},
        {R"(<>; rel="next")", ""},
        {"<u>", std::nullopt},
        {"", std::nullopt},
    };
    for (const Case& each : cases)
        EXPECT_EQ(find_link({{"link", each.field}}, "next"), each.next) << each.field;
}

TEST(Link, LooksAtEveryField) {
    EXPECT_FALSE(find_link({}, "next").has_value());
    const net::Headers headers = {{"Link", "<a>; rel=prev"},
                                  {"X", "<b>; rel=next"},
                                  {"Link", "broken"},
                                  {"Link", "<c>; rel=next"}};
    EXPECT_EQ(find_link(headers, "next"), "c");
    EXPECT_EQ(find_link(headers, "prev"), "a");
}

}  // namespace
}  // namespace runs_agent::github
