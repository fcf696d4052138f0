// SPDX-License-Identifier: MIT
// What people do by hand: to one, and to all that a filter fits; who did it and why is kept.
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class StoreByHand : public StoreTest {
protected:
    /// So many deliveries, each with a dead call.
    void dead(int count) {
        for (int i = 1; i <= count; ++i) accept(delivery("d" + std::to_string(i), i));
        decide();
        for (const Call& call : claim()) {
            AfterTry after;
            after.state = CallState::dead;
            after.outcome = "not accepted: 400";
            record(call, after);
        }
    }
    Result<HandOutcome> act(HandAct what, DeliverySearch which, int at_most = 1'000,
                            bool dry_run = false) {
        ByHand by;
        by.act = what;
        by.actor = "page: Ada";
        by.reason = "the key is mended";
        by.filter = which.id.empty() ? "state:dead" : "";
        by.at_most = at_most;
        by.dry_run = dry_run;
        return tests::run(store_->act(by, std::move(which), start + 1min));
    }
    std::vector<HandRecord> acts(const std::string& guid = {}) {
        return *tests::run(store_->acts(guid, 100));
    }
    static DeliverySearch all_dead() {
        DeliverySearch search;
        search.standing = Standing::dead;
        search.limit = 1;  // of a page; what is done is not bounded by it
        return search;
    }
};

TEST_F(StoreByHand, WhatWasReplayedIsCountedByTheWayAndOnce) {
    dead(3);
    const auto replays = [this](std::int64_t last) {
        return *tests::run(store_->replays_after(last));
    };
    EXPECT_EQ(replays(0).last, 0);
    ASSERT_TRUE(act(HandAct::replay, all_dead()).has_value());
    const Replays first = replays(0);
    EXPECT_EQ(first.page, 3);
    EXPECT_EQ(first.api + first.command_line, 0);
    EXPECT_EQ(replays(first.last).page, 0);
    EXPECT_EQ(replays(first.last).last, first.last);

    HandRecord elsewhere;
    for (const char* const actor : {"command line: root", "api", "api: bot"}) {
        elsewhere.act = "replay";
        elsewhere.actor = actor;
        ASSERT_TRUE(tests::run(store_->record_act(elsewhere)).has_value());
    }
    elsewhere.act = "drop";
    ASSERT_TRUE(tests::run(store_->record_act(elsewhere)).has_value());
    const Replays second = replays(first.last);
    EXPECT_EQ(second.page, 0);
    EXPECT_EQ(second.api, 2);
    EXPECT_EQ(second.command_line, 1);
}

TEST_F(StoreByHand, AllThatMatchIsMoreThanAPage) {
    dead(5);
    // What a later event took back must be left alone.
    any_.execute("UPDATE calls SET withdrawn = 'it runs again' WHERE run_id IN (2, 3)");
    const auto tried = act(HandAct::replay, all_dead(), 1'000, true);
    ASSERT_TRUE(tried.has_value());
    EXPECT_EQ(tried->deliveries, 3);
    EXPECT_EQ(backlog().dead, 5);
    EXPECT_TRUE(acts().empty());

    const auto done = act(HandAct::replay, all_dead());
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(done->deliveries, 3);
    EXPECT_EQ(done->calls, 3);
    EXPECT_FALSE(done->more);
    ASSERT_EQ(done->left_alone.size(), 1U);
    EXPECT_EQ(done->left_alone[0].second, 2);
    EXPECT_NE(done->left_alone[0].first.find("it runs again"), std::string::npos);
    EXPECT_EQ(backlog().dead, 2);
    EXPECT_EQ(claim(start + 1min).size(), 3U);
}

TEST_F(StoreByHand, ItIsBoundedAndSaysSo) {
    dead(5);
    auto done = act(HandAct::drop, all_dead(), 3);
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->deliveries, 3);
    EXPECT_TRUE(done->more);
    done = act(HandAct::drop, all_dead(), 3);
    EXPECT_EQ(done->deliveries, 2);
    EXPECT_FALSE(done->more);
    EXPECT_EQ(backlog().dead, 0);
}

TEST_F(StoreByHand, WhoDidItAndWhyIsKept) {
    dead(2);
    DeliverySearch one;
    one.id = "d2";
    ASSERT_TRUE(act(HandAct::drop, one).has_value());
    ASSERT_TRUE(act(HandAct::replay, one).has_value());
    HandRecord other;
    other.at = start;
    other.act = "cancel run";
    other.actor = "api";
    other.subject = "run 4f2a";
    ASSERT_TRUE(tests::run(store_->record_act(other)).has_value());
    const auto kept = acts("d2");
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].act, "replay");
    EXPECT_EQ(kept[1].act, "drop");
    EXPECT_EQ(kept[1].actor, "page: Ada");
    EXPECT_EQ(kept[1].reason, "the key is mended");
    EXPECT_EQ(kept[1].at, start + 1min);
    EXPECT_EQ(kept[1].calls, 1);
    ASSERT_EQ(acts().size(), 3U);
    EXPECT_EQ(acts()[0].subject, "run 4f2a");

    // As long as the deliveries are kept, and no longer.
    ASSERT_TRUE(tests::run(store_->prune(start + 24h * 91, Retention())).has_value());
    EXPECT_TRUE(acts().empty());
}

TEST_F(StoreByHand, OneThatIsNamedAndMustBeLeftAloneIsAnError) {
    dead(1);
    any_.execute("UPDATE calls SET withdrawn = 'it runs again'");
    DeliverySearch one;
    one.id = "d1";
    const auto done = act(HandAct::replay, one);
    ASSERT_TRUE(done.has_error());
    EXPECT_EQ(done.error().code, Errc::refused);
    EXPECT_TRUE(acts().empty());
    one.id = "nobody";
    EXPECT_EQ(act(HandAct::replay, one).error().code, Errc::not_found);
}

TEST_F(StoreByHand, WhatThereWasIsCountedByHours) {
    for (int i = 1; i <= 4; ++i) {
        NewDelivery made = delivery("d" + std::to_string(i), i);
        made.received_at = start + (i / 3) * 1h;  // two in each hour
        accept(made);
    }
    decide([](const decide::Event& event, const Known& known) {
        return decide::run_of(event).run_id == 4 ? Decision() : cancel(event, known);
    });
    const auto calls = claim();
    succeed(calls[0]);
    AfterTry after;
    after.state = CallState::dead;
    record(calls[1], after, start + 1h);
    const auto counts = tests::run(store_->count(start - 1h, 1h, 3));
    ASSERT_TRUE(counts.has_value());
    ASSERT_EQ(counts->size(), 3U);
    const auto& [before, first, second] = std::tie((*counts)[0], (*counts)[1], (*counts)[2]);
    EXPECT_EQ(before.deliveries, 0);
    EXPECT_EQ(first.from, start);
    EXPECT_EQ(first.deliveries, 2);
    EXPECT_EQ(first.nothing, 0);
    EXPECT_EQ(first.cancelled, 1);
    EXPECT_EQ(first.dead, 0);
    EXPECT_EQ(second.deliveries, 2);
    EXPECT_EQ(second.nothing, 1);
    EXPECT_EQ(second.dead, 1);
    EXPECT_EQ(second.reopened, 0);
}

TEST_F(StoreByHand, SpecsThatWereOpenedAgainAreCountedAndWhereNobodyNotedThemThatToo) {
    const auto reset = [](const decide::Event& event, const Known& known) {
        Decision decision = cancel(event, known);
        decision.calls[0].operation = decide::Operation::reset_run;
        return decision;
    };
    for (const int run : {1, 2, 3}) accept(delivery(std::to_string(run), run));
    decide(reset);
    const std::vector<Call> calls = claim();
    ASSERT_EQ(calls.size(), 3U);
    const auto counted = [this] { return tests::run(store_->count(start, 1h, 1)).value().at(0); };
    AfterTry after;
    after.due_at = start;
    after.specs = 60;
    record(calls[0], after);  // one part of it was done, and the next failed
    EXPECT_EQ(counted().specs, 0) << "it is not over";
    after.state = CallState::succeeded;
    after.changed = true;
    after.specs = 4;
    const std::vector<Call> again = claim();
    ASSERT_EQ(again.size(), 1U);
    record(again[0], after);
    record(calls[1], after);
    EXPECT_EQ(counted().reopened, 2);
    EXPECT_EQ(counted().specs, 68);
    EXPECT_EQ(counted().uncounted, 0);
    after.specs.reset();
    record(calls[2], after);  // as the version before has it
    EXPECT_EQ(counted().reopened, 3);
    EXPECT_EQ(counted().specs, 68);
    EXPECT_EQ(counted().uncounted, 1);
    EXPECT_EQ(counted().cancelled, 0);
    // What is done once more counts by what it does then.
    ASSERT_EQ(tests::run(store_->replay("1", start)).value(), 1);
    EXPECT_EQ(counted().specs, 4);
    after.specs = 2;
    record(claim().at(0), after);
    EXPECT_EQ(counted().specs, 6);
}

}  // namespace
}  // namespace runs_agent::store
