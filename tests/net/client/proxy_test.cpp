// SPDX-License-Identifier: MIT
#include "net/client/proxy.hpp"

#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

TEST(Proxy, IsRead) {
    struct Case {
        const char* text;
        const char* host;
        int port;
        const char* authorization;
    };
    const Case cases[] = {
        {"http://proxy.example:3128", "proxy.example", 3128, ""},
        {"proxy.example:3128", "proxy.example", 3128, ""},
        {"http://proxy.example/", "proxy.example", 80, ""},
        {"http://[::1]:8080", "::1", 8080, ""},
        {"http://user:p%40ss@proxy:1", "proxy", 1, "Basic dXNlcjpwQHNz"},
        {"http://user@proxy:1", "proxy", 1, "Basic dXNlcjo="},
    };
    for (const Case& expected : cases) {
        const auto proxy = parse_proxy(expected.text);
        ASSERT_TRUE(proxy.has_value()) << proxy.error().message;
        ASSERT_TRUE(proxy->has_value()) << expected.text;
        EXPECT_EQ((*proxy)->host, expected.host) << expected.text;
        EXPECT_EQ((*proxy)->port, expected.port) << expected.text;
        EXPECT_EQ((*proxy)->authorization, expected.authorization) << expected.text;
    }
    const auto none = parse_proxy("");
    ASSERT_TRUE(none.has_value());
    EXPECT_FALSE(none->has_value());
}

TEST(Proxy, WhatCannotBeReadIsRefusedWithoutItsPassword) {
    for (const char* const text :
         {"socks5://user:hunter2@proxy:1", "https://user:hunter2@proxy:1",
          "http://user:hunter2@pro xy", "http://user:hunter2@proxy:99999", "http://user:hunter2@",
          "http://user:hunter2@proxy:x", "http://user:hunter2@proxy:1x",
          "http://user:hunter2@pro%0axy:1"}) {
        const auto proxy = parse_proxy(text);
        ASSERT_TRUE(proxy.has_error()) << text;
        EXPECT_EQ(proxy.error().code, Errc::bad_input);
        EXPECT_EQ(proxy.error().message.find("hunter2"), std::string::npos);
    }
}

TEST(NoProxy, SaysWhoGoesDirect) {
    struct Case {
        const char* no_proxy;
        const char* host;
        int port;
        bool direct;
    };
    const Case cases[] = {
        {"", "example.dev", 443, false},
        {"*", "example.dev", 443, true},
        {"*:8443", "example.dev", 443, false},
        {"example.dev", "example.dev", 443, true},
        {"example.dev", "EXAMPLE.dev", 443, true},
        {"example.dev", "api.example.dev", 443, true},
        {"example.dev", "notexample.dev", 443, false},
        {"example.dev", "example.dev.", 443, true},
        {".example.dev", "api.example.dev", 443, true},
        {".example.dev", "example.dev", 443, false},
        {"*.example.dev", "api.example.dev", 443, true},
        {"*.example.dev", "example.dev", 443, false},
        {"a.dev, b.dev c.dev", "b.dev", 443, true},
        {"a.dev, b.dev c.dev", "c.dev", 443, true},
        {" , ,a.dev,", "b.dev", 443, false},
        {"example.dev:8443", "example.dev", 8443, true},
        {"example.dev:8443", "example.dev", 443, false},
        {"10.0.0.1", "10.0.0.1", 443, true},
        {"10.0.0.1", "10.0.0.10", 443, false},
        {"10.0.0.1:443", "10.0.0.1", 443, true},
        {"10.0.0.0/8", "10.200.3.4", 443, true},
        {"10.0.0.0/8", "11.0.0.1", 443, false},
        {"10.1.2.3/8", "10.200.3.4", 443, true},
        {"0.0.0.0/0", "8.8.8.8", 443, true},
        {"10.0.0.0/8", "example.dev", 443, false},
        {"::1", "::1", 443, true},
        {"[::1]:8443", "::1", 8443, true},
        {"[::1]:8443", "::1", 443, false},
        {"fd00::/8", "fd12:3456::1", 443, true},
        {"fd00::/8", "fe80::1", 443, false},
        {"fd00::/8", "10.0.0.1", 443, false},
        {"10.0.0.0/99", "10.0.0.1", 443, false},
        {"0.0.1", "10.0.0.1", 443, false},
    };
    for (const Case& each : cases)
        EXPECT_EQ(bypasses_proxy(each.no_proxy, each.host, static_cast<std::uint16_t>(each.port)),
                  each.direct)
            << each.no_proxy << " for " << each.host << ":" << each.port;
}

}  // namespace
}  // namespace runs_agent::net
