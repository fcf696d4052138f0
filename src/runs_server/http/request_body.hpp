// SPDX-License-Identifier: MIT
// How bodies are sent: as they are, or packed with gzip where that is allowed; and what unpacking
// one whole may take.
#pragma once

#include "net/http_message.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace runs_agent::runs_server {

/// Bytes of a body when it is unpacked.
constexpr std::size_t max_unpacked = 96UL * 1024 * 1024;

/// The Content-Encoding; absent where the body is as it is sent (RFC 9110 section 8.4.1: identity
/// says just that).
std::optional<std::string_view> coding_of(const net::HttpRequest& request);

/// Says why a packed body is refused before it is looked at; absent where it is not. Only the
/// requests of reporters `may_be_packed`.
std::optional<net::HttpResponse> refuse_coding(const net::HttpRequest& request, bool may_be_packed);

net::HttpResponse unpacks_to_too_much();

/// What the end of gzip data says of its size (RFC 1952 section 2.3.1), as far as it can be true.
std::size_t promised_size(std::string_view packed);

/// Puts the unpacked body in the place of the packed one, and makes `share` as large, with both for
/// a moment; or says why it cannot be. For those who may send it: it takes what it takes.
std::optional<net::HttpResponse> unpack(net::HttpRequest& request, net::MemoryShare& share);

}  // namespace runs_agent::runs_server
