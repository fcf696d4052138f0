// SPDX-License-Identifier: MIT
// Servers for the client's tests, on 127.0.0.1 and a free port: what they say is a test's own text,
// byte for byte, so that they can also say it wrongly.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace runs_agent::tests {

namespace asio = boost::asio;
using asio::ip::tcp;

inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// One request's head and body; empty at the end of the connection.
template <class Stream>
asio::awaitable<std::string> read_request(Stream& stream) {
    std::string text;
    auto [failure, head] =
        co_await asio::async_read_until(stream, asio::dynamic_buffer(text), "\r\n\r\n", as_result);
    if (failure) co_return std::string();
    const auto field = text.find("Content-Length: ");
    const std::size_t length = field < head ? std::stoul(text.substr(field + 16)) : 0;
    if (text.size() < head + length) {
        auto [body_failure, count] = co_await asio::async_read(
            stream, asio::dynamic_buffer(text), asio::transfer_exactly(head + length - text.size()),
            as_result);
        if (body_failure) co_return std::string();
    }
    co_return text;
}

/// What to say to a request, numbered over all connections from 1; nothing: close without a word.
using Script = std::function<std::string(const std::string& request, int number)>;

/// A field of an answer after which the server closes the connection without having said so.
inline constexpr char close_anyway[] = "X-Close: anyway\r\n";

inline std::string ok(const std::string& body, const std::string& fields = "") {
    return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

class LoopbackServer {
public:
    /// With `tls`, an https server.
    LoopbackServer(asio::io_context& context, Script script,
                   std::shared_ptr<asio::ssl::context> tls = nullptr)
        : state_(std::make_shared<State>(context, std::move(script), std::move(tls))) {
        asio::co_spawn(context, accept(state_), asio::detached);
    }
    ~LoopbackServer() {
        boost::system::error_code ignored;  // nobody is left to care
        state_->acceptor.close(ignored);
    }
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    unsigned short port() const { return state_->acceptor.local_endpoint().port(); }
    std::string url(const std::string& path = "/", const std::string& host = "127.0.0.1") const {
        return (state_->tls ? "https://" : "http://") + host + ":" + std::to_string(port()) + path;
    }
    int connections() const { return state_->connections; }
    int ended() const { return state_->ended; }
    const std::vector<std::string>& requests() const { return state_->requests; }

private:
    struct State {
        State(asio::io_context& context, Script s, std::shared_ptr<asio::ssl::context> t)
            : acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
              script(std::move(s)),
              tls(std::move(t)) {}
        tcp::acceptor acceptor;
        Script script;
        std::shared_ptr<asio::ssl::context> tls;
        int connections = 0;
        int ended = 0;
        std::vector<std::string> requests;
    };

    static asio::awaitable<void> accept(std::shared_ptr<State> state) {
        for (;;) {
            auto [failure, socket] = co_await state->acceptor.async_accept(as_result);
            if (failure) co_return;
            ++state->connections;
            socket.set_option(tcp::no_delay(true));
            const auto executor = socket.get_executor();
            asio::co_spawn(executor, serve(state, std::move(socket)), asio::detached);
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<State> state, tcp::socket socket) {
        if (state->tls) {
            asio::ssl::stream<tcp::socket> stream(std::move(socket), *state->tls);
            auto [failure] =
                co_await stream.async_handshake(asio::ssl::stream_base::server, as_result);
            if (!failure) co_await answer(state, stream);
        } else {
            co_await answer(state, socket);
        }
        ++state->ended;
    }

    template <class Stream>
    static asio::awaitable<void> answer(std::shared_ptr<State> state, Stream& stream) {
        for (;;) {
            std::string request = co_await read_request(stream);
            if (request.empty()) co_return;
            state->requests.push_back(request);
            const std::string reply =
                state->script(request, static_cast<int>(state->requests.size()));
            if (reply.empty()) co_return;
            auto [failure, count] =
                co_await asio::async_write(stream, asio::buffer(reply), as_result);
            if (failure || reply.find("Connection: close") != std::string::npos ||
                reply.find(close_anyway) != std::string::npos)
                co_return;
        }
    }

    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::tests
