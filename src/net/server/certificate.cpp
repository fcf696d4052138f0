// SPDX-License-Identifier: MIT
#include "net/server/certificate.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
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
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

Result<Time> end_of(SSL_CTX* context) {
    const X509* const own = SSL_CTX_get0_certificate(context);
    std::tm parts{};
    if (own == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(own), &parts) != 1)
        return fail(Errc::tls, "the certificate does not say until when it is valid");
    return std::chrono::floor<std::chrono::milliseconds>(
        std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

}  // namespace

Result<ServerCertificate> make_server_certificate(const std::string& chain,
                                                  const std::string& key) {
    ServerCertificate made;
    made.context = std::make_shared<ssl::context>(ssl::context::tls_server);
    error_code failure;
    // Else OpenSSL would ask on the terminal for the password of a key that has one.
    made.context->set_password_callback([](std::size_t, auto) { return std::string(); }, failure);
    if (!failure && !limit(made.context->native_handle()))
        return fail(Errc::tls, "OpenSSL refuses to be limited to TLS 1.2 and later");
    if (!failure) made.context->use_certificate_chain(asio::buffer(chain), failure);
    if (failure)
        return fail(Errc::tls, "the certificate cannot be read (" + failure.message() +
                                   "); it must be in PEM form, the server's own first, then those"
                                   " that signed it");
    made.context->use_private_key(asio::buffer(key), ssl::context::pem, failure);
    if (failure &&
        ERR_GET_REASON(static_cast<unsigned long>(failure.value())) == X509_R_KEY_VALUES_MISMATCH)
        return fail(Errc::tls,
                    "the key is not that of the certificate; give the two that were"
                    " made together");
    if (failure)
        return fail(Errc::tls, "the key cannot be read (" + failure.message() +
                                   "); it must be a private key in PEM form, not encrypted");
    if (SSL_CTX_check_private_key(made.context->native_handle()) != 1)
        return fail(Errc::tls,
                    "the key is not that of the certificate; give the two that were"
                    " made together");
    const auto end = end_of(made.context->native_handle());
    if (end.has_error()) return end.error();
    made.not_after = *end;
    return made;
}

std::string explain_handshake(unsigned long code, const std::string& message) {
    switch (ERR_GET_REASON(code)) {
        case SSL_R_HTTP_REQUEST:
            return "it spoke plain http; the address of this listener begins with https://";
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
            return "it does not trust the certificate; show the whole chain, of an authority that"
                   " it knows";
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
            return "it says that the certificate has ended; renew it, and send SIGHUP";
        default:
            return message;
    }
}

}  // namespace runs_agent::net
