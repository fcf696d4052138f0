// SPDX-License-Identifier: MIT
#include "agent/setup/wish.hpp"

#include "base/host_name.hpp"
#include "base/text.hpp"
#include "json/writing.hpp"
#include "net/client/public_address.hpp"
#include "net/http_message.hpp"
#include "net/url.hpp"
#include "observe/printable.hpp"

#include <boost/asio/ip/address.hpp>

namespace runs_agent::agent::setup {

namespace {

constexpr std::string_view webhook_path = "/webhooks/github";
constexpr std::size_t longest_app_name = 34;  // GitHub's

bool has_scheme(std::string_view text) {
    return text.find("://") != std::string_view::npos;
}

Result<net::Url> parse_with_scheme(std::string_view text) {
    const std::string whole = (has_scheme(text) ? "" : "https://") + std::string(text);
    if (whole.find_first_of("?#") != std::string::npos)
        return fail(Errc::bad_input, "it holds a '?' or a '#'; write only the address");
    return net::parse_url(whole);
}

/// GitHub is asked to reach it, from elsewhere.
bool is_loopback(const std::string& host) {
    return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
           host == "::1" || host == "0.0.0.0" || host == "::";
}

std::string cut(std::string name) {
    if (name.size() > longest_app_name) name.resize(longest_app_name);
    while (name.ends_with('-')) name.pop_back();
    return name;
}

}  // namespace

Result<Places> places_of(std::string_view host) {
    // What was written is not repeated: it may hold a password, where a URL may.
    const auto url = parse_with_scheme(trimmed(host));
    if (url.has_error()) return fail(Errc::bad_input, "--host: " + url.error().message);
    if (url->target != "/")
        return fail(Errc::bad_input,
                    "--host: write the host alone, such as github.example.com, without a path");
    std::string name = host_name(net::host_field(*url));
    if (name == "www.github.com" || name == "api.github.com") name = "github.com";
    if (name == "github.com") return Places{name, "https://github.com", "https://api.github.com"};
    if (name == "ghe.com" || name == "api.ghe.com")
        return fail(
            Errc::bad_input,
            "--host ghe.com: write your own host, such as octo.ghe.com, with its subdomain");
    if (name.ends_with(".ghe.com")) {
        if (name.starts_with("api.")) name.erase(0, std::string_view("api.").size());
        return Places{name, "https://" + name, "https://api." + name};
    }
    const std::string web = url->scheme + "://" + name;
    return Places{name, web, web + "/api/v3"};
}

Result<std::string> webhook_url(std::string_view text) {
    const auto url = parse_with_scheme(trimmed(text));
    const std::string what = "--url: ";
    if (url.has_error()) return fail(Errc::bad_input, what + url.error().message);
    if (is_loopback(url->host))
        return fail(Errc::bad_input,
                    what +
                        "GitHub delivers from elsewhere and cannot reach this machine by that "
                        "name; write the address that a reverse proxy or a tunnel gives it");
    std::string path = url->target;
    while (path.ends_with('/')) path.pop_back();
    if (path.empty()) path = webhook_path;
    return url->scheme + "://" + net::host_field(*url) + path;
}

std::string doubt_of(const Wish& wish) {
    const bool of_cloud =
        wish.github.host == "github.com" || wish.github.host.ends_with(".ghe.com");
    const auto url = net::parse_url(wish.url);
    if (!of_cloud || url.has_error()) return {};
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(url->host, not_an_address);
    const bool known = not_an_address.failed() ? url->host.find('.') != std::string::npos
                                               : net::is_public(address);
    if (known) return {};
    return "--url: " + printable(url->host) +
           " is a name or an address of a network of your own, " + "and " + wish.github.host +
           " delivers from the internet; go on only where it reaches the daemon there all the same";
}

std::vector<std::string> wanted_events(const Wish& wish) {
    std::vector<std::string> events{"workflow_run"};
    if (wish.jobs) events.emplace_back("workflow_job");
    return events;
}

std::map<std::string, std::string> wanted_permissions(const Wish& wish) {
    return {{"actions", wish.cancel_workflows ? "write" : "read"}};
}

std::string app_name(const std::string& org, const std::string& salt) {
    return cut("runs-agent-" + (org.empty() ? salt : org));
}

Result<void> check_app_name(const std::string& name) {
    if (name != printable(name))
        return fail(Errc::bad_input,
                    "--name " + printable(name) + ": it holds what cannot be seen, a line end say");
    if (name.size() <= longest_app_name) return {};
    return fail(Errc::bad_input, "--name " + printable(name) + ": GitHub takes " +
                                     std::to_string(longest_app_name) + " characters at most");
}

std::string new_app_address(const Wish& wish, const std::string& state) {
    const std::string owner =
        wish.owner.empty() ? "" : "/organizations/" + net::percent_encode(wish.owner);
    return wish.github.web + owner + "/settings/apps/new?state=" + net::percent_encode(state);
}

std::string manifest(const Wish& wish, const std::string& redirect_url) {
    json::ObjectWriter json;
    json.text("name", wish.name);
    // The App's homepage, which GitHub wants: the host that deliveries go to.
    json.text("url", wish.url.substr(0, wish.url.find('/', wish.url.find("://") + 3)));
    json.begin("hook_attributes");
    json.text("url", wish.url);
    json.flag("active", true);
    json.end();
    json.text("redirect_url", redirect_url);
    json.text("description",
              "Tells runs-agent how workflow runs end, so that the test runs that they recorded "
              "end with them.");
    json.flag("public", false);
    std::string events;
    for (const std::string& event : wanted_events(wish))
        events += (events.empty() ? "" : ",") + json_string(event);
    json.raw("default_events", "[" + events + "]");
    json.begin("default_permissions");
    for (const auto& [name, access] : wanted_permissions(wish)) json.text(name, access);
    json.end();
    return json.finish();
}

}  // namespace runs_agent::agent::setup
