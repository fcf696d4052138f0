// SPDX-License-Identifier: MIT
// Runs a coroutine to its end on an io_context of its own, with a bound on the time it may take.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace runs_agent::tests {

/// Returns what the coroutine returned. Throws where it threw, or did not end within `bound`.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> body,
      std::chrono::seconds bound = std::chrono::seconds(20)) {
    // What does not end in time may end later, while another test runs the context.
    struct Outcome {
        std::optional<T> result;
        std::exception_ptr thrown;
    };
    const auto outcome = std::make_shared<Outcome>();
    boost::asio::co_spawn(context, std::move(body), [outcome](std::exception_ptr error, T value) {
        outcome->thrown = error;
        if (!error) outcome->result.emplace(std::move(value));
    });
    const auto end = std::chrono::steady_clock::now() + bound;
    context.restart();
    while (!outcome->result && !outcome->thrown && std::chrono::steady_clock::now() < end)
        if (context.run_one_until(end) == 0) context.restart();
    if (outcome->thrown) std::rethrow_exception(outcome->thrown);
    if (!outcome->result) throw std::runtime_error("the coroutine did not end in time");
    return std::move(*outcome->result);
}

/// The same on a context that lives as long as the program, so that threads which bring results to
/// it (a sqlite::Worker's) can never outlive it.
template <class T>
T run(boost::asio::awaitable<T> body) {
    static boost::asio::io_context context;
    return run(context, std::move(body));
}

}  // namespace runs_agent::tests
