#include "webhooks/receiver.hpp"

#include "net/http_server.hpp"
#include "webhooks/incoming.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::webhooks {

namespace asio = boost::asio;
using net::HttpResponse;
using store::NewDelivery;

namespace {

HttpResponse status_answer(int code, const char* status, const char* key, std::string_view value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json.Key("status");
    json.String(status);
    json.Key(key);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
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
                   std::vector<std::string> secrets, std::function<void()> on_accepted)
    : store_(store),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      secrets_(std::move(secrets)),
      on_accepted_(std::move(on_accepted)) {}

HttpResponse Receiver::refuse(const Refusal& refusal, const std::string& guid,
                              const std::string& peer) {
    metrics_.count(Metrics::Counter::deliveries, "refused " + std::to_string(refusal.status));
    log_.warn("delivery.refused", {{"delivery", guid},
                                   {"peer", peer},
                                   {"status", refusal.status},
                                   {"error", refusal.message}});
    return status_answer(refusal.status, "refused", "error", refusal.message);
}

asio::awaitable<HttpResponse> Receiver::handle(net::HttpRequest request) {
    if (request.method != "POST") co_return method_not_allowed();
    const std::string peer = request.peer;
    auto read = read_delivery(std::move(request), secrets_);
    // The id of a delivery that was not verified is anybody's text: it is not logged.
    if (const auto* refusal = std::get_if<Refusal>(&read)) co_return refuse(*refusal, "", peer);
    auto& delivery = std::get<Delivery>(read);

    const std::string guid = delivery.guid;
    auto made = make_delivery(std::move(delivery), clock_.now());
    if (made.has_error()) {
        const Refusal refusal{400, made.error().message};
        co_return refuse(refusal, guid, peer);
    }
    co_return co_await accept(std::move(*made));
}

asio::awaitable<HttpResponse> Receiver::accept(NewDelivery delivery) {
    const std::string guid = delivery.guid;
    const std::string event = delivery.event;
    const std::string action = delivery.action;
    const std::string repository = delivery.repository;
    const bool to_decide = delivery.facts.has_value();
    const std::int64_t run_id = to_decide ? decide::run_of(*delivery.facts).run_id : 0;
    const int attempt = to_decide ? decide::attempt_of(*delivery.facts) : 0;

    const auto stored = co_await store_.accept(std::move(delivery));
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
    const bool duplicate = *stored == store::Accepted::duplicate;
    const bool ping = event == "ping";
    const char* status = duplicate   ? "duplicate"
                         : ping      ? "pong"
                         : to_decide ? "accepted"
                                     : "ignored";
    metrics_.count(Metrics::Counter::deliveries, status);
    log_.info("delivery.received", {{"delivery", guid},
                                    {"event", event},
                                    {"action", action},
                                    {"repository", repository},
                                    {"run_id", run_id},
                                    {"attempt", attempt},
                                    {"status", status}});
    if (to_decide && !duplicate) on_accepted_();
    co_return status_answer(duplicate || ping ? 200 : 202, status, "delivery", guid);
}

}  // namespace runs_agent::webhooks
