// SPDX-License-Identifier: MIT
#include "net/server/turns.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent::net {

namespace asio = boost::asio;

asio::awaitable<void> Turns::wait() {
    const auto turn =
        std::make_shared<asio::steady_timer>(executor_, asio::steady_timer::time_point::max());
    waiting_.push_back(turn);
    if (!giving_) {
        asio::co_spawn(executor_, give(), asio::detached);  // it has no step at once
        giving_ = true;
    }
    co_await turn->async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> Turns::give() {
    const auto self = shared_from_this();
    // However it ends, as where there is no memory: the next who waits begins it again.
    const std::unique_ptr<bool, void (*)(bool*)> ended(&giving_,
                                                       [](bool* giving) { *giving = false; });
    while (!waiting_.empty()) {
        // What is posted comes after all that is ready now.
        co_await asio::post(executor_, asio::use_awaitable);
        for (std::size_t count = 0; count < at_once_ && !waiting_.empty(); ++count) {
            waiting_.front()->cancel();
            waiting_.pop_front();
        }
    }
}

}  // namespace runs_agent::net
