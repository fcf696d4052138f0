// SPDX-License-Identifier: MIT
#include "store/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <array>

namespace runs_agent::store {

namespace {
constexpr std::array<std::string_view, 5> state_names{"pending", "held", "succeeded", "dead",
                                                      "dropped"};
}

std::string_view to_string(CallState state) {
    return state_names[static_cast<std::size_t>(state)];
}

std::optional<CallState> parse_call_state(std::string_view name) {
    for (std::size_t i = 0; i < state_names.size(); ++i)
        if (name == state_names[i]) return static_cast<CallState>(i);
    return std::nullopt;
}

Awaitable<Result<Taken>> Store::accept_and_decide(NewDelivery delivery, Decider /*decider*/,
                                                  Time /*now*/) {
    const auto accepted = co_await accept(std::move(delivery));
    if (accepted.has_error()) co_return accepted.error();
    co_return Taken{*accepted, std::nullopt};
}

}  // namespace runs_agent::store
