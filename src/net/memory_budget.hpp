// SPDX-License-Identifier: MIT
// What the bodies of requests and the answers under way may take together, over all listeners of a
// process: a stranger's bytes on one port are the same memory as an honest sender's on another.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace runs_agent::net {

/// Counts bytes, and says when there is no more room. From any thread, but for what is said to be
/// for the servers' one.
class MemoryBudget {
public:
    /// `most` and `for_arriving` in bytes. What arrives is from anybody, so it can never take the
    /// part that is left: answers, what is worked on for those who may ask, and small requests find
    /// room there. An eighth of it all is not for answers and work, nor are the last free bytes, a
    /// sixteenth, or who may ask for large ones could keep everybody's requests out.
    MemoryBudget(std::uint64_t most, std::uint64_t for_arriving)
        : most_(most), for_arriving_(for_arriving) {}

    using Moment = std::chrono::steady_clock::time_point;

    enum class Use : std::uint8_t { arriving, working };

    std::uint64_t used() const { return arriving_ + working_; }

    /// Somebody whose requests can be given up to make room.
    class Holder {
    public:
        /// The most that a request that could be given up has used by `now` (bytes times seconds).
        virtual double most_used(Moment now) = 0;
        /// Gives that request up, and its memory back.
        virtual void give_up_most_used(Moment now) = 0;

    protected:
        ~Holder() = default;
    };
    /// On the servers' thread. A holder leaves before it ends.
    void join(Holder& holder) { holders_.push_back(&holder); }
    void leave(Holder& holder);

    /// Gives up the request that has used the most, of all holders', where that is more than
    /// `asking` has by `now`; false where there is none. On the servers' thread.
    [[nodiscard]] bool reclaim(double asking, Moment now);

private:
    friend class MemoryShare;
    /// `bytes` more, for a share of `whole` then.
    [[nodiscard]] bool take(Use use, std::uint64_t bytes, std::uint64_t whole,
                            std::uint64_t for_others);
    void give_back(Use use, std::uint64_t bytes);
    std::atomic<std::uint64_t>& part(Use use) {
        return use == Use::arriving ? arriving_ : working_;
    }

    const std::uint64_t most_;
    const std::uint64_t for_arriving_;
    std::atomic<std::uint64_t> arriving_{0};
    std::atomic<std::uint64_t> working_{0};
    std::vector<Holder*> holders_;
};

/// A part of a budget, given back when it ends. It keeps its budget alive; without one it is never
/// refused anything.
class [[nodiscard]] MemoryShare {
public:
    MemoryShare() = default;
    /// Of all, and of what is for arriving, it leaves the last `for_others` bytes.
    MemoryShare(std::shared_ptr<MemoryBudget> budget, MemoryBudget::Use use,
                std::uint64_t for_others = 0)
        : budget_(std::move(budget)), use_(use), for_others_(for_others) {}
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
    std::uint64_t for_others_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace runs_agent::net
