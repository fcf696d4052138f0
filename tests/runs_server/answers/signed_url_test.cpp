// SPDX-License-Identifier: MIT
#include "runs_server/answers/signed_url.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_server {
namespace {

using namespace std::chrono_literals;

const Time now(std::chrono::hours(490'000));

bool allows(const UrlSigner& signer, std::string_view method, const std::string& url, Time when) {
    return signer.allows(method, url.substr(0, url.find('?')), net::query_of(url), when);
}

TEST(SignedUrl, HoldsForItsMethodAndPathUntilTwoHoursHavePassed) {
    const UrlSigner signer("secret");
    const std::string url = signer.sign("PUT", "/artifacts/1", now);
    EXPECT_TRUE(allows(signer, "PUT", url, now));
    EXPECT_TRUE(allows(signer, "PUT", url, now + 2h - 1ms));
    EXPECT_FALSE(allows(signer, "PUT", url, now + 2h));
    EXPECT_FALSE(allows(signer, "GET", url, now));
    EXPECT_FALSE(signer.allows("PUT", "/artifacts/2", net::query_of(url), now));
    EXPECT_FALSE(allows(UrlSigner("another"), "PUT", url, now));
}

TEST(SignedUrl, AChangedQueryIsRefused) {
    const UrlSigner signer("secret");
    const std::string url = signer.sign("GET", "/a", now);
    for (const char* const query :
         {"", "?expires=99999999999999", "?signature=", "?expires=&signature="})
        EXPECT_FALSE(allows(signer, "GET", std::string("/a") + query, now)) << query;
    std::string later = url;
    later.insert(later.find("expires=") + 8, "9");
    EXPECT_FALSE(allows(signer, "GET", later, now));
    std::string other = url;
    other.back() = other.back() == '0' ? '1' : '0';
    EXPECT_FALSE(allows(signer, "GET", other, now));
    EXPECT_TRUE(allows(signer, "GET", url, now));
}

}  // namespace
}  // namespace runs_agent::runs_server
