// SPDX-License-Identifier: MIT
#include "github/jwt.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

namespace runs_agent::github {

namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

constexpr int least_bits = 2048;  // RFC 7518 section 3.3
constexpr std::size_t max_pem = 64UL * 1024;

Error wrong_key(std::string_view why) {
    ERR_clear_error();  // OpenSSL's words would be found by whoever asks next
    return fail(Errc::refused, "GITHUB_APP_PRIVATE_KEY is not a PEM private key that can sign: " +
                                   std::string(why) +
                                   "; give the whole .pem file that GitHub made for the App, for "
                                   "example by GITHUB_APP_PRIVATE_KEY_FILE");
}

/// Instead of OpenSSL's own, which asks at the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

std::string with_line_ends(std::string_view pem) {
    std::string text(pem);
    if (text.find('\n') != std::string::npos) return text;
    for (auto at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at + 1))
        text.replace(at, 2, "\n");
    return text;
}

Result<Key> read_key(std::string_view pem) {
    if (pem.find_first_not_of(" \t\r\n") == std::string_view::npos) return wrong_key("it is empty");
    if (pem.size() > max_pem) return wrong_key("it is too long");
    const std::string text = with_line_ends(pem);
    if (text.find("-----BEGIN ") == std::string::npos)
        return wrong_key("it has no line \"-----BEGIN … PRIVATE KEY-----\"");
    if (text.find("PRIVATE KEY-----") == std::string::npos)
        return wrong_key("it holds something else, such as a certificate or a public key");
    const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
    if (!bio) throw std::bad_alloc();
    bool asked = false;
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, &asked), &EVP_PKEY_free);
    if (asked) return wrong_key("it is locked by a password");
    if (!key) return wrong_key("it is cut off or damaged");
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return wrong_key("it is not an RSA key");
    if (EVP_PKEY_get_bits(key.get()) < least_bits) return wrong_key("it has less than 2048 bits");
    return key;
}

/// RFC 7515 section 2: without padding.
std::string base64url(std::string_view bytes) {
    std::string text = to_base64(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.resize(text.find_last_not_of('=') + 1);
    return text;
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Result<std::string> sign(EVP_PKEY* key, std::string_view text) {
    const Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    if (!digest) throw std::bad_alloc();
    std::size_t size = 0;
    const bool begun =
        EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestSign(digest.get(), nullptr, &size, bytes_of(text), text.size()) == 1;
    std::string signature(size, '\0');
    if (!begun || EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                 &size, bytes_of(text), text.size()) != 1)
        return wrong_key("OpenSSL cannot sign with it");
    signature.resize(size);
    return signature;
}

}  // namespace

Result<void> check_private_key(std::string_view pem) {
    const Result<Key> key = read_key(pem);
    if (key.has_error()) return key.error();
    return {};
}

Result<void> check_app_id(std::string_view app_id) {
    const bool fits = !app_id.empty() && app_id.size() <= 100 &&
                      std::all_of(app_id.begin(), app_id.end(),
                                  [](char c) { return is_letter_or_digit(c) || c == '.'; });
    if (fits) return {};
    return fail(Errc::refused,
                "GITHUB_APP_ID is neither an App's id nor its client id; the App's settings page "
                "shows both");
}

Result<std::string> make_jwt(std::string_view app_id, std::string_view private_key, Time now) {
    if (const auto valid = check_app_id(app_id); valid.has_error()) return valid.error();
    const Result<Key> key = read_key(private_key);
    if (key.has_error()) return key.error();

    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const std::string claims = R"({"iat":)" + std::to_string(seconds - 60) + R"(,"exp":)" +
                               std::to_string(seconds + 540) + R"(,"iss":")" + std::string(app_id) +
                               R"("})";
    const std::string text = base64url(R"({"alg":"RS256","typ":"JWT"})") + "." + base64url(claims);
    const Result<std::string> signature = sign(key->get(), text);
    if (signature.has_error()) return signature.error();
    return text + "." + base64url(*signature);
}

}  // namespace runs_agent::github
