// SPDX-License-Identifier: MIT
// A server that says what it was asked, and peers that write raw bytes to it.
#pragma once

#include "net/server/http_server.hpp"
#include "tests/run_awaitable.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace runs_agent::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

inline constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

class HttpServerTest : public testing::Test {
protected:
    struct Odd {};  // what no handler expects to be thrown

    void start(ServerOptions options = {}) {
        server_.emplace(
            context_.get_executor(), options,
            [this](HttpRequest request) { return answer(std::move(request)); },
            [this](std::string_view error) { errors_.emplace_back(error); });
        const auto started = server_->start();
        ASSERT_TRUE(started.has_value()) << started.error().message;
    }

    void TearDown() override {
        if (server_) tests::run(context_, stop(*server_));
    }

    static asio::awaitable<int> stop(HttpServer& server) {
        co_await server.stop(1s);
        co_return 0;
    }

    asio::awaitable<HttpResponse> answer(HttpRequest request) {
        ++asked_;
        if (request.target == "/throw") throw std::runtime_error("a bug");
        if (request.target == "/throw-oddly") throw Odd();
        if (request.target == "/wait") {
            asio::steady_timer never(context_, asio::steady_timer::time_point::max());
            release_ = [&never] { never.cancel(); };
            co_await never.async_wait(quietly);
            release_ = nullptr;
        }
        HttpResponse response = json_response(
            200, request.method + " " + request.target + " " + std::to_string(request.body.size()));
        response.headers.add("Fields", std::to_string(request.headers.size()));
        if (answer_size_ > 0) response.body.assign(answer_size_, 'x');
        response.known_sender = known_;
        co_return response;
    }

    tcp::endpoint endpoint() const { return endpoint_of(*server_); }

    static tcp::endpoint endpoint_of(const HttpServer& server) {
        const std::string address = server.address();
        const auto port =
            static_cast<unsigned short>(std::stoi(address.substr(address.rfind(':') + 1)));
        tcp::endpoint bound(asio::ip::make_address("127.0.0.1"), port);
        return bound;
    }

    asio::awaitable<tcp::socket> connect() {
        tcp::socket socket(context_);
        co_await socket.async_connect(endpoint(), asio::use_awaitable);
        co_return socket;
    }

    /// Reads until `text` has come `times` times or the peer closes; returns all that came.
    static asio::awaitable<std::string> read_until(tcp::socket& socket, std::string text,
                                                   int times = 1) {
        std::string all;
        std::string chunk(64UL * 1024, '\0');
        for (;;) {
            int seen = 0;
            for (std::size_t at = all.find(text); at != std::string::npos;
                 at = all.find(text, at + 1))
                ++seen;
            if (!text.empty() && seen >= times) co_return all;
            auto [failure, count] = co_await socket.async_read_some(asio::buffer(chunk), quietly);
            if (failure) co_return all;
            all.append(chunk, 0, count);
        }
    }

    asio::awaitable<std::string> talk(std::string bytes, std::string until, int times = 1) {
        tcp::socket socket = co_await connect();
        // A server that refuses may stop reading before all is sent; what it says is what counts.
        co_await asio::async_write(socket, asio::buffer(bytes), quietly);
        std::string got = co_await read_until(socket, until, times);
        co_return got;
    }

    /// Until `condition` holds; the test's own bound ends a wait in vain.
    template <class Condition>
    asio::awaitable<void> until(Condition condition) {
        while (!condition()) co_await asio::post(context_, asio::use_awaitable);
    }

    asio::io_context context_;
    std::optional<HttpServer> server_;
    std::vector<std::string> errors_;
    std::function<void()> release_;
    int asked_ = 0;
    std::size_t answer_size_ = 0;  // of the next answers; 0: what was asked
    bool known_ = false;           // who asks next
};

}  // namespace runs_agent::net
