// SPDX-License-Identifier: MIT
#include "github/page_memory.hpp"

namespace runs_agent::github {

namespace {

std::size_t size_of(const PageMemory::Entry& entry) {
    return 2 * entry.url.size() + entry.etag.size() + entry.page->body.size() +
           entry.page->next.size();
}

}  // namespace

const PageMemory::Entry* PageMemory::find(const std::string& url) {
    const auto found = places_.find(url);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &entries_.front();
}

void PageMemory::keep(Entry entry) {
    if (const auto old = places_.find(entry.url); old != places_.end()) drop(old->second);
    const std::size_t size = size_of(entry);
    if (size > max_bytes_ || max_pages_ == 0) return;
    while (entries_.size() >= max_pages_ || bytes_ + size > max_bytes_)
        drop(std::prev(entries_.end()));
    bytes_ += size;
    entries_.push_front(std::move(entry));
    places_.emplace(entries_.front().url, entries_.begin());
}

void PageMemory::drop(Place place) {
    bytes_ -= size_of(*place);
    places_.erase(place->url);
    entries_.erase(place);
}

}  // namespace runs_agent::github
