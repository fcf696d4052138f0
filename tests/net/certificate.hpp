// SPDX-License-Identifier: MIT
// Certificates made while a test runs, so that no key lies in the tree and none expires there.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace runs_agent::tests {

struct Certificate {
    std::string certificate;  // PEM
    std::string key;          // PEM
};

namespace detail {

inline std::string take_pem(BIO* memory) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

inline void check(bool done) {
    if (!done) throw std::runtime_error("OpenSSL made no certificate");
}

}  // namespace detail

/// A self-signed certificate for `names` ("DNS:localhost,IP:127.0.0.1"), valid from an hour ago
/// until `seconds` from now.
inline Certificate make_certificate(const std::string& names, long seconds = 3600) {
    using detail::check;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), &X509_free);
    check(key && x509);
    X509_set_version(x509.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), seconds);
    X509_set_pubkey(x509.get(), key.get());
    X509_NAME* const subject = X509_get_subject_name(x509.get());
    const std::string common_name = "test";
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.data()), -1,
                                     -1, 0) == 1);
    X509_set_issuer_name(x509.get(), subject);
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    check(extension != nullptr && X509_add_ext(x509.get(), extension, -1) == 1);
    X509_EXTENSION_free(extension);
    check(X509_sign(x509.get(), key.get(), EVP_sha256()) > 0);

    Certificate made;
    BIO* const certificate = BIO_new(BIO_s_mem());
    check(PEM_write_bio_X509(certificate, x509.get()) == 1);
    made.certificate = detail::take_pem(certificate);
    BIO* const secret = BIO_new(BIO_s_mem());
    check(PEM_write_bio_PrivateKey(secret, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    made.key = detail::take_pem(secret);
    return made;
}

inline std::shared_ptr<boost::asio::ssl::context> make_server_tls(const Certificate& from) {
    namespace ssl = boost::asio::ssl;
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    context->use_certificate_chain(boost::asio::buffer(from.certificate));
    context->use_private_key(boost::asio::buffer(from.key), ssl::context::pem);
    return context;
}

}  // namespace runs_agent::tests
