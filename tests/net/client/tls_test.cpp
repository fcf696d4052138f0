// SPDX-License-Identifier: MIT
#include "base/encoding.hpp"
#include "net/client/http_client.hpp"
#include "tests/net/certificate.hpp"
#include "tests/net/loopback.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace runs_agent::net {
namespace {

using namespace std::chrono_literals;
using tests::Certificate;
using tests::LoopbackServer;
using tests::ok;
using tests::tcp;

class TlsTest : public testing::Test {
protected:
    TlsTest() {
        options_.ca_file = folder_.file("ca.pem");
        trust(certificate_);
    }

    void trust(const Certificate& certificate) {
        std::ofstream(options_.ca_file) << certificate.certificate;
    }

    Result<HttpResponse> get(const std::string& url) {
        if (!client_) client_.emplace(context_.get_executor(), options_);
        HttpRequest request;
        request.method = "GET";
        request.target = url;
        request.headers.add("Authorization", "Bearer key");
        return tests::run(context_, client_->send(std::move(request)));
    }

    LoopbackServer serve(const Certificate& certificate) {
        const auto tls = tests::make_server_tls(certificate);
        return {context_, [](const std::string&, int) { return ok("secret"); }, tls};
    }

    /// No server may see a request, and so a key, before it is trusted.
    void expect_refused(LoopbackServer& server, const std::string& host, const std::string& why) {
        const auto answer = get(server.url("/", host));
        ASSERT_TRUE(answer.has_error());
        EXPECT_EQ(answer.error().code, Errc::tls);
        EXPECT_NE(answer.error().message.find(why), std::string::npos) << answer.error().message;
        EXPECT_TRUE(server.requests().empty());
    }

    tests::TempDir folder_;
    Certificate certificate_ = tests::make_certificate("DNS:localhost,IP:127.0.0.1");
    boost::asio::io_context context_;
    ClientOptions options_;
    std::optional<HttpClient> client_;
};

TEST_F(TlsTest, ATrustedServerIsAskedByNameAndByAddress) {
    LoopbackServer server = serve(certificate_);
    for (const char* const host : {"localhost", "127.0.0.1"}) {
        for (int i = 0; i < 2; ++i) {
            const auto answer = get(server.url("/", host));
            ASSERT_TRUE(answer.has_value()) << answer.error().message;
            EXPECT_EQ(answer->body, "secret");
        }
    }
    EXPECT_EQ(server.connections(), 2);  // each kept for its second request
}

TEST_F(TlsTest, AnotherHostsCertificateIsRefused) {
    const Certificate other = tests::make_certificate("DNS:other.example,IP:127.0.0.2");
    trust(other);
    LoopbackServer server = serve(other);
    expect_refused(server, "localhost", "the certificate of localhost is for another host");
    expect_refused(server, "127.0.0.1", "the certificate of 127.0.0.1 is for another host");
}

TEST_F(TlsTest, AnUntrustedCertificateIsRefused) {
    LoopbackServer server = serve(tests::make_certificate("DNS:localhost,IP:127.0.0.1"));
    expect_refused(server, "localhost", "is not trusted");
    expect_refused(server, "127.0.0.1", "SSL_CERT_FILE");
}

TEST_F(TlsTest, TheSystemsAuthoritiesDoNotTrustATest) {
    options_.ca_file.clear();
    LoopbackServer server = serve(certificate_);
    expect_refused(server, "localhost", "is not trusted: self-signed certificate");
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
    const Certificate expired = tests::make_certificate("DNS:localhost", -60);
    trust(expired);
    LoopbackServer server = serve(expired);
    expect_refused(server, "localhost", "is not valid now");
}

TEST_F(TlsTest, AServerWithoutTlsIsExplained) {
    tcp::acceptor plain(context_, {boost::asio::ip::address_v4::loopback(), 0});
    const std::string refusal = "HTTP/1.1 400 Bad Request\r\n\r\n";
    const auto serve_one = [&]() -> boost::asio::awaitable<void> {
        auto [failure, socket] = co_await plain.async_accept(tests::as_result);
        const auto bytes = boost::asio::buffer(refusal);
        co_await boost::asio::async_write(socket, bytes, tests::as_result);
        co_await tests::read_request(socket);
    };
    boost::asio::co_spawn(context_, serve_one(), boost::asio::detached);
    const auto answer =
        get("https://127.0.0.1:" + std::to_string(plain.local_endpoint().port()) + "/");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::tls);
    EXPECT_NE(answer.error().message.find("really speaks https"), std::string::npos)
        << answer.error().message;
}

TEST_F(TlsTest, ASilentServerIsATimeOutOfTheHandshake) {
    options_.handshake_timeout = 50ms;
    tcp::acceptor silent(context_, {boost::asio::ip::address_v4::loopback(), 0});
    const auto answer =
        get("https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timeout);
    EXPECT_NE(answer.error().message.find("TLS handshake"), std::string::npos);
}

TEST_F(TlsTest, AFileThatHoldsNoCertificateIsNamed) {
    LoopbackServer server = serve(certificate_);
    options_.ca_file = folder_.file("missing.pem");
    expect_refused(server, "localhost", options_.ca_file);
}

TEST_F(TlsTest, AStaleConnectionIsReplaced) {
    LoopbackServer server(
        context_,
        [](const std::string&, int number) { return number == 2 ? std::string() : ok("x"); },
        tests::make_server_tls(certificate_));
    for (int i = 0; i < 2; ++i) {
        const auto answer = get(server.url("/", "localhost"));
        ASSERT_TRUE(answer.has_value()) << answer.error().message;
    }
    EXPECT_EQ(server.connections(), 2);
}

/// A connection cut before its end is said cannot pass for a whole answer.
TEST_F(TlsTest, AnAnswerCutShortIsNoAnswer) {
    LoopbackServer server(
        context_,
        [](const std::string&, int) {
            return std::string("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf an ans");
        },
        tests::make_server_tls(certificate_));
    const auto answer = get(server.url("/", "localhost"));
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::network);
}

// ---- through a proxy --------------------------------------------------------------------------

/// A CONNECT proxy that answers as told, and where that is 200 carries the bytes.
class ProxyServer {
public:
    ProxyServer(boost::asio::io_context& context, std::string status_line)
        : state_(std::make_shared<State>(context, std::move(status_line))) {
        boost::asio::co_spawn(context, accept(state_), boost::asio::detached);
    }
    ~ProxyServer() {
        boost::system::error_code ignored;  // nobody is left to care
        state_->acceptor.close(ignored);
    }
    ProxyServer(const ProxyServer&) = delete;
    ProxyServer& operator=(const ProxyServer&) = delete;

    std::string address() const {
        return "127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
    }
    const std::vector<std::string>& requests() const { return state_->requests; }

private:
    struct State {
        State(boost::asio::io_context& context, std::string line)
            : acceptor(context, {boost::asio::ip::address_v4::loopback(), 0}),
              status_line(std::move(line)) {}
        tcp::acceptor acceptor;
        std::string status_line;
        std::vector<std::string> requests;
    };

    static boost::asio::awaitable<void> accept(std::shared_ptr<State> state) {
        for (;;) {
            auto [failure, socket] = co_await state->acceptor.async_accept(tests::as_result);
            if (failure) co_return;
            const auto executor = socket.get_executor();
            boost::asio::co_spawn(executor, serve(state, std::move(socket)), boost::asio::detached);
        }
    }

    static boost::asio::awaitable<void> serve(std::shared_ptr<State> state, tcp::socket accepted) {
        const auto client = std::make_shared<tcp::socket>(std::move(accepted));
        const std::string request = co_await tests::read_request(*client);
        state->requests.push_back(request);
        const std::string reply = state->status_line + "\r\n\r\n";
        if (state->status_line.empty()) {  // stays silent until the client goes
            co_await tests::read_request(*client);
            co_return;
        }
        co_await boost::asio::async_write(*client, boost::asio::buffer(reply), tests::as_result);
        if (reply.find(" 200 ") == std::string::npos) co_return;
        const auto colon = request.find(':');
        const auto origin = std::make_shared<tcp::socket>(client->get_executor());
        const auto port = static_cast<unsigned short>(std::stoi(request.substr(colon + 1)));
        const tcp::endpoint endpoint(boost::asio::ip::address_v4::loopback(), port);
        co_await origin->async_connect(endpoint, tests::as_result);
        boost::asio::co_spawn(client->get_executor(), carry(client, origin), boost::asio::detached);
        co_await carry(origin, client);
    }

    static boost::asio::awaitable<void> carry(std::shared_ptr<tcp::socket> from,
                                              std::shared_ptr<tcp::socket> to) {
        std::string bytes(16384, '\0');
        for (;;) {
            auto [failure, count] =
                co_await from->async_read_some(boost::asio::buffer(bytes), tests::as_result);
            if (failure) break;
            const auto piece = boost::asio::buffer(bytes.data(), count);
            co_await boost::asio::async_write(*to, piece, tests::as_result);
        }
        boost::system::error_code ignored;  // it may be closed already
        to->shutdown(tcp::socket::shutdown_send, ignored);
    }

    std::shared_ptr<State> state_;
};

TEST_F(TlsTest, GoesThroughAProxy) {
    ProxyServer proxy(context_, "HTTP/1.1 200 Connection established");
    LoopbackServer server = serve(certificate_);
    options_.user_agent = "runs-agent/test";
    options_.https_proxy = "http://user:p%40ss@" + proxy.address();
    for (int i = 0; i < 2; ++i) {
        const auto answer = get(server.url("/", "localhost"));
        ASSERT_TRUE(answer.has_value()) << answer.error().message;
        EXPECT_EQ(answer->body, "secret");
    }
    ASSERT_EQ(proxy.requests().size(), 1U);
    const std::string& asked = proxy.requests()[0];
    const std::string where = "localhost:" + std::to_string(server.port());
    EXPECT_EQ(asked.find("CONNECT " + where + " HTTP/1.1\r\n"), 0U) << asked;
    EXPECT_NE(asked.find("\r\nHost: " + where + "\r\n"), std::string::npos) << asked;
    EXPECT_NE(asked.find("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n"), std::string::npos);
    EXPECT_EQ(asked.find("Bearer"), std::string::npos);
    EXPECT_EQ(server.requests().at(0).find("Proxy-"), std::string::npos);
}

TEST_F(TlsTest, AProxyDoesNotWeakenVerification) {
    ProxyServer proxy(context_, "HTTP/1.1 200 OK");
    const Certificate other = tests::make_certificate("DNS:other.example");
    trust(other);
    LoopbackServer server = serve(other);
    options_.https_proxy = proxy.address();
    expect_refused(server, "localhost", "for another host");
}

TEST_F(TlsTest, AProxysRefusalIsExplainedWithoutThePassword) {
    for (const std::string status :
         {"407 Proxy Authentication Required", "403 Forbidden", "302 No"}) {
        client_.reset();
        ProxyServer proxy(context_, "HTTP/1.1 " + status);
        LoopbackServer server = serve(certificate_);
        options_.https_proxy = "http://user:hunter2@" + proxy.address();
        const auto answer = get(server.url("/", "localhost"));
        ASSERT_TRUE(answer.has_error()) << status;
        EXPECT_EQ(answer.error().code, Errc::network);
        const std::string& message = answer.error().message;
        EXPECT_NE(message.find(status.substr(0, 3)), std::string::npos) << message;
        EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
        EXPECT_EQ(message.find(to_base64("user:hunter2")), std::string::npos) << message;
        EXPECT_EQ(server.connections(), 0);
    }
}

TEST_F(TlsTest, ASilentProxyIsATimeOutOfConnecting) {
    options_.connect_timeout = 50ms;
    ProxyServer proxy(context_, "");
    LoopbackServer server = serve(certificate_);
    options_.https_proxy = proxy.address();
    const auto answer = get(server.url("/", "localhost"));
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timeout);
    EXPECT_NE(answer.error().message.find("the proxy " + proxy.address()), std::string::npos);
}

TEST_F(TlsTest, NoProxyAndPlainHttpGoDirect) {
    ProxyServer proxy(context_, "HTTP/1.1 403 No");
    LoopbackServer server = serve(certificate_);
    LoopbackServer plain(context_, [](const std::string&, int) { return ok("plain"); });
    options_.https_proxy = proxy.address();
    options_.no_proxy = "example.dev,localhost";
    EXPECT_TRUE(get(server.url("/", "localhost")).has_value());
    EXPECT_TRUE(get(plain.url()).has_value());
    EXPECT_TRUE(proxy.requests().empty());
    EXPECT_TRUE(get(server.url("/", "127.0.0.1")).has_error());
    EXPECT_EQ(proxy.requests().size(), 1U);
}

}  // namespace
}  // namespace runs_agent::net
