// SPDX-License-Identifier: MIT
// Which webhooks a repository or an organization has: of one that is gone, and of a repository from
// whose webhook nothing has come.
#pragma once

#include "doctor/finding.hpp"
#include "doctor/github_side.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace runs_agent::doctor {

/// A list of webhooks in which ours was not found.
struct NoHookSeen {
    std::string owner;            // "octo/shop", or an organization's login
    std::string gone;             // one that deliveries came from; empty: none was known
    std::string url;              // the public address; empty: it is not known
    std::optional<NotGot> fault;  // the list could not be read
    std::size_t others = 0;       // webhooks that post elsewhere
    std::string told_by;          // another that tells of it, an organization's; empty: none
    bool app_heard = false;       // deliveries come from a GitHub App, which may tell of it
    bool above_unread = false;    // whether its organization has one could not be read
};
Finding judge_no_hook(const NoHookSeen& seen);

}  // namespace runs_agent::doctor
