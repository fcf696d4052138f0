#include "net/connect.hpp"

#include "net/url.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyTime = std::chrono::steady_clock::time_point;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

Error too_late(const std::string& doing, const std::string& where) {
    return fail(Errc::timeout, doing + " " + where +
                                   " took too long; check the network, its firewall and whether a "
                                   "proxy (HTTPS_PROXY) is needed");
}

using Endpoints = std::vector<tcp::endpoint>;

/// The look-up blocks a thread of Asio's that nothing can interrupt, so it is left behind when its
/// time is over: what it writes to is shared with it.
struct LookUp {
    LookUp(const asio::any_io_executor& executor, SteadyTime deadline)
        : resolver(executor), bell(executor, deadline) {}

    tcp::resolver resolver;
    asio::steady_timer bell;
    bool done = false;
    error_code failure;
    Endpoints endpoints;
};

asio::awaitable<Result<Endpoints>> look_up(asio::any_io_executor executor, std::string host,
                                           std::uint16_t port, SteadyTime deadline) {
    error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) co_return Endpoints(1, tcp::endpoint(address, port));

    const auto pending = std::make_shared<LookUp>(executor, deadline);
    pending->resolver.async_resolve(
        host, std::to_string(port),
        [pending](error_code failure, const tcp::resolver::results_type& found) {
            pending->done = true;
            pending->failure = failure;
            for (const auto& entry : found) pending->endpoints.push_back(entry.endpoint());
            pending->bell.cancel();
        });
    co_await pending->bell.async_wait(quietly);
    if (!pending->done) co_return too_late("looking up", host);
    if (pending->failure || pending->endpoints.empty())
        co_return fail(Errc::network, "cannot resolve " + host + ": " + pending->failure.message() +
                                          "; check the name and this machine's DNS");
    co_return std::move(pending->endpoints);
}

}  // namespace

asio::awaitable<Result<tcp::socket>> connect(asio::any_io_executor executor, std::string host,
                                             std::uint16_t port, SteadyTime deadline) {
    Result<Endpoints> endpoints = co_await look_up(executor, host, port, deadline);
    if (endpoints.has_error()) co_return std::move(endpoints).error();

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
    if (!failure || failure == beast::error::timeout) co_return too_late("connecting to", where);
    co_return fail(Errc::network, "cannot connect to " + where + ": " + failure.message());
}

}  // namespace runs_agent::net
