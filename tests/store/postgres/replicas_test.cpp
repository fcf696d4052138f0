// SPDX-License-Identifier: MIT
// Replicas that share a PostgreSQL database: what none of them may do while another does it, and
// what becomes of the work of one that dies, or only sleeps. Needs a server: see
// tests/store/any_store.hpp.
#include "postgres/connection.hpp"
#include "store/postgres/turns.hpp"
#include "tests/store/store_fixture.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace runs_agent::store {
namespace {

namespace asio = boost::asio;

class Replicas : public StoreTest {
protected:
    Replicas() {
        if (!any_.is_postgres()) throw std::runtime_error("these tests need a PostgreSQL server");
    }

    /// One that is taken for dead soon after its opening, though it is not: it says nothing more.
    std::unique_ptr<Store> sleeper() {
        PostgresStoreOptions options;
        options.beat = 1h;
        return any_.open(options);
    }
    /// One that takes others for dead quickly.
    std::unique_ptr<Store> impatient() {
        PostgresStoreOptions options;
        options.beat = 20ms;
        options.silent_after = 200ms;
        return any_.open(options);
    }
    static void until(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (!condition()) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "the condition never came true";
            std::this_thread::sleep_for(5ms);
        }
    }
    static std::vector<Call> claim_as(Store& store, Time now = start) {
        return *tests::run(store.claim_due(now, now + 10min, 100, runs_api_service));
    }
    static AfterTry after(CallState state, const std::string& outcome) {
        AfterTry made;
        made.state = state;
        made.outcome = outcome;
        made.due_at = start;
        return made;
    }
    static void record_as(Store& store, const Call& call, AfterTry what) {
        Try tried;
        tried.at = start;
        tried.result = what.outcome;
        ASSERT_TRUE(tests::run(store.record_try(call, tried, std::move(what))).has_value());
    }
};

/// Of two runs of a group, one at least must have been decided in the knowledge of the other.
struct Seen {
    std::set<std::int64_t> older;
    std::int64_t newer = 0;
};

asio::awaitable<void> decide_all(Store& store, Decider decider, int& left) {
    while (left > 0) {
        const auto decided = co_await store.decide_next(decider, start, 3);
        if (decided.has_error()) throw std::runtime_error(decided.error().message);
        left -= static_cast<int>(decided->size());
        if (!decided->empty()) continue;
        asio::steady_timer pause(co_await asio::this_coro::executor, 1ms);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

TEST_F(Replicas, DecideEachDeliveryOnceInTheKnowledgeOfWhatTheOthersDecided) {
    constexpr int groups = 4;
    constexpr int runs = 25;
    for (int run = 1; run <= runs; ++run)
        for (int group = 0; group < groups; ++group) {
            NewDelivery made =
                delivery(std::to_string(group) + "-" + std::to_string(run), group * 1000 + run);
            run_in(made).action = "in_progress";
            run_in(made).conclusion.clear();
            run_in(made).head_branch = "b" + std::to_string(group);
            accept(std::move(made));
        }
    std::mutex mutex;
    std::map<std::int64_t, Seen> seen;
    int twice = 0;
    const Decider noting = [&](const decide::Event& event, const Known& known) {
        const std::int64_t run = decide::run_of(event).run_id;
        Seen what;
        for (const decide::KnownRun& other : known.older) what.older.insert(other.key.run_id);
        if (known.newer) what.newer = known.newer->key.run_id;
        const std::lock_guard lock(mutex);
        twice += seen.insert_or_assign(run, std::move(what)).second ? 0 : 1;
        return cancel(event, known);
    };
    std::vector<std::unique_ptr<Store>> replicas;
    replicas.reserve(4);
    for (int i = 0; i < 4; ++i) replicas.push_back(any_.open());
    asio::io_context context;
    int left = groups * runs;
    for (auto& replica : replicas)
        asio::co_spawn(context, decide_all(*replica, noting, left), asio::detached);
    context.run_for(60s);
    ASSERT_EQ(left, 0);
    EXPECT_EQ(twice, 0);
    for (int group = 0; group < groups; ++group)
        for (std::int64_t low = group * 1000 + 1; low <= group * 1000 + runs; ++low)
            for (std::int64_t high = low + 1; high <= group * 1000 + runs; ++high)
                EXPECT_TRUE(seen[high].older.contains(low) || seen[low].newer >= high)
                    << low << " and " << high << " knew nothing of each other";
    EXPECT_EQ(any_.ask("SELECT count(*) FROM calls"), std::to_string(groups * runs));
}

TEST_F(Replicas, ACallIsHandedToOneAlsoWhenItIsLate) {
    accept(delivery("a"));
    decide();
    const auto other = any_.open();
    ASSERT_EQ(claim().size(), 1U);
    EXPECT_TRUE(claim_as(*other).empty());
    EXPECT_TRUE(claim_as(*other, start + 1h).empty())
        << "it may be under way as long as its replica";
    EXPECT_EQ(*tests::run(other->next_due(start, runs_api_service)), std::nullopt);
    EXPECT_EQ(claim(start + 1h).size(), 1U);
}

TEST_F(Replicas, OneThatStartsEndsNoLeaseOfTheOthers) {
    accept(delivery("a"));
    decide();
    ASSERT_EQ(claim().size(), 1U);
    const auto other = any_.open();
    EXPECT_EQ(*tests::run(other->clock_set_back(start - 1h, start - 1h)), 0);
    EXPECT_EQ(*tests::run(other->recover(start)), 0);
    EXPECT_TRUE(claim_as(*other, start + 1h).empty());
}

TEST_F(Replicas, WhatADeadOneHadClaimedIsTakenOverAndItsLateAnswerIsHarmless) {
    accept(delivery("a"));
    decide();
    const auto asleep = sleeper();
    const Call late = claim_as(*asleep).at(0);
    EXPECT_EQ(*tests::run(asleep->not_wanted(late.id)), std::nullopt);
    const auto other = impatient();
    std::vector<Call> taken;
    until([&] { return !(taken = claim_as(*other, start + 1h)).empty(); });
    // It wakes, and is about to send; or it had sent, and tells what came of it.
    EXPECT_EQ(tests::run(asleep->not_wanted(late.id)).error().code, Errc::busy);
    record_as(*asleep, late, after(CallState::dead, "a late word"));
    EXPECT_EQ(show("a").calls.at(0).call.state, CallState::pending);
    EXPECT_TRUE(claim_as(*asleep, start + 2h).empty()) << "the other is at it still";
    EXPECT_EQ(*tests::run(other->not_wanted(taken.at(0).id)), std::nullopt);
    record_as(*other, taken.at(0), after(CallState::succeeded, "cancelled"));
    const CallHistory kept = show("a").calls.at(0);
    EXPECT_EQ(kept.call.outcome, "cancelled");
    EXPECT_EQ(kept.tries.size(), 2U) << "what happened is kept";
}

TEST_F(Replicas, ALateAnswerCountsWhereNobodyElseBegan) {
    accept(delivery("a"));
    decide();
    const auto asleep = sleeper();
    const Call late = claim_as(*asleep).at(0);
    const auto other = impatient();
    until([&] { return any_.ask("SELECT leased FROM calls") == "0"; });
    record_as(*asleep, late, after(CallState::succeeded, "cancelled"));
    EXPECT_EQ(show("a").calls.at(0).call.outcome, "cancelled");
    EXPECT_TRUE(claim_as(*other, start + 1h).empty());
}

TEST_F(Replicas, WhatWasReopenedMeanwhileIsNotEndedByALateAnswer) {
    accept(delivery("a"));
    decide();
    const auto asleep = sleeper();
    const Call late = claim_as(*asleep).at(0);
    const auto other = impatient();
    until([&] { return any_.ask("SELECT leased FROM calls") == "0"; });
    ASSERT_EQ(*tests::run(other->replay("a", start)), 1);
    record_as(*asleep, late, after(CallState::dead, "a late word"));
    EXPECT_EQ(claim_as(*other).size(), 1U);
}

TEST_F(Replicas, AWithdrawalIsSeenByTheOneThatIsAtTheCall) {
    accept(delivery("a"));
    decide();
    const Call call = claim().at(0);
    const auto other = any_.open();
    ASSERT_EQ(*tests::run(other->accept(delivery("b", 1001, 2))), Accepted::stored);
    const Decider taking_back = [](const decide::Event&, const Known& known) {
        Decision decision;
        decision.withdrawn.push_back(withdrawal_of(known.calls.at(0), "attempt 2 goes on"));
        return decision;
    };
    ASSERT_EQ(tests::run(other->decide_next(taking_back, start, 10))->size(), 1U);
    EXPECT_EQ(*tests::run(store_->not_wanted(call.id)), "attempt 2 goes on");
    record_as(*store_, call, after(CallState::pending, "503"));
    EXPECT_EQ(show("a").calls.at(0).call.outcome,
              "not needed any more: attempt 2 goes on; before: 503");
}

TEST_F(Replicas, ADutyIsDoneByOneUntilItIsGone) {
    const auto other = any_.open();
    EXPECT_TRUE(*tests::run(store_->takes_duty("catch-up")));
    EXPECT_TRUE(*tests::run(store_->takes_duty("catch-up")));
    EXPECT_FALSE(*tests::run(other->takes_duty("catch-up")));
    EXPECT_TRUE(*tests::run(other->takes_duty("another")));
    store_.reset();
    EXPECT_TRUE(*tests::run(other->takes_duty("catch-up")));
}

TEST_F(Replicas, AReplayByAVisitorIsHeardOfAtOnce) {
    accept(delivery("a"));
    decide();
    record(claim().at(0), after(CallState::dead, "given up"));
    std::atomic<int> heard{0};
    store_->on_change([&heard] { ++heard; });
    PostgresStoreOptions visiting;
    visiting.visitor = true;
    const auto visitor = any_.open(visiting);
    // What is said before it listens is not heard.
    until([&] {
        const int before = heard;
        EXPECT_TRUE(tests::run(visitor->replay("a", start)).has_value());
        const auto end = std::chrono::steady_clock::now() + 500ms;
        while (heard == before && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(1ms);
        return heard > before;
    });
    EXPECT_EQ(any_.ask("SELECT count(*) FROM replicas"), "1") << "a visitor is no replica";
}

TEST_F(Replicas, WhenAPauseIsOverEachBeginsAtAMomentOfItsOwn) {
    auto direct =
        postgres::Connection(postgres::read_target(any_.place()).value(), postgres::TimeLimits());
    const auto held_back = [&](std::chrono::milliseconds over_for) {
        any_.execute("DELETE FROM pauses");
        any_.execute(
            "INSERT INTO pauses(service, until, length) VALUES('s', CAST(extract(epoch FROM"
            " clock_timestamp()) * 1000 AS BIGINT) - " +
            std::to_string(over_for.count()) + ", 60000)");
        int held = 0;
        for (int i = 0; i < 100; ++i) {
            Replica one;
            one.id = "replica " + std::to_string(i);
            if (is_paused(direct, one, "s")) ++held;
        }
        return held;
    };
    EXPECT_EQ(held_back(-1min), 100);
    const int half = held_back(2'000ms);
    EXPECT_GT(half, 0);
    EXPECT_LT(half, 100);
    EXPECT_EQ(held_back(5'000ms), 0);
}

TEST_F(Replicas, AConnectionThatIsLostIsMadeAnew) {
    accept(delivery("a"));
    any_.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid()"
        " AND application_name = current_setting('application_name')");
    EXPECT_EQ(accept(delivery("b")), Accepted::stored);
    EXPECT_EQ(decide().size(), 2U);
    EXPECT_EQ(claim().size(), 1U);
}

TEST_F(Replicas, TextsThatPostgresCannotKeepAreKeptAllTheSame) {
    NewDelivery odd = delivery("odd");
    odd.action = std::string("a\0b\xff", 4);
    run_in(odd).head_branch = "\xc3(";
    EXPECT_EQ(accept(odd), Accepted::stored);
    decide();
    record(claim().at(0), after(CallState::succeeded, std::string("\xfe\0", 2)));
    EXPECT_EQ(show("odd").row.action,
              "a\xef\xbf\xbd"
              "b\xef\xbf\xbd");
    EXPECT_EQ(show("odd").calls.at(0).call.state, CallState::succeeded);
}

TEST_F(Replicas, AClockThatIsWrongIsTold) {
    PostgresStoreOptions options;
    options.max_clock_difference = 5s;
    const auto strict = any_.open(options);
    const auto now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    EXPECT_TRUE(tests::run(strict->check(now)).has_value());
    const auto wrong = tests::run(strict->check(now - 1min));
    ASSERT_TRUE(wrong.has_error());
    EXPECT_NE(wrong.error().message.find("clock"), std::string::npos);
}

TEST_F(Replicas, WhatTwoDropAtOnceIsDroppedOnce) {
    constexpr int count = 40;
    for (int i = 1; i <= count; ++i) accept(delivery("d" + std::to_string(i), i));
    decide();
    const auto other = any_.open();
    std::atomic<int> deliveries{0};
    const auto drop_all = [&deliveries](Store& store) {
        ByHand by;
        by.act = HandAct::drop;
        DeliverySearch open;
        open.standing = Standing::open;
        const auto outcome = tests::run(store.act(by, open, start));
        ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
        deliveries += outcome->deliveries;
    };
    std::thread second([&] { drop_all(*other); });
    drop_all(*store_);
    second.join();
    EXPECT_EQ(deliveries, count);
    EXPECT_EQ(tests::run(store_->acts("", 1000))->size(), std::size_t{count});
    EXPECT_EQ(backlog().pending, 0);
}

}  // namespace
}  // namespace runs_agent::store
