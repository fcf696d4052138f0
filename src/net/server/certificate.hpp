// SPDX-License-Identifier: MIT
// What a server shows to those who want to know that it is the one they asked for (TLS): a
// certificate, its chain and its key.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace runs_agent::net {

struct ServerCertificate {
    std::shared_ptr<boost::asio::ssl::context> context;  // of every handshake with it
    Time not_after{};                                    // when it ends
};

/// TLS 1.2 and later, HTTP/1.1 alone. `chain` is PEM: the server's certificate, then those between
/// it and the authority; `key` is its private key in PEM, not encrypted. A certificate that has
/// ended is taken: whoever asks is to be told so, by TLS itself. Errc::tls where they cannot be
/// read or do not belong together; the message says which, and never repeats a byte of them.
Result<ServerCertificate> make_server_certificate(const std::string& chain, const std::string& key);

/// Why a handshake failed, in words that help whoever looks after the server. `code` is OpenSSL's
/// (boost::system::error_code::value() of the SSL category).
std::string explain_handshake(unsigned long code, const std::string& message);

}  // namespace runs_agent::net
