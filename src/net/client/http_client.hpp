// SPDX-License-Identifier: MIT
// An HTTP/1.1 client for APIs: kept connections, verified TLS, a time-out for each step, gzip, and
// a CONNECT proxy. It never follows a redirect: a key must not travel to another host.
#pragma once

#include "base/awaitable.hpp"
#include "base/error.hpp"
#include "net/http_message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio::ip {
class address;
}
// NOLINTEND(readability-identifier-naming)

namespace runs_agent::net {

/// May an address that `host` was looked up to be connected to? Asked of each address right before
/// that, so that what was asked of is what is connected to.
using MayConnect = std::function<bool(const std::string& host,
                                      const boost::asio::ip::address& address, std::uint16_t port)>;

/// What sends a request; the real one is HttpClient, simulations bring their own.
class HttpTransport {
public:
    virtual ~HttpTransport() = default;

    /// Sends to the absolute URL in `request.target` and returns whatever was answered, 3xx to 5xx
    /// included. Errors: bad_input (the URL), refused (by ClientOptions::may_connect), network,
    /// tls, timeout, too_large.
    virtual Awaitable<Result<HttpResponse>> send(HttpRequest request) = 0;
};

struct ClientOptions {
    std::chrono::milliseconds connect_timeout{10'000};    // name look-up and TCP, proxy included
    std::chrono::milliseconds handshake_timeout{10'000};  // TLS
    std::chrono::milliseconds answer_timeout{60'000};  // from the first byte sent to the last got
    std::size_t max_answer = 512ULL * 1024 * 1024;     // bytes, unpacked
    std::size_t kept_per_host = 32;                    // idle connections
    std::chrono::milliseconds keep_for{30'000};        // then an idle connection is dropped
    std::string user_agent;                            // e.g. "runs-agent/0.1.0"
    std::string https_proxy;  // http://[user:password@]host:port, as HTTPS_PROXY; empty: none
    std::string no_proxy;     // as NO_PROXY: names, .suffixes, addresses, *, comma-separated
    std::string ca_file;      // as SSL_CERT_FILE; empty: the system's trust store
    /// Whether a server's certificate is looked at. Only a program that asks itself, at an address
    /// of its own that the certificate does not name, may do without.
    bool verify = true;
    /// Of an answer only the head is taken, and nothing about its body can be wrong; no connection
    /// is kept.
    bool head_only = false;
    /// Empty: all addresses. With it no request goes by a proxy, which would look the host up and
    /// connect in this program's place; where one would have to, it is refused.
    MayConnect may_connect = {};
};

class HttpClient final : public HttpTransport {
public:
    HttpClient(boost::asio::any_io_executor executor, ClientOptions options);
    ~HttpClient() override;

    /// To be called on the executor (which runs on one thread, or is a strand).
    Awaitable<Result<HttpResponse>> send(HttpRequest request) override;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::net
