// SPDX-License-Identifier: MIT
#include "net/client/connect.hpp"

#include "net/url.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <vector>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

Error too_late(const std::string& where) {
    return fail(Errc::timeout, "connecting to " + where +
                                   " took too long; check the network, its firewall and whether a "
                                   "proxy (HTTPS_PROXY) is needed");
}

/// Of the addresses that a name stands for; who owns the name may give it thousands.
constexpr std::size_t most_asked_about = 8;
constexpr std::size_t most_named = 3;

}  // namespace

Result<void> keep_allowed(Endpoints& endpoints, const std::string& host,
                          const MayConnect& may_connect) {
    if (!may_connect) return {};
    if (endpoints.size() > most_asked_about) endpoints.resize(most_asked_about);
    std::string refused;
    std::size_t named = 0;
    std::erase_if(endpoints, [&](const tcp::endpoint& endpoint) {
        if (may_connect(host, endpoint.address(), endpoint.port())) return false;
        if (++named <= most_named)
            (refused += named == 1 ? "" : ", ") += endpoint.address().to_string();
        return true;
    });
    if (!endpoints.empty()) return {};
    if (named > most_named) refused += " and others";
    return fail(Errc::refused, host + " is not connected to: its address (" + refused +
                                   ") belongs to this machine, to a private network or to nobody");
}

asio::awaitable<Result<tcp::socket>> connect(asio::any_io_executor executor, std::string host,
                                             std::uint16_t port, Deadline deadline,
                                             MayConnect may_connect) {
    Result<Endpoints> endpoints = co_await resolve(executor, host, port, deadline);
    if (endpoints.has_error()) co_return std::move(endpoints).error();
    const Result<void> allowed = keep_allowed(*endpoints, host, may_connect);
    if (allowed.has_error()) co_return allowed.error();

    const std::string where = host_and_port(host, port);
    error_code failure;
    std::size_t left = endpoints->size();
    for (const tcp::endpoint& endpoint : *endpoints) {
        // An address that never answers gets its share of the time only, so that the next (IPv4
        // after a broken IPv6, say) still has its chance.
        const auto now = std::chrono::steady_clock::now();
        if (now >= deadline) break;
        beast::tcp_stream stream(executor);
        stream.expires_after((deadline - now) / static_cast<long>(left--));
        const auto [refusal] = co_await stream.async_connect(endpoint, quietly);
        failure = refusal;
        if (failure == asio::error::operation_aborted) break;
        if (failure) continue;
        error_code ignored;  // a socket that is dead already says so at its first write
        stream.socket().set_option(tcp::no_delay(true), ignored);
        co_return stream.release_socket();
    }
    if (!failure || failure == beast::error::timeout) co_return too_late(where);
    co_return fail(Errc::network, "cannot connect to " + where + ": " + failure.message());
}

}  // namespace runs_agent::net
