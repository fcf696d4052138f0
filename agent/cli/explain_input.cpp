// SPDX-License-Identifier: MIT
#include "agent/cli/explain_input.hpp"

#include "base/host_name.hpp"
#include "json/reading.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <sstream>

namespace runs_agent::agent {

namespace {

using webhooks::Payload;

std::string to_text(const rapidjson::Value& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    value.Accept(json);
    return {buffer.GetString(), buffer.GetSize()};
}

/// A payload without its headers tells its event by what it holds.
std::string event_of(const Payload& payload) {
    for (const char* event : {"workflow_run", "workflow_job"})
        if (payload.has(event)) return event;
    return payload.has("zen") ? "ping" : "unknown";
}

Result<ExplainedDelivery> read_one(const std::string& text) {
    auto document = Payload::parse(text);
    if (document.has_error()) return document.error();
    if (!document->has("payload")) {
        std::string event = event_of(*document);
        return ExplainedDelivery{"", std::move(event), "github.com", std::move(*document)};
    }
    // {"event":…,"delivery":…,"payload":{…}}: taken apart with the text read a second time, which
    // spares Payload from knowing this form.
    constexpr std::size_t deepest = 128;  // as no payload of GitHub's is; it is written anew below
    if (const auto wrong = json::fault_of(text, deepest); !wrong.empty())
        return fail(Errc::bad_input, "the delivery cannot be read: " + std::string(wrong));
    rapidjson::Document line;
    line.Parse<rapidjson::kParseIterativeFlag>(text.c_str(), text.size());
    auto payload = Payload::parse(to_text(line["payload"]));
    if (payload.has_error()) return payload.error();
    std::string event(json::text(line, "event"));
    if (event.empty()) event = event_of(*payload);
    const std::string host = host_name(json::text(line, "host"));
    return ExplainedDelivery{std::string(json::text(line, "delivery")), std::move(event),
                             host.empty() ? "github.com" : host, std::move(*payload)};
}

}  // namespace

Result<std::vector<ExplainedDelivery>> read_explained(const std::string& text) {
    std::vector<ExplainedDelivery> deliveries;
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(
            Errc::bad_input,
            "there is nothing to explain: give a workflow_run payload, or one delivery a line");
    // A payload may well be written over many lines: first as a whole, then line by line.
    if (auto whole = read_one(text); whole.has_value()) {
        deliveries.push_back(std::move(*whole));
        return deliveries;
    }
    std::istringstream lines(text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        auto one = read_one(line);
        if (one.has_error())
            return fail(Errc::bad_input,
                        "line " + std::to_string(number) + ": " + one.error().message);
        deliveries.push_back(std::move(*one));
    }
    return deliveries;
}

}  // namespace runs_agent::agent
