// SPDX-License-Identifier: MIT
#include "store/postgres_store.hpp"

#include "postgres/pool.hpp"
#include "store/postgres/call_endings.hpp"
#include "store/postgres/catching_up.hpp"
#include "store/postgres/deciding.hpp"
#include "store/postgres/deliveries.hpp"
#include "store/postgres/health.hpp"
#include "store/postgres/lanes.hpp"
#include "store/postgres/presence.hpp"
#include "store/postgres/replicas.hpp"
#include "store/postgres/schema.hpp"
#include "store/postgres/turns.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <tuple>
#include <utility>

namespace runs_agent::store {

namespace {

namespace asio = boost::asio;
using postgres::Connection;

postgres::PoolOptions pool_options(const PostgresStoreOptions& options) {
    postgres::PoolOptions made;
    made.connections = options.connections;
    if (options.visitor) {
        // A person waits for a list of millions as long as it takes, but not for ever.
        made.connections = 1;
        made.limits.statement = std::chrono::minutes(1);
        made.limits.answer = made.limits.statement + std::chrono::seconds(5);
    }
    return made;
}

Result<void> check_clock(Time server, Time own, std::chrono::milliseconds most) {
    const auto difference = own > server ? own - server : server - own;
    if (difference <= most) return {};
    return fail(Errc::store, "this machine's clock and the database server's differ by " +
                                 std::to_string(difference.count()) +
                                 " ms; set both right (NTP): what waits is due by them");
}

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

    asio::awaitable<Result<std::vector<Call>>> claim_due(Time now, Time lease_until,
                                                         int limit) override {
        std::string claim = std::to_string(++claims_);
        auto job = [this, claim = std::move(claim), now, lease_until, limit,
                    again = false](Connection& db) mutable -> Result<Claimed> {
            // Nobody knows whether the first try was committed; then nobody would do those calls.
            if (std::exchange(again, true)) give_up_claim(db, self_, claim, now);
            return store::claim_due(db, self_, claim, now, lease_until, limit);
        };
        auto claimed = co_await pool_.write(std::move(job));
        if (claimed.has_error()) co_return claimed.error();
        if (claimed->contended) ring_soon();
        co_return std::move(claimed->calls);
    }

    asio::awaitable<Result<std::optional<Time>>> next_due(Time now) override {
        return pool_.read([this, now](Connection& db) -> Result<std::optional<Time>> {
            return store::next_due(db, self_, now);
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
            return store::replay(db, guid, now);
        };
        auto opened = co_await pool_.write(std::move(job));
        if (opened.has_error()) co_return opened;
        // Not within that transaction: see ring().
        auto call_job = [](Connection& db) -> Result<void> {
            ring(db);
            return {};
        };
        // Where it cannot be, they find it when they look next.
        std::ignore = co_await pool_.write(std::move(call_job));
        co_return opened;
    }

    asio::awaitable<Result<int>> drop(std::string guid, Time now) override {
        return pool_.write(
            [guid = std::move(guid), now](Connection& db) { return store::drop(db, guid, now); });
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

    asio::awaitable<Result<bool>> takes_duty(std::string duty) override {
        return pool_.write([this, duty = std::move(duty)](Connection& db) -> Result<bool> {
            return store::takes_duty(db, self_, duty);
        });
    }

    void on_change(std::function<void()> changed) override {
        if (presence_) presence_->on_change(std::move(changed));
    }

private:
    void ring_soon() {
        if (presence_) presence_->ring_soon();
    }

    const Replica self_;
    const std::optional<std::chrono::milliseconds> max_clock_difference_;
    std::atomic<std::uint64_t> claims_{0};
    HeardSources sources_;
    // In this order: the replica says good-bye after its last job, which the pool waits for.
    std::optional<Presence> presence_;
    postgres::Pool pool_;
};

/// What is done before anything else is: on a connection of its own.
Result<void> set_up(const postgres::Target& target, Replica& self, bool visitor) {
    postgres::TimeLimits patient;
    patient.answer = std::chrono::hours(1);  // a migration of a large table
    Connection connection(target, patient);
    if (const auto migrated = migrate(connection, postgres_migrations()); migrated.has_error())
        return migrated.error();
    self.salt = salt_of(connection);
    if (visitor) return {};
    self.id = new_replica_id();
    say_alive(connection, self);
    return {};
}

}  // namespace

Result<std::string> describe_postgres_url(const std::string& url) {
    auto target = postgres::read_target(url);
    if (target.has_error()) return target.error();
    return std::move(target->name);
}

Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url,
                                                   PostgresStoreOptions options) {
    const auto target = postgres::read_target(url);
    if (target.has_error()) return target.error();
    Replica self;
    self.silent_after = options.silent_after;
    try {
        if (const auto ready = set_up(*target, self, options.visitor); ready.has_error())
            return ready.error();
        return std::unique_ptr<Store>(
            std::make_unique<PostgresStore>(*target, std::move(self), options));
    } catch (const postgres::PostgresError& error) {
        return fail(Errc::store, error.what());
    }
}

}  // namespace runs_agent::store
