// SPDX-License-Identifier: MIT
// What a coroutine returns, by name alone: for headers that declare coroutines. Asio itself, which
// is more than a thousand files, only those include that write one or await one.
#pragma once

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio {
class any_io_executor;
// Without its default argument, which Asio's own declaration gives it.
template <typename T, typename Executor>
class awaitable;
}  // namespace boost::asio
// NOLINTEND(readability-identifier-naming)

namespace runs_agent {

/// The very type that is `boost::asio::awaitable<T>` where <boost/asio/awaitable.hpp> is known.
template <class T>
using Awaitable = boost::asio::awaitable<T, boost::asio::any_io_executor>;

}  // namespace runs_agent
