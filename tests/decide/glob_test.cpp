// SPDX-License-Identifier: MIT
#include "decide/glob.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace runs_agent::decide {
namespace {

struct Case {
    const char* glob;
    const char* text;
    bool matches;
};

TEST(Glob, MatchesTheWholeText) {
    const Case cases[] = {
        {"octo/demo", "octo/demo", true},
        {"octo/demo", "octo/demo2", false},
        {"octo/demo", "xocto/demo", false},
        {"octo/Demo", "octo/demo", false},
        {"octo/shop-*", "octo/shop-web", true},
        {"octo/shop-*", "octo/shop-", true},
        {"octo/shop-*", "octo/shop", false},
        {"*", "", true},
        {"*", "octo/demo", true},
        {"*/demo", "octo/demo", true},
        {"octo*", "octo/demo", true},
        {"**", "a", true},
        {"", "", true},
        {"", "a", false},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"a?c", "abc", true},
        {"a?c", "a/c", true},
        {"gr?n", "grün", true},
        {"?*", "ü", true},
        {"??", "ü", false},
        {"a*b*c", "a-b-b-c", true},
        {"a*b*c", "a-c-b", false},
        {"*.yml", ".github/workflows/e2e.yml", true},
        {".github/workflows/e2e-*.yml", ".github/workflows/e2e-web.yml", true},
        {"[nightly] e2e", "[nightly] e2e", true},
        {"[nightly] e2e", "n e2e", false},
        {"a*a", "a", false},
        {"*a*", "bab", true},
        {"a", "", false},
    };
    for (const Case& each : cases)
        EXPECT_EQ(glob_matches(each.glob, each.text), each.matches)
            << '"' << each.glob << "\" on \"" << each.text << '"';
}

TEST(Glob, ManyStarsDoNotTakeForEver) {
    std::string glob;
    for (int i = 0; i < 200; ++i) glob += "*a";
    glob += "*b";
    const std::string text(20'000, 'a');
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(glob_matches(glob, text));
    EXPECT_TRUE(glob_matches(glob, text + "b"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace runs_agent::decide
