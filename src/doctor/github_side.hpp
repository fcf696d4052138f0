// SPDX-License-Identifier: MIT
// GitHub's side: who we are there, what we may, and how the webhooks are set up. Source:
// docs.github.com, REST API, "Webhooks" and "Apps".
#pragma once

#include "doctor/finding.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::doctor {

/// Something that was asked of GitHub and not got: a refusal (status and its words), or no answer
/// (0 and the error).
struct NotGot {
    int status = 0;
    std::string words;
    bool limited = false;  // a rate limit, primary or secondary, says so
};
/// Does it go by itself: a rate limit, or an outage on GitHub's side?
bool is_passing(const NotGot& fault);
/// The cure of such.
inline constexpr const char* look_later =
    "look again later; www.githubstatus.com tells of outages of github.com";
/// `right` is the cure of a refusal; what passes by itself has another, no answer has none.
std::string cure_of(const NotGot& fault, const char* right);
/// What an Enterprise Server that has no rate limits answers to GET /rate_limit: it takes the
/// token. Source: docs.github.com, Enterprise Server, "Rate limit".
bool has_no_limits(const NotGot& fault);

struct Wanted {
    bool cancels_workflows = false;  // a rule has superseded.cancel_workflow
    bool jobs = false;  // a rule looks for dead runners by name: workflow_job is needed
};

struct GitHubSeen {
    enum class As { nobody, token, app } as = As::nobody;
    std::string app;              // its slug or id
    std::optional<NotGot> fault;  // GET /app, or of a token GET /rate_limit
};
Finding judge_github(const GitHubSeen& seen);

using Permissions = std::map<std::string, std::string>;  // "actions" -> "read"

struct Installation {
    std::string account;
    bool suspended = false;
    Permissions permissions;
};

struct AppSeen {
    Permissions permissions;
    std::vector<std::string> events;
    std::optional<std::vector<Installation>> installations;  // absent: they could not be asked for
    bool sends = true;  // false: deliveries come from other webhooks, and it has none
};
/// Of its permissions and events, and of each installation.
Findings judge_app(const AppSeen& seen, const Wanted& wanted);

struct TokenSeen {
    std::string repository;         // that was tried; empty: none is known
    std::optional<NotGot> no_runs;  // its runs could not be read
    std::string scopes;             // X-OAuth-Scopes of a classic token; empty: not told
};
Finding judge_token(const TokenSeen& seen, const Wanted& wanted);

struct HookSeen {
    std::string name;             // "the webhook 12 of octo/shop", "the GitHub App"
    std::optional<NotGot> fault;  // its settings
    bool of_app = false;          // an App's: its events and state are elsewhere
    bool others_heard = false;    // an App's: deliveries come from webhooks that are not an App's
    bool active = true;
    std::string url;
    std::string content_type;  // "json", "form"
    bool insecure_ssl = false;
    bool has_secret = true;
    std::vector<std::string> events;
};
/// Of an App: it has no webhook, or it is switched off, which GitHub does not tell apart.
bool has_no_hook(const HookSeen& seen);
/// `url`: what we know the public address to be; empty: nothing.
Findings judge_hook(const HookSeen& seen, const std::string& url, const Wanted& wanted);

/// For people: "GitHub says 404: Not Found".
std::string in_words(const NotGot& fault);

}  // namespace runs_agent::doctor
