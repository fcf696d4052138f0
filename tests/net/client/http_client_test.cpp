// SPDX-License-Identifier: MIT
#include "net/client/http_client.hpp"

#include "base/encoding.hpp"
#include "tests/net/loopback.hpp"
#include "tests/run_awaitable.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

using namespace std::chrono_literals;
using tests::LoopbackServer;
using tests::ok;

class HttpClientTest : public testing::Test {
protected:
    HttpClientTest() { options_.user_agent = "runs-agent/test"; }

    Result<HttpResponse> send(HttpRequest request) {
        if (!client_) client_.emplace(context_.get_executor(), options_);
        return tests::run(context_, client_->send(std::move(request)));
    }
    Result<HttpResponse> send(const std::string& method, const std::string& url) {
        HttpRequest request;
        request.method = method;
        request.target = url;
        return send(std::move(request));
    }
    Result<HttpResponse> get(const std::string& url) { return send("GET", url); }

    /// Lets everything run until `reached`, at most five seconds.
    bool run_until(const std::function<bool()>& reached) {
        const auto end = std::chrono::steady_clock::now() + 5s;
        context_.restart();
        while (!reached() && std::chrono::steady_clock::now() < end)
            if (context_.run_one_until(end) == 0) context_.restart();
        return reached();
    }

    boost::asio::io_context context_;
    ClientOptions options_;
    std::optional<HttpClient> client_;
};

TEST_F(HttpClientTest, SendsARequestAndReturnsTheAnswer) {
    LoopbackServer server(context_, [](const std::string&, int) {
        return std::string(
            "HTTP/1.1 422 Unprocessable\r\nRetry-After: 7\r\n"
            "Content-Length: 2\r\n\r\nno");
    });
    HttpRequest request;
    request.method = "PUT";
    request.target = server.url("/v1/runs/a%2Fb/reset?x=1");
    request.headers.add("Authorization", "Bearer k");
    request.body = "{}";
    const auto answer = send(std::move(request));
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->status, 422);
    EXPECT_EQ(answer->body, "no");
    EXPECT_EQ(answer->headers.find("retry-after"), "7");

    const std::string& sent = server.requests().at(0);
    EXPECT_EQ(sent.find("PUT /v1/runs/a%2Fb/reset?x=1 HTTP/1.1\r\n"), 0U) << sent;
    for (const std::string& part :
         {std::string("\r\nAuthorization: Bearer k\r\n"),
          "\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n",
          std::string("\r\nUser-Agent: runs-agent/test\r\n"),
          std::string("\r\nAccept-Encoding: gzip\r\n"), std::string("\r\nContent-Length: 2\r\n"),
          std::string("\r\n\r\n{}")})
        EXPECT_NE(sent.find(part), std::string::npos) << part << " in " << sent;
}

TEST_F(HttpClientTest, KeepsAConnection) {
    LoopbackServer server(context_, [](const std::string&, int) { return ok("x"); });
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(get(server.url()).has_value());
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, DoesNotKeepWhatTheServerWillClose) {
    LoopbackServer server(context_,
                          [](const std::string&, int) { return ok("x", "Connection: close\r\n"); });
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(get(server.url()).has_value());
    EXPECT_EQ(server.connections(), 3);
}

TEST_F(HttpClientTest, DoesNotKeepAConnectionThatSaysMoreThanItsAnswer) {
    LoopbackServer server(context_,
                          [](const std::string&, int) { return ok("x") + "HTTP/1.1 200 OK\r\n"; });
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(get(server.url()).has_value());
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, DropsAnIdleConnection) {
    options_.keep_for = 30ms;
    LoopbackServer server(context_, [](const std::string&, int) { return ok("x"); });
    ASSERT_TRUE(get(server.url()).has_value());
    EXPECT_EQ(server.ended(), 0);
    EXPECT_TRUE(run_until([&] { return server.ended() == 1; }));
}

TEST_F(HttpClientTest, AStaleConnectionIsReplacedForWhatMayBeRepeated) {
    for (const char* const method : {"GET", "PUT", "DELETE"}) {
        client_.reset();
        LoopbackServer server(context_, [](const std::string&, int number) {
            return number == 2 ? std::string() : ok("x");
        });
        ASSERT_TRUE(send(method, server.url()).has_value());
        const auto answer = send(method, server.url());
        ASSERT_TRUE(answer.has_value()) << answer.error().message;
        EXPECT_EQ(server.connections(), 2) << method;
        EXPECT_EQ(server.requests().size(), 3U) << method;
    }
}

TEST_F(HttpClientTest, APostIsNotRepeated) {
    LoopbackServer server(context_, [](const std::string&, int number) {
        return number == 2 ? std::string() : ok("x");
    });
    ASSERT_TRUE(send("POST", server.url()).has_value());
    const auto answer = send("POST", server.url());
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::network);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HttpClientTest, AConnectionClosedWhileIdleIsNotUsed) {
    LoopbackServer server(context_,
                          [](const std::string&, int) { return ok("x", tests::close_anyway); });
    for (int i = 1; i <= 2; ++i) {
        const auto answer = send("POST", server.url());
        ASSERT_TRUE(answer.has_value()) << answer.error().message;
        ASSERT_TRUE(run_until([&] { return server.ended() == i; }));
    }
    EXPECT_EQ(server.connections(), 2);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HttpClientTest, AFreshConnectionThatFailsIsNotRepeated) {
    LoopbackServer server(context_, [](const std::string&, int) { return std::string(); });
    const auto answer = get(server.url());
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::network);
    EXPECT_NE(answer.error().message.find("without an answer"), std::string::npos);
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, AnAnswerOnceBegunIsNotAskedForAgain) {
    LoopbackServer server(context_, [](const std::string&, int number) {
        return number == 2 ? std::string(
                                 "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
                                 "Connection: close\r\n\r\nhalf")
                           : ok("x");
    });
    ASSERT_TRUE(get(server.url()).has_value());
    const auto answer = get(server.url());
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::network);
    EXPECT_NE(answer.error().message.find("in the middle"), std::string::npos);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HttpClientTest, ASilentServerIsATimeOut) {
    options_.answer_timeout = 50ms;
    boost::asio::ip::tcp::acceptor silent(
        context_, {boost::asio::ip::address_v4::loopback(), 0});  // the kernel accepts
    const auto answer =
        get("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timeout);
    EXPECT_NE(answer.error().message.find("50 ms"), std::string::npos) << answer.error().message;
}

TEST_F(HttpClientTest, AnAnswerThatNeverEndsIsATimeOut) {
    options_.answer_timeout = 50ms;
    LoopbackServer server(context_, [](const std::string&, int) {
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    });
    const auto answer = get(server.url());
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timeout);
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, AConnectionThatIsNotTakenIsATimeOut) {
    using boost::asio::ip::tcp;
    options_.connect_timeout = 50ms;
    tcp::acceptor full(context_);
    full.open(tcp::v4());
    full.bind({boost::asio::ip::address_v4::loopback(), 0});
    full.listen(0);
    // Linux drops the first packet of a connection where the queue of the listener is full.
    std::vector<tcp::socket> waiting;
    for (int i = 0; i < 8; ++i) {
        waiting.emplace_back(context_);
        waiting.back().async_connect(full.local_endpoint(), [](boost::system::error_code) {});
    }
    const auto answer =
        get("http://127.0.0.1:" + std::to_string(full.local_endpoint().port()) + "/");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timeout) << answer.error().message;
    EXPECT_NE(answer.error().message.find("connecting to 127.0.0.1"), std::string::npos);
}

TEST_F(HttpClientTest, ARefusedConnectionSaysWhere) {
    boost::asio::ip::tcp::acceptor closed(context_, {boost::asio::ip::address_v4::loopback(), 0});
    const std::string where = "127.0.0.1:" + std::to_string(closed.local_endpoint().port());
    closed.close();
    const auto answer = get("http://" + where + "/");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::network);
    EXPECT_EQ(answer.error().message.find("cannot connect to " + where + ": "), 0U);
}

TEST_F(HttpClientTest, ANameThatCannotBeIsNotResolved) {
    // No name server is asked about a label of more than 63 letters.
    const std::string host = std::string(64, 'a') + ".example.dev";
    const auto answer = get("http://" + host + "/");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::network);
    EXPECT_EQ(answer.error().message.find("cannot resolve " + host), 0U) << answer.error().message;
}

TEST_F(HttpClientTest, UnpacksGzip) {
    const std::string text(100'000, 'x');
    LoopbackServer server(context_, [&](const std::string&, int) {
        return ok(gzip(text), "Content-Encoding: gzip\r\n");
    });
    const auto answer = get(server.url());
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, text);
    EXPECT_FALSE(answer->headers.has("Content-Encoding"));
    EXPECT_FALSE(answer->headers.has("Content-Length"));
}

TEST_F(HttpClientTest, RefusesBrokenAndUnaskedEncodings) {
    for (const std::string coding : {"gzip", "br"}) {
        client_.reset();
        LoopbackServer server(context_, [&](const std::string&, int) {
            return ok("not packed", "Content-Encoding: " + coding + "\r\n");
        });
        const auto answer = get(server.url());
        ASSERT_TRUE(answer.has_error()) << coding;
        EXPECT_EQ(answer.error().code, Errc::network) << coding;
    }
}

TEST_F(HttpClientTest, DoesNotFollowARedirect) {
    LoopbackServer other(context_, [](const std::string&, int) { return ok("stolen"); });
    LoopbackServer server(context_, [&](const std::string&, int) {
        return "HTTP/1.1 307 Elsewhere\r\nLocation: " + other.url() +
               "\r\nContent-Length: 0\r\n\r\n";
    });
    const auto answer = get(server.url());
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 307);
    EXPECT_EQ(other.connections(), 0);
}

TEST_F(HttpClientTest, PassesOverAnnouncements) {
    LoopbackServer server(context_, [](const std::string&, int) {
        return "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok("final");
    });
    const auto answer = get(server.url());
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "final");
}

TEST_F(HttpClientTest, TheAnswerToHeadHasNoBody) {
    LoopbackServer server(context_, [](const std::string&, int) {
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
    });
    for (int i = 0; i < 2; ++i) {
        const auto answer = send("HEAD", server.url());
        ASSERT_TRUE(answer.has_value()) << answer.error().message;
        EXPECT_EQ(answer->body, "");
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, WhatIsNotHttpIsAnError) {
    LoopbackServer server(context_,
                          [](const std::string&, int) { return std::string("SSH-2.0-x\r\n\r\n"); });
    const auto answer = get(server.url());
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::network);
    EXPECT_NE(answer.error().message.find("valid HTTP"), std::string::npos);
}

TEST_F(HttpClientTest, NothingCanBeInjected) {
    LoopbackServer server(context_, [](const std::string&, int) { return ok("x"); });
    const std::pair<std::string, std::string> fields[] = {
        {"Authorization", "Bearer secret\r\nX-Evil: 1"},
        {"Authorization", "secret\n"},
        {"Authorization", std::string("secret\0", 7)},
        {"X: secret\r\nEvil", "1"},
        {"", "secret"},
        {"X Y", "secret"},
    };
    for (const auto& [name, value] : fields) {
        HttpRequest request;
        request.method = "GET";
        request.target = server.url();
        request.headers.add(name, value);
        const auto answer = send(std::move(request));
        ASSERT_TRUE(answer.has_error());
        EXPECT_EQ(answer.error().code, Errc::bad_input);
        EXPECT_EQ(answer.error().message.find("secret"), std::string::npos);
    }
    EXPECT_TRUE(send("GET / HTTP/1.1\r\nX:", server.url()).has_error());
    EXPECT_TRUE(get(server.url("/ HTTP/1.1\r\nX: y")).has_error());
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, ACancelledRequestEndsAtOnce) {
    using namespace boost::asio::experimental::awaitable_operators;
    boost::asio::ip::tcp::acceptor silent(context_, {boost::asio::ip::address_v4::loopback(), 0});
    client_.emplace(context_.get_executor(), options_);
    HttpRequest request;
    request.method = "GET";
    request.target = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
    boost::asio::steady_timer soon(context_, 20ms);
    bool ended = false;
    const auto race = [&]() -> boost::asio::awaitable<int> {
        co_await (client_->send(std::move(request)) ||
                  soon.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)));
        ended = true;
        co_return 0;
    };
    tests::run(context_, race());
    EXPECT_TRUE(ended);
}

TEST_F(HttpClientTest, MayEndBeforeItsRequestDoes) {
    LoopbackServer server(context_, [](const std::string&, int) { return ok("x"); });
    HttpRequest request;
    request.method = "GET";
    request.target = server.url();
    client_.emplace(context_.get_executor(), options_);
    std::optional<Result<HttpResponse>> answer;
    boost::asio::co_spawn(context_, client_->send(std::move(request)),
                          [&](std::exception_ptr, Result<HttpResponse> got) { answer = got; });
    client_.reset();
    ASSERT_TRUE(run_until([&] { return answer.has_value(); }));
    EXPECT_TRUE(answer->has_value());
}

TEST_F(HttpClientTest, MayBeLeftInTheMiddleOfARequest) {
    auto context = std::make_unique<boost::asio::io_context>();
    boost::asio::ip::tcp::acceptor silent(context_, {boost::asio::ip::address_v4::loopback(), 0});
    HttpRequest request;
    request.method = "GET";
    request.target = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/";
    {
        HttpClient client(context->get_executor(), options_);
        boost::asio::co_spawn(*context, client.send(std::move(request)),
                              [](std::exception_ptr, const Result<HttpResponse>&) { FAIL(); });
    }
    context->run_for(20ms);  // connected, and waiting for the answer
    context.reset();         // the sanitizers tell whether all of it is gone, once
}

}  // namespace
}  // namespace runs_agent::net
