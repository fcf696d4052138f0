// SPDX-License-Identifier: MIT
// What a server shows to those who want to know that it is the one they asked for (TLS): a
// certificate, its chain and its key.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace runs_agent::net {

struct ServerCertificate {
    std::shared_ptr<boost::asio::ssl::context> context;  // of every handshake with it
    Time not_before{};
    Time not_after{};
};

/// TLS 1.2 and later, HTTP/1.1 alone. `chain` is PEM: the server's certificate, then those between
/// it and the authority; `key` is its private key in PEM, not encrypted. A certificate that is not
/// valid now is taken all the same. Errc::tls where they cannot be read or do not belong together;
/// the message says which, and never repeats a byte of them.
Result<ServerCertificate> make_server_certificate(const std::string& chain, const std::string& key);

/// Errc::tls where it is not valid at that time, with when it is.
Result<void> check_time(const ServerCertificate& certificate, Time now);

/// Why a handshake failed, in words that help whoever looks after the server. Absent: the
/// connection just ended.
std::optional<std::string> explain_handshake(const boost::system::error_code& failure);

}  // namespace runs_agent::net
