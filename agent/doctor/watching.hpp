// SPDX-License-Identifier: MIT
// Passes requests on, and keeps what their answers say beside what was asked: what time it is
// there, and of a classic token its scopes.
#pragma once

#include "base/clock.hpp"
#include "doctor/keeping.hpp"
#include "net/client/http_client.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent {

class WatchingTransport final : public net::HttpTransport {
public:
    /// What is not below `github_url` goes to the Runs API. All must live as long; on one thread.
    WatchingTransport(net::HttpTransport& transport, const Clock& clock, std::string github_url)
        : transport_(transport), clock_(clock), github_url_(std::move(github_url)) {}

    Awaitable<Result<net::HttpResponse>> send(net::HttpRequest request) override;

    /// From then on nothing more is sent: Errc::timeout.
    void give_up_at(SteadyTime at) { until_ = at; }

    /// By how much this machine's clock is ahead, of each that was asked and said a Date.
    const std::vector<doctor::ClockSeen>& clocks() const { return clocks_; }
    /// X-OAuth-Scopes of the newest answer of GitHub's that had it.
    const std::string& scopes() const { return scopes_; }

private:
    void learn(bool github, const net::HttpResponse& response, Time sent, Time answered);

    net::HttpTransport& transport_;
    const Clock& clock_;
    const std::string github_url_;
    std::vector<doctor::ClockSeen> clocks_;
    std::string scopes_;
    std::optional<SteadyTime> until_;
};

}  // namespace runs_agent::agent
