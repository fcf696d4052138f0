// SPDX-License-Identifier: MIT
#include "agent/daemon/daemon.hpp"

#include "decide/decide.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds prune_every = std::chrono::hours(1);
/// Between two steps, so that deliveries come in meanwhile.
constexpr std::chrono::milliseconds prune_pause{100};

constexpr std::chrono::milliseconds look_for_trouble_every{15'000};

constexpr std::string_view webhook_path = "/webhooks/github";

/// What nobody signed is refused by its head: a stranger's body is not even read.
bool wants_body(const net::HttpRequest& head) {
    return net::path_of(head.target) == webhook_path && webhooks::may_be_signed(head);
}

Metrics::Cut reason_of(net::CutFor reason) {
    switch (reason) {
        case net::CutFor::last_resort:
            return Metrics::Cut::last_resort;
        case net::CutFor::memory:
            return Metrics::Cut::memory;
        case net::CutFor::place:
            break;
    }
    return Metrics::Cut::place;
}

net::ServerOptions server_options(const DaemonOptions& daemon, Metrics& metrics, Log& log) {
    net::ServerOptions options;
    options.listen = daemon.listen;
    options.certificate = daemon.certificate;
    options.on_handshake_failed = [&log, &metrics](std::string_view why, std::string_view peer) {
        metrics.handshakes_failed.add();
        log.limited(LogLevel::warning, "webhooks.tls_failed", {{"why", why}, {"peer", peer}});
    };
    options.memory = daemon.memory;
    options.max_connections = daemon.max_connections;
    options.send_buffer = 64 * 1024;  // the largest answer is that of /metrics
    // 25 MiB still come within GitHub's ten seconds from a tenth of a second away.
    options.receive_buffer = 256 * 1024;
    options.challenge = "X-Hub-Signature-256";
    options.wants_body = wants_body;
    options.on_cut = [&metrics](net::CutFor reason) {
        metrics.connections_cut.add(reason_of(reason));
    };
    options.on_refused = [&metrics](int status) {
        metrics.webhook_requests.add(Metrics::Event::unverified, Metrics::refusal_of(status));
    };
    return options;
}

execute::ExecutorOptions executor_options(const DaemonOptions& daemon) {
    execute::ExecutorOptions options;
    options.dry_run = daemon.dry_run;
    options.service = daemon.runs_api_service;
    return options;
}

net::HttpResponse method_not_allowed() {
    net::HttpResponse response =
        net::json_response(405, R"({"status":"refused","error":"use GET"})");
    response.headers.add("Allow", "GET, HEAD");
    return response;
}

/// The policy goes along: a decision may still be under way on the store's thread when the daemon
/// is gone.
store::Decider decider(decide::Policy policy) {
    const auto shared = std::make_shared<const decide::Policy>(std::move(policy));
    return {[shared](const decide::Event& event, const decide::Known& known) {
                return decide::decide(event, *shared, known);
            },
            [shared](const decide::WorkflowRun& run, const decide::Known& known) {
                return decide::looks_at_group(run, *shared, known);
            }};
}

}  // namespace

Daemon::Daemon(asio::any_io_executor executor, DaemonOptions options, store::Store& store,
               runs_api::RunsApi& api, github::GitHub& github, Clock& clock, Log& log,
               Metrics& metrics, std::function<double()> random)
    : executor_(executor),
      store_(store),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      health_(store, clock, metrics_, std::move(options.ground)),
      calls_(executor, store, api, github, clock, log, metrics_, std::move(random),
             executor_options(options)),
      decider_(decider(std::move(options.policy))),
      decisions_(executor, store, decider_, clock, log, metrics_, [this] { calls_.wake(); }),
      receiver_(
          store, clock, log, metrics_, std::move(options.webhook_secrets),
          [this] { decisions_.wake(); },
          webhooks::Receiver::AtOnce{
              decider_, [this](const store::Decided& one) { decisions_.decided(one); }}),
      catch_up_(executor, store, github, clock, log, metrics_, [this] { decisions_.wake(); }),
      catches_up_(options.catch_up),
      max_connections_(options.max_connections),
      retention_(options.retention),
      server_(
          executor, server_options(options, metrics_, log_),
          [this](net::HttpRequest request) { return route(std::move(request)); },
          [this](std::string_view error) {
              log_.limited(LogLevel::error, "webhooks.server", {{"error", error}});
          }),
      notify_url_(std::move(options.notify_url)),
      notify_by_(options.notify_by),
      notices_(std::move(options.notify_name)),
      notices_wakeup_(executor),
      prune_wakeup_(executor),
      part_ended_(executor) {}

asio::awaitable<net::HttpResponse> Daemon::route(net::HttpRequest request) {
    const std::string path = net::path_of(request.target).value_or("");
    if (path == webhook_path) co_return co_await receive(std::move(request));
    const bool known = path == "/healthz" || path == "/readyz" || path == "/metrics";
    if (!known)
        co_return net::json_response(
            404, R"({"status":"refused","error":"deliveries go to /webhooks/github"})");
    if (request.method != "GET" && request.method != "HEAD") co_return method_not_allowed();
    if (path == "/healthz") co_return health_.alive();
    if (path == "/readyz") co_return co_await health_.ready();
    const Standing now = standing();
    co_return co_await health_.metrics(now);
}

asio::awaitable<net::HttpResponse> Daemon::receive(net::HttpRequest request) {
    constexpr int unsigned_status = 401;
    const auto began = std::chrono::steady_clock::now();
    net::HttpResponse response = co_await receiver_.handle(std::move(request));
    // Strangers are answered at once, and would hide how long GitHub waits.
    if (response.status != unsigned_status && response.status != 405)
        metrics_.webhook_request_duration.observe(
            in_seconds(std::chrono::steady_clock::now() - began));
    co_return response;
}

Standing Daemon::standing() const {
    Standing now;
    now.connections = server_.connections();
    now.max_connections = max_connections_;
    now.calls_in_flight = calls_.in_flight();
    now.max_calls_in_flight = calls_.max_in_flight();
    now.log_lines_dropped = log_.dropped();
    if (catches_up_ && catch_up_.is_on_duty())
        now.caught_up = catch_up_.seen_until().value_or(Time());
    return now;
}

/// Of an earlier process: that nothing came since the start says nothing of a webhook.
asio::awaitable<void> Daemon::read_last_delivery() {
    store::DeliveryFilter newest;
    newest.limit = 1;
    const auto found = co_await store_.list(std::move(newest));
    if (found.has_value() && !found->empty())
        metrics_.last_delivery = std::max(metrics_.last_delivery, found->front().received_at);
}

/// Others who share the store may leave something to do here, or have told of it in their name.
void Daemon::hear_others() {
    store_.on_change([this, executor = executor_, alive = std::weak_ptr<bool>(alive_)] {
        asio::post(executor, [this, alive] {
            if (alive.expired()) return;
            decisions_.wake();
            calls_.wake();
        });
    });
}

Result<void> Daemon::start() {
    const auto started = server_.start();
    if (started.has_error()) return started.error();
    hear_others();
    metrics_.last_reload = clock_.now();
    spawn(read_last_delivery());
    spawn(health_.count_replays());
    spawn(decisions_.run());
    spawn(calls_.run());
    spawn(prune());
    if (notify_by_ != nullptr) spawn(tell_people());
    if (catches_up_) spawn(catch_up_.run());
    log_.info("webhooks.listening", {{"address", server_.address()}});
    return {};
}

void Daemon::use(decide::Policy policy, std::vector<std::string> webhook_secrets) {
    decider_ = decider(std::move(policy));
    decisions_.use(decider_);
    receiver_.use(std::move(webhook_secrets), decider_);
}

/// Runs a part and keeps count of it. Each part bears with what one round or one call of its own
/// throws. What leaves it nevertheless is a bug that must not go unseen: the exception leaves
/// io_context::run() and ends the process, whose successor takes up the work.
void Daemon::spawn(asio::awaitable<void> part) {
    ++parts_;
    asio::co_spawn(executor_, std::move(part), [this](std::exception_ptr bug) {
        --parts_;
        part_ended_.notify();
        if (bug) std::rethrow_exception(bug);
    });
}

asio::awaitable<void> Daemon::tell_people() {
    while (!stopping_) {
        try {
            co_await tell_once();
        } catch (const std::exception& bug) {
            log_.error("notify.failed",
                       {{"error", std::string("a mistake of this program: ") + bug.what()}});
        }
        if (!stopping_) co_await notices_wakeup_.wait_for(clock_, look_for_trouble_every);
    }
}

/// One message at most: a row of them is told one after the other, not at once.
asio::awaitable<void> Daemon::tell_once() {
    const Seen seen = co_await health_.see();
    notices_.look(troubles_of(seen), clock_.steady());
    const auto message = notices_.next();
    if (!message || stopping_) co_return;
    const auto url = notify_url_();
    if (url.has_error()) {
        log_.warn("notify.failed", {{"error", url.error().message}});
        co_return;
    }
    net::HttpRequest request = notice_request(*url, *message);
    const auto answer = co_await notify_by_->send(std::move(request));
    // The address is a secret, and so is what an error may say of it.
    if (answer.has_error()) {
        log_.warn("notify.failed", {{"error", to_string(answer.error().code)}});
    } else if (answer->status < 200 || answer->status >= 300) {
        log_.warn("notify.failed", {{"status", answer->status}});
    } else {
        notices_.sent();
        log_.info("notify.sent", {{"message", *message}});
    }
}

asio::awaitable<void> Daemon::prune() {
    while (!stopping_) {
        std::chrono::milliseconds pause = prune_every;
        try {
            // It goes in small steps: after one that found something there may be more.
            const bool gone = co_await prune_a_step();
            const bool named = co_await name_a_step();
            if (gone || named) pause = prune_pause;
        } catch (const std::exception& bug) {
            log_.error("store.prune_failed",
                       {{"error", std::string("a mistake of this program: ") + bug.what()}});
        }
        if (!stopping_) co_await prune_wakeup_.wait_for(clock_, pause);
    }
}

/// Returns whether it found something.
asio::awaitable<bool> Daemon::prune_a_step() {
    const auto gone = co_await store_.prune(clock_.now(), retention_);
    if (gone.has_error()) {
        log_.error("store.prune_failed", {{"error", gone.error().message}});
        co_return false;
    }
    if (*gone > 0) log_.info("store.pruned", {{"rows", *gone}});
    co_return *gone > 0;
}

/// The same of what is to be named; told of when it is done.
asio::awaitable<bool> Daemon::name_a_step() {
    const auto named = co_await store_.name_some();
    if (named.has_error()) {
        log_.error("store.name_failed", {{"error", named.error().message}});
        co_return false;
    }
    named_ += *named;
    if (*named == 0 && named_ > 0) log_.info("store.named", {{"rows", std::exchange(named_, 0)}});
    co_return *named > 0;
}

asio::awaitable<void> Daemon::stop(std::chrono::milliseconds bound) {
    const SteadyTime end = clock_.steady() + bound;
    // Readiness first, so that no more is sent here; then the requests under way, which need the
    // store; then the parts, which what they accepted has woken.
    health_.begin_stop();
    co_await server_.stop(bound / 2);
    stopping_ = true;
    prune_wakeup_.notify();
    notices_wakeup_.notify();
    catch_up_.stop();
    decisions_.stop();
    calls_.stop();
    while (parts_ > 0 && clock_.steady() < end) {
        const std::chrono::milliseconds left = end - clock_.steady();
        co_await part_ended_.wait_for(clock_, left);
    }
    if (parts_ > 0) log_.warn("daemon.stopped_early", {{"calls_under_way", calls_.in_flight()}});
}

}  // namespace runs_agent::agent
