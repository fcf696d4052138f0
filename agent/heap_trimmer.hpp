// SPDX-License-Identifier: MIT
// Memory that was needed once, in a flood, goes back to the system when it is over.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>

namespace runs_agent::agent {

/// Sees to it while it lives, on its executor. To be made before the program's other threads are.
class HeapTrimmer {
public:
    explicit HeapTrimmer(const boost::asio::any_io_executor& executor);
    ~HeapTrimmer() { looks_->timer.cancel(); }
    HeapTrimmer(const HeapTrimmer&) = delete;
    HeapTrimmer& operator=(const HeapTrimmer&) = delete;

private:
    struct Looks {
        boost::asio::steady_timer timer;
        std::size_t left = 0;  // free bytes that the last look could not give back
    };
    static void look_again(const std::shared_ptr<Looks>& looks);

    std::shared_ptr<Looks> looks_;  // a look that is due may outlive this
};

}  // namespace runs_agent::agent
