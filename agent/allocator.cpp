#include "agent/allocator.hpp"

#include <malloc.h>

namespace runs_agent::agent {

namespace {

constexpr std::chrono::seconds often_enough{15};
/// Free memory up to this is kept: the next requests need it again.
constexpr std::size_t worth_while = 4UL * 1024 * 1024;

}  // namespace

AllocatorCare::AllocatorCare(const boost::asio::any_io_executor& executor) : timer_(executor) {
    // glibc would give each thread an arena of its own, and learn from each large body that it
    // frees to keep the next; both hold memory that nobody uses.
    ::mallopt(M_ARENA_MAX, 2);
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    look_again();
}

void AllocatorCare::look_again() {
    timer_.expires_after(often_enough);
    timer_.async_wait([this](boost::system::error_code ended) {
        if (ended) return;
        if (::mallinfo2().fordblks > worth_while) ::malloc_trim(0);
        look_again();
    });
}

}  // namespace runs_agent::agent
