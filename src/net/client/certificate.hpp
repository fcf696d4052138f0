// SPDX-License-Identifier: MIT
// What a server of TLS shows of itself: its addresses, and its certificate, also where that is not
// to be trusted. For who looks whether all is well; nothing is sent over the connection.
#pragma once

#include "base/awaitable.hpp"
#include "base/error.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::net {

struct PeerSeen {
    std::vector<std::string> addresses;  // that the name stands for
    bool all_private = false;            // none of them is a public one
    bool spoke_tls = false;
    std::string handshake_fault;    // where it did not
    std::optional<Time> ends;       // until when its certificate is good
    std::string certificate_fault;  // why it is not trusted, in OpenSSL's words; empty: it is
    bool not_valid_now = false;     // that is because of its times
    bool other_host = false;        // or since it is for another host
};

/// Looks `host` up, connects and, with `tls`, shakes hands; `within` is for each step. `ca_file` as
/// make_tls_context(). Errors: network, timeout, tls where `ca_file` cannot be read.
Awaitable<Result<PeerSeen>> look_at_peer(std::string host, std::uint16_t port, bool tls,
                                         std::string ca_file, std::chrono::milliseconds within);

}  // namespace runs_agent::net
