// SPDX-License-Identifier: MIT
#include "runs_server/notifying/notifier.hpp"

#include "base/time_text.hpp"
#include "base/wakeup.hpp"
#include "net/url.hpp"
#include "runs_server/notifying/announce.hpp"
#include "runs_server/notifying/outbox.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <set>

namespace runs_agent::runs_server {

namespace asio = boost::asio;
using net::HttpRequest;
using net::HttpResponse;
using sqlite::Database;

namespace {

/// Of an answer: nothing in it is read, but it has to be taken.
constexpr std::size_t max_answer = 256UL * 1024;

HttpRequest request_of(const OutgoingHook& hook, Time now) {
    HttpRequest request;
    request.method = "POST";
    request.target = hook.url;
    request.headers = hook.headers;
    request.headers.set("Content-Type", "application/json");
    // Source: docs.currents.dev, "HTTP Webhooks", "Security".
    request.headers.set("x-timestamp", std::to_string(now.time_since_epoch().count()));
    // By this a receiver knows again what comes a second time.
    request.headers.set("x-runs-agent-delivery", hook.id);
    request.body = hook.body;
    request.max_answer = max_answer;
    return request;
}

/// Why it counts as not delivered; empty where it was. Redirects are not followed: whoever moves
/// has the hook changed.
std::string fault_of(const Result<HttpResponse>& answer) {
    if (answer.has_error()) {
        std::string text = answer.error().message;
        if (answer.error().code == Errc::refused)
            text += "; where that is meant, allow it by RUNS_AGENT_API_WEBHOOKS_ALLOW";
        return text;
    }
    const int status = answer->status;
    if (status >= 200 && status < 300) return {};
    std::string text = "it answered " + std::to_string(status);
    if (status >= 300 && status < 400) text += "; redirects are not followed, change the URL";
    return text;
}

std::string mistake(const std::exception& bug) {
    return std::string("a mistake of this program: ") + bug.what();
}

/// The URL without what may be secret in it.
std::string receiver_of(const OutgoingHook& hook) {
    const auto url = net::parse_url(hook.url);
    return url.has_value() ? net::host_and_port(url->host, url->port) : "";
}

/// What was found in the database.
struct Work {
    std::vector<OutgoingHook> due;
    std::optional<Time> next_due;
    std::optional<Time> next_time_out;
};

}  // namespace

/// Outlives the Notifier for as long as a coroutine of it is under way; what it refers to does not,
/// and is touched no more once it is `left`.
struct Notifier::State : std::enable_shared_from_this<State> {
    State(const asio::any_io_executor& ex, sqlite::Worker& db, net::HttpTransport& transport,
          Clock& c, Log& l, std::function<double()> r, NotifierOptions o)
        : executor(ex),
          database(db),
          http(transport),
          clock(c),
          log(l),
          random(std::move(r)),
          options(std::move(o)),
          wakeup(ex),
          ended(ex) {}

    asio::any_io_executor executor;
    sqlite::Worker& database;
    net::HttpTransport& http;
    Clock& clock;
    Log& log;
    std::function<double()> random;
    NotifierOptions options;
    Wakeup wakeup;
    Wakeup ended;
    std::set<std::string> in_flight;
    bool running = false;
    bool stopping = false;
    bool left = false;

    static asio::awaitable<void> run(std::shared_ptr<State> self);
    static asio::awaitable<void> deliver(std::shared_ptr<State> self, OutgoingHook hook);

    asio::awaitable<void> take_up();
    asio::awaitable<Time> work();
    asio::awaitable<Result<bool>> time_out();
    asio::awaitable<Result<Work>> look();
    asio::awaitable<std::string> post(OutgoingHook hook);
    asio::awaitable<void> record(OutgoingHook hook, std::string fault);
    Time pause_after(const OutgoingHook& hook, Time now);
    void tell(const OutgoingHook& hook, const std::string& fault, bool given_up, Time next);
};

asio::awaitable<void> Notifier::State::run(std::shared_ptr<State> self) {
    co_await self->take_up();
    while (!self->stopping) {
        Time next{};
        try {
            next = co_await self->work();
        } catch (const std::exception& bug) {
            if (self->left) co_return;
            self->log.limited(LogLevel::error, "hooks.broke_off", {{"error", mistake(bug)}});
            next = self->clock.now() + self->options.trouble_pause;
        }
        if (self->stopping) break;
        co_await self->wakeup.wait_until(self->clock, next);
    }
    if (self->left) co_return;
    self->running = false;
    self->ended.notify();
}

asio::awaitable<void> Notifier::State::take_up() {
    // Named, as g++ 12 copies a temporary closure of a co_await expression bit by bit.
    const std::function<Result<bool>(Database&)> job =
        [now = clock.now()](Database& db) -> Result<bool> {
        retry_hooks(db, now);
        return true;
    };
    const Result<bool> done = co_await database.write(job);
    if (left || done.has_value()) co_return;
    log.error("hooks.take_up_failed", {{"error", done.error().message}});
}

/// Begins what is due; returns when to look again.
asio::awaitable<Time> Notifier::State::work() {
    const Time trouble = clock.now() + options.trouble_pause;
    const Result<Work> found = co_await look();
    if (stopping) co_return trouble;
    if (found.has_error()) {
        log.limited(LogLevel::error, "hooks.look_failed", {{"error", found.error().message}});
        co_return trouble;
    }
    for (const OutgoingHook& hook : found->due) {
        if (in_flight.size() >= options.concurrency) break;  // one that ends wakes us
        if (!in_flight.insert(hook.id).second) continue;
        asio::co_spawn(executor, deliver(shared_from_this(), hook), asio::detached);
    }
    const Time now = clock.now();
    Time next = now + options.poll;
    if (found->next_due) next = std::min(next, *found->next_due);
    if (!found->next_time_out || *found->next_time_out > now)
        co_return std::min(next, found->next_time_out.value_or(next));
    const Result<bool> more = co_await time_out();
    if (stopping) co_return trouble;
    // At once, to see what is to be sent, and what times out next.
    if (more.has_value()) co_return *more ? now : trouble;
    log.limited(LogLevel::error, "hooks.time_out_failed", {{"error", more.error().message}});
    co_return trouble;
}

asio::awaitable<Result<Work>> Notifier::State::look() {
    const std::function<Result<Work>(Database&)> job = [now = clock.now(),
                                                        o = options](Database& db) -> Result<Work> {
        Work found;
        // What is under way is among them.
        found.due = due_hooks(db, now, now + 2 * o.longest_pause, o.per_hook, 2 * o.concurrency);
        found.next_due = next_due_hook(db, now);
        found.next_time_out = next_time_out(db);
        return found;
    };
    co_return co_await database.read(job);
}

asio::awaitable<Result<bool>> Notifier::State::time_out() {
    const std::function<Result<bool>(Database&)> job =
        [now = clock.now(), url = options.base_url](Database& db) -> Result<bool> {
        return time_out_runs(db, url, now);
    };
    co_return co_await database.write(job);
}

/// One delivery, to the end of one try.
asio::awaitable<void> Notifier::State::deliver(std::shared_ptr<State> self, OutgoingHook hook) {
    const std::string id = hook.id;
    try {
        std::string fault = co_await self->post(hook);
        if (self->left) co_return;
        co_await self->record(std::move(hook), std::move(fault));
    } catch (const std::exception& bug) {
        if (self->left) co_return;
        self->log.limited(LogLevel::error, "hooks.broke_off", {{"error", mistake(bug)}});
    }
    if (self->left) co_return;
    self->in_flight.erase(id);
    self->wakeup.notify();
    self->ended.notify();
}

/// Returns why it was not delivered; empty where it was.
asio::awaitable<std::string> Notifier::State::post(OutgoingHook hook) {
    std::string bug;
    try {
        HttpRequest request = request_of(hook, clock.now());
        const Result<HttpResponse> answer = co_await http.send(std::move(request));
        co_return fault_of(answer);
    } catch (const std::exception& thrown) {
        bug = mistake(thrown);
    }
    co_return bug;
}

Time Notifier::State::pause_after(const OutgoingHook& hook, Time now) {
    std::chrono::milliseconds pause = options.first_pause;
    for (int i = 0; i < hook.tries && pause < options.longest_pause; ++i) pause *= 2;
    pause = std::min(pause, options.longest_pause);
    constexpr double by_chance = 0.2;
    const auto less = static_cast<double>(pause.count()) * by_chance * random();
    return now + pause - std::chrono::milliseconds(static_cast<std::int64_t>(less));
}

asio::awaitable<void> Notifier::State::record(OutgoingHook hook, std::string fault) {
    const Time now = clock.now();
    const bool given_up = !fault.empty() && now - hook.created_at >= options.give_up_after;
    const bool over = fault.empty() || given_up;
    const Time next = pause_after(hook, now);
    tell(hook, fault, given_up, next);
    const std::function<Result<bool>(Database&)> job =
        [=, id = hook.id](Database& db) -> Result<bool> {
        over ? forget_hook(db, id) : put_off_hook(db, id, next);
        return true;
    };
    const Result<bool> recorded = co_await database.write(job);
    if (left || recorded.has_value()) co_return;
    // It is sent once more, but not at once.
    log.limited(LogLevel::error, "hooks.not_recorded",
                {{"hook", hook.hook_id}, {"error", recorded.error().message}});
    if (!stopping) co_await clock.sleep_until(now + options.trouble_pause);
}

void Notifier::State::tell(const OutgoingHook& hook, const std::string& fault, bool given_up,
                           Time next) {
    const std::string receiver = receiver_of(hook);
    if (fault.empty())
        return log.debug("hooks.delivered", {{"hook", hook.hook_id},
                                             {"run_id", hook.run_id},
                                             {"hook_event", hook.event},
                                             {"tries", hook.tries + 1}});
    const std::string then = given_up ? "given up, after " + to_words(options.give_up_after)
                                      : "tried again in " + to_words(next - clock.now());
    log.limited(given_up ? LogLevel::error : LogLevel::warning,
                given_up ? "hooks.given_up" : "hooks.not_delivered",
                {{"hook", hook.hook_id},
                 {"to", receiver},
                 {"run_id", hook.run_id},
                 {"hook_event", hook.event},
                 {"tries", hook.tries + 1},
                 {"error", fault},
                 {"then", then}});
}

net::ClientOptions hook_client_options(std::string user_agent, std::string ca_file,
                                       net::MayConnect may_connect) {
    net::ClientOptions options;
    options.connect_timeout = std::chrono::seconds(10);
    options.handshake_timeout = std::chrono::seconds(10);
    options.answer_timeout = std::chrono::seconds(15);
    options.max_answer = max_answer;
    // A kept one may be closed in the moment it is used again, and a POST is not repeated at once.
    options.kept_per_host = 0;
    options.user_agent = std::move(user_agent);
    options.ca_file = std::move(ca_file);
    options.may_connect = std::move(may_connect);
    return options;
}

Notifier::Notifier(const asio::any_io_executor& executor, sqlite::Worker& database,
                   net::HttpTransport& http, Clock& clock, Log& log, std::function<double()> random,
                   NotifierOptions options)
    : state_(std::make_shared<State>(executor, database, http, clock, log, std::move(random),
                                     std::move(options))) {}

Notifier::~Notifier() {
    state_->stopping = state_->left = true;
    state_->wakeup.notify();
}

void Notifier::start() {
    state_->running = true;
    asio::co_spawn(state_->executor, State::run(state_), asio::detached);
}

void Notifier::wake() {
    state_->wakeup.notify();
}

asio::awaitable<void> Notifier::stop(std::chrono::milliseconds bound) {
    State& state = *state_;
    state.stopping = true;
    state.wakeup.notify();
    const SteadyTime end = state.clock.steady() + bound;
    while ((state.running || !state.in_flight.empty()) && state.clock.steady() < end) {
        const std::chrono::milliseconds rest = end - state.clock.steady();
        co_await state.ended.wait_for(state.clock, rest);
    }
    if (!state.in_flight.empty())
        state.log.warn("hooks.stopped_early", {{"under_way", state.in_flight.size()}});
}

}  // namespace runs_agent::runs_server
