// SPDX-License-Identifier: MIT
// Events of one attempt in every order, each of them told once more: for tests that the order in
// which events arrive means nothing.
#pragma once

#include "tests/decide/told.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace runs_agent::decide {

using Events = std::vector<WorkflowRun>;

/// Times in minutes after ten, or in seconds where they are none.
inline std::string words(const WorkflowRun& run) {
    const auto minutes = [](Time at) {
        if (at == Time()) return std::string("-");
        const auto seconds = (at - ten) / 1s;
        return seconds % 60 == 0 ? std::to_string(seconds / 60) : std::to_string(seconds) + "s";
    };
    const std::string id = run.key.run_id == 1001 ? "" : std::to_string(run.key.run_id) + " ";
    return id + run.action + run.conclusion + "(" + minutes(run.started_at) + ", " +
           minutes(run.updated_at) + ") ";
}
inline std::string in_words(const Events& events) {
    std::string all;
    for (const WorkflowRun& event : events) all += words(event);
    return all;
}

/// What is open, without the life that it is for.
inline Keys causes(const Told& told) {
    Keys all;
    for (const std::string& key : told.open) all.emplace(cause_of(key));
    return all;
}

inline void each_order(const Events& set, const std::function<void(const Events&)>& seen) {
    std::vector<std::size_t> order(set.size());
    std::iota(order.begin(), order.end(), 0U);
    do {
        Events told;
        for (const std::size_t one : order) told.push_back(set[one]);
        seen(told);
    } while (std::next_permutation(order.begin(), order.end()));
}

/// What is open after these, in each order, without the life that it is for.
inline std::set<Keys> open_in_each_order(const Events& events, const Policy& policy) {
    std::set<Keys> outcomes;
    each_order(events, [&](const Events& told) { outcomes.insert(causes(Told(told, policy))); });
    return outcomes;
}

/// Each of these, told once more at any time after it was told, changes nothing.
inline void expect_doubles_to_change_nothing(const Events& order,
                                             const Policy& policy = everything()) {
    Told told({}, policy);
    for (std::size_t count = 1; count <= order.size(); ++count) {
        told.tell(order[count - 1], policy);
        for (std::size_t one = 0; one < count; ++one) {
            Told doubled = told;
            const Decision& decision = doubled.tell(order[one], policy);
            EXPECT_TRUE(decision.calls.empty() && decision.withdrawn.empty())
                << in_words({order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count)})
                << "and again " << words(order[one]) << decision.reason;
        }
    }
}

}  // namespace runs_agent::decide
