// SPDX-License-Identifier: MIT
#include "admin/filter.hpp"

#include <gtest/gtest.h>

namespace runs_agent::admin {
namespace {

using namespace std::chrono_literals;

const Time now(490'000h);

store::DeliverySearch read(std::string_view text) {
    const auto search = parse_filter(text, now);
    EXPECT_TRUE(search.has_value()) << search.error().message;
    return search.has_value() ? *search : store::DeliverySearch();
}

TEST(Filter, KeysSayWhatTheyAreOf) {
    const auto search = read(
        "repo:octo/* workflow:\"end to end\" branch:main actor:ada rule:r1 state:DEAD did:reopened "
        "run:1001 since:24h until:2026-01-01T00:00:00Z conclusion:cancelled id:72d "
        "host:git.example");
    EXPECT_EQ(search.repository, "octo/*");
    EXPECT_EQ(search.workflow, "end to end");
    EXPECT_EQ(search.branch, "main");
    EXPECT_EQ(search.actor, "ada");
    EXPECT_EQ(search.rule, "R1");
    EXPECT_EQ(search.standing, store::Standing::dead);
    EXPECT_EQ(search.did, store::Did::reopened);
    EXPECT_EQ(search.run_id, 1001);
    EXPECT_EQ(search.since, now - 24h);
    EXPECT_EQ(search.conclusion, "cancelled");
    EXPECT_EQ(search.id, "72d");
    EXPECT_EQ(search.host, "git.example");
    EXPECT_TRUE(search.text.empty());
}

TEST(Filter, OtherWordsAreLookedFor) {
    EXPECT_EQ(read("  shop\tlogin ").text, (std::vector<std::string>{"shop", "login"}));
    EXPECT_EQ(read("\"a b\" \"x:y\"").text, (std::vector<std::string>{"a b", "x:y"}));
    EXPECT_EQ(read("feature/1:2").text, (std::vector<std::string>{"feature/1:2"}));
    EXPECT_TRUE(read("").text.empty());
}

TEST(Filter, WhatIsNotUnderstoodIsSaid) {
    for (const auto& [text, says] :
         std::vector<std::pair<std::string, std::string>>{{"colour:red", "\"colour:red\""},
                                                          {"state:sad", "dropped or done"},
                                                          {"rule:R7", "R1 to R6"},
                                                          {"run:x", "number"},
                                                          {"since:yesterday", "24h or 7d"},
                                                          {"repo:", "a value"},
                                                          {"branch:*a*b*c*d*e*f*g*h*i", "eight"},
                                                          {std::string(3'000, 'x'), "2000"}}) {
        const auto search = parse_filter(text, now);
        ASSERT_TRUE(search.has_error()) << text;
        EXPECT_EQ(search.error().code, Errc::bad_input);
        EXPECT_NE(search.error().message.find(says), std::string::npos) << search.error().message;
    }
}

TEST(Filter, ATermIsReplaced) {
    EXPECT_EQ(with_term("repo:a/b state:open x", "state", "dead"), "repo:a/b x state:dead");
    EXPECT_EQ(with_term("repo:a/b state:open", "state", ""), "repo:a/b");
    EXPECT_EQ(with_term("", "workflow", "end to end"), "workflow:\"end to end\"");
    EXPECT_EQ(term_of("repo:a/b workflow:\"x y\"", "workflow"), "x y");
    EXPECT_EQ(term_of("repo:a/b", "state"), "");
}

}  // namespace
}  // namespace runs_agent::admin
