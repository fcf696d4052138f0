// SPDX-License-Identifier: MIT
// Runs a coroutine to its end on an io_context of its own, with a bound on the time it may take.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace runs_agent::tests {

/// Returns what the coroutine returned. Throws where it threw, or did not end within `bound`.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> body,
      std::chrono::seconds bound = std::chrono::seconds(20)) {
    std::optional<T> result;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(body), [&](std::exception_ptr error, T value) {
        thrown = error;
        if (!error) result.emplace(std::move(value));
    });
    const auto end = std::chrono::steady_clock::now() + bound;
    context.restart();
    while (!result && !thrown && std::chrono::steady_clock::now() < end)
        if (context.run_one_until(end) == 0) context.restart();
    if (thrown) std::rethrow_exception(thrown);
    if (!result) throw std::runtime_error("the coroutine did not end in time");
    return std::move(*result);
}

/// The same on a context that lives as long as the program, so that threads which bring results to
/// it (a sqlite::Worker's) can never outlive it.
template <class T>
T run(boost::asio::awaitable<T> body) {
    static boost::asio::io_context context;
    return run(context, std::move(body));
}

}  // namespace runs_agent::tests
