// SPDX-License-Identifier: MIT
// Small, fixed encodings and digests, on top of OpenSSL and zlib.
#pragma once

#include "base/error.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runs_agent {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

/// HMAC-SHA256 (RFC 2104, FIPS 198-1).
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

/// Compares without telling by its time where two digests differ.
bool equal_in_constant_time(const Sha256& a, const Sha256& b);

std::string to_hex(const std::uint8_t* bytes, std::size_t size);
std::string to_hex(const Sha256& digest);

/// Reads exactly 64 hexadecimal digits of either case.
std::optional<Sha256> sha256_from_hex(std::string_view hex);

/// Base64 with padding (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);

/// `count` bytes from the system's random source, as hexadecimal digits (two for each byte).
std::string random_hex(std::size_t count);

/// A random UUID (RFC 9562, version 4) in lower case, as GitHub's delivery ids are written.
std::string random_uuid();

/// Compresses with gzip (RFC 1952); level 1 (fast) to 9 (small).
std::string gzip(std::string_view bytes, int level = 6);

/// Undoes gzip or zlib compression. Errc::too_large past `limit` bytes, so that a small bomb cannot
/// fill the memory; Errc::bad_input where the data is broken or ends early.
Result<std::string> gunzip(std::string_view bytes, std::size_t limit);

}  // namespace runs_agent
