// SPDX-License-Identifier: MIT
// What is asked of GitHub once, when it is connected: a GitHub App from its manifest, its webhook's
// secret and its installations; or a webhook of a repository or an organization.
// Source: docs.github.com, "Registering a GitHub App from a manifest", "REST API endpoints for
// GitHub Apps", "… for GitHub App webhooks", "… for organization webhooks", "… for repository
// webhooks"; API version 2022-11-28.
#pragma once

#include "base/awaitable.hpp"
#include "github/credentials.hpp"
#include "github/github.hpp"
#include "github/rest.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace runs_agent::github {

/// A GitHub App as GitHub describes it.
struct App {
    std::int64_t id = 0;
    std::string name;
    std::string slug;
    std::string html_url;                            // its public page
    std::string owner;                               // the login of the account that owns it
    std::map<std::string, std::string> permissions;  // "actions": "read"
    std::vector<std::string> events;
    std::string webhook_secret;  // from a manifest alone, and empty where GitHub made none
    std::string private_key;     // PEM; from a manifest alone
};

/// An account that has installed the App.
struct Installation {
    std::int64_t id = 0;
    std::string account;  // its login
    bool all_repositories = false;
    bool suspended = false;
};

struct RepositoryNames {
    std::vector<std::string> names;  // the first hundred
    std::int64_t total = 0;
};

/// A webhook of a repository or an organization.
struct HookEntry {
    std::int64_t id = 0;
    std::string url;
    std::vector<std::string> events;
    bool active = false;
};

/// All read tolerantly, as document.hpp says. The client secret is not read: nothing needs it.
Result<App> read_app(const Page& page);
Result<std::vector<Installation>> read_installations(const Page& page);
Result<RepositoryNames> read_repositories(const Page& page);
Result<HookEntry> read_hook(const Page& page);
Result<std::vector<HookEntry>> read_hooks(const Page& page);

/// Errors as in GitHub (github.hpp). All on the transport's executor.
class Connecting {
public:
    /// `credentials` may use the same transport; all must live as long.
    Connecting(net::HttpTransport& transport, const Clock& clock, std::string api_url,
               Credentials& credentials);

    /// POST /app-manifests/{code}/conversions: without credentials and with an empty body. Works
    /// once, within an hour; 404 after that.
    Awaitable<Result<Answer<App>>> convert_manifest(std::string code);

    // As the App: the credentials are its own.
    Awaitable<Result<Answer<NoValue>>> set_app_secret(std::string secret);
    Awaitable<Result<Answer<std::vector<Installation>>>> list_installations();
    /// Those that an installation covers; by a token of its own, which is used for this alone.
    Awaitable<Result<Answer<RepositoryNames>>> list_repositories(std::int64_t installation);

    // For a repository (OWNER/NAME) or an organization (its login).
    /// The first hundred, of the twenty that GitHub allows for each event.
    Awaitable<Result<Answer<std::vector<HookEntry>>>> list_hooks(std::string owner);
    Awaitable<Result<Answer<HookEntry>>> create_hook(std::string owner, std::string url,
                                                     std::vector<std::string> events,
                                                     std::string secret);
    /// These and no others. Also makes it active. Its address and its secret stay what they are.
    /// An organization's webhook knows no `add_events`: all that it is to deliver is sent.
    Awaitable<Result<Answer<HookEntry>>> set_events(std::string owner, std::int64_t hook,
                                                    std::vector<std::string> events);
    /// Has a `ping` sent.
    Awaitable<Result<Answer<NoValue>>> ping_hook(std::string owner, std::int64_t hook);

    /// Has a delivery sent once more, with the same guid.
    Awaitable<Result<Answer<NoValue>>> redeliver(Hook hook, std::int64_t delivery_id);

private:
    struct Call;
    using PageAnswer = Answer<std::shared_ptr<const Page>>;

    Awaitable<Result<PageAnswer>> send(Call call);
    template <class Value>
    Awaitable<Result<Answer<Value>>> ask(Call call, Result<Value> (*read)(const Page&));

    Rest rest_;
    Credentials& credentials_;
};

}  // namespace runs_agent::github
