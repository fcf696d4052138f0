// SPDX-License-Identifier: MIT
#include "agent/daemon/logging.hpp"

#include <boost/asio/awaitable.hpp>

#include <unistd.h>

namespace runs_agent::agent {

Log make_log(const config::Configuration& configuration, const Clock& clock) {
    const LogFormat usual = ::isatty(STDERR_FILENO) == 1 ? LogFormat::text : LogFormat::json;
    return {clock, configuration.log_level, configuration.log_format.value_or(usual),
            STDERR_FILENO};
}

boost::asio::awaitable<void> log_suppressed_forever(Log& log) {
    SystemClock clock;
    for (;;) {
        co_await clock.sleep_until(clock.now() + RateLimit::span);
        log.tell_suppressed(Log::Suppressed::in_seconds_over);
    }
}

}  // namespace runs_agent::agent
