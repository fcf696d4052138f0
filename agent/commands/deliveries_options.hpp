// SPDX-License-Identifier: MIT
// Which deliveries a command means: by options, by the filter that the page has, or by both.
#pragma once

#include "base/error.hpp"
#include "store/by_people.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace runs_agent::agent {

struct DeliveriesOptions {
    std::vector<std::string> words;  // of --filter
    std::string repository;
    std::string workflow;
    std::string branch;
    std::string rule;
    std::string state;
    std::string since;
    std::optional<std::int64_t> run_id;
    bool dead = false;

    bool is_empty() const;
    /// All of it as one filter, as the page would have it.
    std::string text() const;
    /// Errc::bad_input as admin::parse_filter().
    Result<store::DeliverySearch> search(Time now) const;
};

void add_filter_options(CLI::App& command, DeliveriesOptions& options);

}  // namespace runs_agent::agent
