// SPDX-License-Identifier: MIT
#include "runs_server/notifying/targets.hpp"

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

bool may(const std::string& allowed, const std::string& host, const std::string& address,
         std::uint16_t port = 80) {
    const auto targets = HookTargets::parse(allowed);
    EXPECT_TRUE(targets.has_value()) << allowed;
    return targets->may_connect(host, boost::asio::ip::make_address(address), port);
}

TEST(HookTargets, OnlyWhatIsPublicIsReachedByItself) {
    EXPECT_TRUE(may("", "a.example", "8.8.8.8"));
    EXPECT_TRUE(may("", "a.example", "2606:4700::1111"));
    for (const char* const inner : {"127.0.0.1", "10.0.0.1", "::1", "::ffff:10.0.0.1", "fd00::1"})
        EXPECT_FALSE(may("", "a.example", inner)) << inner;
}

TEST(HookTargets, WhatIsAllowedIsReachedByNameAddressOrNetwork) {
    EXPECT_TRUE(may("hooks.internal", "hooks.internal", "10.0.0.1"));
    EXPECT_FALSE(may("hooks.internal", "evil.example", "10.0.0.1"));
    EXPECT_TRUE(may("10.0.0.0/8", "any.example", "10.0.0.1"));
    EXPECT_TRUE(may("10.0.0.0/8", "any.example", "::ffff:10.0.0.1"));
    EXPECT_TRUE(may("10.0.0.0/8", "any.example", "64:ff9b::10.0.0.1"));
    EXPECT_FALSE(may("10.0.0.0/8", "any.example", "127.0.0.1"));
    EXPECT_TRUE(may("127.0.0.1:9000", "localhost", "127.0.0.1", 9000));
    EXPECT_FALSE(may("127.0.0.1:9000", "localhost", "127.0.0.1", 22));
    EXPECT_TRUE(may("a.example, ::1", "localhost", "::1"));
    EXPECT_TRUE(may("[::1]:9000", "localhost", "::1", 9000));
    EXPECT_TRUE(may("*", "any.example", "169.254.169.254"));
}

TEST(HookTargets, ANameThatIsPlainlyThisMachineIsNotRegistered) {
    const HookTargets none;
    EXPECT_FALSE(none.may_name("localhost", 80));
    EXPECT_FALSE(none.may_name("localhost.", 80));
    EXPECT_FALSE(none.may_name("192.168.1.1", 80));
    EXPECT_TRUE(none.may_name("a.example", 80));
    EXPECT_TRUE(HookTargets::parse("127.0.0.1")->may_name("localhost", 80));
    EXPECT_TRUE(HookTargets::parse("192.168.0.0/16")->may_name("192.168.1.1", 80));
}

TEST(HookTargets, WhatIsNoHostIsToldOf) {
    for (const char* const right : {"", "*", "a.example", ".example", "*.example:8080", "127.0.0.1",
                                    "::1", "[::1]:80", "10.0.0.0/8,fd00::/8", " a , b ,"})
        EXPECT_TRUE(HookTargets::parse(right).has_value()) << right;
    for (const char* const wrong :
         {"http://a", "a b", "10.0.0.0/33", "a:99999", "[::1", "1", "300.1.1.1", "a/b", "true,1"}) {
        const auto targets = HookTargets::parse(wrong);
        ASSERT_TRUE(targets.has_error()) << wrong;
        EXPECT_EQ(targets.error().code, Errc::bad_input);
        EXPECT_NE(targets.error().message.find("RUNS_AGENT_API_WEBHOOKS_ALLOW"), std::string::npos);
    }
}

}  // namespace
}  // namespace runs_agent::runs_server
