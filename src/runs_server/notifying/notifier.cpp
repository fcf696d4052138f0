// SPDX-License-Identifier: MIT
#include "runs_server/notifying/notifier.hpp"

#include "base/time_text.hpp"
#include "base/wakeup.hpp"
#include "runs_server/notifying/announce.hpp"
#include "runs_server/notifying/outbox.hpp"
#include "runs_server/notifying/posting.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace runs_agent::runs_server {

namespace asio = boost::asio;
using sqlite::Database;

namespace {

/// Between tries to write down what became of a delivery.
constexpr std::chrono::milliseconds longest_trouble_pause = std::chrono::minutes(1);

/// At a start what is due within this is left to its time.
constexpr std::chrono::milliseconds soon = std::chrono::minutes(1);

std::string mistake(const std::exception& bug) {
    return std::string("a mistake of this program: ") + bug.what();
}

/// A delivery that was begun.
struct Flight {
    bool ended = false;
};

/// What was found in the database.
struct Work {
    std::vector<OutgoingHook> due;
    bool any_expired = false;
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
          ended(ex),
          released(ex) {}

    asio::any_io_executor executor;
    sqlite::Worker& database;
    net::HttpTransport& http;
    Clock& clock;
    Log& log;
    std::function<double()> random;
    NotifierOptions options;
    Wakeup wakeup;
    Wakeup ended;
    Wakeup released;  // those that pause, when all is to end
    /// By the id of what is delivered. What has ended stays until the next look begins: one that
    /// began before may still see it as it was.
    std::map<std::string, Flight> in_flight;
    std::size_t under_way = 0;
    bool running = false;
    bool stopping = false;
    bool left = false;

    static asio::awaitable<void> run(std::shared_ptr<State> self);
    static asio::awaitable<void> deliver(std::shared_ptr<State> self, OutgoingHook hook,
                                         Flight* flight);

    void begin(const OutgoingHook& hook);
    void forget_ended();
    void broke_off(const std::exception& bug);
    asio::awaitable<void> take_up();
    asio::awaitable<Time> work();
    asio::awaitable<Result<bool>> time_out();
    asio::awaitable<Result<Work>> look();
    asio::awaitable<Result<bool>> give_up();
    asio::awaitable<Outcome> post(OutgoingHook hook);
    asio::awaitable<bool> record(OutgoingHook hook, Outcome outcome);
    void tell(const OutgoingHook& hook, const Outcome& outcome, bool given_up, Time next);
};

/// To the end of all: whatever is thrown, it goes on after a pause.
asio::awaitable<void> Notifier::State::run(std::shared_ptr<State> self) {
    bool taken_up = false;
    bool trouble = false;
    while (!self->stopping) {
        try {
            if (trouble) {
                const Time later = self->clock.now() + self->options.trouble_pause;
                co_await self->wakeup.wait_until(self->clock, later);
                trouble = false;
            } else {
                if (!taken_up) co_await self->take_up();
                taken_up = true;
                if (self->stopping) break;
                const Time next = co_await self->work();
                if (self->stopping) break;
                co_await self->wakeup.wait_until(self->clock, next);
            }
        } catch (const std::exception& bug) {
            if (self->left) co_return;
            self->broke_off(bug);
            trouble = true;
        }
    }
    if (self->left) co_return;
    self->running = false;
    self->ended.notify();
}

void Notifier::State::broke_off(const std::exception& bug) {
    try {
        log.limited(LogLevel::error, "hooks.broke_off", {{"error", mistake(bug)}});
    } catch (const std::exception&) {
        // There is not even the memory to tell of it.
    }
}

asio::awaitable<void> Notifier::State::take_up() {
    // Named, as g++ 12 copies a temporary closure of a co_await expression bit by bit.
    const std::function<Result<bool>(Database&)> job =
        [now = clock.now()](Database& db) -> Result<bool> {
        retry_hooks(db, now, now + soon);
        return true;
    };
    const Result<bool> done = co_await database.write(job);
    if (left || done.has_value()) co_return;
    log.error("hooks.take_up_failed", {{"error", done.error().message}});
}

void Notifier::State::forget_ended() {
    std::erase_if(in_flight, [](const auto& flight) { return flight.second.ended; });
}

void Notifier::State::begin(const OutgoingHook& hook) {
    const auto [flight, is_new] = in_flight.try_emplace(hook.id);
    if (!is_new) return;
    ++under_way;
    try {
        asio::co_spawn(executor, deliver(shared_from_this(), hook, &flight->second),
                       asio::detached);
    } catch (const std::exception&) {
        --under_way;
        in_flight.erase(flight);
        throw;
    }
}

/// Begins what is due; returns when to look again.
asio::awaitable<Time> Notifier::State::work() {
    const Time trouble = clock.now() + options.trouble_pause;
    forget_ended();
    const Result<Work> found = co_await look();
    if (stopping) co_return trouble;
    if (found.has_error()) {
        log.limited(LogLevel::error, "hooks.look_failed", {{"error", found.error().message}});
        co_return trouble;
    }
    for (const OutgoingHook& hook : found->due) {
        if (under_way >= options.concurrency) break;  // one that ends wakes us
        begin(hook);
    }
    const Time now = clock.now();
    Time next = now + options.poll;
    if (found->next_due) next = std::min(next, *found->next_due);
    if (found->any_expired) {
        const Result<bool> rest = co_await give_up();
        if (stopping) co_return trouble;
        if (rest.has_value() && *rest) next = now;
    }
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
        found.any_expired = any_expired(db, now, now - o.give_up_after);
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

/// Of hooks that are down. Returns whether there may be more.
asio::awaitable<Result<bool>> Notifier::State::give_up() {
    std::set<std::string> under_way_now;
    for (const auto& [id, flight] : in_flight) under_way_now.insert(id);
    using Hooks = std::vector<std::string>;
    const std::function<Result<Hooks>(Database&)> job =
        [now = clock.now(), after = options.give_up_after, ids = std::move(under_way_now)](
            Database& db) -> Result<Hooks> { return give_up_expired(db, now, now - after, ids); };
    const Result<Hooks> gone = co_await database.write(job);
    if (left) co_return false;
    if (gone.has_error()) {
        log.limited(LogLevel::error, "hooks.give_up_failed", {{"error", gone.error().message}});
        co_return gone.error();
    }
    std::map<std::string, std::size_t> counts;
    for (const std::string& hook : *gone) ++counts[hook];
    for (const auto& [hook, count] : counts)
        log.error("hooks.given_up",
                  {{"hook", hook},
                   {"deliveries", count},
                   {"then", "given up, after " + to_words(options.give_up_after)}});
    co_return !gone->empty();
}

/// One delivery, to the end of one try. What became of it is written down, however often that has
/// to be tried: else what was delivered would be sent again and again where nothing can be written.
asio::awaitable<void> Notifier::State::deliver(std::shared_ptr<State> self, OutgoingHook hook,
                                               Flight* flight) {
    std::optional<Outcome> outcome;
    std::chrono::milliseconds pause{0};
    while (!self->stopping || pause.count() == 0) {
        try {
            if (pause.count() > 0) co_await self->released.wait_for(self->clock, pause);
            if (self->left) co_return;
            if (!outcome && self->stopping) break;
            if (!outcome) outcome = co_await self->post(hook);
            if (self->left) co_return;
            const bool recorded = co_await self->record(hook, *outcome);
            if (self->left) co_return;
            if (recorded) break;
        } catch (const std::exception& bug) {
            if (self->left) co_return;
            self->broke_off(bug);
        }
        pause = std::max(self->options.trouble_pause, std::min(2 * pause, longest_trouble_pause));
    }
    flight->ended = true;
    --self->under_way;
    self->wakeup.notify();
    self->ended.notify();
}

asio::awaitable<Outcome> Notifier::State::post(OutgoingHook hook) {
    Outcome outcome;
    outcome.began = clock.now();
    try {
        net::HttpRequest request = request_of(hook, outcome.began);
        const Result<net::HttpResponse> answer = co_await http.send(std::move(request));
        outcome.fault = fault_of(answer);
        outcome.hook_is_down = !is_of_this_one(answer);
    } catch (const std::exception& bug) {
        outcome.fault = mistake(bug);
    }
    co_return outcome;
}

/// Returns whether it is written down.
asio::awaitable<bool> Notifier::State::record(OutgoingHook hook, Outcome outcome) {
    InVain in_vain;
    in_vain.hook_is_down = outcome.hook_is_down;
    in_vain.began = outcome.began;
    in_vain.now = clock.now();
    in_vain.latest = in_vain.now + 2 * options.longest_pause;
    in_vain.pause = doubling_pause(options.first_pause, options.longest_pause, random());
    const bool ok = outcome.fault.empty();
    const bool given_up = !ok && in_vain.now - hook.created_at >= options.give_up_after;
    const std::function<Result<Time>(Database&)> job = [=](Database& db) -> Result<Time> {
        Time next = in_vain.now;
        if (ok)
            delivered(db, hook);
        else
            next = put_off(db, hook, in_vain);
        if (given_up) forget_hook(db, hook.id);
        return next;
    };
    const Result<Time> recorded = co_await database.write(job);
    if (left) co_return false;
    if (recorded.has_value())
        tell(hook, outcome, given_up, *recorded);
    else
        log.limited(LogLevel::error, "hooks.not_recorded",
                    {{"hook", hook.hook_id},
                     {"outcome", ok ? "delivered" : outcome.fault},
                     {"error", recorded.error().message}});
    co_return recorded.has_value();
}

void Notifier::State::tell(const OutgoingHook& hook, const Outcome& outcome, bool given_up,
                           Time next) {
    if (outcome.fault.empty())
        return log.debug("hooks.delivered", {{"hook", hook.hook_id},
                                             {"run_id", hook.run_id},
                                             {"hook_event", hook.event},
                                             {"tries", hook.tries + 1}});
    const std::string then = given_up ? "given up, after " + to_words(options.give_up_after)
                                      : "tried again in " + to_words(next - clock.now());
    log.limited(given_up ? LogLevel::error : LogLevel::warning,
                given_up ? "hooks.given_up" : "hooks.not_delivered",
                {{"hook", hook.hook_id},
                 {"to", receiver_of(hook)},
                 {"run_id", hook.run_id},
                 {"hook_event", hook.event},
                 {"tries", hook.tries + 1},
                 {"error", outcome.fault},
                 {"then", then}});
}

Notifier::Notifier(const asio::any_io_executor& executor, sqlite::Worker& database,
                   net::HttpTransport& http, Clock& clock, Log& log, std::function<double()> random,
                   NotifierOptions options)
    : state_(std::make_shared<State>(executor, database, http, clock, log, std::move(random),
                                     std::move(options))) {}

Notifier::~Notifier() {
    state_->stopping = state_->left = true;
    state_->wakeup.notify();
    state_->released.notify();
}

void Notifier::start() {
    state_->running = true;
    asio::co_spawn(state_->executor, State::run(state_), asio::detached);
}

void Notifier::wake() {
    state_->wakeup.notify();
}

void Notifier::begin_no_more() {
    state_->stopping = true;
    state_->wakeup.notify();
    state_->released.notify();
}

asio::awaitable<void> Notifier::stop(std::chrono::milliseconds bound) {
    begin_no_more();
    State& state = *state_;
    const SteadyTime end = state.clock.steady() + bound;
    while ((state.running || state.under_way > 0) && state.clock.steady() < end) {
        const std::chrono::milliseconds rest = end - state.clock.steady();
        co_await state.ended.wait_for(state.clock, rest);
    }
    if (state.under_way > 0)
        state.log.warn("hooks.stopped_early", {{"under_way", state.under_way}});
}

}  // namespace runs_agent::runs_server
