// SPDX-License-Identifier: MIT
#include "agent/action/told/combine_outcomes.hpp"

#include <algorithm>

namespace runs_agent::agent::action {

namespace {

/// Each once.
void add(std::string& list, const std::string& separator, const std::string& text) {
    const bool there =
        (separator + list + separator).find(separator + text + separator) != std::string::npos;
    if (text.empty() || there) return;
    list += (list.empty() ? "" : separator) + text;
}

/// From what was wanted most to what was not: it decides for all of them.
bool weighs_more(const Outcome& one, const Outcome& other) {
    if (one.failure.has_value() != other.failure.has_value()) return one.failure.has_value();
    return one.ending < other.ending;  // in that order, for each command
}

/// Of the part that decides, but nobody is told PASSED where another part did not.
std::string status_of(const std::vector<PartOutcome>& parts, const std::string& first) {
    constexpr std::string_view passed = "PASSED";
    if (first != passed) return first;
    for (const PartOutcome& part : parts)
        if (!part.outcome.status.empty() && part.outcome.status != passed)
            return part.outcome.status;
    return first;
}

/// What went wrong comes first. An annotation has little room; the rows have it all.
std::string in_words(const std::vector<PartOutcome>& parts) {
    constexpr std::size_t max_named = 3;
    std::vector<const PartOutcome*> order;
    order.reserve(parts.size());
    for (const bool failed : {true, false})
        for (const PartOutcome& part : parts)
            if (part.outcome.failure.has_value() == failed) order.push_back(&part);
    std::string words;
    for (std::size_t i = 0; i < std::min(max_named, order.size()); ++i) {
        const PartOutcome& part = *order[i];
        add(words, "; ", (part.name.empty() ? "" : part.name + ": ") + part.outcome.happened);
    }
    if (order.size() > max_named)
        words += "; and " + std::to_string(order.size() - max_named) + " more, see the summary";
    return words;
}

}  // namespace

Outcome combine_outcomes(const std::vector<PartOutcome>& parts) {
    const auto first = std::min_element(parts.begin(), parts.end(),
                                        [](const PartOutcome& a, const PartOutcome& b) {
                                            return weighs_more(a.outcome, b.outcome);
                                        });
    Outcome all;
    all.ending = first->outcome.ending;
    all.level = first->outcome.level;
    all.failure = first->outcome.failure;
    all.status = status_of(parts, first->outcome.status);
    all.happened = in_words(parts);
    for (const PartOutcome& part : parts) {
        const Outcome& one = part.outcome;
        add(all.run_id, ",", one.run_id);
        add(all.run_url, ",", one.run_url);
        all.rows.push_back({part.name, one.happened, one.run_id, one.run_url});
    }
    return all;
}

}  // namespace runs_agent::agent::action
