// SPDX-License-Identifier: MIT
// What the daemon says of itself: GET /healthz (alive), /readyz (able to work, and if not, why) and
// /metrics (Prometheus text, https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_message.hpp"
#include "observe/metrics.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>

namespace runs_agent::agent {

class Health {
public:
    Health(store::Store& store, const Clock& clock, const Metrics& metrics, std::string version)
        : store_(store), clock_(clock), metrics_(metrics), version_(std::move(version)) {}

    /// 200 as long as the process answers at all.
    net::HttpResponse alive() const;

    /// 200 where everything needed works, else 503; either way a JSON object with each check.
    Awaitable<net::HttpResponse> ready();

    /// `connections` are open on the webhook listener now. `caught_up` is until when catching
    /// up saw all there was; absent where nothing catches up, Time() where it never did.
    Awaitable<net::HttpResponse> metrics(std::size_t connections, std::optional<Time> caught_up);

    /// From now on readiness is refused: a load balancer should send nothing more.
    void begin_stop() { stopping_ = true; }

private:
    Awaitable<Result<void>> check_store();
    Awaitable<Result<store::Backlog>> count_backlog();

    store::Store& store_;
    const Clock& clock_;
    const Metrics& metrics_;
    std::string version_;
    bool stopping_ = false;
    std::optional<SteadyTime> checked_at_;
    std::optional<Result<void>> checked_;
    std::optional<SteadyTime> counted_at_;
    std::optional<Result<store::Backlog>> counted_;
};

}  // namespace runs_agent::agent
