// SPDX-License-Identifier: MIT
#include "tests/github/fake_app.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <rapidjson/document.h>

#include <memory>
#include <optional>
#include <stdexcept>

namespace runs_agent::tests {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

void check(bool done) {
    if (!done) throw std::runtime_error("OpenSSL made no key");
}

std::string text_of(const Bio& bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string private_pem(EVP_PKEY* key, const char* password = nullptr) {
    const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
    const std::string_view secret = password == nullptr ? "" : password;
    check(PEM_write_bio_PrivateKey(
              bio.get(), key, password == nullptr ? nullptr : EVP_aes_128_cbc(),
              reinterpret_cast<const unsigned char*>(password == nullptr ? nullptr : password),
              static_cast<int>(secret.size()), nullptr, nullptr) == 1);
    return text_of(bio);
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string plain(text);
    for (char& c : plain) {
        if (c == '+' || c == '/' || c == '=') return std::nullopt;
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    const std::size_t padding = (4 - plain.size() % 4) % 4;
    plain.append(padding, '=');
    std::string bytes(plain.size(), '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(plain.data()),
                                     static_cast<int>(plain.size()));
    if (size < static_cast<int>(padding)) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

bool is_signed(std::string_view text, const std::string& signature, const std::string& public_key) {
    const Bio bio(BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())),
                  &BIO_free);
    const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    check(key != nullptr);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                         &EVP_MD_CTX_free);
    check(EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1);
    return EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

std::int64_t number(const rapidjson::Value& object, const char* name) {
    const auto found = object.FindMember(name);
    return found != object.MemberEnd() && found->value.IsInt64() ? found->value.GetInt64() : 0;
}

}  // namespace

KeyPair make_rsa_keys(unsigned bits) {
    const Key key(EVP_RSA_gen(bits), &EVP_PKEY_free);
    check(key != nullptr);
    KeyPair made;
    made.private_key = private_pem(key.get());
    const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
    check(PEM_write_bio_PUBKEY(bio.get(), key.get()) == 1);
    made.public_key = text_of(bio);
    return made;
}

const KeyPair& app_keys() {
    static const KeyPair keys = make_rsa_keys();
    return keys;
}

std::string make_ec_key() {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    check(key != nullptr);
    return private_pem(key.get());
}

std::string locked(const std::string& private_key) {
    const Bio bio(BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())),
                  &BIO_free);
    const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    check(key != nullptr);
    return private_pem(key.get(), "password");
}

Claims check_jwt(std::string_view jwt, const std::string& public_key, Time now) {
    Claims claims;
    claims.wrong = "A JSON web token could not be decoded";
    const auto first = jwt.find('.');
    const auto second = jwt.rfind('.');
    if (first == std::string_view::npos || first == second) return claims;
    const auto header = from_base64url(jwt.substr(0, first));
    const auto body = from_base64url(jwt.substr(first + 1, second - first - 1));
    const auto signature = from_base64url(jwt.substr(second + 1));
    if (!header || !body || !signature) return claims;
    claims.header = *header;
    rapidjson::Document json;
    json.Parse(body->data(), body->size());
    if (!json.IsObject() || header->find(R"("alg":"RS256")") == std::string::npos ||
        !is_signed(jwt.substr(0, second), *signature, public_key))
        return claims;

    claims.issued_at = number(json, "iat");
    claims.expires_at = number(json, "exp");
    const auto issuer = json.FindMember("iss");
    if (issuer != json.MemberEnd())
        claims.issuer = issuer->value.IsString() ? issuer->value.GetString()
                                                 : std::to_string(number(json, "iss"));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    if (claims.issued_at == 0 || claims.issued_at > seconds)
        claims.wrong =
            "'Issued at' claim ('iat') must be an Integer representing the time that "
            "the assertion was issued";
    else if (claims.expires_at <= seconds)
        claims.wrong =
            "'Expiration time' claim ('exp') must be a numeric value representing the "
            "future time at which the assertion expires";
    else if (claims.expires_at > seconds + 600)
        claims.wrong = "'Expiration time' claim ('exp') is too far in the future";
    else
        claims.wrong.clear();
    return claims;
}

}  // namespace runs_agent::tests
