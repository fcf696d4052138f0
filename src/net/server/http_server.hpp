// SPDX-License-Identifier: MIT
// An HTTP/1.1 server, with TLS where it has a certificate: one coroutine a connection, keep-alive,
// a limit and a time-out on everything a peer controls. What to answer is the handler's business;
// this file knows nothing of webhooks.
#pragma once

#include "base/awaitable.hpp"
#include "base/error.hpp"
#include "net/http_message.hpp"
#include "net/memory_budget.hpp"
#include "net/server/certificate.hpp"
#include "net/server/standing.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace runs_agent::net {

struct ServerOptions {
    std::string listen = "127.0.0.1:0";  // ADDRESS:PORT, or [IPv6]:PORT; port 0: any free one
    std::uint64_t max_body = 25ULL * 1024 * 1024;  // bytes, then 413
    std::uint32_t max_header = 32U * 1024;         // bytes, then 431
    std::size_t max_connections = 1024;            // then one makes way for the next
    /// Of bodies and answers, perhaps shared with other servers of the same thread; then 503.
    std::shared_ptr<MemoryBudget> memory = default_memory();
    /// Bytes that its requests leave of that to those of the other servers.
    std::uint64_t memory_for_others = 0;
    /// Who makes way for whom: standing.hpp.
    Fairness fairness;
    std::chrono::milliseconds header_timeout{10'000};  // for a handshake, and a request's head
    std::chrono::milliseconds body_timeout{30'000};    // for each 32 KiB of a body
    std::chrono::milliseconds write_timeout{30'000};   // for each 32 KiB of an answer
    std::chrono::milliseconds idle_timeout{60'000};    // between two requests
    std::chrono::milliseconds room_timeout{5'000};     // for memory, before a request is refused
    /// Bytes that the system keeps of an answer that is not read, and of a request that is not read
    /// yet; it doubles them. 0: as many as it likes, which is megabytes. Small is right where all
    /// answers are small, and all requests but few.
    int send_buffer = 0;
    int receive_buffer = 0;
    std::string refusal_status = "refused";  // `status` in the JSON of what the server refuses
    std::string challenge = "Bearer";        // WWW-Authenticate of a 401 that brings none
    /// Does anybody want the body of this request? Where not, the handler gets the head alone, and
    /// the connection ends after its answer. Nothing set: of every request.
    std::function<bool(const HttpRequest& head)> wants_body;

    /// Does a request's head alone show that it comes from no stranger, as that of a signed address
    /// does? Nothing set: no head does.
    std::function<bool(const HttpRequest& head)> knows_sender;

    /// TLS is spoken, with this. Nothing set: plain HTTP. What TLS takes for a connection, some 100
    /// KiB, is no part of `memory`: `max_connections` bounds it.
    std::optional<ServerCertificate> certificate;

    /// Is told of each handshake that failed, and why, but for those that the peer just left, or
    /// did not go on with.
    std::function<void(std::string_view why, std::string_view peer)> on_handshake_failed;

    /// Is told of each request that the server itself refuses, whose handler never hears of it.
    std::function<void(int status)> on_refused;

    /// Is told why, each time that a connection is ended in favour of others.
    std::function<void(CutFor reason)> on_cut;

    static std::shared_ptr<MemoryBudget> default_memory();
};

/// Answers one request, on the server's executor. It must not throw; where it does all the same,
/// the peer gets a 500 and `on_error` the exception's text.
using Handler = std::function<Awaitable<HttpResponse>(HttpRequest)>;

class HttpServer {
public:
    /// `on_error` gets one line for each thing that went wrong and that no peer can be told.
    HttpServer(boost::asio::any_io_executor executor, ServerOptions options, Handler handler,
               std::function<void(std::string_view)> on_error);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Binds and begins to accept on the executor. Errc::io where the address is taken or wrong.
    Result<void> start();

    /// ADDRESS:PORT as bound; valid after start().
    std::string address() const;

    /// Of a server that has one: from now on who connects is shown this certificate.
    void use(ServerCertificate certificate);

    /// Stops accepting, lets requests under way finish, closes idle connections, and returns when
    /// the last is gone or `bound` has passed (then the rest is cut).
    Awaitable<void> stop(std::chrono::milliseconds bound);

    /// How many connections are open now.
    std::size_t connections() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::net
