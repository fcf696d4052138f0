// SPDX-License-Identifier: MIT
// Looks at webhooks on GitHub: their settings, their logs, and which there are. Reads alone.
#pragma once

#include "agent/doctor/services.hpp"
#include "base/awaitable.hpp"
#include "doctor/github_side.hpp"
#include "github/github.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent {

/// What a look at webhooks shares: what it is about, and what it has found.
struct HookLook {
    std::shared_ptr<const GitHubAbout> about;
    std::shared_ptr<GitHubTold> told;
};

/// Why there is no value; absent: there is one.
template <class Value>
std::optional<doctor::NotGot> fault_of(const Result<github::Answer<Value>>& answer) {
    if (answer.has_error()) return doctor::NotGot{0, answer.error().message};
    if (answer->value) return std::nullopt;
    return doctor::NotGot{answer->status, answer->message, answer->retry_after.has_value()};
}

/// When the newest run of a repository began.
struct NewestRun {
    std::optional<doctor::NotGot> fault;
    std::optional<Time> began;
};
Awaitable<NewestRun> newest_run_of(github::GitHub& github, std::string repository);

/// Those that deliveries came from, but for an App's, which is asked as the App; those of the
/// repository that is asked about before others.
std::vector<github::Hook> heard_hooks(const GitHubAbout& about);

/// Its settings alone.
Awaitable<doctor::HookSeen> look_at_hook(github::Standing& standing, github::Hook hook);
/// What these settings say, and its log.
Awaitable<void> tell_of_hook(GitHubAsked asked, github::Hook hook, doctor::HookSeen settings,
                             HookLook look);

/// Of a webhook that deliveries came from; where it is gone, of what is there instead.
Awaitable<void> look_at_heard_hook(GitHubAsked asked, github::Hook hook, HookLook look);
/// Of a repository from whose webhook nothing came yet.
Awaitable<void> find_hook(GitHubAsked asked, HookLook look);

}  // namespace runs_agent::agent
