// SPDX-License-Identifier: MIT
#include "agent/cli/measured_transport.hpp"

#include "base/text.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

using Request = Metrics::Request;

constexpr std::size_t max_budgets = 256;

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto end = std::min(path.find('/'), path.size());
        parts.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return parts;
}

std::string without_slashes(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return std::string(url);
}

/// The path below an address; absent where it is not below it.
std::optional<std::string_view> below(std::string_view url, std::string_view address) {
    if (!url.starts_with(address)) return std::nullopt;
    url.remove_prefix(address.size());
    if (!url.empty() && url.front() != '/') return std::nullopt;
    return url;
}

std::optional<double> number(const net::Headers& headers, std::string_view name) {
    const auto text = headers.find(name);
    if (!text) return std::nullopt;
    const auto value = parse_number<std::int64_t>(*text);
    return value && *value >= 0 ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

/// Below /repos/OWNER/NAME/actions.
Request actions_request(std::string_view method, const std::vector<std::string_view>& parts) {
    const std::string_view last = parts.back();
    if (method == "POST" && last == "cancel") return Request::cancel_workflow;
    if (method == "POST" && last == "force-cancel") return Request::force_cancel_workflow;
    if (method != "GET") return Request::other_of_github;
    if (last == "runs") return Request::list_workflow_runs;
    if (parts.size() > 4 && parts[4] == "runs") return Request::get_workflow_run;
    return parts.size() == 6 && parts[4] == "workflows" ? Request::get_workflow
                                                        : Request::other_of_github;
}

}  // namespace

Metrics::Request runs_api_request(std::string_view method, std::string_view below) {
    const auto parts = segments(below);
    if (parts.empty()) return Request::other_of_runs_api;
    if (method == "GET" && parts.front() == "projects" && parts.back() == "runs")
        return Request::list_runs;
    if (parts.front() != "runs" || parts.size() < 2) return Request::other_of_runs_api;
    if (method == "PUT" && parts[1] == "cancel-ci") return Request::cancel_ci;
    if (method == "PUT" && parts.back() == "cancel") return Request::cancel_run;
    if (method == "PUT" && parts.back() == "reset") return Request::reset_run;
    if (method != "GET" || parts.size() > 2) return Request::other_of_runs_api;
    return parts[1] == "find" ? Request::find_run : Request::get_run;
}

Metrics::Request github_request(std::string_view method, std::string_view below) {
    const auto parts = segments(below);
    if (parts.empty()) return Request::other_of_github;
    if (parts.back() == "access_tokens" || parts.back() == "installation")
        return Request::authorize;
    if (method == "GET" && parts.back() == "deliveries") return Request::list_deliveries;
    if (method == "GET" && parts.size() > 1 && parts[parts.size() - 2] == "deliveries")
        return Request::get_delivery;
    if (parts.front() != "repos") return Request::other_of_github;
    if (method == "GET" && parts.size() == 3) return Request::get_repository;
    return parts.size() > 4 && parts[3] == "actions" ? actions_request(method, parts)
                                                     : Request::other_of_github;
}

MeasuredTransport::MeasuredTransport(net::HttpTransport& transport, const Clock& clock,
                                     Metrics& metrics, std::string_view runs_api_url,
                                     std::string_view github_url)
    : transport_(transport),
      clock_(clock),
      metrics_(metrics),
      runs_api_url_(without_slashes(runs_api_url)),
      github_url_(without_slashes(github_url)) {}

Metrics::Request MeasuredTransport::what(const net::HttpRequest& request) const {
    std::string_view url = request.target;
    url = url.substr(0, url.find('?'));
    const auto of_runs_api = below(url, runs_api_url_);
    const auto of_github = below(url, github_url_);
    // One may be below the other.
    const bool github = of_github && (!of_runs_api || github_url_.size() > runs_api_url_.size());
    if (github) return github_request(request.method, *of_github);
    return runs_api_request(request.method, of_runs_api.value_or(""));
}

asio::awaitable<Result<net::HttpResponse>> MeasuredTransport::send(net::HttpRequest request) {
    const Metrics::Request asked = what(request);
    const bool of_github = asked >= Metrics::Request::cancel_workflow;
    const std::size_t who =
        std::hash<std::string_view>()(request.headers.find("Authorization").value_or(""));
    const auto began = std::chrono::steady_clock::now();
    Result<net::HttpResponse> answer = co_await transport_.send(std::move(request));
    metrics_.http_duration.observe(
        in_seconds(std::chrono::steady_clock::now() - began),
        of_github ? Metrics::Service::github : Metrics::Service::runs_api);
    metrics_.http_requests.add(asked, Metrics::code_of(answer.has_value() ? answer->status : 0));
    if (of_github && answer.has_value()) learn(who, *answer);
    co_return answer;
}

/// Source: docs.github.com, "Rate limits for the REST API", headers.
void MeasuredTransport::learn(std::size_t who, const net::HttpResponse& response) {
    const auto limit = number(response.headers, "x-ratelimit-limit");
    const auto remaining = number(response.headers, "x-ratelimit-remaining");
    const auto reset = number(response.headers, "x-ratelimit-reset");
    if (!limit || !remaining || !reset || *limit == 0) return;
    const Time now = clock_.now();
    std::erase_if(budgets_, [now](const auto& one) { return one.second.reset <= now; });
    if (budgets_.size() >= max_budgets) budgets_.erase(budgets_.begin());
    // A clock that is far wrong is no reason to keep it for ever.
    const Time until = std::min<Time>(
        now + std::chrono::hours(24),
        Time(std::chrono::seconds(static_cast<std::int64_t>(std::min(*reset, 1e11)))));
    budgets_.insert_or_assign(who, Budget{*limit, *remaining, until});
    const auto least =
        std::min_element(budgets_.begin(), budgets_.end(), [](const auto& one, const auto& other) {
            return one.second.remaining * other.second.limit <
                   other.second.remaining * one.second.limit;
        });
    metrics_.github_limit = least->second.limit;
    metrics_.github_remaining = least->second.remaining;
    metrics_.github_reset = least->second.reset;
}

}  // namespace runs_agent::agent
