// SPDX-License-Identifier: MIT
#include "net/memory_budget.hpp"

#include <algorithm>

namespace runs_agent::net {

namespace {

/// Bytes. Requests up to this find room even where large ones have taken all that is for arriving.
constexpr std::uint64_t small = 64ULL * 1024;

}  // namespace

bool MemoryBudget::take(Use use, std::uint64_t bytes, std::uint64_t whole,
                        std::uint64_t for_others) {
    // Counted first and taken back where it was too much: two threads at the limit may both be told
    // that there is no room, but never both that there is.
    part(use) += bytes;
    const bool has_part = use == Use::working
                              ? working_ <= most_ - most_ / 8
                              : whole <= small || arriving_ + for_others <= for_arriving_;
    const std::uint64_t left = use == Use::working ? most_ / 16 : for_others;
    const bool fits = used() + left <= most_ && has_part;
    if (!fits) part(use) -= bytes;
    return fits;
}

void MemoryBudget::give_back(Use use, std::uint64_t bytes) {
    part(use) -= bytes;
}

void MemoryBudget::leave(Holder& holder) {
    std::erase(holders_, &holder);
}

bool MemoryBudget::reclaim(double asking, Moment now) {
    Holder* greediest = nullptr;
    for (Holder* const holder : holders_) {
        const double used = holder->most_used(now);
        if (used <= asking) continue;
        asking = used;
        greediest = holder;
    }
    if (greediest != nullptr) greediest->give_up_most_used(now);
    return greediest != nullptr;
}

MemoryShare& MemoryShare::operator=(MemoryShare&& other) noexcept {
    if (this == &other) return *this;
    release();
    budget_ = std::move(other.budget_);
    use_ = other.use_;
    for_others_ = other.for_others_;
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
}

bool MemoryShare::resize(std::uint64_t bytes) {
    if (budget_ && bytes > bytes_ && !budget_->take(use_, bytes - bytes_, bytes, for_others_))
        return false;
    if (budget_ && bytes < bytes_) budget_->give_back(use_, bytes_ - bytes);
    bytes_ = bytes;
    return true;
}

void MemoryShare::release() {
    if (budget_ && bytes_ > 0) budget_->give_back(use_, bytes_);
    bytes_ = 0;
}

}  // namespace runs_agent::net
