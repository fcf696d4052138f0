// SPDX-License-Identifier: MIT
#include "net/server/http_server.hpp"

#include "base/time_text.hpp"
#include "net/server/response_writer.hpp"
#include "tests/net/server/http_server_fixture.hpp"

namespace runs_agent::net {
namespace {

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

TEST_F(HttpServerTest, WhatTrailsAChunkedBodyIsNotTakenForAHeader) {
    start();
    const std::string got = tests::run(
        context_, talk("POST /fields HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "1\r\na\r\n0\r\nX-Late: 1\r\n\r\n",
                       "POST /fields 1"));
    EXPECT_NE(got.find("Fields: 2\r\n"), std::string::npos) << got;
}

std::string tiny_chunks(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += "1\r\nx\r\n";
    return all;
}

TEST_F(HttpServerTest, ABodyOfCrumbsIsRefused) {
    start();
    const std::string post = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string many = tests::run(context_, talk(post + tiny_chunks(20'000), "}"));
    EXPECT_NE(many.find(" 400 "), std::string::npos) << many;
    const std::string few =
        tests::run(context_, talk(post + tiny_chunks(1'000) + "0\r\n\r\n", "/c 1000"));
    EXPECT_NE(few.find("/c 1000"), std::string::npos) << few;
}

TEST_F(HttpServerTest, SendsContinueBeforeALargeBody) {
    start();
    const std::string got = tests::run(
        context_,
        talk("POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
             "100 Continue"));
    EXPECT_EQ(got.rfind("HTTP/1.1 100 Continue\r\n\r\n", 0), 0U) << got;
}

TEST_F(HttpServerTest, WhoSpeaksOldHttpIsNotToldToGoOn) {
    start();
    const std::string got = tests::run(
        context_,
        talk("POST /c HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nabcd", "/c 4"));
    EXPECT_EQ(got.rfind("HTTP/1.0 200 OK\r\n", 0), 0U) << got;
}

TEST_F(HttpServerTest, RefusesWhatNobodyCanExpect) {
    start();
    const std::string got =
        tests::run(context_, talk("GET / HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\n\r\n", "}"));
    EXPECT_NE(got.find(" 417 "), std::string::npos) << got;
    EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTest, ATargetMayBeAWholeAddress) {
    start();
    for (const auto& [target, taken] : {std::pair("http://a.example:80/n?x=1", "GET /n?x=1 "),
                                        {"HTTPS://a.example", "GET / "},
                                        {"http://a.example?x", "GET /?x "},
                                        {"/http://a", "GET /http://a "}}) {
        const std::string got = tests::run(
            context_, talk("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n", taken));
        EXPECT_NE(got.find(taken), std::string::npos) << target << got;
    }
}

TEST_F(HttpServerTest, EachAnswerSaysWhenItWasMadeAndThatItIsNotToBeKept) {
    start();
    for (const char* const request : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "nonsense\r\n\r\n"}) {
        const std::string got = tests::run(context_, talk(request, "\r\n\r\n"));
        EXPECT_NE(got.find("\r\nCache-Control: no-store\r\n"), std::string::npos) << got;
        const std::size_t date = got.find("\r\nDate: ");
        ASSERT_NE(date, std::string::npos) << got;
        const std::string told = got.substr(date + 8, got.find("\r\n", date + 8) - date - 8);
        const auto time = parse_http_date(told);
        ASSERT_TRUE(time.has_value()) << told;
        EXPECT_LT(std::chrono::abs(std::chrono::system_clock::now() - *time), 1min);
    }
}

TEST_F(HttpServerTest, A401SaysWhatToBring) {
    HttpResponse response = json_response(401, "");
    complete(response, "Bearer", Time());
    EXPECT_EQ(response.headers.find("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(response.headers.find("Date"), "Thu, 01 Jan 1970 00:00:00 GMT");
    HttpResponse own = json_response(401, "");
    own.headers.add("WWW-Authenticate", "X");
    own.headers.add("Cache-Control", "private");
    complete(own, "Bearer", Time());
    EXPECT_EQ(own.headers.find("WWW-Authenticate"), "X");
    EXPECT_EQ(own.headers.find("Cache-Control"), "private");
    EXPECT_EQ(own.headers.size(), 4U) << "Content-Type and Date beside these";
    HttpResponse other = json_response(403, "");
    complete(other, "Bearer", Time());
    EXPECT_FALSE(other.headers.has("WWW-Authenticate"));
}

TEST_F(HttpServerTest, WhoHasSentItsBodyAlreadyIsNotToldToGoOn) {
    start();
    const std::string got = tests::run(
        context_,
        talk("POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nabcd",
             "/c 4"));
    EXPECT_EQ(got.rfind("HTTP/1.1 200 OK\r\n", 0), 0U) << got;
}

TEST_F(HttpServerTest, AHeadAnswerHasItsLengthButNoBody) {
    start();
    const std::string got =
        tests::run(context_, talk("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", ""));
    EXPECT_NE(got.find("Content-Length: 9"), std::string::npos) << got;
    EXPECT_EQ(got.substr(got.size() - 4), "\r\n\r\n");
}

std::string fields(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += "a:\r\n";
    return all;
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
        {"fields", "GET / HTTP/1.1\r\nHost: x\r\n" + fields(100) + "\r\n", " 431 "},
        {"trailing fields",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" +
             fields(99) + "\r\n",
         " 431 "},
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
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked"
          "\r\n\r\n0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked"
          "\r\n\r\n0\r\n\r\n",
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

TEST_F(HttpServerTest, AHandlersBugIsA500AndIsReported) {
    start();
    const std::string got =
        tests::run(context_, talk("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n", "}"));
    EXPECT_NE(got.find(" 500 "), std::string::npos) << got;
    ASSERT_EQ(errors_.size(), 1U);
    EXPECT_NE(errors_[0].find("a bug"), std::string::npos);
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
