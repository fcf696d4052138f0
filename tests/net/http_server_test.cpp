#include "net/http_server.hpp"

#include "tests/run_awaitable.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// A server that says what it was asked, and peers that write raw bytes to it.
class HttpServerTest : public testing::Test {
protected:
    void start(ServerOptions options = {}) {
        server_.emplace(
            context_.get_executor(), options,
            [this](HttpRequest request) { return answer(std::move(request)); },
            [this](std::string_view error) { errors_.emplace_back(error); });
        const auto started = server_->start();
        ASSERT_TRUE(started.has_value()) << started.error().message;
    }

    void TearDown() override {
        if (server_) tests::run(context_, stop_server());
    }

    asio::awaitable<int> stop_server() {
        co_await server_->stop(1s);
        co_return 0;
    }

    asio::awaitable<HttpResponse> answer(HttpRequest request) {
        ++asked_;
        if (request.target == "/throw") throw std::runtime_error("a bug");
        if (request.target == "/wait") {
            asio::steady_timer never(context_, asio::steady_timer::time_point::max());
            release_ = [&never] { never.cancel(); };
            co_await never.async_wait(quietly);
            release_ = nullptr;
        }
        HttpResponse response = json_response(
            200, request.method + " " + request.target + " " + std::to_string(request.body.size()));
        co_return response;
    }

    asio::awaitable<tcp::socket> connect() {
        const std::string address = server_->address();
        const auto port =
            static_cast<unsigned short>(std::stoi(address.substr(address.rfind(':') + 1)));
        tcp::socket socket(context_);
        co_await socket.async_connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port),
                                      asio::use_awaitable);
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

    asio::io_context context_;
    std::optional<HttpServer> server_;
    std::vector<std::string> errors_;
    std::function<void()> release_;
    int asked_ = 0;
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
    start();
    const std::string got =
        tests::run(context_, talk("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
                                  "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
                                  "POST /b 3"));
    EXPECT_NE(got.find("GET /a 0"), std::string::npos) << got;
    EXPECT_NE(got.find("POST /b 3"), std::string::npos) << got;
    EXPECT_EQ(asked_, 2);
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
    start();
    const std::string got = tests::run(
        context_, talk("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n",
                       "POST /c 7"));
    EXPECT_NE(got.find("POST /c 7"), std::string::npos) << got;
}

TEST_F(HttpServerTest, SendsContinueBeforeALargeBody) {
    start();
    const std::string got = tests::run(
        context_,
        talk("POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
             "100 Continue"));
    EXPECT_EQ(got.rfind("HTTP/1.1 100 Continue\r\n\r\n", 0), 0U) << got;
}

TEST_F(HttpServerTest, AHeadAnswerHasItsLengthButNoBody) {
    start();
    const std::string got =
        tests::run(context_, talk("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", ""));
    EXPECT_NE(got.find("Content-Length: 9"), std::string::npos) << got;
    EXPECT_EQ(got.substr(got.size() - 4), "\r\n\r\n");
}

struct Refused {
    const char* name;
    std::string request;
    const char* status;
};

TEST_F(HttpServerTest, RefusesWhatBreaksItsLimits) {
    ServerOptions options;
    options.max_body = 1000;
    options.max_header = 2000;
    start(options);
    const std::vector<Refused> cases{
        {"declared body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", " 413 "},
        {"chunked body",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
             std::string(2000, 'x') + "\r\n0\r\n\r\n",
         " 413 "},
        {"header", "GET / HTTP/1.1\r\nX: " + std::string(3000, 'x') + "\r\n\r\n", " 431 "},
        {"no HTTP", "\x16\x03\x01 this is TLS, perhaps\r\n\r\n", " 400 "},
        {"two lengths",
         "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
         " 400 "},
    };
    for (const Refused& refused : cases) {
        const std::string got = tests::run(context_, talk(refused.request, "}"));
        EXPECT_NE(got.find(refused.status), std::string::npos) << refused.name << ": " << got;
        EXPECT_NE(got.find("Connection: close"), std::string::npos) << refused.name << ": " << got;
    }
    EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTest, ThePeerReadsItsRefusalEvenWhileItStillSends) {
    ServerOptions options;
    options.max_body = 1'000'000;
    start(options);
    // More than any socket buffer holds, so that the peer is still writing when it is refused.
    const std::string got =
        tests::run(context_, talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1900000\r\n\r\n" +
                                      std::string(1'900'000, 'x'),
                                  "}"));
    EXPECT_NE(got.find(" 413 "), std::string::npos) << got;
}

TEST_F(HttpServerTest, CutsSlowPeers) {
    ServerOptions options;
    options.header_timeout = 50ms;
    options.body_timeout = 50ms;
    options.idle_timeout = 50ms;
    start(options);
    // The connection ends without a word, and long before the test's own bound.
    EXPECT_EQ(tests::run(context_, talk("GET / HT", "")), "");
    EXPECT_EQ(tests::run(context_, talk("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", "")),
              "");
    EXPECT_EQ(tests::run(context_, talk("", "")), "");  // idle: nothing was asked, nothing is said
    EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTest, BoundsTheBytesOfAllBodies) {
    ServerOptions options;
    options.max_bodies = 100;
    start(options);
    const std::string got = tests::run(
        context_, talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", "}"));
    EXPECT_NE(got.find(" 503 "), std::string::npos) << got;
    EXPECT_NE(got.find("Retry-After: "), std::string::npos) << got;
    // What was set aside is free again.
    for (int i = 0; i < 3; ++i) {
        const std::string next = tests::run(
            context_,
            talk("POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n" + std::string(90, 'x'),
                 "/n 90"));
        EXPECT_NE(next.find("/n 90"), std::string::npos) << next;
    }
}

TEST_F(HttpServerTest, AHandlersBugIsA500AndIsReported) {
    start();
    const std::string got =
        tests::run(context_, talk("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n", "}"));
    EXPECT_NE(got.find(" 500 "), std::string::npos) << got;
    ASSERT_EQ(errors_.size(), 1U);
    EXPECT_NE(errors_[0].find("a bug"), std::string::npos);
}

TEST_F(HttpServerTest, MoreConnectionsThanAllowedWaitTheirTurn) {
    ServerOptions options;
    options.max_connections = 1;
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket first = co_await connect();
        const std::string ask = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n";
        co_await asio::async_write(first, asio::buffer(ask), asio::use_awaitable);
        std::string got = co_await read_until(first, "GET /1");
        tcp::socket second = co_await connect();  // into the backlog
        const std::string ask2 = "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n";
        co_await asio::async_write(second, asio::buffer(ask2), asio::use_awaitable);
        const int asked_before = asked_;
        first.close();
        got += co_await read_until(second, "GET /2");
        got += " asked before: " + std::to_string(asked_before);
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("GET /2"), std::string::npos) << got;
    EXPECT_NE(got.find("asked before: 1"), std::string::npos) << got;
}

TEST_F(HttpServerTest, StopLetsARequestUnderWayFinishAndClosesIdleOnes) {
    start();
    auto body = [this]() -> asio::awaitable<std::string> {
        tcp::socket idle = co_await connect();
        tcp::socket busy = co_await connect();
        const std::string ask = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
        co_await asio::async_write(busy, asio::buffer(ask), asio::use_awaitable);
        while (!release_) co_await asio::post(context_, asio::use_awaitable);
        asio::co_spawn(context_, server_->stop(10s), asio::detached);
        std::string got = "idle:" + co_await read_until(idle, "");
        release_();
        got += " busy:" + co_await read_until(busy, "");
        co_return got;
    };
    const std::string got = tests::run(context_, body());
    EXPECT_EQ(got.rfind("idle: busy:HTTP/1.1 200", 0), 0U) << got;
    EXPECT_NE(got.find("GET /wait 0"), std::string::npos) << got;
    EXPECT_NE(got.find("Connection: close"), std::string::npos) << got;
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
    start();
    ServerOptions taken;
    taken.listen = server_->address();
    HttpServer second(context_.get_executor(), taken, nullptr, nullptr);
    EXPECT_EQ(second.start().error().code, Errc::io);
    for (const char* wrong :
         {"", "nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", ":80"}) {
        ServerOptions options;
        options.listen = wrong;
        HttpServer server(context_.get_executor(), options, nullptr, nullptr);
        EXPECT_EQ(server.start().error().code, Errc::bad_input) << wrong;
    }
}

}  // namespace
}  // namespace runs_agent::net
