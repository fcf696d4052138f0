// SPDX-License-Identifier: MIT
// What a webhook of a project is, as its row and its requests have it.
// Source: docs.currents.dev, API, "Webhooks"; @currents/mcp, create-webhook and update-webhook.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/notifying/targets.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace runs_agent::runs_server {

/// In the order in which a run can have them.
constexpr std::array<std::string_view, 4> hook_events{"RUN_START", "RUN_FINISH", "RUN_TIMEOUT",
                                                      "RUN_CANCELED"};

struct Hook {
    std::string id;
    std::string project_id;
    std::string url;
    net::Headers headers;  // secrets: in no log and no answer
    std::set<std::string> events;
    std::optional<std::string> label;
    Time created_at{};
};

/// Headers as the row has them, a JSON object of texts; absent where there are none.
std::optional<std::string> headers_json(const net::Headers& headers);
net::Headers headers_of(const std::optional<std::string>& json);

/// The same as whoever asks for the hook is shown them: the names, and `hidden_value` for each
/// value.
std::optional<std::string> shown_headers(const net::Headers& headers);
constexpr std::string_view hidden_value = "********";

/// `hook` with what a request's body says of it in its place; all of it but the URL may be left
/// out. A header whose value is `hidden_value` keeps the one that it has, so that what was shown
/// can be sent back. Where it breaks a rule: what is wrong, naming the member and its rule, never a
/// header's value.
std::variant<Hook, std::string> changed_hook(Hook hook, const std::string& body,
                                             const HookTargets& targets);

}  // namespace runs_agent::runs_server
