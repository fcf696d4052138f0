// SPDX-License-Identifier: MIT
#include "base/encoding.hpp"

#include "base/deflater.hpp"
#include "base/inflater.hpp"
#include "base/text.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

namespace runs_agent {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::vector<std::uint8_t> random_bytes(std::size_t count) {
    std::vector<std::uint8_t> bytes(count);
    // Without a random source no key may be made: there is nothing sensible to go on with.
    if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1)
        throw std::runtime_error("the system's random source failed");
    return bytes;
}

constexpr std::size_t chunk = std::size_t{64} * 1024;

}  // namespace

Sha256 sha256(std::string_view bytes) {
    Sha256 digest{};
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL could not compute SHA-256");
    return digest;
}

namespace {

/// What looking the algorithm up costs, half of what 17 KB cost, is paid once.
class HmacSha256 {
public:
    HmacSha256() {
        std::array<char, 7> digest{"SHA256"};
        const std::array<OSSL_PARAM, 2> params{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
            OSSL_PARAM_construct_end()};
        if (!context_ || EVP_MAC_CTX_set_params(context_.get(), params.data()) != 1) fail();
    }

    Sha256 of(std::string_view key, std::string_view bytes) {
        Sha256 result{};
        std::size_t size = 0;
        // No pointer would mean the key of the time before.
        const auto* const begin = key.empty() ? bytes_of("") : bytes_of(key);
        if (EVP_MAC_init(context_.get(), begin, key.size(), nullptr) != 1 ||
            EVP_MAC_update(context_.get(), bytes_of(bytes), bytes.size()) != 1 ||
            EVP_MAC_final(context_.get(), result.data(), &size, result.size()) != 1)
            fail();
        return result;
    }

private:
    [[noreturn]] static void fail() {
        throw std::runtime_error("OpenSSL could not compute HMAC-SHA256");
    }

    using Mac = std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)>;
    using Context = std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)>;
    Mac mac_{EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free};
    Context context_{EVP_MAC_CTX_new(mac_.get()), EVP_MAC_CTX_free};
};

}  // namespace

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
    thread_local HmacSha256 hmac;
    return hmac.of(key, bytes);
}

bool equal_in_constant_time(const Sha256& a, const Sha256& b) {
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(const std::uint8_t* bytes, std::size_t size) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(size * 2);
    for (std::size_t i = 0; i < size; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

std::string to_hex(const Sha256& digest) {
    return to_hex(digest.data(), digest.size());
}

std::optional<Sha256> sha256_from_hex(std::string_view hex) {
    Sha256 digest{};
    if (hex.size() != digest.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const int high = hex_value(hex[2 * i]);
        const int low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        digest[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return digest;
}

std::string to_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // OpenSSL ends it with a NUL
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string random_hex(std::size_t count) {
    const auto bytes = random_bytes(count);
    return to_hex(bytes.data(), bytes.size());
}

std::string random_uuid() {
    auto bytes = random_bytes(16);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // the RFC's variant
    std::string text = to_hex(bytes.data(), bytes.size());
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

std::string gzip(std::string_view bytes, int level) {
    return Deflater(level).gzip(bytes);
}

Result<std::string> gunzip(std::string_view bytes, std::size_t limit) {
    Inflater packed(bytes);
    std::string plain;
    for (;;) {
        const std::size_t before = plain.size();
        const std::size_t room = std::min(std::max(chunk, before), limit + 1 - before);
        plain.resize(before + room);
        const auto filled = packed.read(plain.data() + before, room);
        if (filled.has_error()) return filled.error();
        plain.resize(before + *filled);
        if (plain.size() > limit)
            return fail(Errc::too_large,
                        "the gzip data unpacks to more than " + std::to_string(limit) + " bytes");
        if (*filled < room) return plain;
    }
}

}  // namespace runs_agent
