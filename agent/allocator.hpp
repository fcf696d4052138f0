// Memory that was needed once, in a flood, goes back to the system when it is over.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace runs_agent::agent {

/// Sees to it while it lives, on its executor. To be made before the program's other threads are.
class AllocatorCare {
public:
    explicit AllocatorCare(const boost::asio::any_io_executor& executor);

private:
    void look_again();

    boost::asio::steady_timer timer_;
};

}  // namespace runs_agent::agent
