// SPDX-License-Identifier: MIT
// Compression by one who compresses often: what zlib needs for it, a quarter of a megabyte, is
// asked of the system once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace runs_agent {

/// Used by one thread at a time.
class Deflater {
public:
    /// Level 1 (fast) to 9 (small).
    explicit Deflater(int level);
    ~Deflater();
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    /// With gzip (RFC 1952), whole.
    std::string gzip(std::string_view bytes);

private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
};

}  // namespace runs_agent
