// SPDX-License-Identifier: MIT
#include "runs_server/answers/signed_url.hpp"

#include "base/encoding.hpp"

#include <charconv>

namespace runs_agent::runs_server {

namespace {

constexpr std::chrono::hours validity{2};

}  // namespace

std::string UrlSigner::signature(std::string_view method, std::string_view path,
                                 std::string_view expires) const {
    std::string signed_text(method);
    signed_text += '\n';
    signed_text += path;
    signed_text += '\n';
    signed_text += expires;
    return to_hex(hmac_sha256(key_, signed_text));
}

std::string UrlSigner::sign(std::string_view method, std::string_view path, Time now) const {
    const std::string expires = std::to_string((now + validity).time_since_epoch().count());
    return std::string(path) + "?expires=" + expires +
           "&signature=" + signature(method, path, expires);
}

bool UrlSigner::allows(std::string_view method, std::string_view path, const net::Parameters& query,
                       Time now) const {
    const std::string_view expires = net::find(query, "expires").value_or("");
    const auto given = sha256_from_hex(net::find(query, "signature").value_or(""));
    const auto expected = sha256_from_hex(signature(method, path, expires));
    if (!given || !equal_in_constant_time(*given, *expected)) return false;
    std::int64_t milliseconds = 0;
    std::from_chars(expires.data(), expires.data() + expires.size(), milliseconds);
    return now < Time(std::chrono::milliseconds(milliseconds));
}

}  // namespace runs_agent::runs_server
