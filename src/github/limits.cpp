// SPDX-License-Identifier: MIT
#include "github/limits.hpp"

#include "base/text.hpp"
#include "net/retry_after.hpp"

#include <algorithm>

namespace runs_agent::github {

namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds window = 1h;  // of the primary limit; a clock that is wrong says more
constexpr Milliseconds longest_retry = window;  // more is a mistake of the service's
constexpr Milliseconds shortest = 1s;
constexpr int max_doublings = 4;  // a quarter of an hour

std::optional<std::int64_t> integer(const net::Headers& headers, std::string_view name) {
    const auto value = headers.find(name);
    if (!value) return std::nullopt;
    const auto number = parse_number<std::int64_t>(*value);
    return number && *number >= 0 ? number : std::nullopt;
}

/// Until the window ends, where it has no request left.
std::optional<Milliseconds> exhausted(const net::Headers& headers, Time now) {
    if (integer(headers, "x-ratelimit-remaining") != 0) return std::nullopt;
    const auto reset = integer(headers, "x-ratelimit-reset");
    if (!reset) return std::nullopt;
    const auto seconds_now = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    if (*reset - seconds_now.count() > window / 1s) return window;
    return std::clamp<Milliseconds>(Time(std::chrono::seconds(*reset)) - now, shortest, window);
}

/// A 403 without such words is a permission that is missing. "Abuse" is what Enterprise Servers
/// before 3.7 say.
bool speaks_of_a_limit(std::string_view message) {
    return contains_ignoring_case(message, "secondary rate limit") ||
           contains_ignoring_case(message, "abuse detection mechanism");
}

}  // namespace

Milliseconds Limits::wait(const std::string& budget, Time now) {
    const auto found = budgets_.find(budget);
    if (found == budgets_.end()) return Milliseconds(0);
    Budget& entry = found->second;
    // Only a clock that was set back makes it longer than it was.
    entry.until = std::min(entry.until, now + entry.said);
    return std::max(Milliseconds(0), Milliseconds(entry.until - now));
}

std::optional<Milliseconds> Limits::learn(const std::string& budget,
                                          const net::HttpResponse& response,
                                          std::string_view message, Time now) {
    const bool refused = response.status == 403 || response.status == 429;
    std::optional<Milliseconds> wait;
    if (refused) wait = net::retry_after(response.headers, now);
    if (wait) wait = std::clamp(*wait, shortest, longest_retry);
    // The last request of a window is still answered, but there is none after it.
    if (!wait) wait = exhausted(response.headers, now);
    const bool unsaid =
        !wait && (response.status == 429 || (refused && speaks_of_a_limit(message)));

    const auto known = budgets_.find(budget);
    if (!wait && !unsaid) {
        const bool over = known != budgets_.end() && known->second.until <= now;
        if (over && response.status < 400) budgets_.erase(known);
        return std::nullopt;
    }
    Budget& entry = known != budgets_.end() ? known->second : budgets_[budget];
    if (unsaid) {
        // Requests that were under way together ran into one limit.
        if (entry.until <= now) ++entry.unsaid;
        wait = 60s * (1 << std::clamp(entry.unsaid - 1, 0, max_doublings));
    }
    entry.until = std::max(std::min(entry.until, now + entry.said), now + *wait);
    entry.said = entry.until - now;
    return refused ? wait : std::nullopt;
}

}  // namespace runs_agent::github
