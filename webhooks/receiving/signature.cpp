// SPDX-License-Identifier: MIT
#include "webhooks/receiving/signature.hpp"

#include "base/encoding.hpp"

namespace runs_agent::webhooks {

namespace {
constexpr std::string_view scheme = "sha256=";
}

std::string sign(std::string_view secret, std::string_view body) {
    return std::string(scheme) + to_hex(hmac_sha256(secret, body));
}

namespace {

std::optional<Sha256> given_by(std::string_view header) {
    if (!header.starts_with(scheme)) return std::nullopt;
    return sha256_from_hex(header.substr(scheme.size()));
}

}  // namespace

bool is_signature(std::string_view header) {
    return given_by(header).has_value();
}

bool signature_matches(std::string_view header, std::string_view body,
                       const std::vector<std::string>& secrets) {
    const auto given = given_by(header);
    if (!given) return false;
    bool matches = false;
    for (const std::string& secret : secrets) {
        const bool same = equal_in_constant_time(*given, hmac_sha256(secret, body));
        // With an empty secret anybody could sign.
        matches = (same && !secret.empty()) || matches;
    }
    return matches;
}

}  // namespace runs_agent::webhooks
