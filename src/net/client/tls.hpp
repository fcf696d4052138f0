// SPDX-License-Identifier: MIT
// Which servers are trusted, and how an untrusted one is explained to people.
#pragma once

#include "base/error.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}
using SSL = struct ssl_st;

namespace runs_agent::net {

/// A client's TLS: version 1.2 or later, the peer's certificate always verified, against the
/// authorities in `ca_file` (PEM) or, where that is empty, the system's (trust_store.hpp; which
/// honours SSL_CERT_DIR). Errc::tls where they cannot be read.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const std::string& ca_file);

/// Makes a connection accept only a certificate for `host` (a name or an address; RFC 9525), and
/// tells the server the name wanted (SNI, RFC 6066 section 3). False where OpenSSL will not.
bool expect_host(SSL* tls, const std::string& host);

/// Why the handshake with `host` failed: the certificate's fault where verification found one, else
/// `otherwise`.
Error handshake_error(const SSL* tls, std::string_view host, std::string_view otherwise);

}  // namespace runs_agent::net
