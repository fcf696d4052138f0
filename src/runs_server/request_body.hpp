// Bodies before anybody is known to be allowed to send them: unpacked within bounds, and looked
// through for the record key without a tree being built.
#pragma once

#include "net/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace runs_agent::runs_server {

/// Puts the unpacked body in the place of a packed one, or says why it is refused. Only the
/// requests of reporters `may_be_packed`.
std::optional<net::HttpResponse> unpack(net::HttpRequest& request, bool may_be_packed);

/// The record key that a reporter's request brings (empty where there is none that could be one),
/// or the refusal of one that is unpacked to too much, or is no JSON up to its key.
std::variant<std::string, net::HttpResponse> record_key_of(const net::HttpRequest& request);

}  // namespace runs_agent::runs_server
