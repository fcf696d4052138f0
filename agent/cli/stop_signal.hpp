// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM as something to await. A second one ends the process at once.
#pragma once

#include "base/awaitable.hpp"

#include <memory>
#include <string>

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio {
class any_io_executor;
}
// NOLINTEND(readability-identifier-naming)

namespace runs_agent::agent {

/// Takes the signals for as long as it lives. Made before anything says that the program is ready:
/// who reads that may send one at once.
class StopSignal {
public:
    explicit StopSignal(const boost::asio::any_io_executor& executor);

    /// Returns the name of the signal that asked for an orderly stop, also of one that came before.
    /// Once.
    Awaitable<std::string> wait();

private:
    struct Signals;
    std::shared_ptr<Signals> signals_;
};

}  // namespace runs_agent::agent
