// SPDX-License-Identifier: MIT
#include "doctor/url.hpp"

#include <gtest/gtest.h>

namespace runs_agent::doctor {
namespace {

TEST(DoctorUrl, NoPasswordAndNoQueryIsShown) {
    EXPECT_EQ(shown_url("https://h:8443/webhooks/github"), "https://h:8443/webhooks/github");
    EXPECT_EQ(shown_url("https://h/a@b"), "https://h/a@b");
    EXPECT_EQ(shown_url("https://[::1]:8443/x"), "https://[::1]:8443/x");
    EXPECT_EQ(shown_url("https://u:s3cret@h/x?token=s3cret#s3cret"), "https://***@h/x?***");
    EXPECT_EQ(shown_url("http://s3cret@h?"), "http://***@h");
    for (const char* const url :
         {"https://u:s3cr@et@h/x", "https://u:s3cr/et@h/x", "https://u:s3cr?et@h/x", "u:s3cret@h/x",
          "h/x?s3cret", "https://h:99999999/x?key=s3cret", "?s3cret", "https://[::1/x?s3cret",
          "ftp://u:s3cret@"}) {
        EXPECT_EQ(shown_url(url).find("s3cr"), std::string::npos) << shown_url(url);
        EXPECT_EQ(shown_url(url).find("et@"), std::string::npos) << shown_url(url);
    }
    EXPECT_EQ(shown_url(""), "");
    EXPECT_TRUE(has_userinfo("https://u:p@h/x"));
    EXPECT_FALSE(has_userinfo("https://h/u@p"));
}

TEST(DoctorUrl, TheSamePlaceIsWrittenInManyWays) {
    const char* const url = "https://agent.example.com/webhooks/github";
    for (const char* const same : {"HTTPS://Agent.Example.COM/webhooks/github",
                                   "https://agent.example.com:443/webhooks/github",
                                   "https://agent.example.com./webhooks/github/",
                                   "https://u:p@agent.example.com/webhooks/github",
                                   "https://agent.example.com:/webhooks/github?key=1#x"})
        EXPECT_TRUE(is_same_place(url, same)) << same;
    for (const char* const other :
         {"http://agent.example.com/webhooks/github",
          "https://agent.example.com:80/webhooks/github",
          "https://agent.example.com/Webhooks/github", "https://agent.example.com", ""})
        EXPECT_FALSE(is_same_place(url, other)) << other;
    EXPECT_TRUE(is_same_place("http://h:80/x", "http://h/x"));
    EXPECT_FALSE(is_same_place("https://h/x?key=1", "https://h/x?key=2"));
    EXPECT_FALSE(is_same_place("https://a:b@h/x", "https://a:c@h/x"));
}

}  // namespace
}  // namespace runs_agent::doctor
