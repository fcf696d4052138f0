// SPDX-License-Identifier: MIT
#include "agent/daemon/shared_limits.hpp"

#include "base/encoding.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::agent {

namespace asio = boost::asio;

std::string runs_api_service(const std::string& url, const Result<std::string>& key) {
    const std::string of = url + "\n" + (key.has_value() ? *key : std::string());
    return std::string(store::runs_api_service) + " " + to_hex(sha256(of)).substr(0, 32);
}

/// The budget names an account, or the digest of a token; here it need only be told from others.
std::string SharedLimits::service(const std::string& budget) const {
    return "GitHub " + to_hex(sha256(github_api_ + "\n" + budget)).substr(0, 32);
}

asio::awaitable<std::chrono::milliseconds> SharedLimits::wait(std::string budget) {
    const Time now = clock_.now();
    const auto until = co_await store_.paused_until(service(budget), now);
    // Where the store is away this process goes by what it was told itself.
    if (until.has_error() || !until->has_value()) co_return std::chrono::milliseconds(0);
    co_return std::max(std::chrono::milliseconds(0), std::chrono::milliseconds(**until - now));
}

asio::awaitable<void> SharedLimits::tell(std::string budget, std::chrono::milliseconds length) {
    const auto told = co_await store_.record_pause(service(budget), length, clock_.now());
    if (told.has_error()) log_.warn("github.limit_not_shared", {{"error", told.error().message}});
}

}  // namespace runs_agent::agent
