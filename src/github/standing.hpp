// SPDX-License-Identifier: MIT
// What GitHub says of our standing there: the App, its installations, and the settings of webhooks.
// For people who look whether all is set up; the daemon's work does without.
// Source: docs.github.com, REST API endpoints for GitHub Apps and for repository and organization
// webhooks, version 2022-11-28.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "github/credentials.hpp"
#include "github/github.hpp"
#include "github/rest.hpp"
#include "net/client/http_client.hpp"

#include <map>
#include <string>
#include <vector>

namespace runs_agent::github {

/// Of what the answers are read; connecting.hpp has what making these takes.
namespace standing {

struct App {
    std::string slug;
    std::map<std::string, std::string> permissions;  // "actions" -> "read"
    std::vector<std::string> events;
};

struct Installation {
    std::string account;  // its login
    bool suspended = false;
    std::map<std::string, std::string> permissions;
};

/// A webhook's settings. Of an App's GitHub tells but `config`.
struct HookSettings {
    std::string id;
    bool active = true;
    std::vector<std::string> events;
    std::string url;
    std::string content_type;  // "json", "form"
    bool insecure_ssl = false;
    bool has_secret = false;  // GitHub shows asterisks
};

Result<App> read_app(const Page& page);
Result<std::vector<Installation>> read_installations(const Page& page);
Result<HookSettings> read_hook(const Page& page);
Result<std::vector<HookSettings>> read_hooks(const Page& page);
/// Of an App's webhook.
Result<HookSettings> read_hook_config(const Page& page);

}  // namespace standing

/// Errors as in GitHub.
class Standing {
public:
    /// As GitHubClient's.
    Standing(net::HttpTransport& transport, const Clock& clock, const std::string& api_url,
             Credentials& credentials);

    /// GET /app
    Awaitable<Result<Answer<standing::App>>> get_app();
    /// GET /app/installations: the first hundred.
    Awaitable<Result<Answer<std::vector<standing::Installation>>>> list_installations();
    /// GET /app/hook/config, /repos/OWNER/NAME/hooks/ID or /orgs/LOGIN/hooks/ID
    Awaitable<Result<Answer<standing::HookSettings>>> get_hook(Hook hook);
    /// GET /repos/OWNER/NAME/hooks, or /orgs/LOGIN/hooks of a login alone: the first hundred.
    Awaitable<Result<Answer<std::vector<standing::HookSettings>>>> list_hooks(std::string owner);
    /// GET /rate_limit, which costs nothing: does GitHub take the token? An Enterprise Server
    /// without limits answers 404, "Rate limiting is not enabled.". Errc::network where the answer
    /// is not GitHub's.
    Awaitable<Result<Answer<NoValue>>> get_rate_limit();

private:
    template <class Value>
    Awaitable<Result<Answer<Value>>> ask(std::string owner, Result<std::string> path,
                                         Result<Value> (*read)(const Page&));

    Rest rest_;
    Credentials& credentials_;
};

}  // namespace runs_agent::github
