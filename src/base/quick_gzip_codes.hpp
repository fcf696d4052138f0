// SPDX-License-Identifier: MIT
// The Huffman codes of base/quick_gzip.hpp (RFC 1951 section 3.2.7): how long the code of each
// symbol is was counted over all payloads that GitHub publishes as examples
// (@octokit/webhooks-examples 7.6.1), with each symbol counted once more than it came.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace runs_agent::quick_gzip {

/// `length` bits, the first to be written is the lowest.
struct Bits {
    std::uint32_t value = 0;
    std::uint32_t length = 0;
};

constexpr std::size_t max_head = 512;  // bytes

struct Codes {
    std::vector<Bits> head;  // what a block begins with: its kind, and these codes
    std::array<Bits, 256> literal;
    std::array<Bits, 259> match;     // by its length, from 3 on
    std::array<Bits, 30> distances;  // without what follows the code
    Bits end;

    /// From 1 to 32768.
    Bits distance_of(std::size_t distance) const {
        const auto d = static_cast<std::uint32_t>(distance - 1);
        const auto width = static_cast<std::uint32_t>(std::bit_width(d));
        const std::uint32_t extra = width > 2 ? width - 2 : 0;
        const Bits code = distances[2 * extra + (d >> extra)];
        return {code.value | (d & ((1U << extra) - 1)) << code.length, code.length + extra};
    }
};

const Codes& codes();

}  // namespace runs_agent::quick_gzip
