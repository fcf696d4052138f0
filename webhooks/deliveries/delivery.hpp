// SPDX-License-Identifier: MIT
// A delivery of GitHub's, however it came here: received, read from a hook's log, or made up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runs_agent::webhooks {

struct Delivery {
    std::string guid;       // X-GitHub-Delivery
    std::string event;      // X-GitHub-Event
    std::string host;       // X-GitHub-Enterprise-Host by its host_name(), else "github.com"
    std::string hook_id;    // X-GitHub-Hook-ID; may be empty
    std::string hook_kind;  // X-GitHub-Hook-Installation-Target-Type; may be empty
    std::string payload;    // the JSON text, taken out of a form where it came in one
};

/// Ids and event names go into logs, rows and file names: letters, digits, and - _ . only, and no
/// more than `max`.
bool is_plain(std::string_view text, std::size_t max);
constexpr std::size_t max_guid = 128;
constexpr std::size_t max_event = 64;

}  // namespace runs_agent::webhooks
