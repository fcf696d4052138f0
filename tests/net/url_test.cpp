// SPDX-License-Identifier: MIT
#include "net/url.hpp"

#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

TEST(Url, IsTakenApart) {
    struct Case {
        const char* text;
        const char* scheme;
        const char* host;
        int port;
        const char* target;
        const char* host_field;
    };
    const Case cases[] = {
        {"https://api.example.dev/v1/runs?a=b%20c", "https", "api.example.dev", 443,
         "/v1/runs?a=b%20c", "api.example.dev"},
        {"HTTP://API.Example.Dev", "http", "api.example.dev", 80, "/", "api.example.dev"},
        {"https://host:8443/?#part", "https", "host", 8443, "/?", "host:8443"},
        {"http://127.0.0.1:4000/v1", "http", "127.0.0.1", 4000, "/v1", "127.0.0.1:4000"},
        {"https://[::1]:443/x", "https", "::1", 443, "/x", "[::1]"},
        {"http://host:443", "http", "host", 443, "/", "host:443"},
        {"http://host:", "http", "host", 80, "/", "host"},
    };
    for (const Case& expected : cases) {
        const auto url = parse_url(expected.text);
        ASSERT_TRUE(url.has_value()) << url.error().message;
        EXPECT_EQ(url->scheme, expected.scheme) << expected.text;
        EXPECT_EQ(url->host, expected.host) << expected.text;
        EXPECT_EQ(url->port, expected.port) << expected.text;
        EXPECT_EQ(url->target, expected.target) << expected.text;
        EXPECT_EQ(host_field(*url), expected.host_field) << expected.text;
    }
}

TEST(Url, WhatIsNoneIsRefused) {
    for (const char* const text :
         {"", "api.example.dev", "/v1", "ftp://host/", "https://", "https:///v1", "https://ho st/",
          "https://host:0/", "https://host:65536/", "https://host:x/", "https://host:12x/",
          "https://host:99999/", "https://host/\r\nX: y", "https://h%0aost/", "https://host/a b",
          "mailto:a"}) {
        const auto url = parse_url(text);
        ASSERT_TRUE(url.has_error()) << text;
        EXPECT_EQ(url.error().code, Errc::bad_input) << text;
        EXPECT_EQ(url.error().message.find_first_of("\r\n"), std::string::npos) << text;
    }
}

TEST(Url, APasswordIsRefusedAndNotRepeated) {
    for (const char* const text :
         {"https://user:hunter2@host/", "https://user:hunter2@ho st/", "ftp://a:hunter2@host/"}) {
        const auto url = parse_url(text);
        ASSERT_TRUE(url.has_error()) << text;
        EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos) << url.error().message;
    }
}

}  // namespace
}  // namespace runs_agent::net
