// SPDX-License-Identifier: MIT
#include "execute/keep_working.hpp"

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <optional>

namespace runs_agent::execute {

boost::asio::awaitable<void> keep_working(std::function<boost::asio::awaitable<void>()> work,
                                          const bool& stopping, Wakeup& wakeup, Clock& clock,
                                          Log& log, AfterBug after) {
    while (!stopping) {
        std::optional<std::string> broke;
        try {
            co_await work();
        } catch (const std::exception& bug) {
            broke = bug.what();
        }
        if (!broke) continue;
        log.error(after.event,
                  {{"error", "a mistake of this program in " + after.doing + ": " + *broke}});
        if (!stopping) co_await wakeup.wait_until(clock, clock.now() + after.pause);
    }
}

}  // namespace runs_agent::execute
