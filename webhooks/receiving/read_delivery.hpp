// SPDX-License-Identifier: MIT
// From an HTTP request to a verified delivery, or to a refusal that says what was wrong with it.
// Nothing of the body is looked at before its signature has been checked.
// Source: docs.github.com, "Webhook events and payloads", delivery headers.
#pragma once

#include "net/http_message.hpp"
#include "webhooks/deliveries/delivery.hpp"

#include <string>
#include <variant>
#include <vector>

namespace runs_agent::webhooks {

struct Refusal {
    int status;           // HTTP
    std::string message;  // for whoever set the webhook up
    bool is_unsigned = false;
};

/// Is it a POST that brings what could be a signature? Nothing else can become a delivery, whatever
/// its body is.
bool may_be_signed(const net::HttpRequest& head);

/// Checks the signature, the headers and the content type, in that order, and takes the payload
/// out.
std::variant<Delivery, Refusal> read_delivery(net::HttpRequest request,
                                              const std::vector<std::string>& secrets);

}  // namespace runs_agent::webhooks
