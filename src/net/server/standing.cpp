#include "net/server/standing.hpp"

#include <tuple>

namespace runs_agent::net {

std::optional<Moment> makes_way_from(const Standing& standing, const Fairness& fairness) {
    switch (standing.doing) {
        case Doing::working:
            return std::nullopt;
        case Doing::idle:
            if (standing.verified) return standing.since + fairness.verified_grace;
            return standing.known ? standing.since + fairness.grace : standing.since;
        default:
            return standing.since + fairness.grace +
                   std::chrono::milliseconds(1000 * standing.moved / fairness.pace);
    }
}

bool makes_way_before(const Standing& a, const Standing& b) {
    return std::tuple(a.verified, a.known, !a.crowded, a.doing, a.since) <
           std::tuple(b.verified, b.known, !b.crowded, b.doing, b.since);
}

double memory_used(const Standing& standing, Moment now) {
    if (standing.doing == Doing::working) return 0;
    const std::chrono::duration<double> age = now - standing.since;
    return static_cast<double>(standing.held) * age.count();
}

}  // namespace runs_agent::net
