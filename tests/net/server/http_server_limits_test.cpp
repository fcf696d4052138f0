// SPDX-License-Identifier: MIT
// What many peers, or greedy ones, can take from the others.
#include "tests/net/server/http_server_fixture.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace runs_agent::net {
namespace {

std::shared_ptr<MemoryBudget> room_for(std::uint64_t bytes) {
    return std::make_shared<MemoryBudget>(2 * bytes, bytes);
}

TEST_F(HttpServerTest, BoundsTheBytesOfLargeBodies) {
    ServerOptions options;
    options.room_timeout = 50ms;
    options.memory = room_for(1'000'000);
    start(options);
    const auto large = [](std::size_t size) {
        return "POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) +
               "\r\n\r\n" + std::string(size, 'x');
    };
    const std::string got = tests::run(context_, talk(large(1'200'000), "}"));
    EXPECT_NE(got.find(" 503 "), std::string::npos) << got;
    EXPECT_NE(got.find("Retry-After: "), std::string::npos) << got;
    // What was counted is free again.
    for (int i = 0; i < 3; ++i) {
        const std::string next = tests::run(context_, talk(large(900'000), "/n 900000"));
        EXPECT_NE(next.find("/n 900000"), std::string::npos) << next;
    }
}

TEST_F(HttpServerTest, PromisesTakeNoRoomFromOthers) {
    ServerOptions options;
    options.room_timeout = 50ms;
    options.memory = room_for(1'000'000);
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        const std::string head = "POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 800000\r\n\r\n";
        const std::string promise = head + "x";
        std::vector<tcp::socket> promising;
        for (int i = 0; i < 20; ++i) {
            promising.push_back(co_await connect());
            co_await asio::async_write(promising.back(), asio::buffer(promise),
                                       asio::use_awaitable);
        }
        co_await until([this] { return server_->connections() == 20; });
        co_return co_await talk(head + std::string(800'000, 'x'), "/n 800000");
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 800000"), std::string::npos) << got;
}

std::string pipelined(std::size_t bytes) {
    const std::string next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";
    std::string all;
    while (all.size() < bytes) all += next;
    return all;
}

TEST_F(HttpServerTest, OfWhatAStrangerPipelinesLittleIsReadBeforeItsTurn) {
    ServerOptions options;
    options.memory = room_for(1'000'000);
    start(options);
    auto body = [this, &options]() -> asio::awaitable<std::uint64_t> {
        tcp::socket socket = co_await connect();
        // A head that the first piece does not hold: the second would hold all that has come.
        const std::string bytes =
            "GET /wait HTTP/1.1\r\nHost: x\r\nLong: " + std::string(5000, 'x') + "\r\n\r\n" +
            pipelined(50'000);
        co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
        co_await until([this] { return release_ != nullptr; });
        const std::uint64_t used = options.memory->used();
        release_();
        co_await read_until(socket, "/next 0");
        co_return used;
    };
    EXPECT_LT(tests::run(context_, body()), 25'000U);
}

TEST_F(HttpServerTest, ItsRefusalsSayWhatItsHandlersSay) {
    ServerOptions options;
    options.refusal_status = "FAILED";
    options.max_body = 1'000'000;
    options.room_timeout = 50ms;
    options.memory = room_for(100'000);
    options.max_header = 2000;
    start(options);
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ";
    const std::vector<std::pair<const char*, std::string>> cases{
        {" 400 ", "nonsense\r\n\r\n"},
        {" 400 ", "GET / HTTP/1.1\r\n\r\n"},
        {" 413 ", post + "1000001\r\n\r\n"},
        {" 431 ", "GET / HTTP/1.1\r\nX: " + std::string(3000, 'x') + "\r\n\r\n"},
        {" 500 ", "GET /throw HTTP/1.1\r\nHost: x\r\n\r\n"},
        {" 503 ", post + "400000\r\n\r\n" + std::string(400'000, 'x')},
    };
    for (const auto& [status, request] : cases) {
        const std::string got = tests::run(context_, talk(request, "}"));
        EXPECT_NE(got.find(status), std::string::npos) << status << got;
        EXPECT_NE(got.find(R"({"status":"FAILED","error":")"), std::string::npos) << status << got;
    }
}

TEST_F(HttpServerTest, WhoConnectsAndSaysNothingIsNotWaitedForAsLongAsAnOldPeer) {
    ServerOptions options;
    options.header_timeout = 50ms;
    options.idle_timeout = 60s;
    start(options);
    EXPECT_EQ(tests::run(context_, talk("", "")), "");  // ends long before the test's own bound
}

TEST_F(HttpServerTest, AConnectionThatEndsByAnExceptionGivesItsSlotBack) {
    ServerOptions options;
    options.max_connections = 1;
    start(options);
    for (int i = 0; i < 3; ++i) {
        const std::string got =
            tests::run(context_, talk("GET /throw-oddly HTTP/1.1\r\nHost: x\r\n\r\n", ""));
        EXPECT_EQ(got, "");
    }
    EXPECT_EQ(errors_.size(), 3U);
    EXPECT_EQ(server_->connections(), 0U);
    auto body = [this]() -> asio::awaitable<int> {
        co_await server_->stop(60s);  // longer than the test may take: nobody is left to wait for
        co_return 0;
    };
    EXPECT_EQ(tests::run(context_, body()), 0);
}

TEST_F(HttpServerTest, AtTheLimitTheIdlestConnectionMakesWay) {
    ServerOptions options;
    options.max_connections = 2;
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        const std::string ask = "GET /n HTTP/1.1\r\nHost: x\r\n\r\n";
        std::vector<tcp::socket> peers;
        for (int i = 0; i < 3; ++i) {
            peers.push_back(co_await connect());
            co_await asio::async_write(peers.back(), asio::buffer(ask), asio::use_awaitable);
            co_await read_until(peers.back(), "GET /n 0");
        }
        std::string told;
        for (tcp::socket& peer : peers) {
            co_await asio::async_write(peer, asio::buffer(ask), quietly);
            told += (co_await read_until(peer, "GET /n 0")).empty() ? "gone " : "served ";
        }
        co_return told + std::to_string(server_->connections());
    };
    EXPECT_EQ(tests::run(context_, body()), "gone served served 2");
}

TEST_F(HttpServerTest, AtTheLimitARequestUnderWayIsNotCut) {
    ServerOptions options;
    options.max_connections = 1;
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket first = co_await connect();
        const std::string wait = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
        co_await asio::async_write(first, asio::buffer(wait), asio::use_awaitable);
        while (!release_) co_await asio::post(context_, asio::use_awaitable);
        tcp::socket second = co_await connect();  // into the backlog
        const std::string ask = "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n";
        co_await asio::async_write(second, asio::buffer(ask), asio::use_awaitable);
        const int asked_before = asked_;
        release_();
        std::string got = co_await read_until(first, "/wait 0");
        got += co_await read_until(second, "/2 0");
        co_return got + " asked before: " + std::to_string(asked_before);
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/wait 0"), std::string::npos) << got;
    EXPECT_NE(got.find("/2 0"), std::string::npos) << got;
    EXPECT_NE(got.find("asked before: 1"), std::string::npos) << got;
}

TEST_F(HttpServerTest, AtTheLimitAPeerThatNeverEndsItsRequestMakesWay) {
    ServerOptions options;
    options.max_connections = 1;
    options.header_timeout = 60s;
    options.body_timeout = 60s;
    start(options);
    for (const std::string begun :
         {"GET /n HT", "POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"}) {
        auto body = [this, begun]() -> asio::awaitable<std::string> {
            tcp::socket slow = co_await connect();
            co_await asio::async_write(slow, asio::buffer(begun), asio::use_awaitable);
            co_await until([this] { return server_->connections() == 1; });
            co_return co_await talk("GET /n HTTP/1.1\r\nHost: x\r\n\r\n", "/n 0");
        };
        const std::string got = tests::run(context_, body());
        EXPECT_NE(got.find("/n 0"), std::string::npos) << begun << " -> " << got;
    }
}

/// Leaves the program no descriptor but those it has, for as long as it lives.
class NoDescriptorsLeft {
public:
    NoDescriptorsLeft() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int next = ::dup(STDOUT_FILENO);
        ::close(next);
        rlimit none = before_;
        none.rlim_cur = static_cast<rlim_t>(next);
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptorsLeft() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptorsLeft(const NoDescriptorsLeft&) = delete;
    NoDescriptorsLeft& operator=(const NoDescriptorsLeft&) = delete;

private:
    rlimit before_{};
};

TEST_F(HttpServerTest, OutOfDescriptorsTheIdlestConnectionMakesWay) {
    ServerOptions options;
    options.fairness.grace = 0ms;  // its answer was read; that the server knows it, does not matter
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        const std::string ask = "GET /n HTTP/1.1\r\nHost: x\r\n\r\n";
        tcp::socket idle = co_await connect();
        co_await asio::async_write(idle, asio::buffer(ask), asio::use_awaitable);
        co_await read_until(idle, "/n 0");
        tcp::socket next(context_, tcp::v4());
        const NoDescriptorsLeft scarce;
        co_await next.async_connect(endpoint(), asio::use_awaitable);
        co_await asio::async_write(next, asio::buffer(ask), asio::use_awaitable);
        std::string got = co_await read_until(next, "/n 0");
        got += " idle: " + co_await read_until(idle, "");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 0 idle: "), std::string::npos) << got;
    EXPECT_TRUE(errors_.empty()) << errors_[0];
}

TEST_F(HttpServerTest, OutOfDescriptorsItTriesAgainInAWhile) {
    start();
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket busy = co_await connect();
        const std::string wait = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
        co_await asio::async_write(busy, asio::buffer(wait), asio::use_awaitable);
        co_await until([this] { return release_ != nullptr; });
        tcp::socket next(context_, tcp::v4());
        std::optional<NoDescriptorsLeft> scarce(std::in_place);
        co_await next.async_connect(endpoint(), asio::use_awaitable);
        co_await until([this] { return !errors_.empty(); });
        for (int turn = 0; turn < 500; ++turn)  // time enough for who spins
            co_await asio::post(context_, asio::use_awaitable);
        scarce.reset();
        const std::string ask = "GET /n HTTP/1.1\r\nHost: x\r\n\r\n";
        co_await asio::async_write(next, asio::buffer(ask), asio::use_awaitable);
        std::string got = co_await read_until(next, "/n 0");
        release_();
        got += co_await read_until(busy, "/wait 0");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 0"), std::string::npos) << got;
    EXPECT_NE(got.find("/wait 0"), std::string::npos) << got;
    ASSERT_FALSE(errors_.empty());
    EXPECT_LT(errors_.size(), 10U);  // one each 100 ms
    EXPECT_EQ(errors_[0].rfind("cannot accept a connection: ", 0), 0U) << errors_[0];
}

}  // namespace
}  // namespace runs_agent::net
