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

namespace asio = boost::asio;

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

Error cannot() {
    return fail(Errc::refused,
                "this kind of database cannot do that yet; with SQLite it can be done");
}

/// Does an older filter say as much?
bool is_plain(const DeliverySearch& search) {
    const bool named = !search.host.empty() || !search.workflow.empty() || !search.branch.empty() ||
                       !search.actor.empty() || !search.conclusion.empty() || !search.rule.empty();
    const bool pattern = search.repository.find_first_of("*?") != std::string::npos;
    const bool stands = search.standing && *search.standing != Standing::dead;
    return search.id.empty() && !named && !pattern && !stands && !search.did && !search.since &&
           !search.until && search.text.empty() && search.after.empty();
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

asio::awaitable<Result<DeliveryPage>> Store::search(DeliverySearch search) {
    if (!is_plain(search)) co_return cannot();
    DeliveryFilter filter;
    filter.limit = search.limit;
    filter.before = search.before;
    filter.repository = search.repository;
    filter.run_id = search.run_id;
    filter.only_dead = search.standing.has_value();
    auto rows = co_await list(std::move(filter));
    if (rows.has_error()) co_return rows.error();
    DeliveryPage page;
    page.rows = std::move(*rows);
    if (std::ssize(page.rows) == search.limit) page.next = page.rows.back().guid;
    co_return page;
}

// They name what they take for the interface's sake.

asio::awaitable<Result<HandOutcome>> Store::act(ByHand /*act*/, DeliverySearch /*which*/,
                                                Time /*now*/) {
    co_return cannot();
}

asio::awaitable<Result<std::vector<HandRecord>>> Store::acts(std::string /*delivery*/,
                                                             int /*limit*/) {
    co_return cannot();
}

asio::awaitable<Result<void>> Store::record_act(HandRecord /*record*/) {
    co_return cannot();
}

asio::awaitable<Result<std::vector<Counts>>> Store::count(Time /*from*/,
                                                          std::chrono::milliseconds /*step*/,
                                                          int /*steps*/) {
    co_return cannot();
}

asio::awaitable<Result<std::optional<std::string>>> Store::payload(std::string /*guid*/) {
    co_return cannot();
}

asio::awaitable<Result<std::optional<decide::Decision>>> Store::consider(std::string /*guid*/,
                                                                         Decider /*decider*/) {
    co_return cannot();
}

Awaitable<Result<Taken>> Store::accept_and_decide(NewDelivery delivery, Decider /*decider*/,
                                                  Time /*now*/) {
    const auto accepted = co_await accept(std::move(delivery));
    if (accepted.has_error()) co_return accepted.error();
    co_return Taken{*accepted, std::nullopt};
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
