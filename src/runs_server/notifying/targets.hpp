// SPDX-License-Identifier: MIT
// Where webhooks may go. Whoever may write to the API says where to, and must not reach by this
// what only this machine, or its network, can: so addresses that are not public are refused, when
// they are connected to, unless whoever runs the server has allowed them.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio::ip {
class address;
}
// NOLINTEND(readability-identifier-naming)

namespace runs_agent::runs_server {

class HookTargets {
public:
    /// Nothing but what is public.
    HookTargets() = default;

    /// Reads RUNS_AGENT_API_WEBHOOKS_ALLOW: hosts, addresses, networks, each perhaps with :PORT,
    /// or *, between commas, as NO_PROXY has them. Errc::bad_input where one is none of these.
    static Result<HookTargets> parse(std::string_view allowed);

    /// May `address`, which `host` was looked up to be, be connected to?
    bool may_connect(const std::string& host, const boost::asio::ip::address& address,
                     std::uint16_t port) const;

    /// May a webhook be registered for the host? Not where it is plain from its name alone that it
    /// will not be connected to; where it has to be looked up, that is seen then.
    bool may_name(const std::string& host, std::uint16_t port) const;

private:
    std::string allowed_;
};

}  // namespace runs_agent::runs_server
