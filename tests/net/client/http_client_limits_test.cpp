// SPDX-License-Identifier: MIT
// How much the client takes of an answer.
#include "base/encoding.hpp"
#include "net/client/http_client.hpp"
#include "tests/net/loopback.hpp"
#include "tests/run_awaitable.hpp"

#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

using tests::LoopbackServer;
using tests::ok;

class HttpClientLimitsTest : public testing::Test {
protected:
    Result<HttpResponse> send(HttpRequest request) {
        if (!client_) client_.emplace(context_.get_executor(), options_);
        return tests::run(context_, client_->send(std::move(request)));
    }
    Result<HttpResponse> get(const std::string& url) {
        HttpRequest request;
        request.method = "GET";
        request.target = url;
        return send(std::move(request));
    }

    boost::asio::io_context context_;
    ClientOptions options_;
    std::optional<HttpClient> client_;
};

TEST_F(HttpClientLimitsTest, ARequestMayTakeLessThanTheClientDoes) {
    const std::string large(std::size_t{2} * 1024 * 1024, 'x');
    for (const std::string& reply : {ok(large), ok(gzip(large), "Content-Encoding: gzip\r\n")}) {
        LoopbackServer server(context_, [&](const std::string&, int) { return reply; });
        HttpRequest request;
        request.method = "GET";
        request.target = server.url();
        request.max_answer = 1024UL * 1024;
        const auto answer = send(request);
        ASSERT_TRUE(answer.has_error());
        EXPECT_EQ(answer.error().code, Errc::too_large);
        EXPECT_NE(answer.error().message.find("longer than 1 MiB"), std::string::npos)
            << answer.error().message;
        request.max_answer = 4UL * 1024 * 1024;
        EXPECT_TRUE(send(request).has_value());
        client_.reset();
    }
}

TEST_F(HttpClientLimitsTest, LimitsAnAnswer) {
    options_.max_answer = 1000;
    const std::string large(1001, 'x');
    const std::string bomb = gzip(std::string(50'000, 'x'));
    ASSERT_LT(bomb.size(), 1000U);
    const std::string replies[] = {
        ok(large),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + large + "\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + large,
        ok(bomb, "Content-Encoding: gzip\r\n"),
        "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n",
    };
    for (const std::string& reply : replies) {
        client_.reset();
        LoopbackServer server(context_, [&](const std::string&, int) { return reply; });
        const auto answer = get(server.url());
        ASSERT_TRUE(answer.has_error()) << reply.substr(0, 60);
        EXPECT_EQ(answer.error().code, Errc::too_large) << answer.error().message;
    }
    client_.reset();
    LoopbackServer server(context_,
                          [&](const std::string&, int) { return ok(std::string(1000, 'x')); });
    EXPECT_TRUE(get(server.url()).has_value());
}

TEST_F(HttpClientLimitsTest, NoRequestTakesMoreThanTheClientDoes) {
    options_.max_answer = 1000;
    LoopbackServer server(context_,
                          [&](const std::string&, int) { return ok(std::string(1001, 'x')); });
    HttpRequest request;
    request.method = "GET";
    request.target = server.url();
    request.max_answer = 1024UL * 1024;
    const auto answer = send(request);
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::too_large);
}

}  // namespace
}  // namespace runs_agent::net
