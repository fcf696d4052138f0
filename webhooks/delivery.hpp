// From an HTTP request to a verified delivery, or to a refusal that says what was wrong with it.
// Nothing of the body is looked at before its signature has been checked.
// Source: docs.github.com, "Webhook events and payloads", delivery headers.
#pragma once

#include "net/http_message.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runs_agent::webhooks {

struct Delivery {
    std::string guid;       // X-GitHub-Delivery
    std::string event;      // X-GitHub-Event
    std::string host;       // X-GitHub-Enterprise-Host by its host_name(), else "github.com"
    std::string hook_id;    // X-GitHub-Hook-ID; may be empty
    std::string hook_kind;  // X-GitHub-Hook-Installation-Target-Type; may be empty
    std::string payload;    // the JSON text, taken out of a form where it came in one
};

/// Ids and event names go into logs, rows and file names: letters, digits, and - _ . only, and no
/// more than `max`.
bool is_plain(std::string_view text, std::size_t max);
constexpr std::size_t max_guid = 128;
constexpr std::size_t max_event = 64;

struct Refusal {
    int status;           // HTTP
    std::string message;  // for whoever set the webhook up
};

/// Is it a POST that brings what could be a signature? Nothing else can become a delivery, whatever
/// its body is.
bool may_be_signed(const net::HttpRequest& head);

/// Checks the signature, the headers and the content type, in that order, and takes the payload
/// out.
std::variant<Delivery, Refusal> read_delivery(net::HttpRequest request,
                                              const std::vector<std::string>& secrets);

}  // namespace runs_agent::webhooks
