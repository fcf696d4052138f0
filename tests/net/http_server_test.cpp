#include "net/http_server.hpp"

#include "tests/run_awaitable.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
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
    EXPECT_EQ(tests::run(context_,
                         talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", "")),
              "");
    EXPECT_EQ(tests::run(context_, talk("", "")), "");  // idle: nothing was asked, nothing is said
    EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTest, ARequestWhoseEndIsUnclearIsRefusedAndNothingBehindItIsRead) {
    start();
    const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const char* const head :
         {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
          "0\r\n\r\n0\r\n\r\n",
          "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"}) {
        const std::string got = tests::run(context_, talk(head + hidden, "}"));
        EXPECT_NE(got.find(" 400 "), std::string::npos) << head << got;
        EXPECT_EQ(got.find("/hidden"), std::string::npos) << head << got;
    }
    EXPECT_EQ(asked_, 0);
    EXPECT_NE(tests::run(context_, talk("GET /old HTTP/1.0\r\n\r\n", "/old")).find("/old"),
              std::string::npos);
}

TEST_F(HttpServerTest, BoundsTheBytesOfLargeBodies) {
    ServerOptions options;
    options.max_bodies = 1'000'000;
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

TEST_F(HttpServerTest, PromisesAndSmallBodiesTakeNoRoomFromOthers) {
    ServerOptions options;
    options.max_bodies = 100;  // nothing at all for large bodies
    start(options);
    auto body = [this]() -> asio::awaitable<std::string> {
        const std::string promise =
            "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\nx";
        std::vector<tcp::socket> promising;
        for (int i = 0; i < 20; ++i) {
            promising.push_back(co_await connect());
            co_await asio::async_write(promising.back(), asio::buffer(promise),
                                       asio::use_awaitable);
        }
        co_return co_await talk("POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" +
                                    std::string(20'000, 'x'),
                                "/n 20000");
    };
    const std::string got = tests::run(context_, body());
    EXPECT_NE(got.find("/n 20000"), std::string::npos) << got;
}

TEST_F(HttpServerTest, ItsRefusalsSayWhatItsHandlersSay) {
    ServerOptions options;
    options.refusal_status = "FAILED";
    options.max_body = 10;
    start(options);
    const std::string got =
        tests::run(context_, talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n", "}"));
    EXPECT_NE(got.find(R"({"status":"FAILED","error":"the body is larger)"), std::string::npos)
        << got;
}

TEST_F(HttpServerTest, WhoConnectsAndSaysNothingIsNotWaitedForAsLongAsAnOldPeer) {
    ServerOptions options;
    options.header_timeout = 50ms;
    options.idle_timeout = 60s;
    start(options);
    EXPECT_EQ(tests::run(context_, talk("", "")), "");  // ends long before the test's own bound
}

TEST_F(HttpServerTest, AHandlersBugIsA500AndIsReported) {
    start();
    const std::string got =
        tests::run(context_, talk("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n", "}"));
    EXPECT_NE(got.find(" 500 "), std::string::npos) << got;
    ASSERT_EQ(errors_.size(), 1U);
    EXPECT_NE(errors_[0].find("a bug"), std::string::npos);
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
