// SPDX-License-Identifier: MIT
// Gzip for one kind of text, many times a second: JSON as GitHub sends it. What each letter costs
// was settled beforehand (quick_gzip_codes.hpp), so that a text is read once and written once, in
// half the time that zlib's fastest level takes, for a twentieth more bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent {

/// Used by one thread at a time.
class QuickGzip {
public:
    /// `before`: as if it had packed so many bytes already.
    explicit QuickGzip(std::uint32_t before = 0);

    /// One member (RFC 1952). Any bytes: those that the codes do not suit are handed to zlib.
    std::string pack(std::string_view bytes);

private:
    // By the hash of four bytes, where they were seen last: places count on from text to text, so
    // that what was seen in an earlier one need not be wiped out.
    std::vector<std::uint32_t> seen_;
    std::uint32_t before_;  // places of earlier texts
};

}  // namespace runs_agent
