// SPDX-License-Identifier: MIT
#include "base/deflater.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace runs_agent {

namespace {

// zlib counts in 32 bits; larger inputs are handed over in pieces.
constexpr std::size_t max_piece = std::numeric_limits<uInt>::max();
constexpr int gzip_wrapper = 16;  // added to the window bits: write a gzip header
constexpr std::size_t small_chunk = std::size_t{4} * 1024;
constexpr std::size_t chunk = std::size_t{64} * 1024;

}  // namespace

struct Deflater::Stream {
    explicit Stream(int level) {
        constexpr int usual_memory = 8;
        if (deflateInit2(&z, level, Z_DEFLATED, MAX_WBITS + gzip_wrapper, usual_memory,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    ~Stream() { deflateEnd(&z); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    z_stream z{};
};

Deflater::Deflater(int level) : stream_(std::make_unique<Stream>(level)) {}
Deflater::~Deflater() = default;

std::string Deflater::gzip(std::string_view bytes) {
    z_stream& stream = stream_->z;
    deflateReset(&stream);
    stream.avail_in = 0;  // where the one before was left by an exception
    std::string packed;
    std::size_t taken = 0;
    int state = Z_OK;
    while (state != Z_STREAM_END) {
        const std::size_t piece = std::min(bytes.size() - taken, max_piece);
        if (stream.avail_in == 0 && piece > 0) {
            const auto* const next = reinterpret_cast<const Bytef*>(bytes.data() + taken);
            stream.next_in = const_cast<Bytef*>(next);
            stream.avail_in = static_cast<uInt>(piece);
            taken += piece;
        }
        const std::size_t before = packed.size();
        const std::size_t room =
            std::clamp<std::size_t>(deflateBound(&stream, stream.avail_in), small_chunk, chunk);
        packed.resize(before + room);
        stream.next_out = reinterpret_cast<Bytef*>(packed.data() + before);
        stream.avail_out = static_cast<uInt>(room);
        state = deflate(&stream, taken == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
        packed.resize(packed.size() - stream.avail_out);
    }
    return packed;
}

}  // namespace runs_agent
