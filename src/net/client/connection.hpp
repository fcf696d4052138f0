// SPDX-License-Identifier: MIT
// One connection of the HTTP client: how it is opened (name look-up, TCP, proxy, TLS) and how one
// request and its answer go over it. Which connection a request takes is HttpClient's business.
#pragma once

#include "base/awaitable.hpp"
#include "base/error.hpp"
#include "net/client/http_client.hpp"
#include "net/client/proxy.hpp"
#include "net/url.hpp"

#include <memory>
#include <optional>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace runs_agent::net {

/// Where to, and by which way. Requests of the same route may share a connection.
struct Destination {
    std::string host;
    std::uint16_t port = 0;
    std::shared_ptr<boost::asio::ssl::context> tls;  // null: plain http
    std::optional<Proxy> proxy;                      // only with tls

    /// Names this route among those of one client.
    std::string key() const;
};

class ClientConnection {
public:
    /// Errors: refused, network, tls, timeout.
    static Awaitable<Result<std::unique_ptr<ClientConnection>>> open(
        boost::asio::any_io_executor executor, Destination route,
        std::shared_ptr<const ClientOptions> options);

    ~ClientConnection();
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;

    struct Exchange {
        Result<HttpResponse> response;
        bool unanswered = false;  // it failed, and by the peer's hand, before a byte of an answer
        bool can_be_kept = false;
    };

    /// Sends `request`, whose target is path and query and whose headers are complete, and reads
    /// the answer, unpacked. The connection, the options and the request must live until it ends.
    Awaitable<Exchange> exchange(const HttpRequest& request);

    /// Has the peer of an idle connection closed it, or said something nobody asked for?
    bool is_stale();

private:
    struct Impl;
    explicit ClientConnection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace runs_agent::net
