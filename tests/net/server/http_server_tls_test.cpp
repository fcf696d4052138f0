// SPDX-License-Identifier: MIT
// A server that speaks TLS itself: asked by the program's own client, and by peers who do it wrong.
#include "net/client/http_client.hpp"
#include "tests/net/certificate.hpp"
#include "tests/net/server/http_server_fixture.hpp"
#include "tests/temp_dir.hpp"

#include <boost/asio/ssl.hpp>

#include <array>
#include <fstream>

namespace runs_agent::net {
namespace {

namespace ssl = asio::ssl;

ServerCertificate shown(const tests::Certificate& certificate) {
    auto made = make_server_certificate(certificate.certificate, certificate.key);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return *made;
}

class HttpServerTlsTest : public HttpServerTest {
protected:
    using TlsSocket = ssl::stream<tcp::socket>;

    void start_tls(ServerOptions options = {}) {
        options.certificate = shown(certificate_);
        options.on_handshake_failed = [this](std::string_view why, std::string_view peer) {
            EXPECT_EQ(peer, "127.0.0.1");
            failed_.emplace_back(why);
        };
        start(std::move(options));
    }

    /// Trusts `certificate` alone.
    Result<HttpResponse> ask(const tests::Certificate& certificate, std::string body = "",
                             bool verify = true) {
        const std::string file = folder_.file("ca.pem");
        std::ofstream(file) << certificate.certificate;
        ClientOptions options;
        options.ca_file = file;
        options.verify = verify;
        HttpClient client(context_.get_executor(), options);
        HttpRequest request;
        request.method = "POST";
        request.target = "https://" + server_->address() + "/";
        request.body = std::move(body);
        return tests::run(context_, client.send(std::move(request)));
    }

    asio::awaitable<std::unique_ptr<TlsSocket>> connect_tls(ssl::context& with) {
        auto stream = std::make_unique<TlsSocket>(context_, with);
        co_await stream->next_layer().async_connect(endpoint(), asio::use_awaitable);
        co_await stream->async_handshake(ssl::stream_base::client, asio::use_awaitable);
        co_return stream;
    }

    /// Sends over TLS and reads until the server says that it is over; the error that it ended by.
    asio::awaitable<std::pair<std::string, boost::system::error_code>> talk_tls(std::string bytes) {
        ssl::context with(ssl::context::tls_client);
        const auto stream = co_await connect_tls(with);
        co_await asio::async_write(*stream, asio::buffer(bytes), asio::use_awaitable);
        std::string got;
        auto [failure, count] =
            co_await asio::async_read(*stream, asio::dynamic_buffer(got), quietly);
        std::pair<std::string, boost::system::error_code> all(std::move(got), failure);
        co_return all;
    }

    asio::awaitable<int> wait_for_failure() {
        co_await until([this] { return !failed_.empty(); });
        co_return 0;
    }

    tests::TempDir folder_;
    tests::Certificate certificate_ = tests::make_certificate("DNS:localhost,IP:127.0.0.1");
    std::vector<std::string> failed_;
};

TEST_F(HttpServerTlsTest, ABodyOfAnySizeComesAndItsAnswerGoes) {
    start_tls();
    for (const std::size_t size : {0UL, 1UL, 20'000UL, 3'000'000UL}) {
        const auto answer = ask(certificate_, std::string(size, 'x'));
        ASSERT_TRUE(answer.has_value()) << answer.error().message;
        EXPECT_EQ(answer->body, "POST / " + std::to_string(size));
    }
    answer_size_ = 5'000'000;
    const auto large = ask(certificate_);
    ASSERT_TRUE(large.has_value()) << large.error().message;
    EXPECT_EQ(large->body.size(), 5'000'000U);
    EXPECT_TRUE(failed_.empty());
}

TEST_F(HttpServerTlsTest, ARefusalIsReadThoughTheBodyWasNot) {
    ServerOptions options;
    options.max_body = 1000;
    start_tls(std::move(options));
    const auto answer = ask(certificate_, std::string(2'000'000, 'x'));
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpServerTlsTest, WhoDoesNotTrustItSaysSoAndTheServerTellsInWordsThatHelp) {
    start_tls();
    const auto answer = ask(tests::make_certificate("DNS:other.example"));
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::tls);
    tests::run(context_, wait_for_failure());
    EXPECT_NE(failed_.at(0).find("who signed the certificate"), std::string::npos) << failed_.at(0);
    EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTlsTest, WhoSpeaksPlainHttpToItIsToldOf) {
    start_tls();
    const std::string got = tests::run(context_, talk("GET / HTTP/1.1\r\nHost: x\r\n\r\n", ""));
    EXPECT_EQ(got.find("HTTP/"), std::string::npos) << "in plain text, to whoever listens";
    ASSERT_EQ(failed_.size(), 1U);
    EXPECT_NE(failed_[0].find("https://"), std::string::npos) << failed_[0];
    EXPECT_EQ(asked_, 0);
}

TEST_F(HttpServerTlsTest, SeveralRequestsOfOneRecordAreAnsweredAndTheEndIsSaid) {
    start_tls();
    const auto [got, ended] = tests::run(
        context_, talk_tls("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n"
                           "Connection: close\r\n\r\n"));
    EXPECT_NE(got.find("GET /1 0"), std::string::npos) << got;
    EXPECT_NE(got.find("GET /2 0"), std::string::npos) << got;
    // Else it would be ssl::error::stream_truncated.
    EXPECT_EQ(ended, asio::error::eof) << ended.message();
}

TEST_F(HttpServerTlsTest, OldVersionsAndOtherProtocolsAreRefusedByTheHandshake) {
    start_tls();
    const auto handshake = [this](auto prepare) -> asio::awaitable<boost::system::error_code> {
        ssl::context with(ssl::context::tls_client);
        prepare(with.native_handle());
        TlsSocket stream(context_, with);
        co_await stream.next_layer().async_connect(endpoint(), asio::use_awaitable);
        auto [failure] = co_await stream.async_handshake(ssl::stream_base::client, quietly);
        co_return failure;
    };
    const auto offer = [](const char* names) {
        return [names](SSL_CTX* context) {
            SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(names),
                                    static_cast<unsigned>(std::string_view(names).size()));
        };
    };
    EXPECT_FALSE(tests::run(context_, handshake(offer("\x02h2\x08http/1.1"))));
    EXPECT_TRUE(tests::run(context_, handshake(offer("\x02h2"))));
    EXPECT_TRUE(tests::run(context_, handshake([](SSL_CTX* context) {
                               SSL_CTX_set_security_level(context, 0);
                               SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
                               SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
                           })));
}

TEST_F(HttpServerTlsTest, WhoNeverFinishesTheHandshakeIsCut) {
    ServerOptions options;
    options.header_timeout = 50ms;
    start_tls(std::move(options));
    const auto wait = [this]() -> asio::awaitable<std::string> {
        tcp::socket socket = co_await connect();
        co_await asio::async_write(socket, asio::buffer("\x16\x03\x01", 3), quietly);
        std::string got = co_await read_until(socket, "");
        co_return got;
    };
    EXPECT_EQ(tests::run(context_, wait()), "");
    EXPECT_TRUE(failed_.empty()) << "nothing is wrong with the server: " << failed_[0];
}

TEST_F(HttpServerTlsTest, ARenewedCertificateIsShownToWhoComesNext) {
    start_tls();
    const auto renewed = tests::make_certificate("DNS:localhost,IP:127.0.0.1", 7200);
    const auto check = [this, &renewed]() -> asio::awaitable<bool> {
        ssl::context with(ssl::context::tls_client);
        const auto before = co_await connect_tls(with);
        server_->use(shown(renewed));
        const std::string bytes = "GET /old HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        co_await asio::async_write(*before, asio::buffer(bytes), asio::use_awaitable);
        std::string got;
        co_await asio::async_read(*before, asio::dynamic_buffer(got), quietly);
        co_return got.find("GET /old 0") != std::string::npos;
    };
    EXPECT_TRUE(tests::run(context_, check())) << "who is connected already goes on";
    EXPECT_TRUE(ask(renewed).has_value());
    EXPECT_TRUE(ask(certificate_).has_error());
    EXPECT_TRUE(ask(certificate_, "", false).has_value()) << "a client that does not look";
}

TEST_F(HttpServerTlsTest, WhatTlsTakesIsNoPartOfWhatRequestsShare) {
    ServerOptions options;
    const auto memory = options.memory;
    start_tls(std::move(options));
    ssl::context with(ssl::context::tls_client);
    std::array<std::unique_ptr<TlsSocket>, 8> idle;
    for (auto& one : idle) one = tests::run(context_, connect_tls(with));
    EXPECT_EQ(memory->used(), 0U) << "else strangers who only connect take it from senders";
}

TEST_F(HttpServerTlsTest, StrangersWhoSayHelloAtOnceAreAnsweredOneAfterTheOther) {
    start_tls();
    ssl::context with(ssl::context::tls_client);
    int greeted = 0;
    const auto greet = [&]() -> asio::awaitable<void> {
        const auto stream = co_await connect_tls(with);
        ++greeted;
    };
    for (int i = 0; i < 20; ++i) asio::co_spawn(context_, greet(), asio::detached);
    const auto all = [&]() -> asio::awaitable<int> {
        co_await until([&] { return greeted == 20; });
        co_return greeted;
    };
    EXPECT_EQ(tests::run(context_, all()), 20);
    EXPECT_TRUE(failed_.empty());
}

TEST_F(HttpServerTlsTest, ASessionIsKeptByWhoWantsToResumeItAndNotHere) {
    start_tls();
    ssl::context with(ssl::context::tls_client);
    SSL_CTX_set_max_proto_version(with.native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(with.native_handle(), SSL_OP_NO_TICKET);
    const auto first = tests::run(context_, connect_tls(with));
    const std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session(
        SSL_get1_session(first->native_handle()), &SSL_SESSION_free);
    const auto again = [&]() -> asio::awaitable<bool> {
        TlsSocket stream(context_, with);
        SSL_set_session(stream.native_handle(), session.get());
        co_await stream.next_layer().async_connect(endpoint(), asio::use_awaitable);
        co_await stream.async_handshake(ssl::stream_base::client, asio::use_awaitable);
        co_return SSL_session_reused(stream.native_handle()) == 1;
    };
    EXPECT_FALSE(tests::run(context_, again()));
}

std::string locked_by_password(const std::string& key) {
    BIO* const from = BIO_new_mem_buf(key.data(), static_cast<int>(key.size()));
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> read(
        PEM_read_bio_PrivateKey(from, nullptr, nullptr, nullptr), &EVP_PKEY_free);
    BIO_free(from);
    BIO* const memory = BIO_new(BIO_s_mem());
    const std::string password = "secret";
    PEM_write_bio_PrivateKey(memory, read.get(), EVP_aes_128_cbc(),
                             reinterpret_cast<const unsigned char*>(password.data()),
                             static_cast<int>(password.size()), nullptr, nullptr);
    return tests::detail::take_pem(memory);
}

TEST(ServerCertificate, WhatIsWrongWithItIsSaidWithoutAByteOfIt) {
    const auto good = tests::make_certificate("DNS:a.example");
    const auto other = tests::make_certificate("DNS:a.example");
    const std::string garbage =
        "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LXNlY3JldA==\n-----END PRIVATE KEY-----\n";
    const auto error = [](const std::string& chain, const std::string& key) {
        const auto made = make_server_certificate(chain, key);
        return made.has_error() ? made.error().message : "";
    };
    EXPECT_EQ(error(good.certificate, good.key), "");
    EXPECT_NE(error("none", good.key).find("the certificate cannot be read"), std::string::npos);
    EXPECT_NE(error(good.key, good.key).find("the certificate cannot be read"), std::string::npos);
    const std::string unread = error(good.certificate, garbage);
    EXPECT_NE(unread.find("the key cannot be read"), std::string::npos) << unread;
    EXPECT_EQ(unread.find("c2Vj"), std::string::npos) << unread;
    EXPECT_NE(error(good.certificate, good.certificate).find("the key cannot be read"),
              std::string::npos);
    const std::string locked = error(good.certificate, locked_by_password(good.key));
    EXPECT_NE(locked.find("locked by a password"), std::string::npos) << locked;
    const std::string mixed = error(good.certificate, other.key);
    EXPECT_NE(mixed.find("not that of the certificate"), std::string::npos) << mixed;
}

TEST(ServerCertificate, ItsEndIsKnown) {
    const auto now = std::chrono::system_clock::now();
    for (const long seconds : {-60L, 86'400L}) {
        const auto pem = tests::make_certificate("DNS:a.example", seconds);
        const auto made = make_server_certificate(pem.certificate, pem.key);
        ASSERT_TRUE(made.has_value()) << made.error().message;
        const auto off = made->not_after - (now + std::chrono::seconds(seconds));
        EXPECT_LT(std::chrono::abs(off), 10s);
        const Time today = std::chrono::floor<std::chrono::milliseconds>(now);
        EXPECT_EQ(check_time(*made, today).has_value(), seconds > 0);
        EXPECT_TRUE(check_time(*made, today - std::chrono::hours(2)).has_error());
    }
}

}  // namespace
}  // namespace runs_agent::net
