// SPDX-License-Identifier: MIT
// Asks the services: GitHub, the Runs API, and the daemon's store. Reads alone.
#pragma once

#include "agent/doctor/watching.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/configuration.hpp"
#include "doctor/api_side.hpp"
#include "doctor/github_side.hpp"
#include "github/github.hpp"
#include "github/standing.hpp"
#include "runs_api/runs_api.hpp"
#include "store/store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent {

/// Which of these GUIDs no delivery of the store has.
using UnknownOf =
    std::function<Awaitable<Result<std::vector<std::string>>>(std::vector<std::string> guids)>;

/// What the store tells.
struct StoreTold {
    std::string fault;  // it could not be read
    std::optional<store::Backlog> backlog;
    std::optional<Time> newest;  // that came, or was caught up with
    std::optional<Time> last_ping;
    std::vector<store::HeardHook> hooks;  // of the last 30 days
    std::vector<std::string> repositories;
};
Awaitable<StoreTold> look_at_store(store::Store& store, std::string github_host, Time now);

/// Who is asked of GitHub. All must live as long as the look.
struct GitHubAsked {
    github::GitHub& github;
    github::Standing& standing;
    const WatchingTransport& watched;
};

struct GitHubAbout {
    config::GitHubAccess access;
    std::string url;         // the public address, where it is known
    std::string repository;  // that is asked about; may be empty
    std::vector<store::HeardHook> hooks;
    std::vector<std::string> repositories;
    UnknownOf unknown_of;  // empty: a daemon's store cannot be asked
    doctor::Wanted wanted;
    Time now{};
};

struct GitHubTold {
    doctor::Findings findings;
    std::optional<Time> refused_at;      // the newest of GitHub's logs that was answered 401
    std::string payload_url;             // of the first webhook that could be read; may be empty
    bool insecure_ssl = false;           // GitHub does not look at the certificate of the address
    std::vector<std::string> looked_at;  // the ids of webhooks
};
Awaitable<GitHubTold> look_at_github(GitHubAsked asked, GitHubAbout about);

struct ApiAbout {
    /// `told` must live no longer than this is made; `by` as long as the look.
    ApiAbout(const Clock& by, const config::Configuration& told, bool is_own,
             std::vector<std::string> wanted);

    const Clock& clock;
    std::string address;
    bool key_given = false;
    bool own = false;                // the embedded one
    std::vector<std::string> named;  // the projects that are looked for
};
/// The key is tried with a request that only reads. Stops where all projects were found, or after
/// ten seconds.
Awaitable<doctor::ApiSeen> look_at_api(runs_api::RunsApi& api, ApiAbout about);

/// What a policy wants of GitHub, and the projects that it names.
doctor::Wanted wanted_by(const decide::Policy& policy);
std::vector<std::string> projects_of(const decide::Policy& policy);

/// "github.com": one that cannot reach private addresses.
bool is_public_github(const std::string& host);

doctor::BacklogSeen backlog_of(const store::Backlog& backlog, bool daemon_runs);

}  // namespace runs_agent::agent
