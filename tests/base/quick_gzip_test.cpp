// SPDX-License-Identifier: MIT
#include "base/quick_gzip.hpp"

#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace runs_agent {
namespace {

/// Of letters of `alphabet` alone: the fewer, the more there is to find again.
std::string text_of(std::mt19937& random, std::string_view alphabet, std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    return text;
}

TEST(QuickGzip, GoesThereAndBack) {
    std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp) - the same on every machine
    std::string every_byte(256, '\0');
    for (std::size_t i = 0; i < 256; ++i) every_byte[i] = static_cast<char>(i);
    QuickGzip packer;
    for (const std::string_view alphabet :
         {std::string_view("x"), std::string_view("\"{},:ab0"), std::string_view(every_byte)})
        for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 257U, 258U, 259U, 262U, 4000U,
                                       32'769U, 65'535U, 65'536U, 65'537U, 300'000U}) {
            const std::string text = text_of(random, alphabet, size);
            const std::string packed = packer.pack(text);
            const auto back = gunzip(packed, size);
            ASSERT_TRUE(back.has_value()) << size << back.error().message;
            ASSERT_EQ(*back, text) << size;
            // What does not suit it is not made larger by more than a frame.
            EXPECT_LE(packed.size(), size + size / 1000 + 128) << size;
        }
}

TEST(QuickGzip, FindsEveryLengthAndDistance) {
    std::mt19937 random(8);  // NOLINT(cert-msc32-c,cert-msc51-cpp) - the same on every machine
    QuickGzip packer;
    const std::string letters = "abcdefghijklmnopqrstuvwxyz{}\":,0123456789_";
    for (int round = 0; round < 300; ++round) {
        std::string text = text_of(random, letters, 300);
        for (int piece = 0; piece < 40; ++piece) {
            const std::string again = text.substr(random() % text.size(), 1 + random() % 300);
            text += text_of(random, letters, random() % (piece % 8 == 0 ? 6000 : 20)) + again;
        }
        const auto back = gunzip(packer.pack(text), text.size());
        ASSERT_TRUE(back.has_value()) << round;
        ASSERT_EQ(*back, text) << round;
    }
}

TEST(QuickGzip, FindsNothingInEarlierTexts) {
    std::mt19937 random(9);  // NOLINT(cert-msc32-c,cert-msc51-cpp) - the same on every machine
    const std::string common = text_of(random, "abcdefghij", 3000);
    for (const std::uint32_t before : {0U, 0xffff'0000U, 0xffff'ffffU}) {
        QuickGzip packer(before);
        for (int round = 0; round < 100; ++round) {
            // The same beginning and end, at the same places and at others.
            std::string text = common;
            text += text_of(random, "abcd", random() % 9);
            text += common;
            const auto back = gunzip(packer.pack(text), text.size());
            ASSERT_TRUE(back.has_value()) << before << ' ' << round;
            ASSERT_EQ(*back, text) << before << ' ' << round;
        }
    }
}

TEST(QuickGzip, MakesJsonSmall) {
    std::string text;
    for (std::int64_t i = 0; i < 200; ++i)
        text += R"({"id":)" + std::to_string(30'433'642'041 + i * 7919) +
                R"(,"url":"https://api.github.com/repos/octo-org/octo-repo/actions/runs/)" +
                std::to_string(i) + R"(","status":"completed","conclusion":null},)";
    EXPECT_LT(QuickGzip().pack(text).size(), text.size() / 8);
}

}  // namespace
}  // namespace runs_agent
