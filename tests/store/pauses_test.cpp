// SPDX-License-Identifier: MIT
// A service that asks to be left alone is left alone by all who share the store.
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class StorePauses : public StoreTest {
protected:
    StorePauses() {
        accept(delivery("a", 1));
        accept(delivery("b", 2));
        // Of one run the Runs API is asked, of the other GitHub.
        decide([](const decide::Event& event, const Known& known) {
            Decision decision = cancel(event, known);
            if (decide::run_of(event).run_id == 2)
                decision.calls[0].operation = decide::Operation::cancel_workflow;
            return decision;
        });
    }
    void pause(std::chrono::milliseconds length, const char* service = runs_api_service) {
        ASSERT_TRUE(tests::run(store_->record_pause(service, length, now_)).has_value());
    }
    /// In PostgreSQL the server's clock goes on, which is nobody's here: the pauses come nearer.
    void pass(std::chrono::milliseconds time) {
        now_ += time;
        if (any_.is_postgres())
            any_.execute("UPDATE pauses SET until = until - " + std::to_string(time.count()));
    }
    /// In minutes, up or down by what the test itself takes; -1: it is not paused.
    std::int64_t minutes_left(const char* service = runs_api_service) {
        const auto until = *tests::run(store_->paused_until(service, now_));
        return until ? std::chrono::round<std::chrono::minutes>(*until - now_).count() : -1;
    }
    std::optional<Time> next_due(const char* service = runs_api_service) {
        return *tests::run(store_->next_due(now_, service));
    }

    Time now_ = start;
};

TEST_F(StorePauses, NoCallToItIsHandedOutUntilThen) {
    pause(10min);
    EXPECT_EQ(minutes_left(), 10);
    const auto claimed = claim(now_);
    ASSERT_EQ(claimed.size(), 1U) << "GitHub did not ask for it";
    EXPECT_EQ(claimed[0].delivery, "b");
    succeed(claimed[0]);
    EXPECT_EQ(next_due(), std::nullopt) << "else who waits for it would not sleep";
    pass(9min);
    EXPECT_TRUE(claim(now_).empty());
    pass(1min);
    EXPECT_EQ(minutes_left(), -1);
    pass(5s);  // see is_paused() of PostgreSQL
    EXPECT_EQ(next_due(), start);
    EXPECT_EQ(claim(now_).size(), 1U);
}

TEST_F(StorePauses, TheLongestHolds) {
    pause(10min);
    pause(1min);
    EXPECT_EQ(minutes_left(), 10);
    pause(50min);
    EXPECT_EQ(minutes_left(), 50);
}

TEST_F(StorePauses, AnotherServicesIsItsOwn) {
    pause(10min, "GitHub 1234");
    pause(10min, "Runs API at another address");
    EXPECT_EQ(minutes_left(), -1);
    EXPECT_EQ(claim(now_).size(), 2U);
}

TEST_F(StorePauses, WhoReplaysByHandLiftsIt) {
    pause(10min);
    pause(10min, "Runs API at another address");
    pause(10min, "GitHub 1234");
    ByHand by;
    by.dry_run = true;
    DeliverySearch one;
    one.id = "a";
    ASSERT_EQ(tests::run(store_->act(by, one, now_))->calls, 1);
    EXPECT_EQ(minutes_left(), 10) << "it was only asked what would be";
    by.dry_run = false;
    ASSERT_EQ(tests::run(store_->act(by, one, now_))->calls, 1);
    EXPECT_EQ(minutes_left(), -1);
    EXPECT_EQ(minutes_left("Runs API at another address"), -1);
    EXPECT_EQ(minutes_left("GitHub 1234"), 10) << "a limit is no pause of the Runs API";
    pause(10min);
    ASSERT_EQ(*tests::run(store_->replay("a", now_)), 1);
    EXPECT_EQ(minutes_left(), -1);
    EXPECT_EQ(claim(now_).size(), 2U);
}

TEST_F(StorePauses, AWrongClockMakesNoneLongerOrShorter) {
    // What it is at the machine that was told.
    ASSERT_TRUE(tests::run(store_->record_pause(runs_api_service, 10min, start + 24h)).has_value());
    ASSERT_TRUE(tests::run(store_->clock_set_back(start, start)).has_value());
    EXPECT_EQ(minutes_left(), 10);
    if (!any_.is_postgres()) return;  // there the clock that is wrong is the only one
    ASSERT_TRUE(tests::run(store_->record_pause(runs_api_service, 20min, start - 24h)).has_value());
    EXPECT_EQ(minutes_left(), 20);
    now_ = start + 48h;
    EXPECT_EQ(minutes_left(), 20);
    EXPECT_EQ(next_due(), start) << "GitHub's";
    EXPECT_EQ(claim(now_).size(), 1U);
}

TEST_F(StorePauses, ThoseThatAreLongOverAreForgotten) {
    pause(1min);
    pass(2min);
    // By the machine's clock: it is long enough.
    const Time late = Time(std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::system_clock::now().time_since_epoch())) +
                      24h * 91;
    ASSERT_TRUE(tests::run(store_->prune(late, Retention())).has_value());
    EXPECT_EQ(any_.ask("SELECT count(*) FROM pauses"), "0");
}

}  // namespace
}  // namespace runs_agent::store
