// SPDX-License-Identifier: MIT
// What the daemon says of itself: GET /healthz (alive), /readyz (able to work, and if not, why) and
// /metrics (Prometheus text, https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once

#include "agent/daemon/ground.hpp"
#include "agent/daemon/notices.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_message.hpp"
#include "observe/metrics.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent {

/// What stays the same while the daemon runs.
struct Ground {
    std::string version;
    std::string commit = "unknown";
    Time started{};
    std::string calls = "runs_api";       // where they go; also "embedded", "nowhere" (a dry run)
    std::vector<DatabaseFile> databases;  // the store's first; empty: there are none here
};

/// How the daemon's parts are just now.
struct Standing {
    std::size_t connections = 0;  // open on the webhook listener
    std::size_t max_connections = 0;
    int calls_in_flight = 0;
    int max_calls_in_flight = 0;
    std::int64_t log_lines_dropped = 0;
    /// Until when catching up saw all there was; absent where nothing catches up, Time() where it
    /// never did.
    std::optional<Time> caught_up;
};

class Health {
public:
    Health(store::Store& store, const Clock& clock, Metrics& metrics, Ground ground)
        : store_(store), clock_(clock), metrics_(metrics), ground_(std::move(ground)) {}

    /// 200 as long as the process answers at all.
    net::HttpResponse alive() const;

    /// 200 where everything needed works, else 503; either way a JSON object with each check.
    Awaitable<net::HttpResponse> ready();

    /// Made anew every 200 ms at most, and the same for all who ask meanwhile: anybody may ask.
    Awaitable<net::HttpResponse> metrics(Standing standing);

    /// What people replayed since this was asked last goes into the metrics, as each time that they
    /// are asked for; the first time it only sees from where on.
    Awaitable<void> count_replays();

    /// Can the store write? Tried once a second at most, whoever asks.
    Awaitable<Result<void>> writable();

    /// What people are told of (notices.hpp); asks the store no more often than readiness does.
    Awaitable<Seen> see();

    /// From now on readiness is refused: a load balancer should send nothing more.
    void begin_stop() { stopping_ = true; }

private:
    Awaitable<Result<void>> check_store();
    Awaitable<Result<store::Backlog>> count_backlog();
    std::string page(const Standing& standing, bool store_up, const store::Backlog* backlog) const;

    store::Store& store_;
    const Clock& clock_;
    Metrics& metrics_;
    const Ground ground_;
    bool stopping_ = false;
    std::optional<SteadyTime> checked_at_;
    std::optional<Result<void>> checked_;
    std::optional<SteadyTime> counted_at_;
    std::optional<Result<store::Backlog>> counted_;
    std::optional<std::int64_t> replays_until_;
    bool counts_replays_ = false;
    std::shared_ptr<const std::string> page_;
    std::optional<SteadyTime> page_at_;
};

}  // namespace runs_agent::agent
