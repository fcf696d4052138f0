// SPDX-License-Identifier: MIT
// Counters and histograms as Prometheus reads them
// (https://prometheus.io/docs/instrumenting/exposition_formats/). A family knows all values that
// its labels can have when it is made, so every series is there as 0 from the start (the first
// event would be invisible to increase() else), and counting is an addition at an index: no text is
// made, nothing is looked up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent {

/// A label and its values, in the order of the enumeration that counts with it. Few: no repository,
/// no branch, no id.
struct MetricLabel {
    const char* name;  // empty: each value is written as it is, `a="1",b="2"`
    std::span<const char* const> values;
};

/// All combinations of up to two labels.
class MetricSeries {
public:
    explicit MetricSeries(std::vector<MetricLabel> labels);

    std::size_t size() const { return size_; }

    template <class... Index>
    std::size_t at(Index... index) const {
        static_assert(sizeof...(Index) <= 2);
        std::size_t place = 0;
        std::size_t label = 0;
        ((place = place * counts_[label++] + static_cast<std::size_t>(index)), ...);
        return place;
    }

    /// `a="x",b="y"`; empty where there are no labels.
    std::string labels(std::size_t place) const;

private:
    std::vector<MetricLabel> labels_;
    std::array<std::size_t, 2> counts_{1, 1};
    std::size_t size_ = 1;
};

/// Counted on one thread, and read on the same or another.
class Counters {
public:
    /// `possible` says which combinations there can be; the others are written only where they
    /// were counted all the same. Nothing given: all.
    Counters(const char* name, const char* help, std::vector<MetricLabel> labels = {},
             bool (*possible)(std::size_t first, std::size_t second) = nullptr);

    template <class... Index>
    void add(Index... index) {
        add_at(series_.at(index...), 1);
    }
    template <class... Index>
    void add_many(std::uint64_t count, Index... index) {
        add_at(series_.at(index...), count);
    }
    template <class... Index>
    std::uint64_t value(Index... index) const {
        return counts_[series_.at(index...)].load(std::memory_order_relaxed);
    }

    void write(std::string& text) const;

private:
    void add_at(std::size_t place, std::uint64_t count) {
        auto& one = counts_[place];
        // One thread counts, so nothing comes between.
        one.store(one.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }

    const char* name_;
    const char* help_;
    MetricSeries series_;
    std::size_t inner_;
    bool (*possible_)(std::size_t, std::size_t);
    std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
};

/// Observed on one thread, and read on the same or another.
class Histogram {
public:
    /// `bounds` are inclusive and ascending, without the last one, which is infinite. They must
    /// live as long.
    Histogram(const char* name, const char* help, std::span<const double> bounds,
              std::vector<MetricLabel> labels = {});

    template <class... Index>
    void observe(double value, Index... index) {
        observe_at(series_.at(index...), value);
    }
    template <class... Index>
    std::uint64_t count(Index... index) const {
        return count_at(series_.at(index...));
    }

    void write(std::string& text) const;

private:
    void observe_at(std::size_t place, double value);
    std::uint64_t count_at(std::size_t place) const;

    const char* name_;
    const char* help_;
    std::span<const double> bounds_;
    MetricSeries series_;
    std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;  // of each series, a bucket each
    std::unique_ptr<std::atomic<double>[]> sums_;
};

/// Something that goes up and down, with its value now. `labels` as `a="x"`, or empty.
void write_gauge_head(std::string& text, std::string_view name, std::string_view help);
void write_sample(std::string& text, std::string_view name, std::string_view labels, double value);
void write_gauge(std::string& text, std::string_view name, std::string_view help, double value);

}  // namespace runs_agent
