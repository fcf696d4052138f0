// SPDX-License-Identifier: MIT
// The time of a server's thread: how those who have not shown that they may ask share it with
// everybody else. Only for the server's own files, as it brings Asio along.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
#include <memory>

namespace runs_agent::net {

/// Lets a few of those who wait go on, then everybody else who has something to do once, and so
/// on. An honest request has up to ten steps on this thread, between its look-ups and its writing
/// on others, and each would wait until every stranger who is ready has been answered: of a
/// thousand who ask as fast as they can, a third of a second each. Where nobody else has anything
/// to do it costs nobody any time. All on the server's thread.
class Turns : public std::enable_shared_from_this<Turns> {
public:
    /// So many go on at once.
    static constexpr std::size_t few = 16;

    explicit Turns(boost::asio::any_io_executor executor, std::size_t at_once = few)
        : executor_(std::move(executor)), at_once_(at_once) {}

    /// Returns when it is the caller's turn; who came first goes first.
    boost::asio::awaitable<void> wait();

private:
    boost::asio::awaitable<void> give();

    boost::asio::any_io_executor executor_;
    const std::size_t at_once_;
    std::deque<std::shared_ptr<boost::asio::steady_timer>> waiting_;
    bool giving_ = false;
};

}  // namespace runs_agent::net
