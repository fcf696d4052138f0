// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/probe.hpp"

namespace runs_agent::webhooks {

namespace {

constexpr const char* mark = "runs_agent_probe";
constexpr std::size_t filling = 48UL * 1024;  // bytes: more than a workflow_run usually has
constexpr std::size_t longest = filling + 1024;

}  // namespace

std::string make_probe() {
    return std::string("{ \"zen\":\"Bytes go as they came: \\u00e9 \\/ \\u003c\",\n \"") + mark +
           R"(" : 1.50 })";
}

std::string make_plain_probe() {
    return std::string(R"({"zen":"ping",")") + mark + R"(":1})";
}

std::string make_large_probe() {
    return std::string(R"({"zen":"ping","filling":")") + std::string(filling, '.') + R"(",")" +
           mark + R"(":1})";
}

bool is_probe(const Delivery& delivery) {
    return delivery.event == "ping" && delivery.payload.size() <= longest &&
           delivery.payload.find(std::string("\"") + mark + "\"") != std::string::npos;
}

}  // namespace runs_agent::webhooks
