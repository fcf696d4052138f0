// SPDX-License-Identifier: MIT
#include "store/postgres_store.hpp"

#include "postgres/pool.hpp"
#include "store/by_hand.hpp"
#include "store/health.hpp"
#include "store/pauses.hpp"
#include "store/postgres/by_hand.hpp"
#include "store/postgres/call_endings.hpp"
#include "store/postgres/catching_up.hpp"
#include "store/postgres/deciding.hpp"
#include "store/postgres/deliveries.hpp"
#include "store/postgres/lanes.hpp"
#include "store/postgres/naming.hpp"
#include "store/postgres/presence.hpp"
#include "store/postgres/replicas.hpp"
#include "store/postgres/searching.hpp"
#include "store/postgres/setting_up.hpp"
#include "store/postgres/turns.hpp"
#include "store/rules_of_both.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <tuple>
#include <utility>

namespace runs_agent::store {

namespace {

namespace asio = boost::asio;
using postgres::Connection;

/// Each operation of the interface, handed to a thread of the pool.
class PostgresStore final : public Store {
public:
    PostgresStore(const postgres::Target& target, Replica self, const PostgresStoreOptions& options)
        : self_(std::move(self)),
          max_clock_difference_(options.max_clock_difference),
          pool_(target, pool_options(options)) {
        if (!options.visitor) presence_.emplace(target, self_, options.beat);
    }

    asio::awaitable<Result<Accepted>> accept(NewDelivery delivery) override {
        const auto shared = std::make_shared<const NewDelivery>(std::move(delivery));
        auto job = [shared, packed = std::optional<std::string>()](
                       Connection& db) mutable -> Result<Accepted> {
            if (!packed) packed = packed_body(*shared);
            return store::accept(db, *shared, *packed);
        };
        auto stored = co_await pool_.write_together(shared->guid, std::move(job));
        if (stored.has_error() || sources_.know(*shared)) co_return stored;
        auto source_job = [shared](Connection& db) -> Result<void> {
            record_source(db, *shared);
            return {};
        };
        const auto told = co_await pool_.write(std::move(source_job));
        // The delivery is stored all the same; the next from there tells it again.
        if (told.has_value()) sources_.note(*shared);
        co_return stored;
    }

    /// Stores alone; decide_next() decides. To decide here would hold the lanes of the run and its
    /// branch through a commit that up to 128 deliveries share, and put some eight questions to the
    /// server for each before any of them is acknowledged: with a server 1 ms away a second, of the
    /// ten that GitHub waits. A call row that another replica holds would hold all of them up.
    /// Deciding on its own costs the call one commit more, and the delivery nothing.
    asio::awaitable<Result<Taken>> accept_and_decide(NewDelivery delivery, Decider /*decider*/,
                                                     Time /*now*/) override {
        const auto accepted = co_await accept(std::move(delivery));
        if (accepted.has_error()) co_return accepted.error();
        co_return Taken{*accepted, std::nullopt};
    }

    asio::awaitable<Result<std::vector<HeardHook>>> hooks(std::string host, Time since) override {
        return pool_.read(
            [host = std::move(host), since](Connection& db) -> Result<std::vector<HeardHook>> {
                return store::hooks(db, host, since);
            });
    }

    asio::awaitable<Result<std::vector<std::string>>> repositories(std::string host,
                                                                   Time since) override {
        return pool_.read(
            [host = std::move(host), since](Connection& db) -> Result<std::vector<std::string>> {
                return store::repositories(db, host, since);
            });
    }

    asio::awaitable<Result<std::vector<std::string>>> unknown_guids(
        std::vector<std::string> guids) override {
        return pool_.read(
            [guids = std::move(guids)](Connection& db) -> Result<std::vector<std::string>> {
                return store::unknown_guids(db, guids);
            });
    }

    asio::awaitable<Result<std::vector<HeardAttempt>>> heard_attempts(
        std::string host, std::vector<std::int64_t> run_ids) override {
        return pool_.read([host = std::move(host), ids = std::move(run_ids)](
                              Connection& db) -> Result<std::vector<HeardAttempt>> {
            return store::heard_attempts(db, host, ids);
        });
    }

    asio::awaitable<Result<std::vector<OpenAttempt>>> open_attempts(std::string host,
                                                                    Time heard_since,
                                                                    int limit) override {
        return pool_.read([host = std::move(host), heard_since,
                           limit](Connection& db) -> Result<std::vector<OpenAttempt>> {
            return store::open_attempts(db, host, heard_since, limit);
        });
    }

    asio::awaitable<Result<std::optional<Time>>> last_look(std::string name) override {
        return pool_.read([name = std::move(name)](Connection& db) -> Result<std::optional<Time>> {
            return store::last_look(db, name);
        });
    }

    asio::awaitable<Result<void>> record_look(std::string name, Time at) override {
        return pool_.write([name = std::move(name), at](Connection& db) -> Result<void> {
            store::record_look(db, name, at);
            return {};
        });
    }

    asio::awaitable<Result<std::vector<Decided>>> decide_next(Decider decider, Time now,
                                                              int limit) override {
        auto job = [this, decider = std::move(decider), now,
                    limit](Connection& db) -> Result<DecidedSome> {
            return store::decide_next(db, self_, decider, now, limit);
        };
        auto some = co_await pool_.write(std::move(job));
        if (some.has_error()) co_return some.error();
        if (some->contended) ring_soon();
        for (const Decided& one : some->decided)
            if (!one.decision.calls.empty()) {
                if (presence_) presence_->ring_others();
                break;
            }
        co_return std::move(some->decided);
    }

    asio::awaitable<Result<std::vector<Call>>> claim_due(Time now, Time lease_until, int limit,
                                                         std::string service) override {
        std::string claim = std::to_string(++claims_);
        auto job = [this, claim = std::move(claim), now, lease_until, limit,
                    service = std::move(service),
                    again = false](Connection& db) mutable -> Result<Claimed> {
            // Nobody knows whether the first try was committed; then nobody would do those calls.
            if (std::exchange(again, true)) give_up_claim(db, self_, claim, now);
            return store::claim_due(db, self_, claim, now, lease_until, limit, service);
        };
        auto claimed = co_await pool_.write(std::move(job));
        if (claimed.has_error()) co_return claimed.error();
        if (claimed->contended) ring_soon();
        co_return std::move(claimed->calls);
    }

    asio::awaitable<Result<std::optional<Time>>> next_due(Time now, std::string service) override {
        return pool_.read([this, now, service = std::move(service)](
                              Connection& db) -> Result<std::optional<Time>> {
            return store::next_due(db, self_, now, service);
        });
    }

    asio::awaitable<Result<void>> record_try(Call claimed, Try tried, AfterTry after) override {
        return pool_.write([this, claimed = std::move(claimed), tried = std::move(tried),
                            after = std::move(after)](Connection& db) -> Result<void> {
            store::record_try(db, self_, claimed, tried, after);
            return {};
        });
    }

    asio::awaitable<Result<std::optional<std::string>>> not_wanted(std::int64_t call_id) override {
        return pool_.read([this, call_id](Connection& db) -> Result<std::optional<std::string>> {
            return store::not_wanted(db, self_, call_id);
        });
    }

    asio::awaitable<Result<int>> clock_set_back(Time now, Time lease_until) override {
        return pool_.write([this, now, lease_until](Connection& db) -> Result<int> {
            return store::clock_set_back(db, self_, now, lease_until);
        });
    }

    asio::awaitable<Result<int>> recover(Time now) override {
        return pool_.write([this, now](Connection& db) -> Result<int> {
            return take_over_from_gone(db, self_, now);
        });
    }

    asio::awaitable<Result<void>> release(std::vector<std::int64_t> call_ids, Time now) override {
        auto job = [this, ids = std::move(call_ids), now](Connection& db) -> Result<void> {
            store::release(db, self_, ids, now);
            return {};
        };
        auto released = co_await pool_.write(std::move(job));
        if (presence_) presence_->ring_others();
        co_return released;
    }

    asio::awaitable<Result<int>> resume_held(Time now, std::chrono::milliseconds pause,
                                             int limit) override {
        return pool_.write([=](Connection& db) -> Result<int> {
            return store::resume_held(db, now, pause, limit);
        });
    }

    asio::awaitable<Result<std::vector<DeliveryRow>>> list(DeliveryFilter filter) override {
        return pool_.read(
            [filter = std::move(filter)](Connection& db) { return store::list(db, filter); });
    }

    asio::awaitable<Result<DeliveryDetail>> show(std::string guid) override {
        return pool_.read(
            [guid = std::move(guid)](Connection& db) { return store::show(db, guid); });
    }

    asio::awaitable<Result<int>> replay(std::string guid, Time now) override {
        auto job = [guid = std::move(guid), now](Connection& db) {
            auto opened = store::replay(db, guid, now);
            if (opened.has_value()) lift_pauses(db);
            return opened;
        };
        auto opened = co_await pool_.write(std::move(job));
        if (opened.has_value()) co_await have_others_called();
        co_return opened;
    }

    asio::awaitable<Result<int>> drop(std::string guid, Time now) override {
        return pool_.write(
            [guid = std::move(guid), now](Connection& db) { return store::drop(db, guid, now); });
    }

    asio::awaitable<Result<DeliveryPage>> search(DeliverySearch search) override {
        return pool_.read(
            [search = std::move(search)](Connection& db) { return store::search(db, search); });
    }

    asio::awaitable<Result<HandOutcome>> act(ByHand act, DeliverySearch which, Time now) override {
        const bool replays = act.act == HandAct::replay && !act.dry_run;
        auto job = [this, act = std::move(act), which = std::move(which), now,
                    token = new_act_token()](Connection& db) {
            auto outcome = store::act(db, act, which, now, token, self_.salt);
            if (lifts_pauses(act, outcome)) lift_pauses(db);
            return outcome;
        };
        auto outcome = co_await pool_.write(std::move(job));
        if (replays && outcome.has_value()) co_await have_others_called();
        co_return outcome;
    }

    asio::awaitable<Result<std::vector<HandRecord>>> acts(std::string delivery,
                                                          int limit) override {
        return pool_.read([delivery = std::move(delivery),
                           limit](Connection& db) -> Result<std::vector<HandRecord>> {
            return store::acts(db, delivery, limit);
        });
    }

    asio::awaitable<Result<Replays>> replays_after(std::int64_t last) override {
        return pool_.read(
            [last](Connection& db) -> Result<Replays> { return store::replays_after(db, last); });
    }

    asio::awaitable<Result<void>> record_act(HandRecord record) override {
        return pool_.write([this, record = std::move(record),
                            token = new_act_token()](Connection& db) -> Result<void> {
            store::record_act(db, record, token, self_.salt);
            return {};
        });
    }

    asio::awaitable<Result<std::vector<Counts>>> count(Time from, std::chrono::milliseconds step,
                                                       int steps) override {
        return pool_.read([=](Connection& db) -> Result<std::vector<Counts>> {
            return store::count(db, from, step, steps);
        });
    }

    asio::awaitable<Result<std::optional<std::string>>> payload(std::string guid) override {
        return pool_.read(
            [guid = std::move(guid)](Connection& db) { return store::payload(db, guid); });
    }

    asio::awaitable<Result<std::optional<decide::Decision>>> consider(std::string guid,
                                                                      Decider decider) override {
        return pool_.read([guid = std::move(guid), decider = std::move(decider)](Connection& db) {
            return store::consider(db, guid, decider);
        });
    }

    asio::awaitable<Result<void>> record_pause(std::string service,
                                               std::chrono::milliseconds length,
                                               Time /*now*/) override {
        return pool_.write([service = std::move(service), length](Connection& db) -> Result<void> {
            store::record_pause(db, service, length, server_time(db));
            return {};
        });
    }

    asio::awaitable<Result<std::optional<Time>>> paused_until(std::string service,
                                                              Time now) override {
        return pool_.read(
            [service = std::move(service), now](Connection& db) -> Result<std::optional<Time>> {
                // By the server's clock it is over; the caller is told by his own.
                const Time server = server_time(db);
                const auto until = store::paused_until(db, service, server);
                return until ? std::optional<Time>(now + (*until - server)) : std::nullopt;
            });
    }

    asio::awaitable<Result<void>> check(Time now) override {
        return pool_.write([now, most = max_clock_difference_](Connection& db) -> Result<void> {
            store::check(db, now);
            return most ? check_clock(server_time(db), now, *most) : Result<void>();
        });
    }

    asio::awaitable<Result<Backlog>> backlog() override {
        return pool_.read([](Connection& db) -> Result<Backlog> { return store::backlog(db); });
    }

    asio::awaitable<Result<int>> prune(Time now, Retention retention) override {
        return pool_.write([salt = self_.salt, now, retention](Connection& db) -> Result<int> {
            return store::prune(db, salt, now, retention);
        });
    }

    asio::awaitable<Result<int>> name_some() override {
        auto job = [this, below = named_down_to_.load()](Connection& db) -> Result<Named> {
            return store::name_some(db, self_.salt, below, prune_step);
        };
        const auto named = co_await pool_.write(std::move(job));
        if (named.has_error()) co_return named.error();
        // At the end it begins anew, next time: others of the version before may still store.
        named_down_to_ = named->rows < prune_step ? Named().lowest : named->lowest;
        co_return named->rows;
    }

    asio::awaitable<Result<bool>> takes_duty(std::string duty) override {
        return pool_.write([this, duty = std::move(duty)](Connection& db) -> Result<bool> {
            return store::takes_duty(db, self_, duty);
        });
    }

    void on_change(std::function<void()> changed) override {
        if (presence_) presence_->on_change(std::move(changed));
    }

private:
    /// Not within the transaction that left them something to do: see ring(). A visitor has no
    /// Presence that would.
    asio::awaitable<void> have_others_called() {
        auto job = [](Connection& db) -> Result<void> {
            ring(db);
            return {};
        };
        // Where it cannot be, they find it when they look next.
        std::ignore = co_await pool_.write(std::move(job));
    }

    void ring_soon() {
        if (presence_) presence_->ring_soon();
    }

    const Replica self_;
    const std::optional<std::chrono::milliseconds> max_clock_difference_;
    std::atomic<std::uint64_t> claims_{0};
    std::atomic<std::int64_t> named_down_to_{Named().lowest};
    HeardSources sources_;
    // In this order: the replica says good-bye after its last job, which the pool waits for.
    std::optional<Presence> presence_;
    postgres::Pool pool_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url,
                                                   const PostgresStoreOptions& options) {
    const auto target = postgres::read_target(url);
    if (target.has_error()) return target.error();
    Replica self;
    self.silent_after = options.silent_after;
    try {
        if (const auto ready = set_up(*target, self, options); ready.has_error())
            return ready.error();
        return std::unique_ptr<Store>(
            std::make_unique<PostgresStore>(*target, std::move(self), options));
    } catch (const postgres::PostgresError& error) {
        return fail(Errc::store, error.what());
    }
}

}  // namespace runs_agent::store
