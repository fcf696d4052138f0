// SPDX-License-Identifier: MIT
#include "webhooks/receiving/signature.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using namespace std::string_literals;

const std::string secret = "It's a Secret to Everybody";
const std::string body = "Hello, World!";
const std::string good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

TEST(Signature, AgreesWithGitHubsDocumentedExample) {
    // Source: docs.github.com, "Validating webhook deliveries", testing the validation.
    EXPECT_EQ(sign(secret, body), good);
    EXPECT_TRUE(signature_matches(good, body, {secret}));
}

TEST(Signature, AgreesWithRfc4231) {
    struct Vector {
        std::string key;
        std::string data;
        const char* digest;
    };
    const Vector vectors[] = {
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (const Vector& each : vectors)
        EXPECT_EQ(sign(each.key, each.data), "sha256="s + each.digest);
}

TEST(Signature, AnyOfSeveralSecretsMayHaveMadeIt) {
    for (const std::vector<std::string>& secrets :
         {std::vector{secret, "old"s, "older"s}, std::vector{"new"s, secret, "old"s},
          std::vector{"new"s, "newer"s, secret}})
        EXPECT_TRUE(signature_matches(good, body, secrets));
    EXPECT_FALSE(signature_matches(good, body, {"new", "old"}));
    EXPECT_FALSE(signature_matches(good, body, {}));
}

TEST(Signature, HexadecimalDigitsMayBeOfEitherCase) {
    EXPECT_TRUE(signature_matches(
        "sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17", body, {secret}));
}

TEST(Signature, EveryDigitCounts) {
    const std::size_t scheme = std::string("sha256=").size();
    for (std::size_t at = scheme; at < good.size(); ++at) {
        std::string wrong = good;
        wrong[at] = wrong[at] == '0' ? '1' : '0';
        EXPECT_FALSE(signature_matches(wrong, body, {secret})) << at;
    }
}

TEST(Signature, WhatIsNoSignatureDoesNotMatch) {
    const std::string digits = good.substr(7);
    const std::string headers[] = {
        "",
        "sha256=",
        digits,
        "SHA256=" + digits,
        "Sha256=" + digits,
        "sha1=" + digits,
        "sha512=" + digits,
        "sha256:" + digits,
        "sha256 = " + digits,
        "sha256= " + digits,
        " " + good,
        good + " ",
        good + "0",
        good + "," + good,
        good.substr(0, good.size() - 1),
        good.substr(0, good.size() - 2),
        "sha256=" + std::string(64, 'g'),
        "sha256=" + std::string(64, '\0'),
        "sha256=0x" + digits.substr(2),
        "sha256=" + std::string(64, '\xff'),
        std::string(100'000, 'a'),
    };
    for (const std::string& header : headers)
        EXPECT_FALSE(signature_matches(header, body, {secret})) << header.substr(0, 90);
}

TEST(Signature, IsOverTheRawBytes) {
    const std::string bytes = "{\"a\":\"\0\xff\"}\r\n"s;
    const std::string signature = sign(secret, bytes);
    EXPECT_TRUE(signature_matches(signature, bytes, {secret}));
    EXPECT_FALSE(signature_matches(signature, bytes.substr(0, bytes.size() - 1), {secret}));
    EXPECT_FALSE(signature_matches(signature, bytes + "\n", {secret}));
    EXPECT_FALSE(signature_matches(signature, bytes.substr(0, bytes.find('\0')), {secret}));
    EXPECT_FALSE(signature_matches(signature, "", {secret}));
    EXPECT_TRUE(signature_matches(sign(secret, ""), "", {secret}));
}

TEST(Signature, TheSecretCountsToTheByte) {
    for (const std::string& other :
         {secret + " ", " " + secret, secret.substr(1), ""s, "it's a secret to everybody"s})
        EXPECT_FALSE(signature_matches(good, body, {other})) << other;
}

TEST(Signature, AnEmptySecretProvesNothing) {
    EXPECT_FALSE(signature_matches(sign("", "body"), "body", {""}));
    EXPECT_TRUE(signature_matches(sign("s", "body"), "body", {"", "s"}));
}

}  // namespace
}  // namespace runs_agent::webhooks
