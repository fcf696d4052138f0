// What the daemon says of itself: GET /healthz (alive), /readyz (able to work, and if not, why) and
// /metrics (Prometheus text, https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once

#include "base/clock.hpp"
#include "net/http_message.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace runs_agent::agent {

class Health {
public:
    Health(store::Store& store, std::string version)
        : store_(store), version_(std::move(version)) {}

    /// 200 as long as the process answers at all.
    net::HttpResponse alive() const;

    /// 200 where everything needed works, else 503; either way a JSON object with each check.
    boost::asio::awaitable<net::HttpResponse> ready();

    boost::asio::awaitable<net::HttpResponse> metrics();

    /// From now on readiness is refused: a load balancer should send nothing more.
    void begin_stop() { stopping_ = true; }

private:
    store::Store& store_;
    std::string version_;
    bool stopping_ = false;
};

}  // namespace runs_agent::agent
