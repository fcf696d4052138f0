// SPDX-License-Identifier: MIT
#include "base/quick_gzip.hpp"

#include "base/encoding.hpp"
#include "base/quick_gzip_codes.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace runs_agent {

namespace {

using quick_gzip::Bits;
using quick_gzip::Codes;

constexpr std::size_t min_match = 4;
constexpr std::size_t max_match = 258;
constexpr std::size_t max_distance = 32768;
constexpr int hash_bits = 13;
/// Bytes of input for which room is made at once.
constexpr std::size_t block = 64UL * 1024;

template <class Integer>
Integer load(const char* at) {
    Integer value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

std::uint32_t hash_of(std::uint32_t four) {
    return four * 2654435761U >> (32 - hash_bits);
}

/// Of what is the same from both places on, `most` at most.
std::size_t common(const char* a, const char* b, std::size_t most) {
    std::size_t length = 0;
    if constexpr (std::endian::native == std::endian::little)
        for (; length + 8 <= most; length += 8)
            if (const auto differ =
                    load<std::uint64_t>(a + length) ^ load<std::uint64_t>(b + length))
                return length + static_cast<std::size_t>(std::countr_zero(differ)) / 8;
    while (length < most && a[length] == b[length]) ++length;
    return length;
}

/// Writes bits, the lowest first (RFC 1951 section 3.1.1). Room is made by whoever writes.
class BitWriter {
public:
    explicit BitWriter(std::string& to) : to_(to), used_(to.size()) {}

    /// For so many bytes, and the eight that are stored at once.
    void make_room(std::size_t bytes) { to_.resize(used_ + bytes + sizeof pending_); }

    /// At most 56 bits come between two calls of store().
    void put(Bits bits) {
        pending_ |= std::uint64_t{bits.value} << count_;
        count_ += bits.length;
    }

    void store() {
        char* const at = to_.data() + used_;
        for (unsigned byte = 0; byte < sizeof pending_; ++byte)  // compiled to one store
            at[byte] = static_cast<char>(pending_ >> (8 * byte) & 0xff);
        used_ += count_ / 8;
        pending_ >>= count_ / 8 * 8;
        count_ %= 8;
    }

    /// Up to a whole byte.
    void end() {
        count_ += (8 - count_ % 8) % 8;
        store();
        to_.resize(used_);
    }

private:
    std::string& to_;
    std::size_t used_;
    std::uint64_t pending_ = 0;
    unsigned count_ = 0;
};

void put_number(std::string& to, std::uint32_t number) {
    for (unsigned byte = 0; byte < 4; ++byte) to += static_cast<char>(number >> (8 * byte) & 0xff);
}

}  // namespace

QuickGzip::QuickGzip(std::uint32_t before) : seen_(std::size_t{1} << hash_bits), before_(before) {}

std::string QuickGzip::pack(std::string_view bytes) {
    const Codes& codes = quick_gzip::codes();
    // Deflate, no name, no time, fastest, Unix.
    std::string packed("\x1f\x8b\x08\0\0\0\0\0\x04\x03", 10);
    BitWriter out(packed);
    out.make_room(quick_gzip::max_head);
    for (const Bits& bits : codes.head) {
        out.put(bits);
        out.store();
    }

    const char* const text = bytes.data();
    const std::size_t size = bytes.size();
    if (size >= std::numeric_limits<std::uint32_t>::max() - before_) {
        std::fill(seen_.begin(), seen_.end(), 0);
        before_ = 0;
    }
    // Places are counted from one, so that none means none; a text of 4 GiB is nobody's.
    const std::uint32_t before = before_;
    before_ += static_cast<std::uint32_t>(size);  // first, as there may be no memory for the rest
    std::size_t at = 0;
    while (at < size) {
        const std::size_t stop = std::min(size, at + block);
        // A literal takes less than two bytes, and a match fewer than its letters would.
        out.make_room(2 * (stop - at) + 2 * max_match);
        while (at < stop) {
            std::size_t length = 0;
            std::size_t distance = 0;
            if (at + min_match <= size) {
                const auto four = load<std::uint32_t>(text + at);
                std::uint32_t& last = seen_[hash_of(four)];
                distance = before + at + 1 - last;
                if (last > before && distance <= max_distance &&
                    load<std::uint32_t>(text + at - distance) == four)
                    length =
                        min_match + common(text + at + min_match, text + at - distance + min_match,
                                           std::min(max_match, size - at) - min_match);
                last = before + static_cast<std::uint32_t>(at + 1);
            }
            if (length == 0) {
                out.put(codes.literal[static_cast<unsigned char>(text[at])]);
                ++at;
            } else {
                out.put(codes.match[length]);
                out.put(codes.distance_of(distance));
                at += length;
                if (at + 2 <= size && length > 2)
                    seen_[hash_of(load<std::uint32_t>(text + at - 2))] =
                        before + static_cast<std::uint32_t>(at - 1);
            }
            out.store();
        }
    }
    out.make_room(8);
    out.put(codes.end);
    out.end();
    if (packed.size() > size + 64) return gzip(bytes, 1);
    put_number(packed,
               static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text), size)));
    put_number(packed, static_cast<std::uint32_t>(size));
    return packed;
}

}  // namespace runs_agent
