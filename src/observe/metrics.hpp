// SPDX-License-Identifier: MIT
// Counters that Prometheus reads (https://prometheus.io/docs/instrumenting/exposition_formats/).
// Gauges are not kept here: whoever answers /metrics asks for them when it does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace runs_agent {

/// Counts by one label each, whose values must be few: no repository, no id. On one thread.
class Metrics {
public:
    enum class Counter {
        deliveries,       // by the status of the answer: accepted, duplicate, ignored, refused, …
        tries,            // by the HTTP status that a request to the Runs API was answered with
        calls,            // by the state that a planned call ended in
        cuts,             // of webhook connections, by what for: a place, the last resort, memory
        catch_up_rounds,  // by how far a round of catching up came: whole, cut short, failed
    };

    void count(Counter counter, std::string_view label) {
        ++counts_[{counter, std::string(label)}];
    }

    /// All counters so far, in Prometheus' text format.
    std::string text() const;

private:
    std::map<std::pair<Counter, std::string>, std::uint64_t> counts_;
};

}  // namespace runs_agent
