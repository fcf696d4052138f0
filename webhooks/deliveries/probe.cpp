// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/probe.hpp"

namespace runs_agent::webhooks {

namespace {

constexpr const char* mark = "runs_agent_probe";
constexpr std::size_t longest = 1024;  // bytes; GitHub's pings, which tell of the hook, are longer

}  // namespace

std::string make_probe() {
    return std::string("{ \"zen\":\"Bytes go as they came: \\u00e9 \\/ \\u003c\",\n \"") + mark +
           R"(" : 1.50 })";
}

std::string make_plain_probe() {
    return std::string(R"({"zen":"ping",")") + mark + R"(":1})";
}

bool is_probe(const Delivery& delivery) {
    return delivery.event == "ping" && delivery.payload.size() <= longest &&
           delivery.payload.find(std::string("\"") + mark + "\"") != std::string::npos;
}

}  // namespace runs_agent::webhooks
