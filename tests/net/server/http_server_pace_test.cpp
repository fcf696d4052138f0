// SPDX-License-Identifier: MIT
// Strangers who ask again and again, and the time and the places that they leave to others.
#include "net/server/turns.hpp"
#include "tests/net/server/http_server_fixture.hpp"

#include <algorithm>

namespace runs_agent::net {
namespace {

const std::string ask = "GET /n HTTP/1.1\r\nHost: x\r\n\r\n";

class HttpServerPaceTest : public HttpServerTest {
protected:
    asio::awaitable<tcp::socket> connect_and_send(std::string bytes) {
        tcp::socket socket = co_await connect();
        co_await asio::async_write(socket, asio::buffer(bytes), quietly);
        co_return socket;
    }

    /// Somebody at the address of all of them has shown that it may ask.
    asio::awaitable<void> make_address_known() {
        known_ = true;
        {
            tcp::socket known = co_await connect_and_send(ask);
            co_await read_until(known, "/n 0");
        }
        known_ = false;
        co_await until([this] { return server_->connections() == 0; });
    }
};

TEST_F(HttpServerPaceTest, BetweenTheAnswersToStrangersOthersHaveTheirSteps) {
    start();
    auto body = [this]() -> asio::awaitable<int> {
        constexpr int strangers = 300;
        constexpr int requests = 10;
        std::string many;
        for (int i = 0; i < requests; ++i) many += ask;
        std::vector<tcp::socket> sockets;
        while (sockets.size() < strangers) {
            sockets.push_back(co_await connect_and_send(ask));
            co_await read_until(sockets.back(), "/n 0");
        }
        // They have had their first answer, and ask again all at once; one each has its turn
        // already.
        for (tcp::socket& socket : sockets) socket.write_some(asio::buffer(many));
        co_await until([this] { return asked_ >= 2 * strangers + 100; });
        int most = 0;
        while (asked_ < strangers * (1 + requests)) {
            const int before = asked_;
            co_await asio::post(context_, asio::use_awaitable);
            most = std::max(most, asked_ - before);
        }
        co_return most;
    };
    EXPECT_LE(tests::run(context_, body()), static_cast<int>(Turns::few));
}

TEST_F(HttpServerPaceTest, WhoIsCutDuringItsPauseIsAskedNothingMoreAndIsGone) {
    ServerOptions options;
    options.max_connections = 1;
    options.fairness.grace = 1h;
    int cut = 0;
    options.on_cut = [&cut](CutFor reason) { cut += reason == CutFor::place ? 1 : 100; };
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket stranger = co_await connect_and_send(ask + ask);
        co_await read_until(stranger, "/n 0");
        known_ = true;  // this one is not paced
        tcp::socket other = co_await connect_and_send(ask);
        std::string got = co_await read_until(other, "/n 0");
        co_await until([this] { return server_->connections() == 1; });
        co_await asio::async_write(other, asio::buffer(ask), quietly);
        got += co_await read_until(other, "/n 0");
        got += "|" + co_await read_until(stranger, "");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_TRUE(got.ends_with("|")) << got;
    EXPECT_EQ(asked_, 1 + 2) << "the stranger's second request was lost with its place";
    EXPECT_EQ(cut, 1);
}

TEST_F(HttpServerPaceTest, WhoPipelinesIsNotSparedForItsAddress) {
    ServerOptions options;
    options.max_connections = 4;
    options.fairness.grace = 1h;
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        co_await make_address_known();
        std::string asks = ask;
        asks.append(ask).append(ask);
        std::vector<tcp::socket> strangers;
        while (strangers.size() < 4) {
            strangers.push_back(co_await connect_and_send(asks));
            co_await read_until(strangers.back(), "/n 0");
        }
        co_return co_await talk(ask, "/n 0");
    };
    EXPECT_NE(tests::run(context_, body()).find("/n 0"), std::string::npos);
}

TEST_F(HttpServerPaceTest, WhoHadItsTurnMakesWayAtLastThoughItAsksAgain) {
    ServerOptions options;
    options.max_connections = 4;
    options.fairness.grace = 1s;
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        co_await make_address_known();
        std::vector<tcp::socket> strangers;
        while (strangers.size() < 4) strangers.push_back(co_await connect());
        co_await until([this] { return server_->connections() == 4; });
        for (tcp::socket& stranger : strangers) {
            co_await asio::async_write(stranger, asio::buffer(ask), quietly);
            co_await read_until(stranger, "/n 0");
            co_await asio::async_write(stranger, asio::buffer(ask), quietly);
        }
        const auto began = std::chrono::steady_clock::now();
        const std::string got = co_await talk(ask, "/n 0");
        EXPECT_LT(std::chrono::steady_clock::now() - began, 900ms);
        co_return got;
    };
    EXPECT_NE(tests::run(context_, body()).find("/n 0"), std::string::npos);
}

TEST_F(HttpServerPaceTest, AtAStopWhatHasComeAndWasNotLookedAtIsAnswered) {
    start();
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket kept = co_await connect_and_send(ask);
        co_await read_until(kept, "/n 0");
        tcp::socket fresh = co_await connect();
        co_await until([this] { return server_->connections() == 2; });
        // All in one step of this thread, so that the server has none between.
        kept.write_some(asio::buffer(ask));
        fresh.write_some(asio::buffer(ask));
        asio::co_spawn(context_, server_->stop(10s), asio::detached);
        std::string got = "kept:" + co_await read_until(kept, "");
        got += " fresh:" + co_await read_until(fresh, "");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_EQ(got.rfind("kept:HTTP/1.1 200", 0), 0U) << got;
    EXPECT_NE(got.find(" fresh:HTTP/1.1 200"), std::string::npos) << got;
    EXPECT_NE(got.find("Connection: close"), got.rfind("Connection: close")) << got;
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(HttpServerPaceTest, AtAStopWhoIsPacedIsAnsweredOnceMore) {
    ServerOptions options;
    options.max_connections = 1;
    options.fairness.grace = 100ms;
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket stranger = co_await connect_and_send(ask + ask + ask);
        std::string got = co_await read_until(stranger, "/n 0");
        asio::co_spawn(context_, server_->stop(10s), asio::detached);
        got += co_await read_until(stranger, "");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("Connection: close"), std::string::npos) << got;
    EXPECT_EQ(asked_, 2);
}

}  // namespace
}  // namespace runs_agent::net
