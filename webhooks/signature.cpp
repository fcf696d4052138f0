#include "webhooks/signature.hpp"

#include "base/encoding.hpp"

namespace runs_agent::webhooks {

namespace {
constexpr std::string_view scheme = "sha256=";
}

std::string sign(std::string_view secret, std::string_view body) {
    return std::string(scheme) + to_hex(hmac_sha256(secret, body));
}

bool signature_matches(std::string_view header, std::string_view body,
                       const std::vector<std::string>& secrets) {
    if (header.substr(0, scheme.size()) != scheme) return false;
    const auto given = sha256_from_hex(header.substr(scheme.size()));
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
