// SPDX-License-Identifier: MIT
#include "net/client/certificate.hpp"

#include "net/client/connect.hpp"
#include "net/client/public_address.hpp"
#include "net/client/resolve.hpp"
#include "net/client/tls.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = asio::ssl;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// ASN.1 has times without a zone of ours: days and seconds since 1970 are asked for.
std::optional<Time> time_of(const ASN1_TIME* time) {
    ASN1_TIME* const epoch = ASN1_TIME_set(nullptr, 0);
    int days = 0;
    int seconds = 0;
    const bool known =
        epoch != nullptr && time != nullptr && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    if (!known) return std::nullopt;
    return Time(std::chrono::hours(24) * days + std::chrono::seconds(seconds));
}

void read_certificate(const SSL* tls, PeerSeen& seen) {
    X509* const certificate = SSL_get1_peer_certificate(tls);
    if (certificate != nullptr) seen.ends = time_of(X509_get0_notAfter(certificate));
    X509_free(certificate);
    const long found = SSL_get_verify_result(tls);
    if (found == X509_V_OK) return;
    seen.certificate_fault = X509_verify_cert_error_string(found);
    seen.not_valid_now =
        found == X509_V_ERR_CERT_HAS_EXPIRED || found == X509_V_ERR_CERT_NOT_YET_VALID;
    seen.other_host =
        found == X509_V_ERR_HOSTNAME_MISMATCH || found == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

asio::awaitable<void> shake_hands(asio::ip::tcp::socket socket,
                                  std::shared_ptr<ssl::context> context, std::string host,
                                  std::chrono::milliseconds within,
                                  std::shared_ptr<PeerSeen> seen) {
    beast::tcp_stream stream(std::move(socket));
    ssl::stream<beast::tcp_stream&> tls(stream, *context);
    // It is looked at, and not relied on: what is wrong with it is told.
    SSL_set_verify(tls.native_handle(), SSL_VERIFY_NONE, nullptr);
    if (!expect_host(tls.native_handle(), host)) {
        seen->handshake_fault = "OpenSSL cannot verify the host name " + host;
        co_return;
    }
    stream.expires_after(within);
    const auto [failure] = co_await tls.async_handshake(ssl::stream_base::client, quietly);
    if (failure) {
        seen->handshake_fault = "no encrypted connection with " + host + ": " + failure.message();
        co_return;
    }
    seen->spoke_tls = true;
    read_certificate(tls.native_handle(), *seen);
}

}  // namespace

asio::awaitable<Result<PeerSeen>> look_at_peer(std::string host, std::uint16_t port, bool tls,
                                               std::string ca_file,
                                               std::chrono::milliseconds within) {
    const auto executor = co_await asio::this_coro::executor;
    const auto deadline = std::chrono::steady_clock::now() + within;
    const auto seen = std::make_shared<PeerSeen>();
    const Result<Endpoints> endpoints = co_await resolve(executor, host, port, deadline);
    if (endpoints.has_error()) co_return endpoints.error();
    for (const auto& endpoint : *endpoints)
        seen->addresses.push_back(endpoint.address().to_string());
    seen->all_private = std::ranges::none_of(
        *endpoints, [](const auto& endpoint) { return is_public(endpoint.address()); });
    Result<asio::ip::tcp::socket> socket = co_await connect(executor, host, port, deadline);
    if (socket.has_error()) co_return socket.error();
    if (tls) {
        auto context = make_tls_context(ca_file);
        if (context.has_error()) co_return context.error();
        co_await shake_hands(std::move(*socket), *context, host, within, seen);
    }
    co_return std::move(*seen);
}

}  // namespace runs_agent::net
