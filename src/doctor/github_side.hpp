// SPDX-License-Identifier: MIT
// GitHub's side: who we are there, what we may, how the webhooks are set up, what their logs say,
// and whether one is silent. Source: docs.github.com, REST API, "Webhooks" and "Apps".
#pragma once

#include "base/time.hpp"
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
};

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
    bool active = true;
    std::string url;
    std::string content_type;  // "json", "form"
    bool insecure_ssl = false;
    bool has_secret = true;
    std::vector<std::string> events;
};
/// `url`: what we know the public address to be; empty: nothing.
Findings judge_hook(const HookSeen& seen, const std::string& url, const Wanted& wanted);

struct Logged {
    Time at{};
    int status = 0;  // 0: no answer
    std::string event;
    std::string words;  // GitHub's: "failed to connect to host"
};

struct LogSeen {
    std::string name;
    std::optional<NotGot> fault;
    std::vector<Logged> newest;  // the newest first; a page of them
    /// When a workflow run began that the webhook should have told of; absent: none is known.
    std::optional<Time> newest_run;
    std::string repository;  // of that run
};
Findings judge_log(const LogSeen& seen, Time now);

/// For people: "GitHub says 404: Not Found".
std::string in_words(const NotGot& fault);

}  // namespace runs_agent::doctor
