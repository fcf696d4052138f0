// SPDX-License-Identifier: MIT
#include "net/server/certificate.hpp"

#include "base/time_text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509.h>

#include <chrono>
#include <ctime>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;

namespace {

/// Others speak HTTP/1.1 unasked; who offers only what is not spoken here is to hear it now, not
/// after its first request (RFC 7301 section 3.2).
int choose_protocol(SSL* /*tls*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void* /*unused*/) {
    static constexpr unsigned char spoken[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, spoken, sizeof spoken, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

bool limit(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    // Thousands may be idle, each with a buffer for a record in and one out.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    // Whoever wants to resume a session keeps it itself, as a ticket.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

Time time_of(const ASN1_TIME* text) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(text, &parts) != 1) return {};
    return std::chrono::floor<std::chrono::milliseconds>(
        std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

constexpr const char* not_its_key =
    "the key is not that of the certificate; give the two that were made together";

/// Why OpenSSL did not take the key.
std::string key_fault(error_code failure, bool asked_for_password) {
    if (asked_for_password)
        return "the key is locked by a password; give it without (openssl pkey -in KEY -out OPEN)";
    if (ERR_GET_REASON(static_cast<unsigned long>(failure.value())) == X509_R_KEY_VALUES_MISMATCH)
        return not_its_key;
    return "the key cannot be read (" + failure.message() +
           "); it must be a private key in PEM form";
}

}  // namespace

Result<ServerCertificate> make_server_certificate(const std::string& chain,
                                                  const std::string& key) {
    ServerCertificate made;
    made.context = std::make_shared<ssl::context>(ssl::context::tls_server);
    error_code failure;
    // Else OpenSSL would ask on the terminal for the password of a key that has one.
    const auto asked_for_password = std::make_shared<bool>(false);
    made.context->set_password_callback(
        [asked_for_password](std::size_t, auto) {
            *asked_for_password = true;
            return std::string();
        },
        failure);
    if (!failure && !limit(made.context->native_handle()))
        return fail(Errc::tls, "OpenSSL refuses to be limited to TLS 1.2 and later");
    if (!failure) made.context->use_certificate_chain(asio::buffer(chain), failure);
    if (failure)
        return fail(Errc::tls, "the certificate cannot be read (" + failure.message() +
                                   "); it must be in PEM form, the server's own first, then those"
                                   " that signed it");
    made.context->use_private_key(asio::buffer(key), ssl::context::pem, failure);
    if (failure) return fail(Errc::tls, key_fault(failure, *asked_for_password));
    SSL_CTX* const context = made.context->native_handle();
    if (SSL_CTX_check_private_key(context) != 1) return fail(Errc::tls, not_its_key);
    const X509* const own = SSL_CTX_get0_certificate(context);
    made.not_before = time_of(X509_get0_notBefore(own));
    made.not_after = time_of(X509_get0_notAfter(own));
    return made;
}

Result<void> check_time(const ServerCertificate& certificate, Time now) {
    if (now < certificate.not_before)
        return fail(Errc::tls, "the certificate is valid from " +
                                   to_iso8601(certificate.not_before) +
                                   " only; use it then, or set this machine's clock right");
    if (now > certificate.not_after)
        return fail(Errc::tls, "the certificate has ended at " + to_iso8601(certificate.not_after) +
                                   "; renew it, or set this machine's clock right");
    return {};
}

std::optional<std::string> explain_handshake(const error_code& failure) {
    const auto code = static_cast<unsigned long>(failure.value());
    if (failure.category() != asio::error::get_ssl_category()) return std::nullopt;
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) return failure.message();
    switch (ERR_GET_REASON(code)) {
        case SSL_R_HTTP_REQUEST:
        case SSL_R_HTTPS_PROXY_REQUEST:
            return "it spoke plain http; the address of this listener begins with https://";
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
            return "it does not know who signed the certificate; show the whole chain, of an"
                   " authority that it trusts";
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
            return "it does not accept the certificate; look at its names, its dates and its chain";
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
            return "it says that the certificate has ended; renew it, and send SIGHUP";
        default:
            return failure.message();
    }
}

}  // namespace runs_agent::net
