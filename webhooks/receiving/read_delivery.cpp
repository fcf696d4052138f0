// SPDX-License-Identifier: MIT
#include "webhooks/receiving/read_delivery.hpp"

#include "base/host_name.hpp"
#include "webhooks/receiving/signature.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace {

std::string header(const net::HttpRequest& request, std::string_view name) {
    return std::string(request.headers.find(name).value_or(""));
}

/// A host name, perhaps with a port; anything else counts as not given.
std::string enterprise_host(const net::HttpRequest& request) {
    const std::string host = header(request, "X-GitHub-Enterprise-Host");
    const bool sane = host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
                          return static_cast<unsigned char>(c) > 0x20 && c != '/' && c != 0x7f;
                      });
    return sane ? host_name(host) : "";
}

Refusal wrong_signature(const net::HttpRequest& request) {
    if (request.headers.has("X-Hub-Signature-256"))
        return {
            401,
            "the signature does not match: the webhook's secret and GITHUB_WEBHOOK_SECRET differ,"
            " or something between GitHub and here changed the body, such as a relay (smee.io) that"
            " writes the JSON anew; use a tunnel that passes the bytes on"};
    if (request.headers.has("X-Hub-Signature"))
        return {401,
                "only X-Hub-Signature (SHA-1) is there; X-Hub-Signature-256 is needed, which GitHub"
                " and GitHub Enterprise Server send since 2020",
                true};
    return {401, "the signature is missing: set a secret in the webhook's settings", true};
}

}  // namespace

bool may_be_signed(const net::HttpRequest& head) {
    return head.method == "POST" &&
           is_signature(head.headers.find("X-Hub-Signature-256").value_or(""));
}

std::variant<Delivery, Refusal> read_delivery(net::HttpRequest request,
                                              const std::vector<std::string>& secrets) {
    const auto signature = request.headers.find("X-Hub-Signature-256");
    if (!signature || !signature_matches(*signature, request.body, secrets))
        return wrong_signature(request);

    Delivery delivery;
    delivery.event = header(request, "X-GitHub-Event");
    delivery.guid = header(request, "X-GitHub-Delivery");
    if (!is_plain(delivery.event, max_event))
        return Refusal{400, "the header X-GitHub-Event is missing or malformed"};
    if (!is_plain(delivery.guid, max_guid))
        return Refusal{400, "the header X-GitHub-Delivery is missing or malformed"};
    const std::string type = net::media_type(request.headers);
    const bool form = type == "application/x-www-form-urlencoded";
    if (!form && type != "application/json")
        return Refusal{415,
                       "the content type must be application/json or "
                       "application/x-www-form-urlencoded: choose one in the webhook's settings"};

    const std::string host = enterprise_host(request);
    delivery.host = host.empty() ? "github.com" : host;
    const std::string hook_id = header(request, "X-GitHub-Hook-ID");
    if (is_plain(hook_id, 32)) delivery.hook_id = hook_id;
    const std::string hook_kind = header(request, "X-GitHub-Hook-Installation-Target-Type");
    if (is_plain(hook_kind, 32)) delivery.hook_kind = hook_kind;
    if (!form) {
        delivery.payload = std::move(request.body);
        return delivery;
    }
    const net::Parameters fields = net::parse_form(request.body);
    const auto payload = net::find(fields, "payload");
    if (!payload) return Refusal{400, "the form has no field named payload"};
    delivery.payload = *payload;
    return delivery;
}

}  // namespace runs_agent::webhooks
