// SPDX-License-Identifier: MIT
#include "agent/daemon/health.hpp"

#include <boost/asio/awaitable.hpp>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::agent {

namespace {

/// More undecided deliveries than this mean that deciding does not keep up.
constexpr std::int64_t backlog_limit = 10'000;
/// The store is not asked to write more often than this, whoever asks for readiness how often.
constexpr std::chrono::milliseconds check_every{1'000};
/// Nor is it asked to count more often than this: whoever may ask is anybody.
constexpr std::chrono::milliseconds count_every{200};

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

void check(JsonWriter& json, const char* name, bool good, const std::string& why) {
    json.Key(name);
    json.StartObject();
    json.Key("ok");
    json.Bool(good);
    if (!why.empty()) {
        json.Key("reason");
        json.String(why);
    }
    json.EndObject();
}

void gauge(std::string& text, const char* name, const char* help, std::int64_t value) {
    const std::string full = std::string("runs_agent_") + name;
    text += "# HELP " + full + " " + help + "\n# TYPE " + full + " gauge\n" + full + " " +
            std::to_string(value) + "\n";
}

}  // namespace

net::HttpResponse Health::alive() const {
    return net::json_response(200, R"({"status":"ok","version":")" + version_ + "\"}");
}

boost::asio::awaitable<Result<void>> Health::check_store() {
    const SteadyTime now = clock_.steady();
    if (checked_ && now - *checked_at_ < check_every) co_return *checked_;
    checked_at_ = now;  // who asks while this one checks is told what was found before
    checked_ = co_await store_.check(clock_.now());
    co_return *checked_;
}

boost::asio::awaitable<Result<store::Backlog>> Health::count_backlog() {
    const SteadyTime now = clock_.steady();
    if (counted_ && now - *counted_at_ < count_every) co_return *counted_;
    counted_at_ = now;  // who asks while this one counts is told what was counted before
    counted_ = co_await store_.backlog();
    co_return *counted_;
}

boost::asio::awaitable<net::HttpResponse> Health::ready() {
    const auto written = co_await check_store();
    const auto backlog = co_await count_backlog();
    const bool store_works = written.has_value() && backlog.has_value();
    const bool key_works = store_works && backlog->held == 0;
    const bool keeps_up = store_works && backlog->undecided < backlog_limit;
    const bool ready = store_works && key_works && keeps_up && !stopping_;

    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    json.Key("status");
    json.String(ready ? "ready" : "not ready");
    json.Key("checks");
    json.StartObject();
    check(json, "store", store_works,
          written.has_error()   ? written.error().message
          : backlog.has_error() ? backlog.error().message
                                : "");
    if (store_works) {
        check(json, "api_key", key_works,
              key_works ? ""
                        : std::to_string(backlog->held) + " calls wait: " + backlog->held_because);
        check(json, "backlog", keeps_up,
              keeps_up ? "" : std::to_string(backlog->undecided) + " deliveries are undecided");
    }
    check(json, "running", !stopping_, stopping_ ? "the daemon is stopping" : "");
    json.EndObject();
    json.EndObject();
    co_return net::json_response(ready ? 200 : 503, {buffer.GetString(), buffer.GetSize()});
}

boost::asio::awaitable<net::HttpResponse> Health::metrics(std::size_t connections,
                                                          std::optional<Time> caught_up) {
    const auto written = co_await check_store();
    const auto backlog = co_await count_backlog();
    net::HttpResponse response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4");
    gauge(response.body, "store_up", "Whether the store can be read and written.",
          written.has_value() && backlog.has_value() ? 1 : 0);
    gauge(response.body, "webhook_connections", "Open connections of the webhook listener.",
          static_cast<std::int64_t>(connections));
    if (backlog.has_value()) {
        gauge(response.body, "deliveries_undecided", "Stored deliveries that wait for a decision.",
              backlog->undecided);
        gauge(response.body, "calls_pending", "Planned calls that are due or wait for a retry.",
              backlog->pending);
        gauge(response.body, "calls_held", "Planned calls that wait for a working API key.",
              backlog->held);
        gauge(response.body, "calls_dead",
              "Planned calls that failed for good; see deliveries list --dead.", backlog->dead);
    }
    if (caught_up)
        gauge(response.body, "catch_up_last_whole_look_timestamp_seconds",
              "Until when catching up has seen all there was; 0: not all, since the start.",
              std::chrono::floor<std::chrono::seconds>(*caught_up).time_since_epoch().count());
    response.body += metrics_.text();
    co_return response;
}

}  // namespace runs_agent::agent
