// SPDX-License-Identifier: MIT
#include "agent/action/asked/addresses.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

TEST(Addresses, OfTheApi) {
    EXPECT_EQ(*api_url(""), "https://api.currents.dev/v1");
    EXPECT_EQ(*api_url("http://127.0.0.1:4000/v1/"), "http://127.0.0.1:4000/v1");
    EXPECT_EQ(*api_url("http://127.0.0.1:4000"), "http://127.0.0.1:4000/v1");
    EXPECT_EQ(*api_url("https://ci.example.com/currents/v1"), "https://ci.example.com/currents/v1");
    for (const char* const wrong :
         {"ftp://x", "api.currents.dev", "https://x/v1?a=b", "https://x#y"}) {
        const auto url = api_url(wrong);
        ASSERT_TRUE(url.has_error()) << wrong;
        EXPECT_EQ(url.error().code, Errc::bad_input);
        EXPECT_NE(url.error().message.find("api-url"), std::string::npos);
    }
}

TEST(Addresses, OfTheDirector) {
    EXPECT_EQ(*director_url("", "https://api.currents.dev/v1"), "https://cy.currents.dev/v1");
    EXPECT_EQ(*director_url("", "http://h:4000/v1"), "http://h:4000/v1");
    EXPECT_EQ(*director_url("https://d.example.com", "http://h/v1"), "https://d.example.com/v1");
    EXPECT_EQ(*director_url("https://d.example.com/v1/", "http://h/v1"),
              "https://d.example.com/v1");
    EXPECT_EQ(*director_url("https://d.example.com/x", "http://h/v1"),
              "https://d.example.com/x/v1");
    EXPECT_TRUE(director_url("d", "http://h/v1").has_error());
}

TEST(Addresses, InTheClearIsHttpToAnotherMachine) {
    EXPECT_TRUE(is_in_the_clear("http://api.example.com/v1"));
    EXPECT_TRUE(is_in_the_clear("http://localhost.example.com/v1"));
    for (const char* const url : {"https://api.example.com/v1", "http://127.0.0.1:4000/v1",
                                  "http://localhost/v1", "http://[::1]:4000/v1"})
        EXPECT_FALSE(is_in_the_clear(url)) << url;
}

TEST(Addresses, OfARun) {
    EXPECT_EQ(page_of_run("https://api.currents.dev/v1", "4f 2a"),
              "https://app.currents.dev/run/4f%202a");
    EXPECT_EQ(page_of_run("https://cy.currents.dev/v1", "4f"), "https://app.currents.dev/run/4f");
    EXPECT_EQ(page_of_run("https://notcurrents.dev/v1", "4f"),
              "https://notcurrents.dev/v1/runs/4f");
}

}  // namespace
}  // namespace runs_agent::agent::action
