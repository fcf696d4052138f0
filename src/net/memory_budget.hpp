// What the bodies of requests and the answers under way may take together, over all listeners of a
// process: a stranger's bytes on one port are the same memory as an honest sender's on another.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace runs_agent::net {

/// Counts bytes, and says when there is no more room; whoever is told so decides who makes way.
/// From any thread.
class MemoryBudget {
public:
    /// `most` and `for_arriving` in bytes. What arrives is from anybody, so it can never take the
    /// part that is left: answers, and what is worked on for those who may ask, find room there.
    MemoryBudget(std::uint64_t most, std::uint64_t for_arriving)
        : most_(most), for_arriving_(for_arriving) {}

    enum class Use : std::uint8_t { arriving, working };

    std::uint64_t used() const { return arriving_ + working_; }
    std::uint64_t arriving() const { return arriving_; }

private:
    friend class MemoryShare;
    bool take(Use use, std::uint64_t bytes);
    void give_back(Use use, std::uint64_t bytes) {
        (use == Use::arriving ? arriving_ : working_) -= bytes;
    }

    const std::uint64_t most_;
    const std::uint64_t for_arriving_;
    std::atomic<std::uint64_t> arriving_{0};
    std::atomic<std::uint64_t> working_{0};
};

/// A part of a budget, given back when it ends. It keeps its budget alive.
class MemoryShare {
public:
    MemoryShare() = default;
    MemoryShare(std::shared_ptr<MemoryBudget> budget, MemoryBudget::Use use)
        : budget_(std::move(budget)), use_(use) {}
    MemoryShare(MemoryShare&& other) noexcept { *this = std::move(other); }
    MemoryShare& operator=(MemoryShare&& other) noexcept;
    MemoryShare(const MemoryShare&) = delete;
    MemoryShare& operator=(const MemoryShare&) = delete;
    ~MemoryShare() { release(); }

    /// Makes it `bytes` large. False, with nothing changed, where there is no room for more;
    /// becoming smaller always succeeds.
    [[nodiscard]] bool resize(std::uint64_t bytes);
    void release();
    std::uint64_t bytes() const { return bytes_; }

private:
    std::shared_ptr<MemoryBudget> budget_;
    MemoryBudget::Use use_ = MemoryBudget::Use::working;
    std::uint64_t bytes_ = 0;
};

}  // namespace runs_agent::net
