// SPDX-License-Identifier: MIT
#include "observe/metric_families.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace runs_agent {

namespace {

void write_head(std::string& text, std::string_view name, std::string_view help,
                std::string_view type) {
    text.append("# HELP ").append(name).append(" ").append(help);
    text.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

/// Never in exponents: 0.0005 is easier to read, and to ask for.
std::string to_text(double value) {
    std::array<char, 512> buffer{};
    const bool whole = std::floor(value) == value && std::fabs(value) < 1e15;
    const auto end = whole ? std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                           static_cast<std::int64_t>(value))
                           : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                           std::chars_format::fixed);
    return {buffer.data(), end.ptr};
}

std::string joined(const std::string& labels, const std::string& more) {
    return labels.empty() || more.empty() ? labels + more : labels + "," + more;
}

}  // namespace

MetricSeries::MetricSeries(std::vector<MetricLabel> labels) : labels_(std::move(labels)) {
    for (std::size_t i = 0; i < labels_.size(); ++i) {
        counts_.at(i) = labels_[i].values.size();
        size_ *= counts_.at(i);
    }
}

std::string MetricSeries::labels(std::size_t place) const {
    std::string text;
    std::size_t below = size_;
    for (const MetricLabel& label : labels_) {
        below /= label.values.size();
        const std::string value = label.values[place / below];
        place %= below;
        if (!text.empty()) text += ',';
        if (*label.name == '\0')
            text += value;
        else
            text.append(label.name).append("=\"").append(value).append("\"");
    }
    return text;
}

Counters::Counters(const char* name, const char* help, std::vector<MetricLabel> labels,
                   bool (*possible)(std::size_t, std::size_t))
    : name_(name),
      help_(help),
      series_(std::move(labels)),
      inner_(series_.size()),
      possible_(possible),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(series_.size())) {
    if (possible_ != nullptr) inner_ = series_.at(1, 0);
}

void Counters::write(std::string& text) const {
    write_head(text, name_, help_, "counter");
    for (std::size_t i = 0; i < series_.size(); ++i) {
        const auto count = counts_[i].load(std::memory_order_relaxed);
        if (count == 0 && possible_ != nullptr && !possible_(i / inner_, i % inner_)) continue;
        write_sample(text, name_, series_.labels(i), static_cast<double>(count));
    }
}

Histogram::Histogram(const char* name, const char* help, std::span<const double> bounds,
                     std::vector<MetricLabel> labels)
    : name_(name),
      help_(help),
      bounds_(bounds),
      series_(std::move(labels)),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(series_.size() * (bounds.size() + 1))),
      sums_(std::make_unique<std::atomic<double>[]>(series_.size())) {}

void Histogram::observe_at(std::size_t place, double value) {
    // Of two clocks one may be ahead of the other; a sum that shrinks would look like a restart.
    value = std::max(value, 0.0);
    std::size_t bucket = 0;
    while (bucket < bounds_.size() && value > bounds_[bucket]) ++bucket;
    counts_[place * (bounds_.size() + 1) + bucket].fetch_add(1, std::memory_order_relaxed);
    sums_[place].fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count_at(std::size_t place) const {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i <= bounds_.size(); ++i)
        all += counts_[place * (bounds_.size() + 1) + i].load(std::memory_order_relaxed);
    return all;
}

void Histogram::write(std::string& text) const {
    write_head(text, name_, help_, "histogram");
    const std::string bucket_name = std::string(name_) + "_bucket";
    for (std::size_t i = 0; i < series_.size(); ++i) {
        const std::string labels = series_.labels(i);
        std::uint64_t so_far = 0;
        for (std::size_t bucket = 0; bucket <= bounds_.size(); ++bucket) {
            so_far += counts_[i * (bounds_.size() + 1) + bucket].load(std::memory_order_relaxed);
            const std::string bound = bucket < bounds_.size() ? to_text(bounds_[bucket]) : "+Inf";
            write_sample(text, bucket_name, joined(labels, "le=\"" + bound + '"'),
                         static_cast<double>(so_far));
        }
        write_sample(text, std::string(name_) + "_sum", labels,
                     sums_[i].load(std::memory_order_relaxed));
        // What the buckets add up to, though another thread may have gone on.
        write_sample(text, std::string(name_) + "_count", labels, static_cast<double>(so_far));
    }
}

void write_gauge_head(std::string& text, std::string_view name, std::string_view help) {
    write_head(text, name, help, "gauge");
}

void write_sample(std::string& text, std::string_view name, std::string_view labels, double value) {
    text.append(name);
    if (!labels.empty()) text.append("{").append(labels).append("}");
    text.append(" ").append(to_text(value)).append("\n");
}

void write_gauge(std::string& text, std::string_view name, std::string_view help, double value) {
    write_gauge_head(text, name, help);
    write_sample(text, name, {}, value);
}

}  // namespace runs_agent
