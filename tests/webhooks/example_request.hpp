// SPDX-License-Identifier: MIT
// Deliveries as GitHub sends them, signed, to vary in tests.
#pragma once

#include "net/http_message.hpp"
#include "webhooks/deliveries/sample.hpp"
#include "webhooks/receiving/signature.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace runs_agent::webhooks {

inline const std::string example_secret = "It's a Secret to Everybody";
inline const std::string example_guid = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

/// A request with everything right; its body is signed as it is.
inline net::HttpRequest example_request(std::string body, std::string event = "workflow_run",
                                        std::string guid = example_guid) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/webhooks/github";
    request.peer = "192.30.252.44";
    request.headers = {{"Content-Type", "application/json"},
                       {"User-Agent", "GitHub-Hookshot/044aadd"},
                       {"X-GitHub-Delivery", std::move(guid)},
                       {"X-GitHub-Event", std::move(event)},
                       {"X-GitHub-Hook-ID", "292430182"},
                       {"X-Hub-Signature-256", sign(example_secret, body)}};
    request.body = std::move(body);
    return request;
}

/// The same in a form, as a webhook with that content type sends it.
inline net::HttpRequest example_form(std::string_view payload) {
    net::HttpRequest request = example_request("payload=" + net::percent_encode(payload));
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    return request;
}

inline std::string to_text(const rapidjson::Value& json) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    json.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

/// A sample's payload.
inline std::string example_payload(const Sample& sample = {}) {
    auto made = make_payload(sample, Time(std::chrono::milliseconds(1'767'225'600'000)));
    if (made.has_error()) throw std::logic_error(made.error().message);
    return std::move(*made);
}

/// A payload with some members set: {"workflow_run.head_repository", "null"} and the like, the
/// values as JSON; an absent member is made, and "" takes it away.
inline std::string edited(
    std::string_view payload,
    std::initializer_list<std::pair<std::string_view, std::string_view>> changes) {
    rapidjson::Document json;
    json.Parse(payload.data(), payload.size());
    if (!json.IsObject()) throw std::logic_error("the payload to edit is not JSON");
    for (const auto& [path, text] : changes) {
        rapidjson::Value* parent = &json;
        std::string_view name = path;
        for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
            parent = &(*parent)[std::string(name.substr(0, dot)).c_str()];
            name.remove_prefix(dot + 1);
        }
        const std::string key(name);
        parent->RemoveMember(key.c_str());
        if (text.empty()) continue;
        rapidjson::Document value(&json.GetAllocator());
        value.Parse(text.data(), text.size());
        if (value.HasParseError()) throw std::logic_error("not JSON: " + std::string(text));
        parent->AddMember(rapidjson::Value(key.c_str(), json.GetAllocator()), value,
                          json.GetAllocator());
    }
    return to_text(json);
}

}  // namespace runs_agent::webhooks
