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

template <class Number>
void gauge(std::string& text, const char* name, const char* help, Number value) {
    write_gauge(text, std::string("runs_agent_") + name, help, static_cast<double>(value));
}

void add_backlog(std::string& text, const store::Backlog& backlog) {
    gauge(text, "deliveries_undecided", "Stored deliveries that wait for a decision.",
          backlog.undecided);
    write_gauge_head(text, "runs_agent_calls",
                     "Planned calls that are open: due or waiting for a retry (pending), waiting "
                     "for a working API key (held), or given up until a person looks (dead).");
    const auto calls = [&text](const char* state, std::int64_t count) {
        write_sample(text, "runs_agent_calls", std::string("state=\"") + state + '"',
                     static_cast<double>(count));
    };
    calls("pending", backlog.pending);
    calls("held", backlog.held);
    calls("dead", backlog.dead);
    write_gauge(text, "runs_agent_oldest_pending_call_timestamp_seconds",
                "When the oldest pending call was planned; 0: none is pending.",
                in_seconds(backlog.oldest_pending.value_or(Time())));
}

}  // namespace

net::HttpResponse Health::alive() const {
    return net::json_response(200, R"({"status":"ok","version":")" + ground_.version +
                                       R"(","calls":")" + ground_.calls + "\"}");
}

boost::asio::awaitable<Result<void>> Health::check_store() {
    const SteadyTime now = clock_.steady();
    if (checked_ && now - *checked_at_ < check_every) co_return *checked_;
    checked_at_ = now;  // who asks while this one checks is told what was found before
    checked_ = co_await store_.check(clock_.now());
    co_return *checked_;
}

boost::asio::awaitable<Result<void>> Health::writable() {
    return check_store();
}

boost::asio::awaitable<Result<store::Backlog>> Health::count_backlog() {
    const SteadyTime now = clock_.steady();
    if (counted_ && now - *counted_at_ < count_every) co_return *counted_;
    counted_at_ = now;  // who asks while this one counts is told what was counted before
    counted_ = co_await store_.backlog();
    co_return *counted_;
}

/// Commands replay in processes of their own: what they keep of it is what can be counted.
boost::asio::awaitable<void> Health::count_replays() {
    if (counts_replays_) co_return;  // for another who asks at the same time
    counts_replays_ = true;
    const auto found = co_await store_.replays_after(replays_until_.value_or(0));
    counts_replays_ = false;
    if (found.has_error()) co_return;  // the next time they are counted as well
    if (replays_until_) {
        metrics_.replays.add_many(static_cast<std::uint64_t>(found->page), Metrics::By::page);
        metrics_.replays.add_many(static_cast<std::uint64_t>(found->api), Metrics::By::api);
        metrics_.replays.add_many(static_cast<std::uint64_t>(found->command_line),
                                  Metrics::By::command_line);
    }
    replays_until_ = found->last;
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

boost::asio::awaitable<net::HttpResponse> Health::metrics(Standing standing) {
    const SteadyTime now = clock_.steady();
    if (!page_ || now - *page_at_ >= count_every) {
        const auto written = co_await check_store();
        const auto backlog = co_await count_backlog();
        co_await count_replays();
        const bool up = written.has_value() && backlog.has_value();
        page_ = std::make_shared<const std::string>(
            page(standing, up, backlog.has_value() ? &*backlog : nullptr));
        page_at_ = now;
    }
    net::HttpResponse response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.document = page_;
    co_return response;
}

boost::asio::awaitable<Seen> Health::see() {
    Seen seen;
    seen.store = co_await check_store();
    const auto backlog = co_await count_backlog();
    if (backlog.has_value())
        seen.backlog = *backlog;
    else if (seen.store.has_value())
        seen.store = backlog.error();
    seen.now = clock_.now();
    seen.reload_succeeded = metrics_.reload_succeeded;
    co_return seen;
}

std::string Health::page(const Standing& standing, bool store_up,
                         const store::Backlog* backlog) const {
    std::string text;
    write_gauge_head(text, "runs_agent_build_info", "What this is; always 1.");
    write_sample(text, "runs_agent_build_info",
                 "version=\"" + ground_.version + "\",commit=\"" + ground_.commit + '"', 1);
    gauge(text, "store_up", "Whether the store can be read and written.", store_up ? 1 : 0);
    gauge(text, "webhook_connections", "Open connections of the webhook listener.",
          standing.connections);
    gauge(text, "webhook_connections_limit", "How many there may be.", standing.max_connections);
    gauge(text, "calls_in_flight", "Calls that are being sent.", standing.calls_in_flight);
    gauge(text, "calls_in_flight_limit", "How many there may be.", standing.max_calls_in_flight);
    if (backlog != nullptr) add_backlog(text, *backlog);
    if (standing.caught_up)
        gauge(text, "catch_up_last_whole_look_timestamp_seconds",
              "Until when catching up has seen all there was; 0: not all, since the start.",
              std::chrono::floor<std::chrono::seconds>(*standing.caught_up)
                  .time_since_epoch()
                  .count());
    text +=
        "# HELP runs_agent_log_lines_dropped_total Lines that whoever reads the log had no room"
        " for.\n# TYPE runs_agent_log_lines_dropped_total counter\n";
    write_sample(text, "runs_agent_log_lines_dropped_total", {},
                 static_cast<double>(standing.log_lines_dropped));
    return text + metrics_.text() + store_metrics(ground_.databases) +
           process_metrics(ground_.started);
}

}  // namespace runs_agent::agent
