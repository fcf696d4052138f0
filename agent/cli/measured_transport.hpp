// SPDX-License-Identifier: MIT
// Counts and times each request to the Runs API and to GitHub, and reads what GitHub says of its
// limits: at the one place that every request passes, also those for a token or a second try.
#pragma once

#include "base/clock.hpp"
#include "net/client/http_client.hpp"
#include "observe/metrics.hpp"

#include <map>
#include <string>
#include <string_view>

namespace runs_agent::agent {

/// What a request is for. `below` is its path below the service's address, without the query.
Metrics::Request runs_api_request(std::string_view method, std::string_view below);
Metrics::Request github_request(std::string_view method, std::string_view below);

class MeasuredTransport final : public net::HttpTransport {
public:
    /// What is not below `github_url` goes to the Runs API. All must live as long; on one thread.
    MeasuredTransport(net::HttpTransport& transport, const Clock& clock, Metrics& metrics,
                      std::string_view runs_api_url, std::string_view github_url);

    Awaitable<Result<net::HttpResponse>> send(net::HttpRequest request) override;

private:
    struct Budget {
        double limit = 0;
        double remaining = 0;
        Time reset{};
    };

    Metrics::Request what(const net::HttpRequest& request) const;
    void learn(std::size_t who, const net::HttpResponse& response);

    net::HttpTransport& transport_;
    const Clock& clock_;
    Metrics& metrics_;
    const std::string runs_api_url_;
    const std::string github_url_;
    std::map<std::size_t, Budget> budgets_;  // by a hash of who asked; one for each installation
};

}  // namespace runs_agent::agent
