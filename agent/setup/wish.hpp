// SPDX-License-Identifier: MIT
// What `setup` is to set up, read strictly from flags and answers. Pure.
#pragma once

#include "base/error.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::agent::setup {

/// Where a GitHub is.
struct Places {
    std::string host;  // as people name it: github.com
    std::string web;   // https://github.com
    std::string api;   // https://api.github.com
};

/// github.com, SUBDOMAIN.ghe.com, or the host of an Enterprise Server, whose API is below /api/v3.
/// "https://" or "http://" may stand in front. Errc::bad_input where it can be none.
/// Source: docs.github.com, "Network details for GHE.com"; "REST API", Enterprise Server.
Result<Places> places_of(std::string_view host);

/// The address that deliveries go to, from one that people write: https where nothing else is said,
/// and /webhooks/github where there is no path. Errc::bad_input where GitHub could not deliver.
Result<std::string> webhook_url(std::string_view text);

struct Wish {
    Places github;
    std::string owner;  // organization, or for a webhook OWNER/NAME; empty: one's own account
    std::string url;    // webhook_url()
    std::string name;   // of the App
    bool cancel_workflows = false;
    bool jobs = false;
};

/// What makes it unlikely that this GitHub reaches the daemon, for people; empty: nothing.
std::string doubt_of(const Wish& wish);

std::vector<std::string> wanted_events(const Wish& wish);
/// Of an App. `actions: read` covers both events, and lists of runs.
std::map<std::string, std::string> wanted_permissions(const Wish& wish);

/// A name for the App that is free, as a rule: GitHub's are unique on all of it. `salt` where there
/// is no organization to tell it from others.
std::string app_name(const std::string& org, const std::string& salt);

/// Errc::bad_input where GitHub would not take it, or it is more than a line.
Result<void> check_app_name(const std::string& name);

/// Where the browser posts the manifest to.
std::string new_app_address(const Wish& wish, const std::string& state);

/// The JSON that describes the App. It holds no secret: GitHub refuses one there, and makes it
/// itself. Source: docs.github.com, "Registering a GitHub App from a manifest".
std::string manifest(const Wish& wish, const std::string& redirect_url);

}  // namespace runs_agent::agent::setup
