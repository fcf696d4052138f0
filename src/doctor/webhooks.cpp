// SPDX-License-Identifier: MIT
#include "doctor/webhooks.hpp"

#include "doctor/url.hpp"

namespace runs_agent::doctor {

namespace {

constexpr const char* add_it = "add it: docs/github-setup.md, \"Where to put the webhook\"";

Finding judge_gone(const NoHookSeen& seen) {
    const std::string what = "it is gone: GitHub lists " +
                             (seen.others == 0 ? std::string("no webhook")
                                               : std::to_string(seen.others) +
                                                     (seen.others == 1 ? " other" : " others")) +
                             " of " + seen.owner;
    if (!seen.told_by.empty())
        return ok(Check::hook, what + "; " + seen.told_by + " is above it", seen.gone);
    if (seen.app_heard)
        return warning(Check::hook, what, "GitHub sends nothing by it",
                       "see that the GitHub App that deliveries come from is installed on " +
                           seen.owner + "; else " + add_it,
                       seen.gone);
    return wrong(Check::hook, what, "GitHub sends nothing by it", add_it, seen.gone);
}

}  // namespace

Finding judge_no_hook(const NoHookSeen& seen) {
    if (seen.fault)
        return not_looked_at(
            Check::hook, "its webhooks cannot be read: " + in_words(*seen.fault),
            is_passing(*seen.fault)
                ? look_later
                : "the right to read webhooks is needed (Webhooks: read, or admin:repo_hook)",
            seen.gone.empty() ? seen.owner : seen.gone);
    if (!seen.gone.empty()) return judge_gone(seen);
    if (!seen.told_by.empty())
        return ok(Check::hook, "it has none of its own; " + seen.told_by + " is above it",
                  seen.owner);
    const std::string what = "none of its " + std::to_string(seen.others) + " webhooks posts to " +
                             (seen.url.empty() ? "a path /webhooks/github" : shown_url(seen.url));
    if (seen.app_heard || seen.above_unread)
        return warning(Check::hook, what,
                       seen.app_heard ? "GitHub tells of it only where the GitHub App that"
                                        " deliveries come from is installed on it"
                                      : "GitHub tells of it only where its organization or a"
                                        " GitHub App has one, which could not be read",
                       std::string("where there is none, ") + add_it, seen.owner);
    return wrong(Check::hook, what, "GitHub sends nothing of this repository", add_it, seen.owner);
}

}  // namespace runs_agent::doctor
