// SPDX-License-Identifier: MIT
// Who may ask a fake GitHub what, and how often: tokens, a GitHub App and its installations, and
// the primary rate limit.
#pragma once

#include "base/clock.hpp"
#include "net/http_message.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::tests {

/// What a token may do.
struct FakeGrant {
    bool hooks = true;         // read and repeat deliveries: else they are "Not Found"
    bool actions = true;       // cancel runs: else that is forbidden
    bool sees_actions = true;  // list and get runs
    std::vector<std::string> repositories{};  // which there are for it; none: all
};

struct FakeInstallation {
    std::int64_t id = 0;
    std::string account;
    std::vector<std::string> repositories;  // none: all of the account's
    FakeGrant grant;
};

class FakeAccess {
public:
    explicit FakeAccess(const Clock& clock) : clock_(clock) {}

    std::map<std::string, FakeGrant> tokens;
    std::string app_id;  // empty: there is no App
    std::string app_client_id;
    std::string app_public_key;
    std::vector<FakeInstallation> installations;
    std::chrono::seconds installation_token_life = std::chrono::hours(1);
    std::optional<int> limit;  // requests in an hour, for each caller

    struct Caller {
        std::string wrong;  // GitHub's words; empty: the caller is known
        std::string name;   // whose limit it is
        bool is_app = false;
        FakeGrant grant;
        std::string account;  // an installation's
        bool sees(const std::string& repository) const;
    };
    Caller caller_of(const net::HttpRequest& request) const;

    const FakeInstallation* installation(const std::string& repository_or_org) const;
    const FakeInstallation* installation(std::int64_t id) const;
    /// The JSON of an access token made for it.
    std::string make_token(const FakeInstallation& installation);
    void revoke_installation_tokens() { made_.clear(); }
    int tokens_made() const { return count_; }

    /// Counts a request; false where the limit is used up.
    bool count(const Caller& caller);
    /// A conditional request that changed nothing does not count.
    void uncount(const Caller& caller);
    void add_limit_headers(const Caller& caller, net::Headers& headers) const;

private:
    struct Made {
        std::int64_t installation = 0;
        Time expires_at{};
    };
    struct Window {
        int used = 0;
        Time reset{};
    };

    const Clock& clock_;
    std::map<std::string, Made> made_;
    std::map<std::string, Window> windows_;
    int count_ = 0;
};

}  // namespace runs_agent::tests
