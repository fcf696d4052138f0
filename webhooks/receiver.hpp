// Receives deliveries: verifies, stores durably, and only then says that they were accepted. What
// follows from them is decided later, by others, so GitHub never waits for it.
#pragma once

#include "base/clock.hpp"
#include "net/http_message.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "store/store.hpp"
#include "webhooks/delivery.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace runs_agent::webhooks {

class Receiver {
public:
    /// `on_accepted` is called when a delivery that is to be decided was stored.
    Receiver(store::Store& store, const Clock& clock, Log& log, Metrics& metrics,
             std::vector<std::string> secrets, std::function<void()> on_accepted);

    /// Answers POST /webhooks/github. On the server's executor.
    boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

private:
    boost::asio::awaitable<net::HttpResponse> accept(store::NewDelivery delivery);
    net::HttpResponse refuse(const Refusal& refusal, const std::string& guid,
                             const std::string& peer);

    store::Store& store_;
    const Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    std::vector<std::string> secrets_;
    std::function<void()> on_accepted_;
};

}  // namespace runs_agent::webhooks
