// SPDX-License-Identifier: MIT
#include "base/inflater.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace runs_agent {

namespace {

// zlib counts in 32 bits; larger inputs are handed over in pieces.
constexpr std::size_t max_piece = std::numeric_limits<uInt>::max();
constexpr int detect_wrapper = 32;  // added to the window bits: accept gzip or zlib

}  // namespace

struct Inflater::Stream {
    Stream() {
        if (inflateInit2(&zlib, MAX_WBITS + detect_wrapper) != Z_OK) throw std::bad_alloc();
    }
    ~Stream() { inflateEnd(&zlib); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    z_stream zlib{};
};

Inflater::Inflater(std::string_view packed) : rest_(packed), stream_(std::make_unique<Stream>()) {}

Inflater::~Inflater() = default;

Result<std::size_t> Inflater::read(char* to, std::size_t size) {
    z_stream& stream = stream_->zlib;
    std::size_t filled = 0;
    while (filled < size && !ended_) {
        if (stream.avail_in == 0) {
            const std::size_t piece = std::min(rest_.size(), max_piece);
            if (piece == 0) return fail(Errc::bad_input, "the gzip data ends early");
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
            stream.avail_in = static_cast<uInt>(piece);
            rest_.remove_prefix(piece);
            given_ += piece;
        }
        const auto room = static_cast<uInt>(std::min(size - filled, max_piece));
        stream.next_out = reinterpret_cast<Bytef*>(to + filled);
        stream.avail_out = room;
        const int state = inflate(&stream, Z_NO_FLUSH);
        filled += room - stream.avail_out;
        ended_ = state == Z_STREAM_END;
        if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
            return fail(Errc::bad_input, "the gzip data is broken");
    }
    return filled;
}

std::size_t Inflater::taken() const {
    return given_ - stream_->zlib.avail_in;
}

}  // namespace runs_agent
