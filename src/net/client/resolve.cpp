// SPDX-License-Identifier: MIT
#include "net/client/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace runs_agent::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

Error unknown(const std::string& host, const std::string& why) {
    return fail(Errc::network,
                "cannot resolve " + host + ": " + why + "; check the name and this machine's DNS");
}

/// What the thread and the one who waits for it share. Only while somebody waits is there a bell,
/// and only then is it certain that its executor still exists.
struct LookUp {
    std::mutex mutex;
    asio::steady_timer* bell = nullptr;
    std::optional<Result<Endpoints>> found;

    void hang_up() {
        const std::lock_guard lock(mutex);
        bell = nullptr;
    }
};

void run(const std::shared_ptr<LookUp>& pending, const BlockingResolve& blocking,
         const std::string& host, std::uint16_t port) {
    Result<Endpoints> found = Endpoints();
    try {
        found = blocking(host, port);
    } catch (const std::exception& bug) {  // no memory, say; a thread's exception ends the program
        found = unknown(host, bug.what());
    }
    const std::lock_guard lock(pending->mutex);
    if (pending->bell == nullptr) return;
    pending->found = std::move(found);
    asio::post(pending->bell->get_executor(), [pending] {
        // On the thread that alone takes the bell away.
        if (pending->bell != nullptr) pending->bell->cancel();
    });
}

}  // namespace

Result<Endpoints> ask_the_system(const std::string& host, std::uint16_t port) {
    asio::io_context context;
    tcp::resolver resolver(context);
    error_code failure;
    const auto found = resolver.resolve(host, std::to_string(port), failure);
    if (failure || found.empty()) return unknown(host, failure.message());
    Endpoints endpoints;
    for (const auto& entry : found) endpoints.push_back(entry.endpoint());
    return endpoints;
}

asio::awaitable<Result<Endpoints>> resolve(asio::any_io_executor executor, std::string host,
                                           std::uint16_t port,
                                           std::chrono::steady_clock::time_point deadline,
                                           BlockingResolve blocking) {
    error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) co_return Endpoints(1, tcp::endpoint(address, port));

    asio::steady_timer bell(executor, deadline);
    const auto pending = std::make_shared<LookUp>();
    pending->bell = &bell;
    // Also where this coroutine is destroyed while it waits.
    const std::shared_ptr<void> hang_up(nullptr, [pending](void*) { pending->hang_up(); });
    try {
        std::thread([=] { run(pending, blocking, host, port); }).detach();
    } catch (const std::system_error& no_thread) {
        co_return unknown(host, no_thread.what());
    }
    co_await bell.async_wait(asio::as_tuple(asio::use_awaitable));

    const std::lock_guard lock(pending->mutex);
    if (pending->found) co_return std::move(*pending->found);
    co_return fail(Errc::timeout, "looking up " + host +
                                      " took too long; check the network, its firewall and "
                                      "whether a proxy (HTTPS_PROXY) is needed");
}

}  // namespace runs_agent::net
