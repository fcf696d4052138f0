// SPDX-License-Identifier: MIT
#include "agent/action/asked/addresses.hpp"

#include "net/http_message.hpp"
#include "net/url.hpp"

namespace runs_agent::agent::action {

namespace {

// Source: github.com/currents-dev/cancel-run-gh-action, README.md, inputs and examples.
constexpr std::string_view cloud_api = "https://api.currents.dev/v1";
constexpr std::string_view cloud_director = "https://cy.currents.dev/v1";
constexpr std::string_view cloud_pages = "https://app.currents.dev/run/";
constexpr std::string_view cloud_host = ".currents.dev";

bool ends_in(std::string_view text, std::string_view ending) {
    return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

std::string host_of(const std::string& url) {
    const auto parsed = net::parse_url(url);
    return parsed.has_value() ? parsed->host : std::string();
}

Result<std::string> checked(std::string url, const std::string& name) {
    const auto parsed = net::parse_url(url);
    if (parsed.has_error()) return fail(Errc::bad_input, name + ": " + parsed.error().message);
    if (url.find_first_of("?#") != std::string::npos)
        return fail(Errc::bad_input, name +
                                         " holds a query or a fragment; write only the address, "
                                         "such as " +
                                         std::string(cloud_api));
    while (url.back() == '/') url.pop_back();
    if (parsed->target == "/") url += "/v1";
    return url;
}

}  // namespace

Result<std::string> api_url(const std::string& given) {
    if (given.empty()) return std::string(cloud_api);
    return checked(given, "api-url (CURRENTS_API_URL)");
}

Result<std::string> director_url(const std::string& given, const std::string& api) {
    if (given.empty()) return api == cloud_api ? std::string(cloud_director) : api;
    auto url = checked(given, "director-url");
    if (url.has_value() && !ends_in(*url, "/v1")) *url += "/v1";
    return url;
}

bool is_in_the_clear(const std::string& url) {
    const auto parsed = net::parse_url(url);
    if (parsed.has_error() || parsed->scheme != "http") return false;
    const std::string& host = parsed->host;
    return host != "localhost" && host != "::1" && host != "127.0.0.1";
}

std::string page_of_run(const std::string& url, std::string_view run_id) {
    const bool cloud = ends_in(host_of(url), cloud_host);
    return (cloud ? std::string(cloud_pages) : url + "/runs/") + net::percent_encode(run_id);
}

}  // namespace runs_agent::agent::action
