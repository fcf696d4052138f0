// SPDX-License-Identifier: MIT
// Answers as they are sent: packed where the client takes that.
#pragma once

#include "net/http_message.hpp"
#include "runs_server/http/routes.hpp"

namespace runs_agent::runs_server {

/// Packs a large answer where the client takes that. GET /runs/find answers nothing over 1 MB
/// unpacked, as its documentation says. The room that the answer brings along shrinks to its size.
net::HttpResponse packed(net::HttpResponse response, const net::HttpRequest& request,
                         const Route& route);

/// The OpenAPI document, which anybody may ask for: packed once, for all.
net::HttpResponse packed_document(const net::HttpRequest& request);

}  // namespace runs_agent::runs_server
