// SPDX-License-Identifier: MIT
#include "base/encoding.hpp"

#include "base/deflater.hpp"

#include <gtest/gtest.h>

#include <set>

namespace runs_agent {
namespace {

TEST(Encoding, Sha256OfTheStandardsExample) {
    // FIPS 180-4, example "abc".
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Encoding, HmacOfGitHubsDocumentedExample) {
    // docs.github.com, "Validating webhook deliveries", testing the signature.
    EXPECT_EQ(to_hex(hmac_sha256("It's a Secret to Everybody", "Hello, World!")),
              "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
}

TEST(Encoding, HmacKnowsNoKeyOfTheTimeBefore) {
    // RFC 4231, test cases 1, 2 and 6: a key longer than a block, one after another, and none.
    const std::string first(20, '\x0b');
    const std::string long_one(131, '\xaa');
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(to_hex(hmac_sha256(first, "Hi There")),
                  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
                  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        EXPECT_EQ(
            to_hex(hmac_sha256(long_one, "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        // Python's hmac.new(b"", b"", "sha256").
        for (const std::string_view none : {std::string_view(), std::string_view("")})
            EXPECT_EQ(to_hex(hmac_sha256(none, "")),
                      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    }
}

TEST(Encoding, DigestsCompareAndReadBack) {
    const Sha256 digest = sha256("x");
    auto other = digest;
    other.back() ^= 1;
    EXPECT_TRUE(equal_in_constant_time(digest, digest));
    EXPECT_FALSE(equal_in_constant_time(digest, other));
    EXPECT_EQ(sha256_from_hex(to_hex(digest)), digest);
    EXPECT_FALSE(sha256_from_hex("abcd"));
    EXPECT_FALSE(sha256_from_hex(std::string(63, 'a') + "g"));
}

TEST(Encoding, Base64OfTheRfcsExamples) {
    // RFC 4648 section 10.
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Encoding, RandomIdsDifferAndLookRight) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string id = random_uuid();
        ASSERT_EQ(id.size(), 36U);
        EXPECT_EQ(id[14], '4');
        EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
        EXPECT_TRUE(seen.insert(id).second);
    }
    EXPECT_EQ(random_hex(24).size(), 48U);
}

TEST(Encoding, GzipGoesThereAndBack) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919) + ",";
    const std::vector<std::string> cases{"", "a", std::string(1'000'000, 'x'), text};
    for (const std::string& plain : cases) {
        const auto back = gunzip(gzip(plain), plain.size());
        ASSERT_TRUE(back.has_value()) << back.error().message;
        EXPECT_EQ(*back, plain);
    }
}

TEST(Encoding, OneWhoCompressesOftenStartsAnewEachTime) {
    std::string noise;  // that does not become smaller, in more than one piece
    for (int i = 0; i < 10'000; ++i) noise += random_hex(8);
    Deflater packer(1);
    for (const std::string& plain : {noise, std::string("a"), noise, std::string(), noise}) {
        const std::string packed = packer.gzip(plain);
        EXPECT_EQ(packed, gzip(plain, 1));
        const auto back = gunzip(packed, plain.size());
        ASSERT_TRUE(back.has_value()) << back.error().message;
        EXPECT_EQ(*back, plain);
    }
}

TEST(Encoding, GunzipRefusesBombsAndBrokenData) {
    const std::string packed = gzip(std::string(1'000'000, 'x'));
    EXPECT_EQ(gunzip(packed, 999'999).error().code, Errc::too_large);
    EXPECT_EQ(gunzip(packed.substr(0, packed.size() / 2), 2'000'000).error().code, Errc::bad_input);
    EXPECT_EQ(gunzip("not gzip at all", 100).error().code, Errc::bad_input);
    EXPECT_EQ(gunzip("", 100).error().code, Errc::bad_input);
}

}  // namespace
}  // namespace runs_agent
