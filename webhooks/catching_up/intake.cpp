// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/intake.hpp"

#include "webhooks/deliveries/incoming.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_errors = 50;

}  // namespace

void Intake::complain(const std::string& key, const std::string& words) {
    if (outcome_.errors.size() < max_errors) outcome_.errors.emplace(key, words);
}

void Intake::fail_with(const std::string& key, const std::string& words) {
    outcome_.failed = true;
    complain(key, words);
}

Recovery Intake::give_up_on(const std::string& guid, const std::string& why) {
    if (memory_.unrecoverable.insert(guid).second) ++outcome_.lost;
    log_.warn("catch_up.lost", {{"delivery", guid}, {"error", why}});
    return Recovery::unrecoverable;
}

std::optional<store::NewDelivery> Intake::made_of(Delivery delivery) {
    const std::string guid = delivery.guid;
    auto made = make_delivery(std::move(delivery), clock_.now());
    if (made.has_value()) return std::move(*made);
    give_up_on(guid, made.error().message);
    return std::nullopt;
}

asio::awaitable<Recovery> Intake::accept(store::NewDelivery delivery) {
    const std::string guid = delivery.guid;
    const std::string event = delivery.event;
    const bool to_decide = delivery.facts.has_value();
    const std::int64_t run_id = to_decide ? decide::run_of(*delivery.facts).run_id : 0;
    const int attempt = to_decide ? decide::attempt_of(*delivery.facts) : 0;
    const Time received_at = delivery.received_at;
    const std::optional<Time> happened_at =
        to_decide ? decide::time_of(*delivery.facts) : std::nullopt;
    const auto stored = co_await store_.accept(std::move(delivery));
    if (stored.has_error()) {
        fail_with(stored.error());
        co_return Recovery::store_failed;
    }
    if (*stored == store::Accepted::duplicate)
        co_return Recovery::stored;  // it came by itself meanwhile
    ++outcome_.accepted;
    if (happened_at) outcome_.ages.push_back(received_at - *happened_at);
    log_.info("catch_up.accepted",
              {{"delivery", guid}, {"run_id", run_id}, {"attempt", attempt}, {"event", event}});
    if (to_decide) on_accepted_();
    co_return Recovery::stored;
}

asio::awaitable<void> Intake::record_look(std::string name, Time at) {
    const auto written = co_await store_.record_look(name, at);
    if (written.has_error())
        fail_with(written.error());
    else
        seen(name, at);
}

}  // namespace runs_agent::webhooks
