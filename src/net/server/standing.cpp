// SPDX-License-Identifier: MIT
#include "net/server/standing.hpp"

#include <algorithm>
#include <tuple>

namespace runs_agent::net {

namespace {

std::chrono::milliseconds time_for(std::uint64_t bytes, const Fairness& fairness) {
    return std::chrono::milliseconds(1000 * bytes / fairness.pace);
}

/// Its next request may be on its way; in the middle of one that is not verified yet it is no more
/// than known, as a proxy's connections carry anybody's requests.
bool is_between_requests_of_its_own(const Standing& standing) {
    return standing.verified && standing.doing == Doing::idle;
}

}  // namespace

std::optional<Moment> makes_way_from(const Standing& standing, const Fairness& fairness) {
    switch (standing.doing) {
        case Doing::working:
            return std::nullopt;
        case Doing::idle:
            if (standing.verified) return standing.since + fairness.verified_grace;
            return standing.known && !standing.ahead ? standing.since + fairness.grace
                                                     : standing.since;
        default:
            if (standing.known)
                return standing.since + fairness.grace + time_for(standing.moved, fairness);
            return standing.connected + fairness.grace +
                   std::min(time_for(standing.in_all, fairness), fairness.max_credit);
    }
}

bool makes_way_before(const Standing& a, const Standing& b) {
    return std::tuple(is_between_requests_of_its_own(a), a.known, !a.crowded, a.doing, a.since) <
           std::tuple(is_between_requests_of_its_own(b), b.known, !b.crowded, b.doing, b.since);
}

bool makes_way_at_last(const Standing& standing, Moment now, const Fairness& fairness) {
    if (standing.doing == Doing::working || is_between_requests_of_its_own(standing)) return false;
    if (standing.verified) return standing.since + fairness.verified_grace <= now;
    return standing.connected + (standing.answered ? fairness.grace / 4 : fairness.grace) <= now;
}

double memory_used(const Standing& standing, Moment now, const Fairness& fairness) {
    if (standing.doing == Doing::working) return 0;
    if (standing.verified && standing.doing == Doing::reading &&
        now - standing.moved_at < fairness.stalled)
        return 0;
    const double part = standing.verified ? 1e-9 : standing.known ? 1.0 / 64 : 1;
    const std::chrono::duration<double> age = now - standing.since;
    return static_cast<double>(standing.held) * age.count() * part;
}

}  // namespace runs_agent::net
