// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/incoming.hpp"

#include "webhooks/deliveries/facts.hpp"
#include "webhooks/deliveries/payload.hpp"

namespace runs_agent::webhooks {

namespace {

/// Whose hook it is. A kind that is not known may be anybody's.
std::string owner_of_hook(const std::string& kind, const Payload& payload,
                          const std::string& repository) {
    if (kind == "repository") return repository;
    return kind == "organization" ? payload.organization() : std::string();
}

}  // namespace

Result<store::NewDelivery> make_delivery(Delivery delivery, Time received_at) {
    auto payload = Payload::parse(std::move(delivery.payload));
    if (payload.has_error()) return payload.error();
    store::NewDelivery made;
    made.guid = std::move(delivery.guid);
    made.event = std::move(delivery.event);
    made.host = std::move(delivery.host);
    made.hook_id = std::move(delivery.hook_id);
    made.hook_kind = std::move(delivery.hook_kind);
    made.received_at = received_at;
    made.action = payload->action();
    made.repository = payload->repository();
    auto facts = read_facts(made.event, made.host, *payload);
    if (auto* const ignored = std::get_if<Ignored>(&facts)) {
        made.ignored_because = std::move(ignored->because);
    } else {
        made.facts = std::move(std::get<decide::Event>(facts));
        // Some servers name it in the run alone.
        if (const auto* const run = std::get_if<decide::WorkflowRun>(&*made.facts))
            made.repository = run->repository;
    }
    made.hook_owner = owner_of_hook(made.hook_kind, *payload, made.repository);
    if (made.facts) made.body = std::move(*payload).take_text();
    return made;
}

}  // namespace runs_agent::webhooks
