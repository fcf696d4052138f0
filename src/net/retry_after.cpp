// SPDX-License-Identifier: MIT
#include "net/retry_after.hpp"

#include "base/time_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace runs_agent::net {

using std::chrono::milliseconds;

std::optional<milliseconds> retry_after(const Headers& headers, Time now) {
    constexpr milliseconds longest = std::chrono::days(7);
    constexpr std::uint64_t max_seconds = longest / std::chrono::seconds(1);
    const auto value = headers.find("Retry-After");
    if (!value) return std::nullopt;
    if (const auto date = parse_http_date(*value))
        return std::clamp(*date - now, milliseconds(0), longest);
    std::uint64_t seconds = 0;
    const char* const first = value->data();
    const char* const last = first + value->size();
    const auto [end, failed] = std::from_chars(first, last, seconds);
    if (end != last || failed == std::errc::invalid_argument) return std::nullopt;
    // What is too large for a number is too long as well, and must not overflow below.
    if (failed == std::errc::result_out_of_range || seconds > max_seconds) return longest;
    return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

}  // namespace runs_agent::net
