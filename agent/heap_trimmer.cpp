// SPDX-License-Identifier: MIT
#include "agent/heap_trimmer.hpp"

#include <malloc.h>

namespace runs_agent::agent {

namespace {

constexpr std::chrono::seconds often_enough{15};
/// Free memory up to this is kept: the next requests need it again.
constexpr std::size_t worth_while = 4UL * 1024 * 1024;

}  // namespace

HeapTrimmer::HeapTrimmer(const boost::asio::any_io_executor& executor)
    : looks_(std::make_shared<Looks>(Looks{boost::asio::steady_timer(executor)})) {
    // glibc would give each thread an arena of its own, and learn from each large body that it
    // frees to keep the next; both hold memory that nobody uses.
    ::mallopt(M_ARENA_MAX, 2);
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    look_again(looks_);
}

void HeapTrimmer::look_again(const std::shared_ptr<Looks>& looks) {
    looks->timer.expires_after(often_enough);
    looks->timer.async_wait([looks](boost::system::error_code ended) {
        if (ended) return;
        if (::mallinfo2().fordblks > looks->left + worth_while) {
            ::malloc_trim(0);
            // Free pieces between used ones stay free, and are no reason to try again.
            looks->left = ::mallinfo2().fordblks;
        }
        look_again(looks);
    });
}

}  // namespace runs_agent::agent
