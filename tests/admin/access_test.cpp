// SPDX-License-Identifier: MIT
#include "admin/access.hpp"

#include <gtest/gtest.h>

namespace runs_agent::admin {
namespace {

using namespace std::chrono_literals;

const Time now(490'000h);
const Access access("the-admin-token", "the-read-token");

net::HttpRequest with(std::string name, std::string value) {
    net::HttpRequest request;
    request.method = "POST";
    request.headers.add("Host", "agent.example");
    request.headers.add(std::move(name), std::move(value));
    return request;
}

/// What a browser sends back of a Set-Cookie.
std::string cookie_of(const std::string& set) {
    return set.substr(0, set.find(';'));
}

TEST(Access, TokensAreRoles) {
    EXPECT_EQ(access.role_of("the-admin-token"), Role::admin);
    EXPECT_EQ(access.role_of("the-read-token"), Role::reader);
    EXPECT_EQ(access.role_of("the-admin-toke"), std::nullopt);
    EXPECT_EQ(access.role_of(""), std::nullopt);
    // Where there is no token for reading, none is one.
    EXPECT_EQ(Access("the-admin-token", "").role_of(""), std::nullopt);
}

TEST(Access, ProgramsHaveABearerToken) {
    auto request = with("Authorization", "bearer the-read-token");
    request.headers.add("X-Actor", "ci");
    const auto visitor = access.visitor(request, now);
    ASSERT_TRUE(visitor);
    EXPECT_FALSE(visitor->may_change());
    EXPECT_EQ(visitor->actor(), "api: ci");
    EXPECT_FALSE(access.visitor(with("Authorization", "Bearer no"), now));
    EXPECT_FALSE(access.visitor(with("Authorization", "Basic x"), now));
}

TEST(Access, ACookieHoldsForASessionAndIsWorthNothingElsewhere) {
    const std::string set = access.sign_in(Role::admin, "Ada <b>", false, now);
    EXPECT_NE(set.find("HttpOnly"), std::string::npos);
    EXPECT_NE(set.find("SameSite=Strict"), std::string::npos);
    EXPECT_EQ(set.find("Secure"), std::string::npos);
    EXPECT_NE(access.sign_in(Role::admin, "", true, now).find("Secure"), std::string::npos);
    const auto request = with("Cookie", "other=1; " + cookie_of(set) + "; more=2");
    const auto visitor = access.visitor(request, now + 11h);
    ASSERT_TRUE(visitor);
    EXPECT_TRUE(visitor->may_change());
    EXPECT_EQ(visitor->name, "Ada <b>");
    EXPECT_EQ(visitor->actor(), "page: Ada <b>");
    EXPECT_FALSE(access.visitor(request, now + 13h));
    // Another token makes it void; another role, time or name cannot be written into it.
    EXPECT_FALSE(Access("another-token", "the-read-token").visitor(request, now));
    std::string forged = cookie_of(access.sign_in(Role::reader, "", false, now));
    forged.replace(forged.find("reader"), 6, "admin");
    EXPECT_FALSE(access.visitor(with("Cookie", forged), now));
    for (const char* const junk : {"runs_agent_session=", "runs_agent_session=a.b", "x", ""})
        EXPECT_FALSE(access.visitor(with("Cookie", junk), now)) << junk;
}

TEST(Access, AChangeOfABrowsersMustComeFromHere) {
    const std::string cookie = cookie_of(access.sign_in(Role::admin, "", false, now));
    const auto fault = [&](std::string name, std::string value, bool own_form = true) {
        auto request = with("Cookie", cookie);
        if (!name.empty()) request.headers.add(std::move(name), std::move(value));
        const auto visitor = access.visitor(request, now);
        return Access::fault_of(*visitor, request, own_form ? visitor->form_token : "stale");
    };
    EXPECT_EQ(fault("", ""), "");
    EXPECT_EQ(fault("Origin", "https://agent.example"), "");
    EXPECT_EQ(fault("Sec-Fetch-Site", "same-origin"), "");
    EXPECT_NE(fault("Origin", "https://evil.example"), "");
    EXPECT_NE(fault("Origin", "null"), "");
    EXPECT_NE(fault("Sec-Fetch-Site", "same-site"), "");
    EXPECT_NE(fault("Origin", "https://agent.example", false), "");
    // A proxy that asks by another name says which one it was asked by.
    auto proxied = with("Cookie", cookie);
    proxied.headers.set("Host", "127.0.0.1:8081");
    proxied.headers.add("X-Forwarded-Host", "agent.example");
    proxied.headers.add("Origin", "https://agent.example");
    const auto visitor = access.visitor(proxied, now);
    EXPECT_EQ(Access::fault_of(*visitor, proxied, visitor->form_token), "");
}

TEST(Access, WhoMayLookMayNotChange) {
    const auto request = with("Authorization", "Bearer the-read-token");
    EXPECT_NE(Access::fault_of(*access.visitor(request, now), request, ""), "");
    const auto other = with("Authorization", "Bearer the-admin-token");
    EXPECT_EQ(Access::fault_of(*access.visitor(other, now), other, ""), "");
}

}  // namespace
}  // namespace runs_agent::admin
