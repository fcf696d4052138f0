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
    void pause(std::chrono::milliseconds length, Time now = start,
               const char* service = runs_api_service) {
        ASSERT_TRUE(tests::run(store_->record_pause(service, length, now)).has_value());
    }
    std::optional<Time> paused(Time now) {
        return *tests::run(store_->paused_until(runs_api_service, now));
    }
    std::optional<Time> next_due(Time now) { return *tests::run(store_->next_due(now)); }
};

TEST_F(StorePauses, NoCallToItIsHandedOutUntilThen) {
    pause(1min);
    EXPECT_EQ(paused(start), start + 1min);
    const auto claimed = claim(start);
    ASSERT_EQ(claimed.size(), 1U) << "GitHub did not ask for it";
    EXPECT_EQ(claimed[0].delivery, "b");
    succeed(claimed[0]);
    EXPECT_EQ(next_due(start), std::nullopt) << "else who waits for it would not sleep";
    EXPECT_TRUE(claim(start + 59s).empty());
    EXPECT_EQ(paused(start + 1min), std::nullopt);
    EXPECT_EQ(next_due(start + 1min), start);
    EXPECT_EQ(claim(start + 1min).size(), 1U);
}

TEST_F(StorePauses, TheLongestHolds) {
    pause(1min);
    pause(10s, start + 1s);
    EXPECT_EQ(paused(start + 2s), start + 1min);
    pause(5min, start + 2s);
    EXPECT_EQ(paused(start + 2s), start + 2s + 5min);
}

TEST_F(StorePauses, AnotherServicesIsItsOwn) {
    pause(1min, start, "GitHub 1234");
    EXPECT_EQ(paused(start), std::nullopt);
    EXPECT_EQ(claim(start).size(), 2U);
}

TEST_F(StorePauses, AClockThatIsSetBackMakesNoneLonger) {
    pause(1min, start + 24h);
    ASSERT_TRUE(tests::run(store_->clock_set_back(start, start)).has_value());
    EXPECT_EQ(paused(start), start + 1min);
}

TEST_F(StorePauses, ThoseThatAreLongOverAreForgotten) {
    pause(1min);
    ASSERT_TRUE(tests::run(store_->prune(start + 24h * 91, Retention())).has_value());
    EXPECT_EQ(any_.ask("SELECT count(*) FROM pauses"), "0");
}

}  // namespace
}  // namespace runs_agent::store
