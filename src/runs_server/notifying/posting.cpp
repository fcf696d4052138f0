// SPDX-License-Identifier: MIT
#include "runs_server/notifying/posting.hpp"

#include "net/url.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::runs_server {

using net::HttpRequest;
using net::HttpResponse;

HttpRequest request_of(const OutgoingHook& hook, Time now) {
    HttpRequest request;
    request.method = "POST";
    request.target = hook.url;
    request.headers = hook.headers;
    request.headers.set("Content-Type", "application/json");
    // Source: docs.currents.dev, "HTTP Webhooks", "Security".
    request.headers.set("x-timestamp", std::to_string(now.time_since_epoch().count()));
    // By this a receiver knows again what comes a second time.
    request.headers.set("x-runs-agent-delivery", hook.id);
    request.body = hook.body;
    return request;
}

std::string fault_of(const Result<HttpResponse>& answer) {
    if (answer.has_error()) {
        std::string text = answer.error().message;
        if (answer.error().code == Errc::refused)
            text += "; where that is meant, allow it by RUNS_AGENT_API_WEBHOOKS_ALLOW";
        return text;
    }
    const int status = answer->status;
    if (status >= 200 && status < 300) return {};
    std::string text = "it answered " + std::to_string(status);
    if (status >= 300 && status < 400) text += "; redirects are not followed, change the URL";
    return text;
}

bool is_of_this_one(const Result<HttpResponse>& answer) {
    // Source: RFC 9110 section 15.5, and for 422 section 15.5.21.
    constexpr std::array statuses{400, 406, 409, 411, 412, 413, 415, 422};
    return answer.has_value() &&
           std::find(statuses.begin(), statuses.end(), answer->status) != statuses.end();
}

std::string receiver_of(const OutgoingHook& hook) {
    const auto url = net::parse_url(hook.url);
    return url.has_value() ? net::host_and_port(url->host, url->port) : "";
}

net::ClientOptions hook_client_options(std::string user_agent, std::string ca_file,
                                       net::MayConnect may_connect) {
    net::ClientOptions options;
    options.connect_timeout = std::chrono::seconds(10);
    options.handshake_timeout = std::chrono::seconds(10);
    options.answer_timeout = std::chrono::seconds(15);
    // Its status says all: what was taken is taken, whatever is told beside that.
    options.head_only = true;
    // A kept one may be closed in the moment it is used again, and a POST is not repeated at once.
    options.kept_per_host = 0;
    options.user_agent = std::move(user_agent);
    options.ca_file = std::move(ca_file);
    options.may_connect = std::move(may_connect);
    return options;
}

}  // namespace runs_agent::runs_server
