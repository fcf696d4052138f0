// SPDX-License-Identifier: MIT
#include "agent/cli/run_to_end.hpp"

#include "agent/cli/report.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

namespace runs_agent::agent {

namespace asio = boost::asio;

int run_to_end(std::function<asio::awaitable<int>()> body) {
    asio::io_context context(1);
    int code = Exit::failed;
    std::exception_ptr bug;
    asio::co_spawn(context, body(), [&](std::exception_ptr thrown, int returned) {
        bug = thrown;
        code = returned;
        context.stop();  // what is left, a late name look-up say, is of no use to anybody
    });
    context.run();
    if (bug) std::rethrow_exception(bug);
    return code;
}

}  // namespace runs_agent::agent
