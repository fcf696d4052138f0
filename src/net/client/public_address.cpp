// SPDX-License-Identifier: MIT
#include "net/client/public_address.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/system_executor.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <system_error>

namespace runs_agent::net {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using boost::asio::ip::udp;
using boost::system::error_code;
using Bytes = address_v6::bytes_type;

namespace {

struct Network4 {
    std::array<unsigned char, 4> prefix;
    int bits;
};

constexpr std::array not_public_4{
    Network4{{0, 0, 0, 0}, 8},       // this network; 0.0.0.0 is this machine
    Network4{{10, 0, 0, 0}, 8},      // private
    Network4{{100, 64, 0, 0}, 10},   // of a provider (RFC 6598)
    Network4{{127, 0, 0, 0}, 8},     // loopback
    Network4{{169, 254, 0, 0}, 16},  // link-local; 169.254.169.254 tells clouds' secrets
    // Azure's machines are told their secrets there (WireServer); it lies on no internet.
    Network4{{168, 63, 129, 16}, 32}, Network4{{172, 16, 0, 0}, 12},  // private
    Network4{{192, 0, 0, 0}, 24},                                     // protocols
    Network4{{192, 0, 2, 0}, 24},                                     // documentation
    Network4{{192, 88, 99, 0}, 24},                                   // 6to4 relays (RFC 7526)
    Network4{{192, 168, 0, 0}, 16},                                   // private
    Network4{{198, 18, 0, 0}, 15},                                    // benchmarks
    Network4{{198, 51, 100, 0}, 24}, Network4{{203, 0, 113, 0}, 24},  // documentation
    Network4{{224, 0, 0, 0}, 4},                                      // multicast
    Network4{{240, 0, 0, 0}, 4},                                      // reserved, and broadcast
};

struct Network6 {
    std::array<unsigned char, 8> prefix;
    int bits;
};

/// Nothing is sent to it.
constexpr std::uint16_t any_port = 9;

constexpr Network6 global_unicast{{0x20}, 3};
constexpr Network6 nat64{{0x00, 0x64, 0xff, 0x9b}, 96};

/// Within global unicast.
constexpr std::array not_public_6{
    Network6{{0x20, 0x01}, 23},              // protocols, Teredo among them
    Network6{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    Network6{{0x20, 0x02}, 16},              // 6to4
    Network6{{0x3f, 0xff}, 20},              // documentation (RFC 9637)
};

template <class Address, class Prefix>
bool begins_with(const Address& bytes, const Prefix& prefix, int bits) {
    for (std::size_t i = 0; bits > 0; ++i, bits -= 8) {
        const unsigned char wanted = i < prefix.size() ? prefix[i] : 0;
        const auto mask = static_cast<unsigned char>(bits >= 8 ? 0xff : 0xff << (8 - bits));
        if (((bytes[i] ^ wanted) & mask) != 0) return false;
    }
    return true;
}

bool is_public_4(const address_v4& address) {
    const auto bytes = address.to_bytes();
    return std::none_of(not_public_4.begin(), not_public_4.end(), [&](const Network4& network) {
        return begins_with(bytes, network.prefix, network.bits);
    });
}

bool is_public_6(const address_v6& address) {
    const Bytes bytes = address.to_bytes();
    return begins_with(bytes, global_unicast.prefix, global_unicast.bits) &&
           std::none_of(not_public_6.begin(), not_public_6.end(), [&](const Network6& network) {
               return begins_with(bytes, network.prefix, network.bits);
           });
}

bool is_at(const ifaddrs& interface, const address& wanted) {
    const sockaddr* const socket = interface.ifa_addr;
    if (socket == nullptr) return false;
    if (socket->sa_family == AF_INET && wanted.is_v4()) {
        sockaddr_in found{};
        std::memcpy(&found, socket, sizeof found);
        return ntohl(found.sin_addr.s_addr) == wanted.to_v4().to_uint();
    }
    if (socket->sa_family == AF_INET6 && wanted.is_v6()) {
        sockaddr_in6 found{};
        std::memcpy(&found, socket, sizeof found);
        const Bytes bytes = wanted.to_v6().to_bytes();
        return std::memcmp(found.sin6_addr.s6_addr, bytes.data(), bytes.size()) == 0;
    }
    return false;
}

bool is_of_an_interface(const address& wanted) {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return true;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
    for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next)
        if (is_at(*one, wanted)) return true;
    return false;
}

/// Of packets to the address, which are not sent; absent where there is no way to it.
std::optional<address> source_to(const address& wanted) {
    error_code failure;
    udp::socket socket{boost::asio::system_executor()};
    const udp::endpoint to(wanted, any_port);
    socket.open(to.protocol(), failure);
    if (!failure) socket.connect(to, failure);
    if (failure) return std::nullopt;
    const udp::endpoint from = socket.local_endpoint(failure);
    return failure ? std::nullopt : std::optional<address>(from.address());
}

/// What is not local cannot be bound to; all can where ip_nonlocal_bind is set.
error_code bind_to(const address& wanted) {
    error_code failure;
    udp::socket socket{boost::asio::system_executor()};
    const udp::endpoint own(wanted, 0);
    socket.open(own.protocol(), failure);
    if (!failure) socket.bind(own, failure);
    return failure;
}

}  // namespace

address unmapped(const address& given) {
    if (!given.is_v6()) return given;
    if (given.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, given.to_v6());
    const Bytes bytes = given.to_v6().to_bytes();
    if (begins_with(bytes, nat64.prefix, nat64.bits))
        return address_v4({bytes[12], bytes[13], bytes[14], bytes[15]});
    return given;
}

bool is_public(const address& given) {
    const address plain = unmapped(given);
    return plain.is_v4() ? is_public_4(plain.to_v4()) : is_public_6(plain.to_v6());
}

bool is_own(const address& given) {
    const address plain = unmapped(given);
    // What this machine sends to itself comes from where it goes to; so it is of addresses that no
    // interface has, too (a local route). Not of one that is second to another of its network.
    if (source_to(plain) == plain) return true;
    const error_code failure = bind_to(plain);
    if (failure == boost::asio::error::address_family_not_supported ||
        failure == std::errc::address_not_available)
        return false;
    return is_of_an_interface(plain);
}

}  // namespace runs_agent::net
