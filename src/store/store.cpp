// SPDX-License-Identifier: MIT
#include "store/store.hpp"

#include "store/rows.hpp"
#include "store/rules_of_both.hpp"

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

Awaitable<Result<bool>> Store::takes_duty(std::string /*duty*/) {
    co_return true;
}

void Store::on_change(std::function<void()> /*changed*/) {}

decide::Rule rule_of(std::string_view name) {
    using decide::Rule;
    for (const Rule rule :
         {Rule::cancelled, Rule::orphaned, Rule::rerun, Rule::superseded, Rule::dead_runner})
        if (decide::to_string(rule) == name) return rule;
    return Rule::none;
}

Error no_such_delivery(const std::string& guid) {
    return fail(Errc::not_found, "no delivery " + guid +
                                     " is stored; it may never have come, or be older than what is"
                                     " kept (see: runs-agent deliveries list)");
}

Error not_one_delivery(const std::string& guid) {
    return guid.empty() ? fail(Errc::bad_input, "the delivery's id is empty")
                        : fail(Errc::bad_input, "more than one delivery begins with " + guid +
                                                    "; give more of its id");
}

Error all_withdrawn(const std::string& reason) {
    return fail(Errc::refused,
                "what this delivery asked for must not be done any more, for it would harm what"
                " goes on now: " +
                    reason + ". To do it all the same, use runs-agent runs");
}

Error under_way() {
    return fail(Errc::busy,
                "the calls of this delivery are under way just now; try again in a minute");
}

}  // namespace runs_agent::store
