// SPDX-License-Identifier: MIT
// A network that answers what the test says: requests are kept, answers come from a function.
#pragma once

#include "net/client/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::tests {

class ScriptedTransport final : public net::HttpTransport {
public:
    using Script = std::function<Result<net::HttpResponse>(const net::HttpRequest&)>;

    explicit ScriptedTransport(Script script) : script_(std::move(script)) {}

    boost::asio::awaitable<Result<net::HttpResponse>> send(net::HttpRequest request) override {
        requests.push_back(request);
        if (delay) co_await delay();
        co_return script_(request);
    }

    std::vector<net::HttpRequest> requests;
    std::function<boost::asio::awaitable<void>()> delay;  // of each answer; empty: none

    /// "PUT /v1/runs/cancel-ci/github" and the like, without scheme and host.
    std::string asked(std::size_t index) const {
        const auto& request = requests.at(index);
        const auto host = request.target.find("//");
        const auto path = request.target.find('/', host == std::string::npos ? 0 : host + 2);
        return request.method + " " + request.target.substr(path);
    }

private:
    Script script_;
};

inline net::HttpResponse answer(int status, std::string body = "") {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

}  // namespace runs_agent::tests
