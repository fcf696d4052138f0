#include "store/sqlite_store.hpp"

#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <set>

namespace runs_agent::store {
namespace {

using decide::Decision;
using decide::Known;
using decide::PlannedCall;
using decide::WorkflowRun;
using namespace std::chrono_literals;

const Time start(std::chrono::hours(490'000));

NewDelivery delivery(const std::string& guid, std::int64_t run_id = 1001, int attempt = 1) {
    NewDelivery made;
    made.guid = guid;
    made.event = "workflow_run";
    made.action = "completed";
    made.host = "github.com";
    made.received_at = start;
    made.repository = "octo/demo";
    made.run.emplace();
    made.run->key = {"github.com", run_id};
    made.run->attempt = attempt;
    made.run->action = "completed";
    made.run->conclusion = "cancelled";
    made.run->repository = "octo/demo";
    made.run->run_number = run_id;
    made.run->head_branch = "main";
    made.body = R"({"action":"completed"})";
    return made;
}

/// One cancel_ci call for the event's attempt.
Decision cancel(const WorkflowRun& run, const Known&) {
    PlannedCall call;
    call.rule = decide::Rule::cancelled;
    call.run = run.key;
    call.attempt = run.attempt;
    call.reason = "because";
    Decision decision;
    decision.rule = decide::Rule::cancelled;
    decision.reason = "because";
    decision.calls.push_back(call);
    return decision;
}

class SqliteStoreTest : public testing::Test {
protected:
    SqliteStoreTest() { open(); }

    void open() {
        store_.reset();
        store_ = std::move(*open_sqlite_store(dir_.file("a.db")));
    }
    Accepted accept(NewDelivery made) { return *tests::run(store_->accept(std::move(made))); }
    std::vector<Decided> decide(Decider decider = cancel, Time now = start) {
        return *tests::run(store_->decide_next(std::move(decider), now, 100));
    }
    std::vector<Call> claim(Time now = start, int limit = 100) {
        return *tests::run(store_->claim_due(now, now + 10min, limit));
    }
    void record(const Call& call, AfterTry after, Time at = start) {
        Try tried;
        tried.at = at;
        tried.took = 20ms;
        tried.status = 200;
        tried.result = "200";
        ASSERT_TRUE(tests::run(store_->record_try(call, tried, std::move(after))).has_value());
    }
    void succeed(const Call& call) {
        AfterTry after;
        after.state = CallState::succeeded;
        after.changed = true;
        after.outcome = "cancelled";
        record(call, after);
    }
    DeliveryDetail show(const std::string& guid) { return *tests::run(store_->show(guid)); }
    Backlog backlog() { return *tests::run(store_->backlog()); }

    tests::TempDir dir_;
    std::unique_ptr<Store> store_;
};

TEST_F(SqliteStoreTest, TheSameGuidIsStoredOnceAlsoAfterARestart) {
    EXPECT_EQ(accept(delivery("a")), Accepted::stored);
    EXPECT_EQ(accept(delivery("a")), Accepted::duplicate);
    open();
    EXPECT_EQ(accept(delivery("a")), Accepted::duplicate);
    EXPECT_EQ(tests::run(store_->list({}))->size(), 1U);
}

TEST_F(SqliteStoreTest, DecisionsSeeTheirFactsAndAreMadeOnceInOrder) {
    accept(delivery("a", 1001, 1));
    accept(delivery("b", 1001, 2));
    open();
    const auto decided = decide();
    ASSERT_EQ(decided.size(), 2U);
    EXPECT_EQ(decided[0].guid, "a");
    EXPECT_EQ(decided[0].run, *delivery("a", 1001, 1).run);
    EXPECT_EQ(decided[1].guid, "b");
    EXPECT_TRUE(decide().empty());
    const auto detail = show("b");
    EXPECT_EQ(detail.row.rule, "R1");
    EXPECT_EQ(detail.row.reason, "because");
    EXPECT_EQ(detail.row.calls, 1);
    EXPECT_TRUE(detail.body_kept);
}

TEST_F(SqliteStoreTest, WhatHasNothingToDecideIsRecordedAsIgnored) {
    NewDelivery push = delivery("p");
    push.event = "push";
    push.run.reset();
    push.body.clear();
    push.ignored_because = "only workflow_run events are acted on";
    EXPECT_EQ(accept(push), Accepted::stored);
    EXPECT_TRUE(decide().empty());
    const auto detail = show("p");
    EXPECT_EQ(detail.row.rule, "R5");
    EXPECT_EQ(detail.row.reason, "only workflow_run events are acted on");
    EXPECT_FALSE(detail.body_kept);
}

TEST_F(SqliteStoreTest, RulesAreToldWhatIsKnown) {
    // Run 1 has completed, 2 goes on, 3 is the newest and has completed; 4 is of another branch.
    for (const int run : {1, 2, 3, 4}) {
        NewDelivery made = delivery(std::to_string(run), run);
        if (run == 2) {
            made.run->action = "in_progress";
            made.run->conclusion.clear();
        }
        if (run == 4) made.run->head_branch = "other";
        accept(made);
    }
    decide();
    accept(delivery("own", 2, 2));
    Known seen;
    decide([&seen](const WorkflowRun& run, const Known& known) {
        seen = known;
        return cancel(run, known);
    });
    ASSERT_EQ(seen.attempts.size(), 1U);
    EXPECT_EQ(seen.attempts[0].attempt, 1);
    EXPECT_FALSE(seen.attempts[0].completed);
    ASSERT_EQ(seen.calls.size(), 1U);
    ASSERT_EQ(seen.group.size(), 1U);
    EXPECT_EQ(seen.group[0].key.run_id, 3);
    EXPECT_TRUE(seen.group[0].newest.completed);

    accept(delivery("again", 5));
    decide([&seen](const WorkflowRun& run, const Known& known) {
        seen = known;
        return cancel(run, known);
    });
    // Run 2's newest attempt has completed by now, so only the newest run is left.
    ASSERT_EQ(seen.group.size(), 1U);
    EXPECT_EQ(seen.group[0].key.run_id, 3);
}

TEST_F(SqliteStoreTest, ALateEventTakesNothingBack) {
    accept(delivery("done"));
    NewDelivery late = delivery("late");
    late.run->action = "in_progress";
    late.run->conclusion.clear();
    accept(late);
    accept(delivery("probe"));
    std::vector<Known> seen;
    decide([&seen](const WorkflowRun& run, const Known& known) {
        seen.push_back(known);
        return cancel(run, known);
    });
    ASSERT_EQ(seen.size(), 3U);
    ASSERT_EQ(seen[2].attempts.size(), 1U);
    EXPECT_TRUE(seen[2].attempts[0].completed);
    EXPECT_EQ(seen[2].attempts[0].conclusion, "cancelled");
}

TEST_F(SqliteStoreTest, TheSameCallIsPlannedOnce) {
    for (const char* guid : {"a", "b", "c"}) accept(delivery(guid));
    decide();
    EXPECT_EQ(claim().size(), 1U);
    EXPECT_EQ(show("a").calls.size(), 1U);
    EXPECT_EQ(show("b").calls.size(), 0U);
}

TEST_F(SqliteStoreTest, AnOutrightCallReplacesACarefulOneUntilThatHasDoneSomething) {
    const Decider careful = [](const WorkflowRun& run, const Known& known) {
        Decision decision = cancel(run, known);
        decision.calls[0].only_if_in_progress = true;
        return decision;
    };
    accept(delivery("careful"));
    decide(careful);
    const auto claimed = claim();
    accept(delivery("outright"));
    decide(cancel);
    // The try under way was of the careful call; it must not end the outright one.
    AfterTry nothing;
    nothing.state = CallState::succeeded;
    nothing.outcome = "nothing to cancel";
    record(claimed.at(0), nothing);
    const auto next = claim();
    ASSERT_EQ(next.size(), 1U);
    EXPECT_FALSE(next[0].planned.only_if_in_progress);
    EXPECT_EQ(next[0].delivery, "outright");
    succeed(next[0]);

    accept(delivery("careful again"));
    decide(careful);
    accept(delivery("outright again"));
    decide(cancel);
    EXPECT_TRUE(claim().empty());
}

TEST_F(SqliteStoreTest, CallsOfOneRunAreHandedOutOneByOne) {
    accept(delivery("a", 1001, 1));
    accept(delivery("b", 1001, 2));
    accept(delivery("c", 1002, 1));
    decide();
    auto first = claim();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].planned.run.run_id, 1001);
    EXPECT_EQ(first[0].planned.attempt, 1);
    EXPECT_EQ(first[1].planned.run.run_id, 1002);
    EXPECT_TRUE(claim().empty());

    AfterTry later;
    later.due_at = start + 1h;
    record(first[0], later);
    EXPECT_TRUE(claim().empty());
    EXPECT_EQ(*tests::run(store_->next_due()), start + 10min);  // the lease of run 1002
    auto again = claim(start + 1h);
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].planned.run.run_id, 1002);  // its lease has ended
    EXPECT_EQ(again[1].tries, 1);
    succeed(again[1]);
    const auto last = claim(start + 1h);
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(last[0].planned.attempt, 2);
}

TEST_F(SqliteStoreTest, ClaimsKeepToTheirLimitAndComeBackWhenReleased) {
    for (int run = 1; run <= 5; ++run) accept(delivery(std::to_string(run), run));
    decide();
    const auto claimed = claim(start, 3);
    ASSERT_EQ(claimed.size(), 3U);
    EXPECT_EQ(claim().size(), 2U);
    ASSERT_TRUE(tests::run(store_->release({claimed[0].id}, start)).has_value());
    EXPECT_EQ(claim().size(), 1U);
    open();
    EXPECT_EQ(*tests::run(store_->recover(start)), 5);
    EXPECT_EQ(claim().size(), 5U);
}

TEST_F(SqliteStoreTest, HeldCallsWaitAndGoOnOldestFirst) {
    accept(delivery("a", 1));
    accept(delivery("b", 2));
    decide();
    auto claimed = claim();
    AfterTry held;
    held.state = CallState::held;
    held.outcome = "401";
    record(claimed[0], held, start);
    record(claimed[1], held, start + 1min);
    EXPECT_TRUE(claim(start + 24h).empty());
    EXPECT_EQ(backlog().held, 2);
    EXPECT_EQ(*tests::run(store_->resume_held(start, start - 1ms, 10)), 0);
    EXPECT_EQ(*tests::run(store_->resume_held(start, start + 1h, 1)), 1);
    const auto probe = claim();
    ASSERT_EQ(probe.size(), 1U);
    EXPECT_EQ(probe[0].delivery, "a");
}

TEST_F(SqliteStoreTest, ADeadLetterCanBeReplayed) {
    accept(delivery("abc-1"));
    decide();
    AfterTry dead;
    dead.state = CallState::dead;
    dead.outcome = "given up";
    record(claim().at(0), dead);
    DeliveryFilter filter;
    filter.only_dead = true;
    EXPECT_EQ(tests::run(store_->list(filter))->size(), 1U);
    EXPECT_EQ(backlog().dead, 1);

    EXPECT_EQ(*tests::run(store_->replay("abc", start + 1h)), 1);
    EXPECT_EQ(tests::run(store_->list(filter))->size(), 0U);
    const auto again = claim(start + 1h);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].tries, 0);
    EXPECT_EQ(show("abc-1").calls[0].tries.size(), 1U);  // what happened is not forgotten
}

TEST_F(SqliteStoreTest, ADeliveryWithoutCallsIsDecidedAnewByAReplay) {
    accept(delivery("a"));
    decide([](const WorkflowRun&, const Known&) { return Decision{}; });
    EXPECT_EQ(*tests::run(store_->replay("a", start)), 0);
    EXPECT_EQ(decide().size(), 1U);
    EXPECT_EQ(claim().size(), 1U);
}

TEST_F(SqliteStoreTest, DeliveriesAreFoundByTheBeginningOfTheirId) {
    accept(delivery("abc-1"));
    accept(delivery("abd-2"));
    EXPECT_EQ(show("abc").row.guid, "abc-1");
    EXPECT_EQ(tests::run(store_->show("ab")).error().code, Errc::bad_input);
    EXPECT_EQ(tests::run(store_->show("x%")).error().code, Errc::not_found);
    EXPECT_EQ(tests::run(store_->show("")).error().code, Errc::bad_input);
    accept(delivery("abc"));
    EXPECT_EQ(show("abc").row.guid, "abc");  // a whole id is never ambiguous
}

TEST_F(SqliteStoreTest, ListsNewestFirstAndFilters) {
    for (int run = 1; run <= 5; ++run) accept(delivery("d" + std::to_string(run), run));
    NewDelivery other = delivery("o");
    other.repository = "octo/other";
    accept(other);
    DeliveryFilter filter;
    filter.limit = 2;
    filter.repository = "octo/demo";
    auto rows = *tests::run(store_->list(filter));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].guid, "d5");
    filter.before = "d4";
    rows = *tests::run(store_->list(filter));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].guid, "d3");
    filter = {};
    filter.run_id = 2;
    rows = *tests::run(store_->list(filter));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].run->key.run_id, 2);
}

TEST_F(SqliteStoreTest, PruningSparesWhatIsStillNeeded) {
    const Retention retention;
    accept(delivery("open", 1));
    accept(delivery("done", 2));
    decide();
    for (const Call& call : claim())
        if (call.planned.run.run_id == 2) succeed(call);
    const auto prune = [&](Time now) { return *tests::run(store_->prune(now, retention)); };
    EXPECT_EQ(prune(start + 7 * 24h), 0);
    EXPECT_EQ(prune(start + 7 * 24h + 1ms), 2);  // the bodies
    EXPECT_FALSE(show("done").body_kept);
    EXPECT_EQ(prune(start + 90 * 24h + 1ms), 3);  // one delivery, two attempts
    EXPECT_EQ(tests::run(store_->show("done")).error().code, Errc::not_found);
    EXPECT_EQ(show("open").calls.size(), 1U);
}

TEST_F(SqliteStoreTest, SaysWhatItCannotOpen) {
    const auto opened = open_sqlite_store(dir_.file("absent/a.db"));
    ASSERT_TRUE(opened.has_error());
    EXPECT_EQ(opened.error().code, Errc::store);
    EXPECT_NE(opened.error().message.find("absent/a.db"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::store
