// SPDX-License-Identifier: MIT
#include "agent/doctor/watching.hpp"

#include "base/time_text.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::agent {

namespace asio = boost::asio;

asio::awaitable<Result<net::HttpResponse>> WatchingTransport::send(net::HttpRequest request) {
    if (until_ && clock_.steady() > *until_)
        co_return fail(Errc::timeout, "it was not asked any more: what came before took too long");
    const bool github = request.target.starts_with(github_url_);
    const Time sent = clock_.now();
    Result<net::HttpResponse> response = co_await transport_.send(std::move(request));
    if (response.has_value()) learn(github, *response, sent, clock_.now());
    co_return response;
}

void WatchingTransport::learn(bool github, const net::HttpResponse& response, Time sent,
                              Time answered) {
    if (const auto scopes = response.headers.find("X-OAuth-Scopes"); github && scopes)
        scopes_ = *scopes;
    const auto date = response.headers.find("Date");
    const auto there = date ? parse_http_date(*date) : std::nullopt;
    if (!there) return;
    // Its second began up to one ago; what lies between the two ends of the exchange is not known.
    const Time here = sent + (answered - sent) / 2;
    const auto ahead = here - (*there + std::chrono::milliseconds(500));
    const char* const whose = github ? "GitHub" : "the Runs API";
    const auto known = std::ranges::find(clocks_, whose, &doctor::ClockSeen::whose);
    if (known == clocks_.end())
        clocks_.push_back({whose, ahead});
    else
        known->ahead = ahead;
}

}  // namespace runs_agent::agent
