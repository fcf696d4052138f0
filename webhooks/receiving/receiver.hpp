// SPDX-License-Identifier: MIT
// Receives deliveries: verifies, stores durably, and only then says that they were accepted. What
// follows from them is decided in the same commit where the store can do so, else later by others;
// GitHub waits for neither's calls.
#pragma once

#include "base/clock.hpp"
#include "net/http_message.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "store/store.hpp"
#include "webhooks/receiving/read_delivery.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::webhooks {

class Receiver {
public:
    /// How deliveries are decided as they are stored, and who is told of each that was.
    struct AtOnce {
        store::Decider decider;
        std::function<void(const store::Decided&)> on_decided;
    };

    /// `on_accepted` is called when a delivery was stored that is still to be decided: of those
    /// that `at_once` could not be asked about, or all where there is none.
    Receiver(store::Store& store, const Clock& clock, Log& log, Metrics& metrics,
             std::vector<std::string> secrets, std::function<void()> on_accepted,
             std::optional<AtOnce> at_once = std::nullopt);

    /// Answers POST /webhooks/github. On the server's executor.
    boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

    /// From the next request on; `decider` is for those that are decided at once. On the server's
    /// executor.
    void use(std::vector<std::string> secrets, store::Decider decider) {
        secrets_ = std::make_shared<const std::vector<std::string>>(std::move(secrets));
        if (at_once_) at_once_->decider = std::move(decider);
    }

private:
    struct Refused {
        Refusal refusal;
        std::string guid;  // empty where it was not verified: it is anybody's text then
        Metrics::Event event = Metrics::Event::unverified;
    };
    struct Probed {
        std::string guid;
    };
    using Read = std::variant<Refused, Probed, store::NewDelivery>;

    using Secrets = std::shared_ptr<const std::vector<std::string>>;

    Read read(net::HttpRequest request, const Secrets& secrets) const;
    boost::asio::awaitable<Read> read_elsewhere(net::HttpRequest request, Secrets secrets) const;
    boost::asio::awaitable<net::HttpResponse> accept(store::NewDelivery delivery);
    boost::asio::awaitable<Result<store::Taken>> take(store::NewDelivery delivery);
    bool is_own_probe(bool says_so);
    net::HttpResponse refuse(const Refused& refused, const std::string& peer, bool says_doctor);
    net::HttpResponse answer_probe(const Probed& probe, const std::string& peer);
    void note_accepted(Metrics::Answer answer, Metrics::Event event, Time received_at,
                       std::optional<Time> happened_at);

    store::Store& store_;
    const Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    Secrets secrets_;  // never changed, but replaced: another thread may be reading them
    std::function<void()> on_accepted_;
    std::optional<AtOnce> at_once_;
    std::optional<SteadyTime> probed_at_;  // the last refused probe that was no stranger's
    mutable boost::asio::thread_pool elsewhere_{1};
};

}  // namespace runs_agent::webhooks
