// SPDX-License-Identifier: MIT
// SIGHUP: the configuration is read anew. Where it is wrong, the one in force stays, which the log
// and a metric say.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/configuration.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

#include <functional>
#include <memory>

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio {
class any_io_executor;
}
// NOLINTEND(readability-identifier-naming)

namespace runs_agent::agent {

class Reloading {
public:
    using Read = std::function<Result<config::Configuration>()>;
    using Use = std::function<void(config::Configuration)>;

    /// From now on a SIGHUP calls `read`, on a thread of its own since a file may lie on a share
    /// that does not answer, and then `use` on `executor`. Signals that come while one is read are
    /// one. All must live as long, or until stop(); `read` until it returns.
    Reloading(const boost::asio::any_io_executor& executor, Read read, Use use, const Clock& clock,
              Log& log, Metrics& metrics);
    ~Reloading();
    Reloading(const Reloading&) = delete;
    Reloading& operator=(const Reloading&) = delete;

    /// A SIGHUP changes nothing any more.
    void stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::agent
