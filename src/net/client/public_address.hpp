// SPDX-License-Identifier: MIT
// Which addresses lie out on the internet, for who connects where a stranger says: whoever names an
// address of this machine or of its network would else have this program speak to what trusts it
// (server-side request forgery). Sources: IANA's IPv4 and IPv6 special-purpose address registries
// (RFC 6890).
#pragma once

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio::ip {
class address;
}
// NOLINTEND(readability-identifier-naming)

namespace runs_agent::net {

/// True of global unicast addresses alone. An IPv6 address that stands for one of IPv4 (mapped, or
/// NAT64's 64:ff9b::/96) is what that is; one that carries one in a tunnel (6to4, Teredo) is none.
bool is_public(const boost::asio::ip::address& given);

/// Would this machine speak to itself there? Asks the system at each call, some microseconds; where
/// that fails it is taken for its own.
bool is_own(const boost::asio::ip::address& given);

/// The IPv4 address that an IPv6 one stands for (::ffff:0:0/96; NAT64's 64:ff9b::/96, RFC 6052),
/// any other as it is.
boost::asio::ip::address unmapped(const boost::asio::ip::address& given);

}  // namespace runs_agent::net
