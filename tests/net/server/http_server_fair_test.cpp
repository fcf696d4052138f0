// SPDX-License-Identifier: MIT
// Strangers who take what others need, and what these get all the same.
#include "tests/net/server/http_server_fixture.hpp"

#include <boost/asio/steady_timer.hpp>

#include <array>

namespace runs_agent::net {
namespace {

const std::string ask = "GET /n HTTP/1.1\r\nHost: x\r\n\r\n";

std::string post(std::size_t promised, std::size_t sent) {
    return "POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(promised) +
           "\r\n\r\n" + std::string(sent, 'x');
}

class HttpServerFairTest : public HttpServerTest {
protected:
    ServerOptions few_places() {
        ServerOptions options;
        options.max_connections = 4;
        options.fairness.grace = 20ms;
        options.fairness.pace = 100ULL * 1024 * 1024;
        options.header_timeout = options.body_timeout = options.write_timeout = 60s;
        return options;
    }

    asio::awaitable<tcp::socket> connect_and_send(std::string bytes) {
        tcp::socket socket = co_await connect();
        co_await asio::async_write(socket, asio::buffer(bytes), quietly);
        co_return socket;
    }

    asio::awaitable<std::vector<tcp::socket>> connect_many(std::size_t count, std::string bytes) {
        std::vector<tcp::socket> sockets;
        sockets.reserve(count);
        while (sockets.size() < count) sockets.push_back(co_await connect_and_send(bytes));
        co_return sockets;
    }

    /// Writes again and again until the server takes no more.
    asio::awaitable<tcp::socket> connect_and_never_read() {
        tcp::socket socket = co_await connect();
        const int small = 4096;
        socket.set_option(asio::socket_base::receive_buffer_size(small));
        socket.non_blocking(true);
        std::string many;
        for (int i = 0; i < 200; ++i) many += ask;
        boost::system::error_code full;
        while (!full) {
            socket.write_some(asio::buffer(many), full);
            co_await asio::post(context_, asio::use_awaitable);
        }
        co_return socket;
    }
};

TEST_F(HttpServerFairTest, WhoPipelinesAndDoesNotReadMakesWay) {
    ServerOptions options = few_places();
    options.send_buffer = 4096;
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        std::vector<tcp::socket> greedy;
        greedy.reserve(8);
        for (int i = 0; i < 8; ++i) greedy.push_back(co_await connect_and_never_read());
        co_return co_await talk(ask, "/n 0");
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 0"), std::string::npos) << got;
}

TEST_F(HttpServerFairTest, WhoSaysNothingOrNeverEndsMakesWay) {
    start(few_places());
    for (const std::string& begun :
         {std::string(), std::string("GET /n HT"), post(100, 3), post(200'000, 100'000)}) {
        auto body = [this, begun]() -> asio::awaitable<std::string> {
            const std::vector<tcp::socket> slow = co_await connect_many(9, begun);
            co_return co_await talk(ask, "/n 0");
        };
        const std::string got = tests::run(context_, body());
        EXPECT_NE(got.find("/n 0"), std::string::npos) << begun.substr(0, 60);
    }
}

TEST_F(HttpServerFairTest, WhereOthersWaitAStrangerIsAnsweredOnceAndThenWaits) {
    ServerOptions options = few_places();
    options.fairness.grace = 1h;
    start(options);
    auto body = [this]() -> asio::awaitable<int> {
        const std::vector<tcp::socket> silent = co_await connect_many(2, "");
        tcp::socket verified = co_await connect();
        co_await until([this] { return server_->connections() == 3; });
        tcp::socket stranger = co_await connect_and_send(ask + ask);
        co_await read_until(stranger, "/n 0");
        known_ = true;
        co_await asio::async_write(verified, asio::buffer(ask + ask + ask), quietly);
        co_await read_until(verified, "/n 0", 3);
        co_return asked_;
    };
    EXPECT_EQ(tests::run(context_, body()), 1 + 3);
}

TEST_F(HttpServerFairTest, WhereNobodyWaitsAStrangerIsAnsweredAtOnce) {
    ServerOptions options = few_places();
    options.fairness.grace = 1h;
    start(options);
    auto body = talk(ask + ask, "/n 0", 2);
    EXPECT_NE(tests::run(context_, std::move(body)).rfind("/n 0"), std::string::npos);
    EXPECT_EQ(asked_, 2);
}

TEST_F(HttpServerFairTest, ABodyCountsForTheRoomThatIsKeptForIt) {
    ServerOptions options;
    const auto memory = options.memory = std::make_shared<MemoryBudget>(2'000'000, 1'000'000);
    start(options);
    auto body = [this, memory]() -> asio::awaitable<std::uint64_t> {
        tcp::socket some = co_await connect_and_send(post(200'000, 100'000));
        // What comes next is counted together with what was kept for all of it.
        const std::string next(1000, 'x');
        co_await until([&] { return memory->used() >= 100'000; });
        co_await asio::async_write(some, asio::buffer(next), quietly);
        co_await until([&] { return memory->used() >= 200'000; });
        co_return memory->used();
    };
    EXPECT_LT(tests::run(context_, body()), 400'000U);
}

TEST_F(HttpServerFairTest, WhoWasVerifiedOutlastsStrangers) {
    start(few_places());
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket known(context_, tcp::v4());
        known.bind(tcp::endpoint(asio::ip::make_address("127.0.0.2"), 0));
        co_await known.async_connect(endpoint(), asio::use_awaitable);
        known_ = true;
        co_await asio::async_write(known, asio::buffer(ask), quietly);
        co_await read_until(known, "/n 0");
        known_ = false;
        const std::vector<tcp::socket> strangers = co_await connect_many(9, "GET /");
        for (int i = 0; i < 5; ++i) co_await talk(ask, "/n 0");
        co_await asio::async_write(known, asio::buffer(ask), quietly);
        co_return co_await read_until(known, "/n 0");
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 0"), std::string::npos) << got;
}

TEST_F(HttpServerFairTest, AHeadMayShowWhoASenderIsBeforeItsBodyHasCome) {
    ServerOptions options;
    options.memory = std::make_shared<MemoryBudget>(2'000'000, 1'000'000);
    options.knows_sender = [](const HttpRequest& head) { return head.target == "/signed"; };
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        // It is large and slow, and strangers' bodies are small and quick.
        const std::string head =
            "POST /signed HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n";
        tcp::socket slow = co_await connect_and_send(head + std::string(500'000, 'x'));
        asio::steady_timer pause(context_, 50ms);
        co_await pause.async_wait(quietly);
        const std::vector<tcp::socket> strangers = co_await connect_many(5, post(255'000, 250'000));
        const std::string rest(100'000, 'x');
        co_await asio::async_write(slow, asio::buffer(rest), quietly);
        co_return co_await read_until(slow, "/signed 600000");
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/signed 600000"), std::string::npos) << got;
}

TEST_F(HttpServerFairTest, WhoIsVerifiedWaitsForOthersOfItsKind) {
    ServerOptions options;
    options.memory = std::make_shared<MemoryBudget>(20'000'000, 10'000'000);
    options.knows_sender = [](const HttpRequest&) { return true; };
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket first = co_await connect_and_send(post(7'000'000, 6'000'000));
        asio::steady_timer pause(context_, 20ms);
        co_await pause.async_wait(quietly);
        const std::string late = post(7'000'000, 7'000'000);
        tcp::socket second = co_await connect();
        auto sending = [](tcp::socket& socket, const std::string& bytes) -> asio::awaitable<void> {
            co_await asio::async_write(socket, asio::buffer(bytes), quietly);
        };
        asio::co_spawn(context_, sending(second, late), asio::detached);
        pause.expires_after(50ms);
        co_await pause.async_wait(quietly);
        const std::string rest(1'000'000, 'x');
        co_await asio::async_write(first, asio::buffer(rest), quietly);
        std::string got = co_await read_until(first, "/n 7000000");
        got += "|" + co_await read_until(second, "/n 7000000");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 7000000|"), std::string::npos) << got;
    EXPECT_EQ(got.substr(got.size() - 10), "/n 7000000") << got;
}

TEST_F(HttpServerFairTest, WhoIsVerifiedAndNeverEndsIsGivenUpAtLast) {
    ServerOptions options;
    options.memory = std::make_shared<MemoryBudget>(2'000'000, 1'000'000);
    options.knows_sender = [](const HttpRequest&) { return true; };
    options.room_timeout = 50ms;
    options.fairness.stalled = 20ms;
    start(options);
    auto body = [this, memory = options.memory]() -> asio::awaitable<std::string> {
        const tcp::socket stuck = co_await connect_and_send(post(700'000, 600'000));
        co_await until([&] { return memory->used() >= 700'000; });
        co_return co_await talk(post(700'000, 700'000), "/n 700000");
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 700000"), std::string::npos) << got;
}

TEST_F(HttpServerFairTest, WhoIsVerifiedAndStillSendsIsNotGivenUpForTheNext) {
    ServerOptions options;
    options.memory = std::make_shared<MemoryBudget>(2'000'000, 1'000'000);
    options.knows_sender = [](const HttpRequest&) { return true; };
    options.room_timeout = 50ms;
    options.fairness.stalled = 1h;
    start(options);
    auto body = [this, memory = options.memory]() -> asio::awaitable<std::string> {
        tcp::socket first = co_await connect_and_send(post(700'000, 600'000));
        co_await until([&] { return memory->used() >= 700'000; });
        // The next one is told to come again, and why.
        std::string got = co_await talk(post(700'000, 700'000), "send it again");
        const std::string rest(100'000, 'x');
        co_await asio::async_write(first, asio::buffer(rest), quietly);
        got += "|" + co_await read_until(first, "/n 700000");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("503"), std::string::npos) << got;
    EXPECT_NE(got.find("Retry-After: 5"), std::string::npos) << got;
    EXPECT_NE(got.find("/n 700000", got.find('|')), std::string::npos) << got;
}

TEST_F(HttpServerFairTest, AnIdleKnownSenderOutlastsWhoNeverEnds) {
    ServerOptions options = few_places();
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        const std::vector<tcp::socket> strangers = co_await connect_many(3, "GET /");
        known_ = true;
        tcp::socket known = co_await connect_and_send(ask);
        co_await read_until(known, "/n 0");
        known_ = false;
        // All come from one address, so all are known now, and what they do counts.
        std::string got = co_await talk(ask, "/n 0");
        co_await asio::async_write(known, asio::buffer(ask), quietly);
        got += "|" + co_await read_until(known, "/n 0");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 0|"), std::string::npos) << got;
    EXPECT_NE(got.rfind("/n 0"), got.find("/n 0")) << got;
}

TEST_F(HttpServerFairTest, ABodyThatNeverEndsMakesWayForALargerOneThatArrives) {
    ServerOptions options;
    options.memory = std::make_shared<MemoryBudget>(2'000'000, 1'000'000);
    start(options);
    // It does not matter to which of the servers with this memory it came.
    HttpServer other(
        context_.get_executor(), options,
        [this](HttpRequest request) { return answer(std::move(request)); },
        [this](std::string_view error) { errors_.emplace_back(error); });
    ASSERT_TRUE(other.start().has_value());
    const std::array<const HttpServer*, 2> both{&*server_, &other};
    for (const HttpServer* const attacked : both) {
        auto body = [this, attacked]() -> asio::awaitable<std::string> {
            const std::string bytes = post(255'000, 250'000);
            std::vector<tcp::socket> slow;
            for (int i = 0; i < 5; ++i) {
                slow.emplace_back(context_);
                co_await slow.back().async_connect(endpoint_of(*attacked), asio::use_awaitable);
                co_await asio::async_write(slow.back(), asio::buffer(bytes), quietly);
            }
            // They have held it for a while, and the other comes at once.
            asio::steady_timer pause(context_, 50ms);
            co_await pause.async_wait(quietly);
            co_return co_await talk(post(900'000, 900'000), "/n 900000");
        };
        const std::string got = tests::run(context_, body());
        EXPECT_NE(got.find("/n 900000"), std::string::npos) << got;
    }
    tests::run(context_, stop(other));
}

TEST_F(HttpServerFairTest, WhatKeepsComingIsNotCutHoweverLongItTakes) {
    ServerOptions options;
    options.body_timeout = 300ms;
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        const std::size_t piece = 33UL * 1024;
        const int pieces = 8;
        tcp::socket slow = co_await connect_and_send(post(pieces * piece, 0));
        asio::steady_timer pause(context_);
        for (int i = 0; i < pieces; ++i) {
            pause.expires_after(100ms);  // 800 ms in all
            co_await pause.async_wait(quietly);
            const std::string bytes(piece, 'x');
            co_await asio::async_write(slow, asio::buffer(bytes), quietly);
        }
        co_return co_await read_until(slow, "/n 270336");
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 270336"), std::string::npos) << got;
}

TEST_F(HttpServerFairTest, WhatIsReadSlowlyIsNotCutAndWhatIsNotReadIs) {
    ServerOptions options;
    options.write_timeout = 300ms;
    options.send_buffer = 64 * 1024;
    start(options);
    answer_size_ = 2'000'000;
    auto slow = [this]() -> asio::awaitable<std::size_t> {
        tcp::socket reader = co_await connect();
        reader.set_option(asio::socket_base::receive_buffer_size(64 * 1024));
        co_await asio::async_write(reader, asio::buffer(ask), quietly);
        std::string piece(64UL * 1024, '\0');
        std::size_t all = 0;
        asio::steady_timer pause(context_);
        for (;;) {
            auto [end, count] = co_await reader.async_read_some(asio::buffer(piece), quietly);
            all += count;
            if (end || all >= answer_size_) co_return all;
            pause.expires_after(25ms);  // most of a second in all
            co_await pause.async_wait(quietly);
        }
    };
    EXPECT_GE(tests::run(context_, slow()), answer_size_);
    auto never = [this]() -> asio::awaitable<int> {
        tcp::socket reader = co_await connect();
        reader.set_option(asio::socket_base::receive_buffer_size(64 * 1024));
        co_await asio::async_write(reader, asio::buffer(ask), quietly);
        co_await until([this] { return server_->connections() == 1; });
        co_await until([this] { return server_->connections() == 0; });
        co_return 0;
    };
    EXPECT_EQ(tests::run(context_, never()), 0);
}

TEST_F(HttpServerFairTest, ABodyThatNobodyWantsIsNotRead) {
    ServerOptions options;
    options.wants_body = [](const HttpRequest& head) { return head.target == "/wanted"; };
    start(options);
    const std::string got = tests::run(context_, talk(post(20'000'000, 10), "/n 0"));
    EXPECT_NE(got.find("POST /n 0"), std::string::npos) << got;
    EXPECT_NE(got.find("Connection: close"), std::string::npos) << got;
    const std::string wanted = tests::run(
        context_, talk("POST /wanted HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "d 3"));
    EXPECT_NE(wanted.find("/wanted 3"), std::string::npos) << wanted;
    // Nothing is lost of who has no body at all.
    const std::string twice = tests::run(context_, talk(ask + ask, "/n 0", 2));
    EXPECT_EQ(twice.find("Connection: close"), std::string::npos) << twice;
}

TEST_F(HttpServerFairTest, AnAnswerForWhichThereIsNoRoomIsRefused) {
    ServerOptions options;
    options.memory = std::make_shared<MemoryBudget>(100'000, 50'000);
    start(options);
    answer_size_ = 200'000;
    const std::string got = tests::run(context_, talk(ask, "}"));
    EXPECT_NE(got.find(" 503 "), std::string::npos) << got.substr(0, 300);
    EXPECT_NE(got.find("Retry-After: "), std::string::npos) << got.substr(0, 300);
    EXPECT_EQ(options.memory->used(), 0U);
}

}  // namespace
}  // namespace runs_agent::net
