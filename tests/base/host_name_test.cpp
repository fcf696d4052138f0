// SPDX-License-Identifier: MIT
#include "base/host_name.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace runs_agent {
namespace {

TEST(HostName, HasOneSpelling) {
    const std::pair<const char*, const char*> cases[] = {
        {"github.com", "github.com"},
        {"GHE.Example.COM", "ghe.example.com"},
        {"ghe.example.com.", "ghe.example.com"},
        {"GHE.example.com.:443", "ghe.example.com"},
        {"ghe.example.com:80", "ghe.example.com"},
        {"ghe.example.com:8443", "ghe.example.com:8443"},
        {"ghe.example.com:", "ghe.example.com"},
        {"10.0.0.1:443", "10.0.0.1"},
        {"[2001:DB8::1]:443", "[2001:db8::1]"},
        {"[2001:DB8::1]", "[2001:db8::1]"},
        {"2001:DB8::443", "2001:db8::443"},  // no port without brackets
        {"", ""},
        {".", ""},
        {"M\xc3\x9cNCHEN.example", "m\xc3\x9cnchen.example"},  // ASCII alone (RFC 4343)
    };
    for (const auto& [told, name] : cases) {
        EXPECT_EQ(host_name(told), name);
        EXPECT_EQ(host_name(host_name(told)), name) << "twice is as once";
    }
}

TEST(HostName, OfWhatItIsMade) {
    for (const char c : std::string("aZ09-._:")) EXPECT_TRUE(is_host_character(c)) << c;
    for (const char c : std::string("/@[]% \n\xc3")) EXPECT_FALSE(is_host_character(c)) << c;
}

}  // namespace
}  // namespace runs_agent
