// SPDX-License-Identifier: MIT
#include "store/store.hpp"

#include "store/rows.hpp"
#include "store/rules_of_both.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace runs_agent::store {

namespace {

constexpr std::array<std::string_view, 5> state_names{"pending", "held", "succeeded", "dead",
                                                      "dropped"};
constexpr std::array<std::string_view, 7> standing_names{"undecided", "nothing", "open", "held",
                                                         "dead",      "dropped", "done"};
constexpr std::array<std::string_view, 2> did_names{"cancelled", "reopened"};
constexpr std::array<std::string_view, 2> act_names{"replay", "drop"};

template <class Value>
std::optional<Value> parse(std::span<const std::string_view> names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Value>(found - names.begin());
}

}  // namespace

std::string_view to_string(CallState state) {
    return state_names[static_cast<std::size_t>(state)];
}

std::optional<CallState> parse_call_state(std::string_view name) {
    return parse<CallState>(state_names, name);
}

std::string_view to_string(Standing standing) {
    return standing_names[static_cast<std::size_t>(standing)];
}

std::optional<Standing> parse_standing(std::string_view name) {
    return parse<Standing>(standing_names, name);
}

std::string_view to_string(Did did) {
    return did_names[static_cast<std::size_t>(did)];
}

std::optional<Did> parse_did(std::string_view name) {
    return parse<Did>(did_names, name);
}

std::string_view to_string(HandAct act) {
    return act_names[static_cast<std::size_t>(act)];
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
