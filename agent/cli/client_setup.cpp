// SPDX-License-Identifier: MIT
#include "agent/cli/client_setup.hpp"

#include "agent/version.hpp"
#include "github/app_credentials.hpp"
#include "github/jwt.hpp"
#include "github/request.hpp"
#include "net/client/proxy.hpp"
#include "net/client/tls.hpp"
#include "net/listen_address.hpp"
#include "net/url.hpp"
#include "observe/printable.hpp"
#include "runs_server/notifying/posting.hpp"
#include "runs_server/notifying/targets.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <algorithm>

namespace runs_agent::agent {

namespace {

/// Gathers what is wrong, a line each.
class Mistakes {
public:
    template <class T>
    void note(const Result<T>& result, const std::string& setting = "") {
        if (!result.has_error()) return;
        add(printable(setting + result.error().message));
    }
    void note_list(const Result<void>& mistakes) {
        if (mistakes.has_error()) add(mistakes.error().message);
    }
    Result<void> result() const {
        if (lines_.empty()) return {};
        return fail(Errc::bad_input, lines_);
    }

private:
    void add(const std::string& lines) {
        if (!lines_.empty()) lines_ += '\n';
        lines_ += lines;
    }

    std::string lines_;
};

/// The first of the variables that is set, into `value`.
Result<void> read(const config::Environment& environment, std::initializer_list<const char*> names,
                  std::string& value) {
    for (const char* const name : names) {
        auto found = environment.get(name);
        if (found.has_error()) return found.error();
        if (!found->has_value()) continue;
        value = std::move(**found);
        return {};
    }
    return {};
}

/// GitHub's API's address, the App's key, and whether what the policy wants can be done.
Result<void> check_github(const config::Configuration& configuration) {
    const config::GitHubAccess& access = configuration.github;
    Mistakes mistakes;
    mistakes.note(github::host_of_api(access.api_url), "GITHUB_API_URL: ");
    if (!access.app_id.empty()) {
        mistakes.note(github::check_app_id(access.app_id));
        const auto key = access.app_private_key();
        mistakes.note(key);
        if (key.has_value()) mistakes.note(github::check_private_key(*key));
    }
    const auto cancels = [](const decide::Settings& settings) {
        return !settings.ignore && settings.superseded && settings.cancel_workflow;
    };
    const auto& rules = configuration.policy.rules;
    const bool wanted =
        cancels(configuration.policy.defaults) ||
        std::any_of(rules.begin(), rules.end(),
                    [&](const decide::PolicyRule& rule) { return cancels(rule.settings); });
    if (wanted && access.app_id.empty() && !access.token_given)
        mistakes.note(Result<void>(
            fail(Errc::bad_input,
                 "the policy has superseded.cancel_workflow on, which needs access to GitHub: set"
                 " GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY")));
    return mistakes.result();
}

/// Of the page.
Result<void> check_tokens(const config::Configuration& configuration) {
    constexpr std::size_t least = 16;  // bytes: shorter ones can be guessed
    Mistakes mistakes;
    const auto check = [&mistakes](const char* name, const std::string& token) {
        if (token.empty() || token.size() >= least) return;
        mistakes.note(Result<void>(
            fail(Errc::bad_input, std::string(name) +
                                      " is shorter than 16 characters, and could be guessed; make"
                                      " one with openssl rand -hex 24")));
    };
    check("RUNS_AGENT_ADMIN_TOKEN", configuration.admin_token);
    check("RUNS_AGENT_ADMIN_READ_TOKEN", configuration.admin_read_token);
    if (!configuration.admin_token.empty() &&
        configuration.admin_token == configuration.admin_read_token)
        mistakes.note(Result<void>(
            fail(Errc::bad_input,
                 "RUNS_AGENT_ADMIN_READ_TOKEN is the same as RUNS_AGENT_ADMIN_TOKEN, so that who"
                 " has it could change things; make another one")));
    return mistakes.result();
}

}  // namespace

std::unique_ptr<github::Credentials> make_credentials(net::HttpTransport& http, const Clock& clock,
                                                      const config::GitHubAccess& access) {
    if (!access.app_id.empty())
        return std::make_unique<github::AppCredentials>(http, clock, access.api_url, access.app_id,
                                                        access.app_private_key);
    if (access.token_given) return std::make_unique<github::TokenCredentials>(access.token);
    return std::make_unique<github::NoCredentials>();
}

Result<net::ClientOptions> client_options(const config::Environment& environment) {
    net::ClientOptions options;
    options.user_agent = std::string("runs-agent/") + version;
    Mistakes mistakes;
    mistakes.note(read(environment, {"HTTPS_PROXY", "https_proxy"}, options.https_proxy));
    mistakes.note(read(environment, {"NO_PROXY", "no_proxy"}, options.no_proxy));
    mistakes.note(read(environment, {"SSL_CERT_FILE"}, options.ca_file));
    mistakes.note(net::parse_proxy(options.https_proxy));
    if (!options.ca_file.empty()) mistakes.note(net::make_tls_context(options.ca_file));
    if (const auto none = mistakes.result(); none.has_error()) return none.error();
    return options;
}

Result<net::ClientOptions> hook_options(const config::Environment& environment,
                                        const config::Configuration& configuration) {
    Mistakes mistakes;
    std::string ca_file;
    mistakes.note(read(environment, {"SSL_CERT_FILE"}, ca_file));
    if (!ca_file.empty()) mistakes.note(net::make_tls_context(ca_file));
    const auto targets = runs_server::HookTargets::parse(configuration.webhooks_allow);
    mistakes.note(targets);
    if (const auto none = mistakes.result(); none.has_error()) return none.error();
    return runs_server::hook_client_options(
        std::string("runs-agent/") + version, std::move(ca_file),
        [targets = *targets](const std::string& host, const boost::asio::ip::address& address,
                             std::uint16_t port) {
            return targets.may_connect(host, address, port);
        });
}

Result<void> check_api_url(const std::string& api_url) {
    const auto url = net::parse_url(api_url);
    if (url.has_error())
        return fail(Errc::bad_input, "CURRENTS_API_URL (--api-url): " + url.error().message);
    if (url->target.find('?') != std::string::npos)
        return fail(Errc::bad_input,
                    "CURRENTS_API_URL (--api-url) holds a query; write only the address, such as "
                    "https://api.currents.dev/v1");
    return {};
}

Result<std::optional<net::ServerCertificate>> server_certificate(
    const config::Configuration& configuration) {
    const config::OwnTls& tls = configuration.tls;
    std::optional<net::ServerCertificate> none;
    if (!tls.certificate_given && !tls.key_given) return none;
    if (!tls.certificate_given || !tls.key_given)
        return fail(
            Errc::bad_input,
            std::string(tls.key_given ? "RUNS_AGENT_TLS_KEY" : "RUNS_AGENT_TLS_CERTIFICATE") +
                " is set without " +
                (tls.key_given ? "RUNS_AGENT_TLS_CERTIFICATE" : "RUNS_AGENT_TLS_KEY") +
                "; a listener that speaks TLS needs both");
    const auto chain = tls.certificate();
    if (chain.has_error()) return chain.error();
    const auto key = tls.key();
    if (key.has_error()) return key.error();
    auto made = net::make_server_certificate(*chain, *key);
    if (made.has_error())
        return fail(Errc::tls,
                    "RUNS_AGENT_TLS_CERTIFICATE, RUNS_AGENT_TLS_KEY: " + made.error().message);
    return std::optional<net::ServerCertificate>(std::move(*made));
}

Result<void> check_network(const config::Configuration& configuration,
                           const config::Environment& environment) {
    Mistakes mistakes;
    mistakes.note(check_api_url(configuration.api_url));
    mistakes.note(net::parse_listen_address(configuration.listen),
                  "RUNS_AGENT_LISTEN (--listen): ");
    mistakes.note(net::parse_listen_address(configuration.api_listen),
                  "RUNS_AGENT_API_LISTEN (--api-listen): ");
    mistakes.note(server_certificate(configuration));
    mistakes.note_list(check_tokens(configuration));
    mistakes.note(runs_server::HookTargets::parse(configuration.webhooks_allow));
    mistakes.note_list(check_github(configuration));
    if (const auto options = client_options(environment); options.has_error())
        mistakes.note_list(options.error());
    return mistakes.result();
}

ApiClient::ApiClient(boost::asio::any_io_executor executor, net::ClientOptions options,
                     const Clock& clock, const config::Configuration& configuration,
                     runs_api::AnswerLimits limits, Metrics* metrics)
    : http_(std::move(executor), std::move(options)),
      measured_(metrics == nullptr ? nullptr
                                   : std::make_unique<MeasuredTransport>(
                                         http_, clock, *metrics, configuration.api_url,
                                         configuration.github.api_url)),
      api_(transport(), clock, configuration.api_url, configuration.api_key, limits),
      credentials_(make_credentials(transport(), clock, configuration.github)),
      github_(transport(), clock, configuration.github.api_url, *credentials_) {}

net::HttpTransport& ApiClient::transport() {
    if (measured_) return *measured_;
    return http_;
}

}  // namespace runs_agent::agent
