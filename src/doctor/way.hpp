// SPDX-License-Identifier: MIT
// The way from outside to the daemon: the public address, its certificate, and whether a delivery
// comes through a proxy as it was sent. docs/github-setup.md, "What the answers mean".
#pragma once

#include "base/time.hpp"
#include "doctor/finding.hpp"
#include "doctor/here.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::doctor {

struct AddressSeen {
    std::string url;  // empty: it is not known
    std::string url_error;
    bool https = true;
    bool from_hook = false;              // it is what GitHub says, not what we were told
    bool by_proxy = false;               // HTTPS_PROXY is between, which looks the name up
    std::vector<std::string> addresses;  // that the name stands for
    bool all_private = false;            // none of them can be reached from the internet
    bool public_github = true;           // github.com, and no server of one's own
    bool unproven = false;               // by that proxy nothing came back
    bool holds_password = false;         // a user's name or password, which is not sent from here
    std::string fault;                   // the name is not known, or nothing can be connected to
};
Finding judge_address(const AddressSeen& seen);

struct CertificateSeen {
    std::string host;
    std::string fault;  // why it is not trusted, in OpenSSL's words; empty: it is
    bool expired = false;
    bool other_host = false;
    std::optional<Time> ends;   // absent: no certificate was shown
    bool not_verified = false;  // by GitHub: SSL verification is off in the webhook's settings
    bool by_proxy = false;      // HTTPS_PROXY is between, and it was not looked at
    std::string no_handshake;   // no TLS could be spoken; empty: it could
};
Finding judge_certificate(const CertificateSeen& seen, Time now);

struct WaySeen {
    std::string url;
    Answered unsigned_one;               // a ping without a signature; 401 is right
    std::optional<Answered> signed_one;  // the probe; absent: there is no secret to sign with
    std::optional<Answered> plain_one;   // the probe that a relay does not change
    std::optional<Answered> large_one;   // the same, as long as deliveries are
    std::optional<Answered> local;       // the probe at the daemon's own listener
    bool by_proxy = false;               // HTTPS_PROXY is between, which GitHub does not use
    bool own_tls = false;                // the listener speaks TLS itself, as far as is known here
};
Finding judge_way(const WaySeen& seen);

}  // namespace runs_agent::doctor
