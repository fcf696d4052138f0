// SPDX-License-Identifier: MIT
// Answers with their ETags, so that GitHub need not send, nor count, what has not changed.
// Source: docs.github.com, "Best practices for using the REST API", conditional requests.
#pragma once

#include "github/document.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace runs_agent::github {

/// Forgets what was used the longest ago, within a bound on answers and one on their bytes.
class PageMemory {
public:
    struct Entry {
        std::string url;
        std::string etag;
        std::shared_ptr<const Page> page;
    };

    explicit PageMemory(std::size_t max_pages = 256, std::size_t max_bytes = 32UL * 1024 * 1024)
        : max_pages_(max_pages), max_bytes_(max_bytes) {}

    /// Null where there is none; valid until the next call.
    const Entry* find(const std::string& url);
    void keep(Entry entry);

    std::size_t bytes() const { return bytes_; }
    std::size_t pages() const { return entries_.size(); }

private:
    using Place = std::list<Entry>::iterator;
    void drop(Place place);

    std::size_t max_pages_;
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::list<Entry> entries_;  // the last used first
    std::unordered_map<std::string, Place> places_;
};

}  // namespace runs_agent::github
