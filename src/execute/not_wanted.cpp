// SPDX-License-Identifier: MIT
#include "execute/not_wanted.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::execute {

boost::asio::awaitable<std::optional<Reply>> in_place_of_request(NotWanted not_wanted,
                                                                 std::int64_t call_id) {
    if (!not_wanted) co_return std::nullopt;
    const Result<std::optional<std::string>> asked = co_await not_wanted(call_id);
    Reply reply;
    if (asked.has_error()) {
        reply.kind = Reply::Kind::failed;
        reply.text = "nothing was sent, as it cannot be known whether it is still wanted: " +
                     asked.error().message;
        co_return reply;
    }
    if (!asked->has_value()) co_return std::nullopt;
    reply.kind = Reply::Kind::withdrawn;
    reply.text = "not needed any more: " + **asked;
    co_return reply;
}

}  // namespace runs_agent::execute
