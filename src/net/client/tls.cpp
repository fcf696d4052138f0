// SPDX-License-Identifier: MIT
#include "net/client/tls.hpp"

#include "net/client/trust_store.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdlib>

namespace runs_agent::net {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Result<std::shared_ptr<ssl::context>> make_tls_context(const std::string& ca_file) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    error_code failure;
    context->set_verify_mode(ssl::verify_peer, failure);
    if (!failure && SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1)
        return fail(Errc::tls, "OpenSSL refuses to be limited to TLS 1.2 and later");
    if (!failure && ca_file.empty()) context->set_default_verify_paths(failure);
    // Whoever names a folder of certificates means that one alone.
    const bool folder_given = std::getenv("SSL_CERT_DIR") != nullptr;
    const std::string bundle =
        ca_file.empty() && !folder_given ? other_bundle(trust_places()) : ca_file;
    if (!failure && !bundle.empty()) context->load_verify_file(bundle, failure);
    if (failure)
        return fail(Errc::tls,
                    ca_file.empty()
                        ? "cannot read the system's trusted certificates" +
                              (bundle.empty() ? "" : " in " + bundle) + ": " + failure.message() +
                              "; install the package ca-certificates or set SSL_CERT_FILE"
                        : "cannot read certificates from " + ca_file + ": " + failure.message() +
                              "; SSL_CERT_FILE must name a file in PEM form");
    return context;
}

bool expect_host(SSL* tls, const std::string& host) {
    error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    X509_VERIFY_PARAM* rules = SSL_get0_param(tls);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (!not_an_address) return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
    // A certificate does not carry the dot of the root, nor may SNI.
    std::string name = host.substr(0, host.size() - (host.back() == '.' ? 1 : 0));
    return SSL_set1_host(tls, name.c_str()) == 1 &&
           SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

Error handshake_error(const SSL* tls, std::string_view host, std::string_view otherwise) {
    const std::string name(host);
    const long found = SSL_get_verify_result(tls);
    if (found == X509_V_OK)
        return fail(Errc::tls, "no encrypted connection with " + name + ": " +
                                   std::string(otherwise) +
                                   "; check that the address is right and really speaks https");
    const std::string why = X509_verify_cert_error_string(found);
    if (found == X509_V_ERR_HOSTNAME_MISMATCH || found == X509_V_ERR_IP_ADDRESS_MISMATCH)
        return fail(Errc::tls, "the certificate of " + name + " is for another host (" + why +
                                   "); check the address, or use a name that it covers");
    if (found == X509_V_ERR_CERT_HAS_EXPIRED || found == X509_V_ERR_CERT_NOT_YET_VALID)
        return fail(Errc::tls, "the certificate of " + name + " is not valid now: " + why +
                                   "; renew it, or set this machine's clock right");
    return fail(Errc::tls, "the certificate of " + name + " is not trusted: " + why +
                               "; set SSL_CERT_FILE to a file that holds the certificate of the "
                               "authority that signed it");
}

}  // namespace runs_agent::net
