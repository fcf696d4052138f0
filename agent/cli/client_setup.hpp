// SPDX-License-Identifier: MIT
// The program's way out: HTTP and the Runs API as configuration and environment want them.
#pragma once

#include "agent/cli/measured_transport.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/configuration.hpp"
#include "config/environment.hpp"
#include "github/client.hpp"
#include "github/credentials.hpp"
#include "net/client/http_client.hpp"
#include "net/server/certificate.hpp"
#include "runs_api/client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace runs_agent::agent {

/// What every outgoing connection shares: the User-Agent with the version, and from the environment
/// HTTPS_PROXY, NO_PROXY (or in lower case) and SSL_CERT_FILE. Errc::bad_input, a line a mistake,
/// where the proxy or the certificates cannot be read.
Result<net::ClientOptions> client_options(const config::Environment& environment);

/// What the embedded Runs API sends its webhooks with: the User-Agent and SSL_CERT_FILE, and where
/// they may go. Not the proxy, which would look a host up where nobody can see what it finds.
/// Errc::bad_input where the certificates, or RUNS_AGENT_API_WEBHOOKS_ALLOW, cannot be read.
Result<net::ClientOptions> hook_options(const config::Environment& environment,
                                        const config::Configuration& configuration);

/// Errc::bad_input where the Runs API's address is none.
Result<void> check_api_url(const std::string& api_url);

/// What the listeners show whoever connects; empty: they speak plain HTTP. Reads files. An error
/// where one is given without the other, cannot be read, or does not fit.
Result<std::optional<net::ServerCertificate>> server_certificate(
    const config::Configuration& configuration);

/// All that `serve` would stumble over when it opens its way in and out: the Runs API's address,
/// the addresses to listen on, the page's tokens, proxy and certificates. Errc::bad_input, a line a
/// mistake. `serve` and `config` ask it alike, so that what one lets pass the other does.
Result<void> check_network(const config::Configuration& configuration,
                           const config::Environment& environment);

/// Whose name GitHub is asked in. `http` and `clock` must live as long.
std::unique_ptr<github::Credentials> make_credentials(net::HttpTransport& http, const Clock& clock,
                                                      const config::GitHubAccess& access);

/// Clients of the Runs API and of GitHub with the HTTP client they share, whose requests `metrics`
/// counts where given. `clock` and `metrics` must live as long.
class ApiClient {
public:
    ApiClient(boost::asio::any_io_executor executor, net::ClientOptions options, const Clock& clock,
              const config::Configuration& configuration, runs_api::AnswerLimits limits = {},
              Metrics* metrics = nullptr);

    runs_api::RunsApi& api() { return api_; }
    github::GitHub& github() { return github_; }
    net::HttpTransport& http() { return transport(); }
    /// GitHub's limits are those of all that share the board, which must live as long.
    void share_limits(github::LimitBoard& board) { github_.share(board); }

private:
    net::HttpTransport& transport();

    net::HttpClient http_;
    std::unique_ptr<MeasuredTransport> measured_;
    runs_api::RunsApiClient api_;
    std::unique_ptr<github::Credentials> credentials_;
    github::GitHubClient github_;
};

}  // namespace runs_agent::agent
