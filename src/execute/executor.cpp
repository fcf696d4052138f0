// SPDX-License-Identifier: MIT
#include "execute/executor.hpp"

#include "execute/keep_working.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <limits>

namespace runs_agent::execute {

namespace asio = boost::asio;
using store::AfterTry;
using store::Call;
using store::CallState;

namespace {

constexpr std::chrono::milliseconds store_trouble_pause{1'000};
constexpr int all = std::numeric_limits<int>::max();

Performed not_sent(const Call& call) {
    Performed performed;
    performed.reply.kind = Reply::Kind::nothing_to_do;
    performed.reply.text =
        "dry run: " + std::string(decide::to_string(call.planned.operation)) + " was not sent";
    performed.log = performed.reply.text;
    return performed;
}

}  // namespace

Executor::Executor(asio::any_io_executor executor, store::Store& store, runs_api::RunsApi& api,
                   github::GitHub& github, Clock& clock, Log& log, Metrics& metrics,
                   std::function<double()> random, ExecutorOptions options)
    : executor_(executor),
      store_(store),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      random_(std::move(random)),
      options_(std::move(options)),
      performer_(api, github, [this](std::int64_t call_id) { return store_.not_wanted(call_id); }),
      wakeup_(executor) {}

void Executor::stop() {
    stopping_ = true;
    wakeup_.notify();
}

asio::awaitable<void> Executor::run() {
    // Before the first claim: it ends every lease, ours too.
    co_await take_up();
    AfterBug after{.event = "executor.broke_off",
                   .doing = "claiming calls",
                   .pause = options_.pause_after_bug};
    co_await keep_working([this] { return work(); }, stopping_, wakeup_, clock_, log_,
                          std::move(after));
    while (!in_flight_.empty()) co_await wakeup_.wait_until(clock_, clock_.now() + options_.poll);
}

/// Looks once for what is to be done, and waits for the next time.
asio::awaitable<void> Executor::work() {
    // In this order: a clock that was set back moves what is due, a probe makes one more due, and
    // then both are claimed.
    co_await see_clock();
    co_await probe_held();
    const Time next = co_await claim_and_start();
    // Not longer than that either, where the clock was set back while the store was asked.
    const Time now = clock_.now();
    if (!stopping_) co_await wakeup_.wait_until(clock_, std::min(next, now + options_.poll));
}

/// What waits for a time must not wait longer because the clock was set back.
asio::awaitable<void> Executor::see_clock() {
    // What a clock is set by as a matter of course, a second or two, delays nothing by more.
    constexpr std::chrono::milliseconds slack{5'000};
    const Time now = clock_.now();
    const bool back = now + slack < latest_;
    if (!back) {
        latest_ = std::max(latest_, now);
        co_return;
    }
    next_probe_ = std::min(next_probe_, now + options_.held_probe);
    const auto moved = co_await store_.clock_set_back(now, now + options_.lease);
    if (moved.has_error()) {
        log_.error("executor.clock_failed", {{"error", moved.error().message}});
        co_return;  // once more, next time
    }
    latest_ = now;
    log_.warn("executor.clock_set_back", {{"calls", *moved}});
}

/// Makes due again what an earlier process had claimed, and what waits for a better key: a restart
/// is the usual way to bring one.
asio::awaitable<void> Executor::take_up() {
    const Time now = clock_.now();
    latest_ = now;
    // The clock first: what it moves must be due when leases end and held calls come back.
    const auto moved = co_await store_.clock_set_back(now, now);
    if (moved.has_error()) log_.error("executor.clock_failed", {{"error", moved.error().message}});
    const auto recovered = co_await store_.recover(now);
    if (recovered.has_error()) {
        log_.error("executor.recover_failed", {{"error", recovered.error().message}});
    } else if (*recovered > 0) {
        log_.info("executor.recovered", {{"calls", *recovered}});
    }
    const auto resumed = co_await store_.resume_held(now, std::chrono::milliseconds(0), all);
    if (resumed.has_error())
        log_.error("executor.resume_failed", {{"error", resumed.error().message}});
    next_probe_ = now + options_.held_probe;
}

asio::awaitable<void> Executor::probe_held() {
    const Time now = clock_.now();
    if (now < next_probe_) co_return;
    next_probe_ = now + options_.held_probe;
    const auto resumed = co_await store_.resume_held(now, options_.held_probe, 1);
    if (resumed.has_error())
        log_.error("executor.resume_failed", {{"error", resumed.error().message}});
}

/// Starts what is due and fits; returns when to look again.
asio::awaitable<Time> Executor::claim_and_start() {
    const Time now = clock_.now();
    const int room = options_.concurrency - in_flight();
    if (room <= 0) co_return now + options_.poll;  // a call that ends wakes us before
    std::string service = options_.service();
    auto claimed = co_await store_.claim_due(now, now + options_.lease, room, service);
    if (claimed.has_error()) {
        log_.error("executor.claim_failed", {{"error", claimed.error().message}});
        co_return now + store_trouble_pause;
    }
    const bool full = static_cast<int>(claimed->size()) == room;
    if (stopping_) {
        co_await give_back(std::move(*claimed));
        co_return now;
    }
    for (Call& call : *claimed) start(std::move(call));
    if (full) co_return now + options_.poll;
    const auto due = co_await store_.next_due(now, std::move(service));
    if (due.has_error()) co_return now + store_trouble_pause;
    co_return due->has_value() ? std::min(**due, now + options_.poll) : now + options_.poll;
}

/// Runs a call and keeps count of it. One that is claimed while it is still under way here waits
/// for that: its lease may only have ended, and then it is not begun a second time (see execute()).
void Executor::start(Call call) {
    const std::int64_t id = call.id;
    if (!in_flight_.insert(id).second) {
        again_.insert_or_assign(id, std::move(call));
        return;
    }
    asio::co_spawn(executor_, execute(std::move(call)),
                   [this, id](const std::exception_ptr& bug) { ended(id, bug); });
}

/// A bug in what is done about one call, beyond what perform() sees to, must not end the process: a
/// successor would take the same call up. Its lease ends in time, and it is claimed again.
void Executor::ended(std::int64_t id, const std::exception_ptr& bug) {
    in_flight_.erase(id);
    wakeup_.notify();
    auto next = again_.extract(id);
    try {
        if (bug) std::rethrow_exception(bug);
    } catch (const std::exception& what) {
        log_.error(
            "call.broke_off",
            {{"call", id}, {"error", std::string("a mistake of this program: ") + what.what()}});
        return;
    }
    // Where we are stopping, the next process begins with it.
    if (next && !stopping_) start(std::move(next.mapped()));
}

/// What one call makes this program stumble over must not keep the others from being done, nor be
/// stumbled over for ever.
asio::awaitable<Performed> Executor::perform(Call call) {
    Performed performed;
    try {
        performed = co_await performer_.perform(call);
        broken_.erase(call.id);
        co_return performed;
    } catch (const std::exception& bug) {
        performed = Performed();
        performed.reply.text = bug.what();
    }
    performed.reply.kind = Reply::Kind::broke;
    performed.reply.broken_in_a_row = ++broken_[call.id];
    if (performed.reply.broken_in_a_row >= options_.retry.max_breaks) broken_.erase(call.id);
    performed.log = "a mistake of this program (" + performed.reply.text + ")";
    co_return performed;
}

asio::awaitable<void> Executor::give_back(std::vector<Call> calls) {
    std::vector<std::int64_t> ids;
    for (const Call& call : calls)
        if (!in_flight_.contains(call.id)) ids.push_back(call.id);
    const auto released = co_await store_.release(std::move(ids), clock_.now());
    // Else their leases end in time, or the next process begins with them.
    if (released.has_error())
        log_.error("executor.release_failed", {{"error", released.error().message}});
}

asio::awaitable<void> Executor::execute(Call call) {
    store::Try tried;
    tried.at = clock_.now();
    Performed performed;
    if (options_.dry_run)
        performed = not_sent(call);
    else
        performed = co_await perform(call);
    const Time now = clock_.now();
    tried.took = now - tried.at;
    tried.status = performed.reply.status;
    tried.result = std::move(performed.log);
    AfterTry after = judge(call, performed.reply, now, random_(), options_.retry);
    after.specs = performed.specs;
    count(call, after, now);

    log_.info(after.state == CallState::dead ? "call.dead" : "call.tried",
              {{"delivery", call.delivery},
               {"run_id", call.planned.run.run_id},
               {"attempt", call.planned.attempt},
               {"operation", decide::to_string(call.planned.operation)},
               {"project", call.planned.project_id},
               {"status", tried.status},
               {"took_ms", tried.took.count()},
               {"state", store::to_string(after.state)},
               {"outcome", after.outcome}});
    const bool key_works = after.state == CallState::succeeded;
    const std::int64_t id = call.id;
    const bool careful = call.planned.only_if_in_progress;
    co_await heed(call, performed.reply);
    // Recorded before others are let go: they ask the store whose turn it is.
    co_await record(std::move(call), std::move(tried), after);
    // What was just recorded settles a claim of the same call, but not one of a call that was
    // planned anew meanwhile, to be sent outright.
    const auto again = again_.find(id);
    if (again != again_.end() && again->second.planned.only_if_in_progress == careful)
        again_.erase(again);

    if (key_works) {
        // Others that were held for the same key can go on. Those held just now cannot: it may be
        // their project that this key may not touch.
        const auto resumed = co_await store_.resume_held(now, options_.held_probe, all);
        if (resumed.has_error())
            log_.error("executor.resume_failed", {{"error", resumed.error().message}});
    }
}

/// A service that asks to be left alone means all calls to it, not this one. Only what it said is
/// shared: that it did not answer may be this machine's own trouble. Limits of GitHub's are a
/// token's, and are shared where they are learnt. Sources: RFC 6585 section 4, RFC 9110 section
/// 10.2.3.
asio::awaitable<void> Executor::heed(Call call, Reply reply) {
    const bool says_so = reply.kind == Reply::Kind::answered && reply.retry_after &&
                         (reply.status == 429 || reply.status == 503);
    if (!says_so || decide::asks_github(call.planned.operation)) co_return;
    const auto longest =
        reply.status == 503 ? options_.longest_outage : options_.retry.longest_wait;
    const auto length = std::min(*reply.retry_after, longest);
    std::string service = options_.service();
    const auto paused = co_await store_.record_pause(std::move(service), length, clock_.now());
    if (paused.has_error())
        log_.error("calls.pause_failed", {{"error", paused.error().message}});
    else
        log_.warn("calls.paused", {{"status", reply.status}, {"for_ms", length.count()}});
}

void Executor::count(const Call& call, const AfterTry& after, Time now) {
    const decide::Operation operation = call.planned.operation;
    if (after.state == CallState::dead)
        metrics_.calls_finished.add(operation, Metrics::Ended::dead);
    if (after.state != CallState::succeeded) return;
    metrics_.calls_finished.add(operation, Metrics::Ended::succeeded);
    if (call.received_at != Time())
        metrics_.end_to_end.observe(in_seconds(now - call.received_at), operation);
}

asio::awaitable<void> Executor::record(Call call, store::Try tried, AfterTry after) {
    const auto recorded = co_await store_.record_try(call, std::move(tried), std::move(after));
    // Its lease ends in time, and it is then done once more: at least once is the promise.
    if (recorded.has_error())
        log_.error("call.not_recorded", {{"delivery", call.delivery},
                                         {"run_id", call.planned.run.run_id},
                                         {"attempt", call.planned.attempt},
                                         {"error", recorded.error().message}});
}

}  // namespace runs_agent::execute
