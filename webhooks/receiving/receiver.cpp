// SPDX-License-Identifier: MIT
#include "webhooks/receiving/receiver.hpp"

#include "json/writing.hpp"
#include "webhooks/deliveries/incoming.hpp"
#include "webhooks/deliveries/probe.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace runs_agent::webhooks {

namespace asio = boost::asio;
using net::HttpResponse;
using store::NewDelivery;

namespace {

/// Bytes; larger bodies are verified and read on a thread of their own.
constexpr std::size_t large = 64UL * 1024;
constexpr int unsigned_status = 401;
/// So often at most is a probe that is refused not taken for a stranger's. An alert needs three in
/// a quarter of an hour (RunsAgentSignatureRefused), so who guesses under that name shows.
constexpr std::chrono::minutes one_probe_each{5};

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
      secrets_(std::make_shared<const std::vector<std::string>>(std::move(secrets))),
      on_accepted_(std::move(on_accepted)),
      at_once_(std::move(at_once)) {}

/// Did a `doctor` whose secret is another ask, and no stranger? Anybody may call himself one: it is
/// believed of one now and then.
bool Receiver::is_own_probe(bool says_so) {
    const SteadyTime now = clock_.steady();
    if (!says_so || (probed_at_ && now - *probed_at_ < one_probe_each)) return false;
    probed_at_ = now;
    return true;
}

HttpResponse Receiver::refuse(const Refused& refused, const std::string& peer, bool says_doctor) {
    const Refusal& refusal = refused.refusal;
    const bool misfits = refusal.status == unsigned_status && !refusal.is_unsigned;
    const bool own = misfits && is_own_probe(says_doctor);
    if (misfits && !own) metrics_.last_wrong_signature = clock_.now();
    metrics_.webhook_requests.add(refused.event, refusal.is_unsigned || own
                                                     ? Metrics::Answer::no_signature
                                                     : Metrics::refusal_of(refusal.status));
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

/// It says nothing of GitHub: neither is it kept, nor does it count as the last that came.
HttpResponse Receiver::answer_probe(const Probed& probe, const std::string& peer) {
    metrics_.webhook_requests.add(Metrics::Event::ping, Metrics::Answer::pong);
    log_.info("delivery.probe", {{"delivery", probe.guid}, {"peer", peer}});
    HttpResponse response = status_answer(200, "pong", "delivery", probe.guid);
    response.known_sender = true;
    return response;
}

/// Verifies and reads a delivery. Pure but for the clock, so it may run anywhere.
Receiver::Read Receiver::read(net::HttpRequest request, const Secrets& secrets) const {
    auto read = read_delivery(std::move(request), *secrets);
    if (auto* const refusal = std::get_if<Refusal>(&read)) return Refused{*refusal, ""};
    auto& delivery = std::get<Delivery>(read);
    std::string guid = delivery.guid;
    if (is_probe(delivery)) return Probed{std::move(guid)};
    const Metrics::Event event = Metrics::event_of(delivery.event);
    auto made = make_delivery(std::move(delivery), clock_.now());
    if (made.has_error()) return Refused{{400, made.error().message}, std::move(guid), event};
    return std::move(*made);
}

/// On the other thread.
asio::awaitable<Receiver::Read> Receiver::read_elsewhere(net::HttpRequest request,
                                                         Secrets secrets) const {
    co_return read(std::move(request), secrets);
}

asio::awaitable<HttpResponse> Receiver::handle(net::HttpRequest request) {
    if (request.method != "POST") {
        metrics_.webhook_requests.add(Metrics::Event::unverified, Metrics::Answer::method);
        co_return method_not_allowed();
    }
    if (!request.body.empty())
        metrics_.webhook_request_body.observe(static_cast<double>(request.body.size()));
    const std::string peer = request.peer;
    const bool probes =
        request.headers.find("X-GitHub-Delivery").value_or("").starts_with(probe_guid);
    std::optional<Read> made;
    if (request.body.size() > large) {
        // The signature of 25 MiB, which anybody may send, takes long enough to delay others.
        auto reading = read_elsewhere(std::move(request), secrets_);
        made = co_await asio::co_spawn(elsewhere_, std::move(reading), asio::use_awaitable);
    } else {
        made = read(std::move(request), secrets_);
    }
    if (const auto* const refused = std::get_if<Refused>(&*made))
        co_return refuse(*refused, peer, probes);
    if (const auto* const probe = std::get_if<Probed>(&*made)) co_return answer_probe(*probe, peer);
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

void Receiver::note_accepted(Metrics::Answer answer, Metrics::Event event, Time received_at,
                             std::optional<Time> happened_at) {
    metrics_.webhook_requests.add(event, answer);
    metrics_.last_delivery = std::max(metrics_.last_delivery, received_at);
    // What comes a second time is as old as GitHub's patience with others, and no news of ours.
    if (happened_at && answer == Metrics::Answer::accepted)
        metrics_.event_age.observe(in_seconds(received_at - *happened_at),
                                   Metrics::Source::webhook);
}

asio::awaitable<HttpResponse> Receiver::accept(NewDelivery delivery) {
    const std::string guid = delivery.guid;
    const std::string event = delivery.event;
    const std::string action = delivery.action;
    const std::string repository = delivery.repository;
    const bool to_decide = delivery.facts.has_value();
    const std::int64_t run_id = to_decide ? decide::run_of(*delivery.facts).run_id : 0;
    const int attempt = to_decide ? decide::attempt_of(*delivery.facts) : 0;
    const Metrics::Event kind = Metrics::event_of(event);
    const Time received_at = delivery.received_at;
    const std::optional<Time> happened_at =
        to_decide ? decide::time_of(*delivery.facts) : std::nullopt;

    const auto stored = co_await take(std::move(delivery));
    if (stored.has_error()) {
        metrics_.webhook_requests.add(kind, Metrics::Answer::not_stored);
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
    note_accepted(duplicate   ? Metrics::Answer::duplicate
                  : ping      ? Metrics::Answer::pong
                  : to_decide ? Metrics::Answer::accepted
                              : Metrics::Answer::ignored,
                  kind, received_at, happened_at);
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
