#include "agent/client_setup.hpp"

#include "agent/version.hpp"
#include "net/proxy.hpp"
#include "net/url.hpp"

#include <fstream>

namespace runs_agent::agent {

namespace {

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

}  // namespace

Result<net::ClientOptions> client_options(const config::Environment& environment) {
    net::ClientOptions options;
    options.user_agent = std::string("runs-agent/") + version;
    for (const Result<void>& step :
         {read(environment, {"HTTPS_PROXY", "https_proxy"}, options.https_proxy),
          read(environment, {"NO_PROXY", "no_proxy"}, options.no_proxy),
          read(environment, {"SSL_CERT_FILE"}, options.ca_file)})
        if (step.has_error()) return step.error();
    const auto proxy = net::parse_proxy(options.https_proxy);
    if (proxy.has_error()) return proxy.error();
    if (!options.ca_file.empty() && !std::ifstream(options.ca_file))
        return fail(Errc::bad_input, "SSL_CERT_FILE names " + options.ca_file +
                                         ", which cannot be read; see that it is there");
    return options;
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

ApiClient::ApiClient(boost::asio::any_io_executor executor, net::ClientOptions options,
                     const Clock& clock, const config::Configuration& configuration)
    : http_(std::move(executor), std::move(options)),
      api_(http_, clock, configuration.api_url, configuration.api_key) {}

}  // namespace runs_agent::agent
