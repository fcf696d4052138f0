// SPDX-License-Identifier: MIT
#include "base/quick_gzip_codes.hpp"

#include <algorithm>
#include <span>

namespace runs_agent::quick_gzip {

namespace {

constexpr std::size_t end_of_block = 256;
constexpr std::uint32_t longest = 12;

// clang-format off
constexpr std::array<std::uint32_t, 286> literal_lengths{
    12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
    12, 12, 12, 12, 12, 12, 12, 12, 8, 12, 5, 12, 12, 12, 12, 11, 12, 12, 12, 10, 6, 8, 8, 6,
    7, 7, 7, 7, 8, 7, 8, 8, 8, 7, 6, 12, 12, 9, 12, 10, 11, 10, 11, 10, 8, 9, 10, 9,
    10, 9, 10, 12, 12, 7, 8, 8, 12, 9, 9, 10, 8, 9, 10, 9, 9, 9, 9, 11, 12, 10, 12, 6,
    12, 5, 6, 5, 6, 5, 7, 6, 6, 5, 9, 7, 5, 6, 6, 5, 6, 11, 5, 5, 5, 6, 7, 7,
    8, 7, 8, 6, 12, 7, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
    12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
    12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
    12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
    12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
    12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 11, 12, 4, 5, 6, 6, 6, 7,
    7, 6, 7, 7, 9, 8, 8, 7, 8, 8, 7, 8, 6, 9, 12, 12, 12, 12, 12, 12, 12, 7,};
constexpr std::array<std::uint32_t, 30> distance_lengths{
    12, 12, 12, 12, 11, 9, 7, 7, 5, 6, 5, 4, 3, 5, 4, 6, 4, 5, 4, 4, 4, 4, 4, 4,
    4, 5, 5, 7, 8, 11,};
// clang-format on

/// How the lengths above are written: symbols 3 to 12 are a length, 16 repeats the one before.
constexpr std::array<std::uint32_t, 19> length_lengths{0, 0, 0, 4, 4, 3, 3, 3, 4, 4,
                                                       4, 4, 3, 0, 0, 0, 3, 0, 0};
constexpr std::array<std::size_t, 19> order_of_lengths{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
constexpr std::size_t repeat = 16;
constexpr std::size_t least_repeated = 3;
constexpr std::size_t most_repeated = 6;

/// Every bit pattern means something, and none means two things.
constexpr bool is_complete(std::span<const std::uint32_t> lengths) {
    std::uint32_t used = 0;
    for (const std::uint32_t length : lengths)
        if (length > 0) used += 1U << (longest - length);
    return used == 1U << longest;
}
static_assert(is_complete(literal_lengths) && is_complete(distance_lengths) &&
              is_complete(length_lengths));

/// The codes that follow from their lengths (RFC 1951 section 3.2.2), the first bit lowest.
template <std::size_t Count>
std::array<Bits, Count> codes_of(const std::array<std::uint32_t, Count>& lengths) {
    std::array<Bits, Count> codes{};
    std::uint32_t next = 0;
    for (std::uint32_t length = 1; length <= longest; ++length, next <<= 1U)
        for (std::size_t symbol = 0; symbol < Count; ++symbol) {
            if (lengths[symbol] != length) continue;
            for (std::uint32_t bit = 0; bit < length; ++bit)
                codes[symbol].value |= (next >> bit & 1U) << (length - 1 - bit);
            codes[symbol].length = length;
            ++next;
        }
    return codes;
}

/// Puts bits together, as each piece is a step of whoever writes them.
void add(std::vector<Bits>& to, Bits bits) {
    constexpr std::uint32_t most = 32;
    if (to.empty() || to.back().length + bits.length > most)
        to.push_back(bits);
    else
        to.back() = {to.back().value | bits.value << to.back().length,
                     to.back().length + bits.length};
}

void add_lengths(std::vector<Bits>& head, std::span<const std::uint32_t> lengths) {
    static const auto codes = codes_of(length_lengths);
    for (std::size_t at = 0; at < lengths.size();) {
        const auto other =
            std::find_if(lengths.begin() + static_cast<std::ptrdiff_t>(at), lengths.end(),
                         [&](auto length) { return length != lengths[at]; });
        std::size_t same = static_cast<std::size_t>(other - lengths.begin()) - at;
        at += same;
        add(head, codes[lengths[at - 1]]);
        --same;
        while (same >= least_repeated) {
            const std::size_t count = std::min(same, most_repeated);
            add(head, codes[repeat]);
            add(head, {static_cast<std::uint32_t>(count - least_repeated), 2});
            same -= count;
        }
        for (; same > 0; --same) add(head, codes[lengths[at - 1]]);
    }
}

/// Of the one block, which is the last (RFC 1951 section 3.2.7).
std::vector<Bits> head_of_block() {
    std::vector<Bits> head{{0b101, 3}};
    add(head, {static_cast<std::uint32_t>(literal_lengths.size() - 257), 5});
    add(head, {static_cast<std::uint32_t>(distance_lengths.size() - 1), 5});
    add(head, {static_cast<std::uint32_t>(length_lengths.size() - 4), 4});
    for (const std::size_t symbol : order_of_lengths) add(head, {length_lengths[symbol], 3});
    add_lengths(head, literal_lengths);
    add_lengths(head, distance_lengths);
    return head;
}

/// RFC 1951 section 3.2.5: in each group of four symbols one bit more follows the code.
Bits match_of(std::size_t length, std::span<const Bits> literals) {
    constexpr std::size_t shortest = 3;
    constexpr std::size_t longest_match = 258;
    if (length == longest_match) return literals.back();
    const auto l = static_cast<std::uint32_t>(length - shortest);
    const auto width = static_cast<std::uint32_t>(std::bit_width(l));
    const std::uint32_t extra = width > 3 ? width - 3 : 0;
    const std::uint32_t symbol = 4 * extra + (l >> extra);
    const Bits code = literals[end_of_block + 1 + symbol];
    return {code.value | (l & ((1U << extra) - 1)) << code.length, code.length + extra};
}

Codes make() {
    Codes codes;
    codes.head = head_of_block();
    const auto literals = codes_of(literal_lengths);
    std::copy_n(literals.begin(), codes.literal.size(), codes.literal.begin());
    codes.end = literals[end_of_block];
    codes.match = {};
    for (std::size_t length = 3; length < codes.match.size(); ++length)
        codes.match[length] = match_of(length, literals);
    codes.distances = codes_of(distance_lengths);
    return codes;
}

}  // namespace

const Codes& codes() {
    static const Codes made = make();
    return made;
}

}  // namespace runs_agent::quick_gzip
