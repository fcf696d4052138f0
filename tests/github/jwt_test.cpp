// SPDX-License-Identifier: MIT
#include "github/jwt.hpp"

#include "tests/github/fake_app.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace runs_agent::github {
namespace {

const Time now{std::chrono::milliseconds(1'767'225'600'999)};

TEST(Jwt, IsWhatGitHubAsksFor) {
    const auto& keys = tests::app_keys();
    const auto jwt = make_jwt("1234", keys.private_key, now);
    ASSERT_TRUE(jwt.has_value()) << jwt.error().message;
    EXPECT_EQ(jwt->find_first_of("+/= \n"), std::string::npos);
    const tests::Claims claims = tests::check_jwt(*jwt, keys.public_key, now);
    EXPECT_EQ(claims.wrong, "");
    EXPECT_EQ(claims.header, R"({"alg":"RS256","typ":"JWT"})");
    EXPECT_EQ(claims.issuer, "1234");
    EXPECT_EQ(claims.issued_at, 1'767'225'600 - 60);
    EXPECT_LE(claims.expires_at - claims.issued_at, 600);
    EXPECT_EQ(claims.expires_at, 1'767'225'600 + 540);
}

TEST(Jwt, IsSignedByThatKeyOverThatText) {
    const auto& keys = tests::app_keys();
    const std::string jwt = *make_jwt("Iv23liAbCdEf", keys.private_key, now);
    EXPECT_EQ(tests::check_jwt(jwt, keys.public_key, now).issuer, "Iv23liAbCdEf");
    EXPECT_NE(tests::check_jwt(jwt, tests::make_rsa_keys().public_key, now).wrong, "");
    const std::string other = *make_jwt("1235", keys.private_key, now);
    const std::string forged = other.substr(0, other.rfind('.')) + jwt.substr(jwt.rfind('.'));
    EXPECT_NE(tests::check_jwt(forged, keys.public_key, now).wrong, "");
}

TEST(Jwt, TakesAKeyWithItsLineEndsWrittenOut) {
    const auto& keys = tests::app_keys();
    std::string one_line = keys.private_key;
    for (auto at = one_line.find('\n'); at != std::string::npos; at = one_line.find('\n'))
        one_line.replace(at, 1, "\\n");
    const auto jwt = make_jwt("1", one_line, now);
    ASSERT_TRUE(jwt.has_value()) << jwt.error().message;
    EXPECT_EQ(tests::check_jwt(*jwt, keys.public_key, now).wrong, "");
    std::string of_windows = keys.private_key;
    for (auto at = of_windows.find('\n'); at != std::string::npos;
         at = of_windows.find('\n', at + 2))
        of_windows.insert(at, "\r");
    EXPECT_TRUE(check_private_key(of_windows).has_value());
    EXPECT_TRUE(check_private_key("\n\n" + keys.private_key + "\n").has_value());
}

TEST(Jwt, SaysWhatAKeyIsInsteadAndNeverShowsIt) {
    const auto& keys = tests::app_keys();
    const std::string secret = keys.private_key.substr(100, 20);
    std::string damaged = keys.private_key;
    std::swap_ranges(damaged.begin() + 40, damaged.begin() + 70, damaged.begin() + 80);
    const std::string cut_off = keys.private_key.substr(0, keys.private_key.size() / 2);
    const std::string body_only = keys.private_key.substr(28, 1000);
    const std::pair<std::string, const char*> cases[] = {
        {"", "empty"},
        {"\n ", "empty"},
        {"hello", "BEGIN"},
        {body_only, "BEGIN"},
        {keys.public_key, "public key"},
        {cut_off, "cut off"},
        {damaged, "damaged"},
        {tests::locked(keys.private_key), "password"},
        {tests::make_ec_key(), "RSA"},
        {tests::make_rsa_keys(1024).private_key, "2048"},
        {std::string(100'000, 'a'), "long"},
    };
    for (const auto& [key, why] : cases) {
        const auto checked = check_private_key(key);
        ASSERT_TRUE(checked.has_error()) << why;
        EXPECT_EQ(checked.error().code, Errc::refused);
        const std::string& message = checked.error().message;
        EXPECT_NE(message.find("GITHUB_APP_PRIVATE_KEY is not a PEM private key"),
                  std::string::npos);
        EXPECT_NE(message.find(why), std::string::npos) << message;
        EXPECT_EQ(message.find(secret), std::string::npos);
        EXPECT_LT(message.size(), 400U);
        EXPECT_TRUE(make_jwt("1", key, now).has_error());
    }
}

TEST(Jwt, RefusesWhatIsNoAppId) {
    for (const char* const good : {"1234", "Iv1.0123456789abcdef", "Iv23liAbCd"})
        EXPECT_TRUE(check_app_id(good).has_value()) << good;
    for (const char* const bad : {"", "12 34", R"(1","x":")", "my-app", "1\n"}) {
        EXPECT_EQ(check_app_id(bad).error().code, Errc::refused) << bad;
        EXPECT_TRUE(make_jwt(bad, tests::app_keys().private_key, now).has_error());
    }
}

}  // namespace
}  // namespace runs_agent::github
