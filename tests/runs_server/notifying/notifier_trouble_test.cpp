// SPDX-License-Identifier: MIT
// What a Notifier makes of a database that is slow or full, and of what is thrown.
#include "tests/runs_server/notifying/notifier_fixture.hpp"

#include <sqlite3.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>

namespace runs_agent::runs_server {
namespace {

/// Holds, on the database's reading thread, the statement that a look ends with: what it has read
/// by then is of one moment, and grows old.
class HeldLook {
public:
    HeldLook() { ::sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    ~HeldLook() {
        ::sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch));
        let_go();
    }
    HeldLook(const HeldLook&) = delete;
    HeldLook& operator=(const HeldLook&) = delete;

    static void hold_next() {
        const std::lock_guard lock(watching);
        is_wanted = true;
    }
    static bool holds() {
        const std::lock_guard lock(watching);
        return is_held;
    }
    static void let_go() {
        const std::lock_guard lock(watching);
        is_wanted = is_held = false;
        changed.notify_all();
    }

private:
    static int watch(sqlite3* database, char**, const void*) {
        return ::sqlite3_trace_v2(database, SQLITE_TRACE_STMT, &begins, nullptr);
    }
    static int begins(unsigned, void*, void*, void* text) {
        if (std::strstr(static_cast<const char*>(text), "min(active_at + inactivity)") == nullptr)
            return 0;
        std::unique_lock lock(watching);
        if (!is_wanted) return 0;
        is_held = true;
        changed.wait_for(lock, 10s, [] { return !is_wanted; });
        is_held = false;
        return 0;
    }

    static inline std::mutex watching;
    static inline std::condition_variable changed;
    static inline bool is_wanted = false;
    static inline bool is_held = false;
};

/// The look is watched before the database is opened.
class WatchedNotifier : private HeldLook, public NotifierTest {
protected:
    using HeldLook::hold_next;
    using HeldLook::holds;
    using HeldLook::let_go;
};

TEST_F(WatchedNotifier, ALookThatBeganBeforeADeliveryEndedDoesNotSendItAgain) {
    put("h1", "r1", "RUN_START");
    put("h1", "r1", "RUN_FINISH");
    boost::asio::steady_timer silence(context_, boost::asio::steady_timer::time_point::max());
    http_.delay = [&]() -> boost::asio::awaitable<void> {
        if (http_.requests.size() > 1) co_return;
        co_await silence.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    };
    start();
    ASSERT_TRUE(run_until([&] { return http_.requests.size() == 1 && asleep(); }));
    hold_next();
    notifier_->wake();
    ASSERT_TRUE(run_until([&] { return holds(); }));
    silence.cancel();
    ASSERT_TRUE(run_until([&] { return told("hooks.delivered") == 1; }));
    ASSERT_EQ(waiting(), 1);
    let_go();
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
    EXPECT_EQ(tried(), (Ids{"h1 r1 RUN_START", "h1 r1 RUN_FINISH"}));
}

TEST_F(NotifierTest, WhatWasDeliveredIsNotSentAgainBecauseNothingCanBeWritten) {
    put("h1", "r1", "RUN_START");
    sqlite::Database database(file_);
    database.execute(
        "CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    start();
    for (std::size_t tries = 1; tries <= 8; ++tries) {
        ASSERT_TRUE(run_until([&] { return told("disk full") == tries && asleep(); })) << tries;
        clock_.advance(1min);
        notifier_->wake();
    }
    EXPECT_EQ(http_.requests.size(), 1U);
    database.execute("DROP TRIGGER full");
    const bool written = run_until([&] {
        clock_.advance(1s);
        return waiting() == 0;
    });
    EXPECT_TRUE(written);
    EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(NotifierTest, WhatCannotBeWrittenDownDoesNotKeepItFromBeingStopped) {
    put("h1", "r1", "RUN_START");
    sqlite::Database database(file_);
    database.execute(
        "CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    start();
    ASSERT_TRUE(run_until([&] { return told("disk full") == 1; }));
    stop();
    EXPECT_EQ(told("hooks.stopped_early"), 0U);
    EXPECT_EQ(waiting(), 1);
}

TEST_F(NotifierTest, WhatIsUnderWayEndsOnceNothingMoreIsBegun) {
    put("h1", "r1", "RUN_START");
    put("h1", "r1", "RUN_FINISH");
    boost::asio::steady_timer silence(context_, boost::asio::steady_timer::time_point::max());
    http_.delay = [&]() -> boost::asio::awaitable<void> {
        co_await silence.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    };
    start();
    ASSERT_TRUE(run_until([&] { return http_.requests.size() == 1 && asleep(); }));
    notifier_->begin_no_more();
    silence.cancel();
    ASSERT_TRUE(run_until([&] { return told("hooks.delivered") == 1; }));
    stop();
    EXPECT_EQ(waiting(), 1);
    EXPECT_EQ(http_.requests.size(), 1U);
    EXPECT_EQ(told("hooks.stopped_early"), 0U);
}

/// Throws where the test says, once each.
class ThrowingClock final : public Clock {
public:
    explicit ThrowingClock(tests::ManualClock& clock) : clock_(clock) {}
    Time now() const override {
        if (at_now.exchange(false)) throw std::bad_alloc();
        return clock_.now();
    }
    SteadyTime steady() const override { return clock_.steady(); }
    boost::asio::awaitable<void> sleep_until(Time when) override {
        if (at_sleep.exchange(false)) throw std::bad_alloc();
        return clock_.sleep_until(when);
    }

    mutable std::atomic<bool> at_now = false;
    std::atomic<bool> at_sleep = false;

private:
    tests::ManualClock& clock_;
};

TEST_F(NotifierTest, WhateverIsThrownItGoesOn) {
    for (const bool at_start : {true, false}) {
        ThrowingClock clock(clock_);
        notifiers_clock_ = &clock;
        (at_start ? clock.at_now : clock.at_sleep) = true;
        start();
        ASSERT_TRUE(run_until([&] { return asleep(); })) << at_start;
        EXPECT_NE(log_.text().find("hooks.broke_off"), std::string::npos);
        put("h1", "r1", "RUN_START");
        clock_.advance(6s);
        notifier_->wake();
        EXPECT_TRUE(run_until([&] { return waiting() == 0; })) << at_start;
        stop();
    }
}

}  // namespace
}  // namespace runs_agent::runs_server
