// SPDX-License-Identifier: MIT
#include "store/sqlite_store.hpp"

#include "sqlite/worker.hpp"
#include "store/by_hand.hpp"
#include "store/health.hpp"
#include "store/pauses.hpp"
#include "store/sqlite/by_hand.hpp"
#include "store/sqlite/call_endings.hpp"
#include "store/sqlite/catching_up.hpp"
#include "store/sqlite/deciding.hpp"
#include "store/sqlite/deliveries.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/searching.hpp"
#include "store/sqlite/turns.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::store {

namespace {

namespace asio = boost::asio;
using sqlite::Database;

/// Each operation of the interface, handed to the thread it belongs on. None changes anything but
/// the database.
class SqliteStore final : public Store {
public:
    SqliteStore(const std::string& path, SqliteStoreOptions options)
        : worker_(path, sqlite_migrations(),
                  {.leaves_log = options.visitor, .on_commit = std::move(options.on_commit)}) {}

    asio::awaitable<Result<Accepted>> accept(NewDelivery delivery) override {
        return worker_.write_again(
            [delivery = std::move(delivery)](Database& db) -> Result<Accepted> {
                return store::accept(db, delivery);
            });
    }

    asio::awaitable<Result<Taken>> accept_and_decide(NewDelivery delivery, Decider decider,
                                                     Time now) override {
        const auto shared = std::make_shared<const NewDelivery>(std::move(delivery));
        auto taking = worker_.write_again(
            [shared, decider = std::move(decider), now](Database& db) -> Result<Taken> {
                return store::accept_and_decide(db, *shared, decider, now);
            });
        auto taken = co_await std::move(taking);
        if (taken.has_value() || taken.error().code != Errc::store) co_return taken;
        // What the decision stumbled over must not keep the delivery from being stored.
        auto accepting = worker_.write_again(
            [shared](Database& db) -> Result<Accepted> { return store::accept(db, *shared); });
        const auto accepted = co_await std::move(accepting);
        if (accepted.has_error()) co_return accepted.error();
        co_return Taken{*accepted, std::nullopt};
    }

    asio::awaitable<Result<std::vector<HeardHook>>> hooks(std::string host, Time since) override {
        return worker_.read(
            [host = std::move(host), since](Database& db) -> Result<std::vector<HeardHook>> {
                return store::hooks(db, host, since);
            });
    }

    asio::awaitable<Result<std::vector<std::string>>> repositories(std::string host,
                                                                   Time since) override {
        return worker_.read(
            [host = std::move(host), since](Database& db) -> Result<std::vector<std::string>> {
                return store::repositories(db, host, since);
            });
    }

    asio::awaitable<Result<std::vector<std::string>>> unknown_guids(
        std::vector<std::string> guids) override {
        return worker_.read(
            [guids = std::move(guids)](Database& db) -> Result<std::vector<std::string>> {
                return store::unknown_guids(db, guids);
            });
    }

    asio::awaitable<Result<std::vector<HeardAttempt>>> heard_attempts(
        std::string host, std::vector<std::int64_t> run_ids) override {
        return worker_.read([host = std::move(host), ids = std::move(run_ids)](
                                Database& db) -> Result<std::vector<HeardAttempt>> {
            return store::heard_attempts(db, host, ids);
        });
    }

    asio::awaitable<Result<std::vector<OpenAttempt>>> open_attempts(std::string host,
                                                                    Time heard_since,
                                                                    int limit) override {
        return worker_.read([host = std::move(host), heard_since,
                             limit](Database& db) -> Result<std::vector<OpenAttempt>> {
            return store::open_attempts(db, host, heard_since, limit);
        });
    }

    asio::awaitable<Result<std::optional<Time>>> last_look(std::string name) override {
        return worker_.read([name = std::move(name)](Database& db) -> Result<std::optional<Time>> {
            return store::last_look(db, name);
        });
    }

    asio::awaitable<Result<void>> record_look(std::string name, Time at) override {
        return worker_.write_again([name = std::move(name), at](Database& db) -> Result<void> {
            store::record_look(db, name, at);
            return {};
        });
    }

    asio::awaitable<Result<std::vector<Decided>>> decide_next(Decider decider, Time now,
                                                              int limit) override {
        return worker_.write_again([decider = std::move(decider), now,
                                    limit](Database& db) -> Result<std::vector<Decided>> {
            return store::decide_next(db, decider, now, limit);
        });
    }

    asio::awaitable<Result<std::vector<Call>>> claim_due(Time now, Time lease_until, int limit,
                                                         std::string service) override {
        return worker_.write_again([now, lease_until, limit, service = std::move(service)](
                                       Database& db) -> Result<std::vector<Call>> {
            return store::claim_due(db, now, lease_until, limit, service);
        });
    }

    asio::awaitable<Result<std::optional<Time>>> next_due(Time now, std::string service) override {
        return worker_.read(
            [now, service = std::move(service)](Database& db) -> Result<std::optional<Time>> {
                return store::next_due(db, now, service);
            });
    }

    asio::awaitable<Result<void>> record_try(Call claimed, Try tried, AfterTry after) override {
        return worker_.write_again([claimed = std::move(claimed), tried = std::move(tried),
                                    after = std::move(after)](Database& db) -> Result<void> {
            store::record_try(db, claimed, tried, after);
            return {};
        });
    }

    asio::awaitable<Result<std::optional<std::string>>> not_wanted(std::int64_t call_id) override {
        return worker_.read([call_id](Database& db) -> Result<std::optional<std::string>> {
            return store::not_wanted(db, call_id);
        });
    }

    asio::awaitable<Result<int>> clock_set_back(Time now, Time lease_until) override {
        return worker_.write_again([=](Database& db) -> Result<int> {
            return store::clock_set_back(db, now, lease_until);
        });
    }

    asio::awaitable<Result<int>> recover(Time now) override {
        return worker_.write_again(
            [now](Database& db) -> Result<int> { return store::recover(db, now); });
    }

    asio::awaitable<Result<void>> release(std::vector<std::int64_t> call_ids, Time now) override {
        return worker_.write_again([ids = std::move(call_ids), now](Database& db) -> Result<void> {
            store::release(db, ids, now);
            return {};
        });
    }

    asio::awaitable<Result<int>> resume_held(Time now, std::chrono::milliseconds pause,
                                             int limit) override {
        return worker_.write_again(
            [=](Database& db) -> Result<int> { return store::resume_held(db, now, pause, limit); });
    }

    asio::awaitable<Result<std::vector<DeliveryRow>>> list(DeliveryFilter filter) override {
        return worker_.read(
            [filter = std::move(filter)](Database& db) { return store::list(db, filter); });
    }

    asio::awaitable<Result<DeliveryDetail>> show(std::string guid) override {
        return worker_.read(
            [guid = std::move(guid)](Database& db) { return store::show(db, guid); });
    }

    asio::awaitable<Result<int>> replay(std::string guid, Time now) override {
        return worker_.write_again([guid = std::move(guid), now](Database& db) {
            auto opened = store::replay(db, guid, now);
            if (opened.has_value()) lift_pauses(db);
            return opened;
        });
    }

    asio::awaitable<Result<int>> drop(std::string guid, Time now) override {
        return worker_.write_again(
            [guid = std::move(guid), now](Database& db) { return store::drop(db, guid, now); });
    }

    asio::awaitable<Result<DeliveryPage>> search(DeliverySearch search) override {
        return worker_.read(
            [search = std::move(search)](Database& db) { return store::search(db, search); });
    }

    asio::awaitable<Result<HandOutcome>> act(ByHand act, DeliverySearch which, Time now) override {
        return worker_.write([act = std::move(act), which = std::move(which), now](Database& db) {
            auto outcome = store::act(db, act, which, now);
            if (lifts_pauses(act, outcome)) lift_pauses(db);
            return outcome;
        });
    }

    asio::awaitable<Result<std::vector<HandRecord>>> acts(std::string delivery,
                                                          int limit) override {
        return worker_.read([delivery = std::move(delivery),
                             limit](Database& db) -> Result<std::vector<HandRecord>> {
            return store::acts(db, delivery, limit);
        });
    }

    asio::awaitable<Result<Replays>> replays_after(std::int64_t last) override {
        return worker_.read(
            [last](Database& db) -> Result<Replays> { return store::replays_after(db, last); });
    }

    asio::awaitable<Result<void>> record_act(HandRecord record) override {
        return worker_.write([record = std::move(record)](Database& db) -> Result<void> {
            store::record_act(db, record);
            return {};
        });
    }

    asio::awaitable<Result<std::vector<Counts>>> count(Time from, std::chrono::milliseconds step,
                                                       int steps) override {
        return worker_.read([=](Database& db) -> Result<std::vector<Counts>> {
            return store::count(db, from, step, steps);
        });
    }

    asio::awaitable<Result<std::optional<std::string>>> payload(std::string guid) override {
        return worker_.read(
            [guid = std::move(guid)](Database& db) { return store::payload(db, guid); });
    }

    asio::awaitable<Result<std::optional<decide::Decision>>> consider(std::string guid,
                                                                      Decider decider) override {
        return worker_.read([guid = std::move(guid), decider = std::move(decider)](Database& db) {
            return store::consider(db, guid, decider);
        });
    }

    asio::awaitable<Result<void>> record_pause(std::string service,
                                               std::chrono::milliseconds length,
                                               Time now) override {
        return worker_.write_again(
            [service = std::move(service), length, now](Database& db) -> Result<void> {
                store::record_pause(db, service, length, now);
                return {};
            });
    }

    asio::awaitable<Result<std::optional<Time>>> paused_until(std::string service,
                                                              Time now) override {
        return worker_.read(
            [service = std::move(service), now](Database& db) -> Result<std::optional<Time>> {
                return store::paused_until(db, service, now);
            });
    }

    asio::awaitable<Result<void>> check(Time now) override {
        return worker_.write_again([now](Database& db) -> Result<void> {
            store::check(db, now);
            return {};
        });
    }

    asio::awaitable<Result<Backlog>> backlog() override {
        return worker_.read([](Database& db) -> Result<Backlog> { return store::backlog(db); });
    }

    asio::awaitable<Result<int>> prune(Time now, Retention retention) override {
        return worker_.write_again(
            [=](Database& db) -> Result<int> { return store::prune(db, now, retention); });
    }

    // Computed of what there is, for all.
    asio::awaitable<Result<int>> name_some() override { co_return 0; }

private:
    sqlite::Worker worker_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path,
                                                 SqliteStoreOptions options) {
    try {
        return std::unique_ptr<Store>(std::make_unique<SqliteStore>(path, std::move(options)));
    } catch (const sqlite::SqliteError& error) {
        return fail(Errc::store, error.what());
    }
}

}  // namespace runs_agent::store
