// SPDX-License-Identifier: MIT
#include "base/inflater.hpp"

#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include <array>

namespace runs_agent {
namespace {

TEST(Inflater, UnpacksAsFarAsSomebodyReads) {
    const std::string plain(5'000'000, 'a');
    const std::string packed = gzip(plain, 1);
    Inflater inflater(packed);
    std::array<char, 1000> piece{};
    EXPECT_EQ(*inflater.read(piece.data(), piece.size()), piece.size());
    EXPECT_EQ(std::string(piece.data(), piece.size()), plain.substr(0, piece.size()));
    EXPECT_LT(inflater.taken(), packed.size() / 2);
}

TEST(Inflater, AShortReadIsTheEnd) {
    const std::string packed = gzip("hello") + "what follows";
    Inflater inflater(packed);
    std::array<char, 4> piece{};
    EXPECT_EQ(*inflater.read(piece.data(), piece.size()), 4U);
    EXPECT_EQ(*inflater.read(piece.data(), piece.size()), 1U);
    EXPECT_EQ(piece[0], 'o');
    EXPECT_EQ(*inflater.read(piece.data(), piece.size()), 0U);
    EXPECT_EQ(inflater.taken(), packed.size() - 12);
}

TEST(Inflater, SaysWhatIsWrong) {
    std::array<char, 100> piece{};
    const std::string packed = gzip("hello");
    const std::string cut = packed.substr(0, packed.size() - 1);
    for (const std::string& wrong : {cut, std::string(), std::string("no gzip")}) {
        Inflater inflater(wrong);
        EXPECT_EQ(inflater.read(piece.data(), piece.size()).error().code, Errc::bad_input) << wrong;
    }
}

}  // namespace
}  // namespace runs_agent
