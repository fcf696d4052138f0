// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/looks.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace {

/// GitHub lists a delivery some time after it was sent, and clocks differ.
constexpr std::chrono::minutes overlap{10};
/// Source: docs.github.com, "Redelivering webhooks": deliveries of the past three days.
constexpr std::chrono::hours log_kept{3 * 24};
constexpr std::chrono::hours re_runs_reach{3 * 24};
constexpr std::chrono::hours runs_reach{30 * 24};

/// A look at a time that is still to come was noted by a clock that was ahead, and says nothing.
bool is_known(std::optional<Time> last_look, Time now) {
    return last_look && *last_look <= now;
}

}  // namespace

std::optional<github::Hook> hook_of(const store::HeardHook& hook) {
    if (hook.kind == "integration") return github::Hook{github::HookTarget::app, "", hook.id};
    if (hook.owner.empty()) return std::nullopt;
    if (hook.kind == "repository")
        return github::Hook{github::HookTarget::repository, hook.owner, hook.id};
    if (hook.kind == "organization")
        return github::Hook{github::HookTarget::organization, hook.owner, hook.id};
    return std::nullopt;
}

std::string look_at_hook(const std::string& host, const store::HeardHook& hook) {
    // Not by the owner, whose name may change.
    return "hook " + host + " " + hook.kind + " " + hook.id;
}

std::string look_at_runs(const std::string& host, const std::string& repository) {
    return "runs " + host + " " + repository;
}

Time oldest_delivery(std::optional<Time> last_look, Time now) {
    const Time kept = now - log_kept;
    return is_known(last_look, now) ? std::max(*last_look - overlap, kept) : kept;
}

Time oldest_run(std::optional<Time> last_look, Time now) {
    if (!is_known(last_look, now)) return now - re_runs_reach;
    return std::max(*last_look - re_runs_reach, now - runs_reach);
}

bool is_past_the_log(std::optional<Time> last_look, Time now) {
    return last_look && *last_look < now - log_kept;
}

}  // namespace runs_agent::webhooks
