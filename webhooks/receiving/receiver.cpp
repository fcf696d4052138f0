// SPDX-License-Identifier: MIT
#include "webhooks/receiving/receiver.hpp"

#include "json/writing.hpp"
#include "webhooks/deliveries/incoming.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent::webhooks {

namespace asio = boost::asio;
using net::HttpResponse;
using store::NewDelivery;

namespace {

/// Bytes; larger bodies are verified and read on a thread of their own.
constexpr std::size_t large = 64UL * 1024;
constexpr int unsigned_status = 401;

HttpResponse status_answer(int code, const char* status, const char* key, std::string_view value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json::put(json, "status", status);
    json::put(json, key, value);
    json.EndObject();
    return net::json_response(code, {buffer.GetString(), buffer.GetSize()});
}

HttpResponse method_not_allowed() {
    HttpResponse response = status_answer(405, "refused", "error", "deliveries are sent with POST");
    response.headers.add("Allow", "POST");
    return response;
}

}  // namespace

Receiver::Receiver(store::Store& store, const Clock& clock, Log& log, Metrics& metrics,
                   std::vector<std::string> secrets, std::function<void()> on_accepted,
                   std::optional<AtOnce> at_once)
    : store_(store),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      secrets_(std::move(secrets)),
      on_accepted_(std::move(on_accepted)),
      at_once_(std::move(at_once)) {}

HttpResponse Receiver::refuse(const Refused& refused, const std::string& peer) {
    const Refusal& refusal = refused.refusal;
    metrics_.count(Metrics::Counter::deliveries, "refused " + std::to_string(refusal.status));
    const bool verified = refusal.status != unsigned_status;
    const auto tell = [&](Log::Fields fields) {
        // Who has no secret can cause as many as he likes, and must not hide the others.
        if (verified)
            log_.warn("delivery.refused", fields);
        else
            log_.limited(LogLevel::warning, "delivery.refused", fields);
    };
    tell({{"delivery", refused.guid},
          {"peer", peer},
          {"status", refusal.status},
          {"error", refusal.message}});
    HttpResponse response = status_answer(refusal.status, "refused", "error", refusal.message);
    response.known_sender = verified;
    return response;
}

/// Verifies and reads a delivery. Pure but for the clock, so it may run anywhere.
Receiver::Read Receiver::read(net::HttpRequest request) const {
    auto read = read_delivery(std::move(request), secrets_);
    if (auto* const refusal = std::get_if<Refusal>(&read)) return Refused{*refusal, ""};
    auto& delivery = std::get<Delivery>(read);
    std::string guid = delivery.guid;
    auto made = make_delivery(std::move(delivery), clock_.now());
    if (made.has_error()) return Refused{{400, made.error().message}, std::move(guid)};
    return std::move(*made);
}

/// On the other thread.
asio::awaitable<Receiver::Read> Receiver::read_elsewhere(net::HttpRequest request) const {
    co_return read(std::move(request));
}

asio::awaitable<HttpResponse> Receiver::handle(net::HttpRequest request) {
    if (request.method != "POST") co_return method_not_allowed();
    const std::string peer = request.peer;
    std::optional<Read> made;
    if (request.body.size() > large) {
        // The signature of 25 MiB, which anybody may send, takes long enough to delay others.
        auto reading = read_elsewhere(std::move(request));
        made = co_await asio::co_spawn(elsewhere_, std::move(reading), asio::use_awaitable);
    } else {
        made = read(std::move(request));
    }
    if (const auto* const refused = std::get_if<Refused>(&*made)) co_return refuse(*refused, peer);
    co_return co_await accept(std::get<NewDelivery>(std::move(*made)));
}

asio::awaitable<Result<store::Taken>> Receiver::take(NewDelivery delivery) {
    if (at_once_)
        co_return co_await store_.accept_and_decide(std::move(delivery), at_once_->decider,
                                                    clock_.now());
    const auto accepted = co_await store_.accept(std::move(delivery));
    if (accepted.has_error()) co_return accepted.error();
    co_return store::Taken{*accepted, std::nullopt};
}

asio::awaitable<HttpResponse> Receiver::accept(NewDelivery delivery) {
    const std::string guid = delivery.guid;
    const std::string event = delivery.event;
    const std::string action = delivery.action;
    const std::string repository = delivery.repository;
    const bool to_decide = delivery.facts.has_value();
    const std::int64_t run_id = to_decide ? decide::run_of(*delivery.facts).run_id : 0;
    const int attempt = to_decide ? decide::attempt_of(*delivery.facts) : 0;

    const auto stored = co_await take(std::move(delivery));
    if (stored.has_error()) {
        metrics_.count(Metrics::Counter::deliveries, "not stored 503");
        log_.error("delivery.not_stored", {{"delivery", guid},
                                           {"run_id", run_id},
                                           {"attempt", attempt},
                                           {"error", stored.error().message}});
        HttpResponse response = status_answer(
            503, "refused", "error", "the delivery could not be stored; send it again later");
        response.headers.add("Retry-After", "10");
        co_return response;
    }
    const bool duplicate = stored->accepted == store::Accepted::duplicate;
    const bool ping = event == "ping";
    const char* status = duplicate   ? "duplicate"
                         : ping      ? "pong"
                         : to_decide ? "accepted"
                                     : "ignored";
    metrics_.count(Metrics::Counter::deliveries, status);
    const Log::Together together(log_);  // with what is said of the decision
    log_.info("delivery.received", {{"delivery", guid},
                                    {"event", event},
                                    {"action", action},
                                    {"repository", repository},
                                    {"run_id", run_id},
                                    {"attempt", attempt},
                                    {"status", status}});
    // After it is on disk, and before GitHub hears of it.
    if (stored->decided)
        at_once_->on_decided(*stored->decided);
    else if (to_decide && !duplicate)
        on_accepted_();
    HttpResponse response = status_answer(duplicate || ping ? 200 : 202, status, "delivery", guid);
    // A delivery that is known may be one that somebody overheard.
    response.known_sender = !duplicate;
    co_return response;
}

}  // namespace runs_agent::webhooks
