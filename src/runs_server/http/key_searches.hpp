// SPDX-License-Identifier: MIT
// Looks for record keys in the bodies of people nobody knows, on threads of its own: bounded in
// what it holds, and in such an order that bodies made to take long (gzip bombs) keep nobody
// waiting.
//
// A body is looked through in turns. The first MiB of each, unpacked, is the fast lane's: who was
// looked through least is next, so that a reporter, whose key stands in the first few KiB, waits
// for the turn that is under way and for those of others who have just come. What has no key in its
// first MiB goes to the slow lane, whose thread has a lower priority: there those come first whose
// bytes unpack to least, as a long report costs its sender bytes and a bomb costs nothing. Either
// lane is fair to each peer, and where it is full, who has most in it, and among those the one
// unlikeliest to be honest by the same measures, is answered 503 (fair_queue.hpp).
#pragma once

#include "base/awaitable.hpp"
#include "runs_server/http/fair_queue.hpp"
#include "runs_server/http/key_search.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace runs_agent::runs_server {

struct KeySearchLimits {
    std::size_t fast_places = 128;
    std::size_t slow_places = 16;
    std::uint64_t max_bytes = 72ULL * 1024 * 1024;  // of bodies as they were sent, in either lane
    // Of bodies as they are unpacked:
    std::size_t fast_turn = 64UL * 1024;
    std::size_t slow_turn = 256UL * 1024;
    std::uint64_t fast_reach = 1024ULL * 1024;
};

/// The order within a lane; see above.
std::uint64_t fast_rank(const KeySearch& search);
std::uint64_t slow_rank(const KeySearch& search);

class KeySearches {
public:
    explicit KeySearches(KeySearchLimits limits = {});
    /// Refuses what waits; blocks for the turns under way. The contexts of those who wait must
    /// outlive it.
    ~KeySearches();
    KeySearches(const KeySearches&) = delete;
    KeySearches& operator=(const KeySearches&) = delete;

    /// The key that the body brings, or the refusal, on the caller's executor.
    Awaitable<KeySearch::Outcome> find(std::shared_ptr<const net::HttpRequest> request);

    /// Bytes that each lane has looked through, unpacked, and searches that had to make way.
    struct Counts {
        std::uint64_t fast = 0;
        std::uint64_t slow = 0;
        std::uint64_t refused = 0;
    };
    Counts counts() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace runs_agent::runs_server
