// SPDX-License-Identifier: MIT
// From one machine to many and back: all that is there comes along, and is compared. Needs a
// PostgreSQL server: see any_store.hpp.
#include "store/copying/copy.hpp"

#include "sqlite/database.hpp"
#include "store/sqlite_store.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/temp_dir.hpp"

#include <atomic>

namespace runs_agent::store {
namespace {

class StoreCopyTest : public StoreTest {
protected:
    StoreCopyTest() {
        store_ = open_sqlite_store(file_).value();
        for (int run = 1; run <= 600; ++run) {
            NewDelivery made = delivery("g" + std::to_string(run), run);
            made.hook_id = std::to_string(run % 7);
            accept(made);
        }
        accept(delivery("again", 5, 2));
        const auto by_policy = [](const decide::Event& event, const Known& known) {
            Decision decision = cancel(event, known);
            decision.policy = "rule 1 (policy.yml:7): everything";
            return decision;
        };
        while (!decide(by_policy).empty()) {
        }
        for (const Call& call : claim(start, 40)) {
            AfterTry after;
            after.state = call.id % 2 == 0 ? CallState::succeeded : CallState::held;
            after.outcome = std::string("caf\xe9\0", 5);  // no UTF-8
            record(call, after);
        }
        claim(start, 3);
        EXPECT_TRUE(tests::run(store_->record_look("hook", start)).has_value());
        ByHand by;
        by.actor = "page: Ada";
        by.reason = "it is mended";
        DeliverySearch one;
        for (const char* const guid : {"g590", "g591", "g592"}) {
            one.id = guid;
            EXPECT_TRUE(tests::run(store_->act(by, one, start)).has_value());
        }
        before_ = show("g5");
        store_.reset();
    }

    Result<CopyReport> copy(const std::string& from, const std::string& to) {
        return copy_store(from, to, [](const std::string&, std::int64_t) {});
    }
    std::int64_t count_in_file(const std::string& file, const std::string& table) {
        sqlite::Database database(file);
        auto row = database.prepare("SELECT count(*) FROM " + table);
        row.step();
        return row.integer(0);
    }

    tests::TempDir dir_;
    std::string file_ = dir_.file("from.db");
    std::string back_ = dir_.file("back.db");
    DeliveryDetail before_;
};

TEST_F(StoreCopyTest, AllComesAlongAndTheWorkGoesOn) {
    const auto copied = copy(file_, any_.place());
    ASSERT_TRUE(copied.has_value()) << copied.error().message;
    EXPECT_EQ(copied->copied, copied->rows);
    open();
    const DeliveryDetail after = show("g5");
    EXPECT_EQ(after.row.run, before_.row.run);
    EXPECT_EQ(after.row.policy, "rule 1 (policy.yml:7): everything");
    EXPECT_EQ(after.calls.size(), before_.calls.size());
    EXPECT_EQ(after.calls.at(0).tries.size(), before_.calls.at(0).tries.size());
    EXPECT_TRUE(after.body_kept);
    EXPECT_EQ(backlog().held, 20);
    EXPECT_EQ(*tests::run(store_->last_look("hook")), start);
    EXPECT_EQ(accept(delivery("g7")), Accepted::duplicate);
    EXPECT_EQ(claim(start + 1h, 2000).size(), 560U) << "also what was under way is to be done";
    const auto acts = *tests::run(store_->acts("", 10));
    ASSERT_EQ(acts.size(), 3U);
    EXPECT_EQ(acts[0].delivery, "g592");
    EXPECT_EQ(acts[0].reason, "it is mended");
    EXPECT_EQ(acts[0].calls, 1);
    // What PostgreSQL finds deliveries by is made on the way.
    DeliverySearch search;
    search.branch = "MA*";
    search.limit = 1000;
    EXPECT_EQ(tests::run(store_->search(search))->rows.size(), 601U);
    EXPECT_EQ(any_.ask("SELECT count(*) FROM deliveries WHERE named = 0"), "0");
    // New rows have new numbers.
    EXPECT_TRUE(tests::run(store_->record_act(HandRecord())).has_value());
    EXPECT_EQ(accept(delivery("new", 5000)), Accepted::stored);
    EXPECT_EQ(decide().size(), 1U);
    EXPECT_EQ(claim().size(), 1U);
}

TEST_F(StoreCopyTest, ItGoesOnWhereItWasBrokenOff) {
    EXPECT_THROW(std::ignore = copy_store(file_, any_.place(),
                                          [](const std::string& table, std::int64_t rows) {
                                              if (table == "calls" && rows >= 500)
                                                  throw std::logic_error("broken off");
                                          }),
                 std::logic_error);
    const auto copied = copy(file_, any_.place());
    ASSERT_TRUE(copied.has_value()) << copied.error().message;
    EXPECT_LT(copied->copied, copied->rows);
    EXPECT_EQ(any_.ask("SELECT count(*) FROM calls"),
              std::to_string(count_in_file(file_, "calls")));
    EXPECT_EQ(copy(file_, any_.place())->copied, 0);
}

TEST_F(StoreCopyTest, AndBack) {
    ASSERT_TRUE(copy(file_, any_.place()).has_value());
    const auto back = copy(any_.place(), back_);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    for (const char* const table :
         {"deliveries", "bodies", "attempts", "calls", "tries", "hooks", "acts"})
        EXPECT_EQ(count_in_file(back_, table), count_in_file(file_, table)) << table;
    store_ = open_sqlite_store(back_).value();
    EXPECT_EQ(show("g5").row.run, before_.row.run);
    EXPECT_EQ(show("g5").calls.at(0).tries.size(), before_.calls.at(0).tries.size());
}

TEST_F(StoreCopyTest, WhatDiffersIsTold) {
    ASSERT_TRUE(copy(file_, any_.place()).has_value());
    any_.execute("UPDATE calls SET outcome = 'another' WHERE id = 300");
    const auto again = copy(file_, any_.place());
    ASSERT_TRUE(again.has_error());
    EXPECT_NE(again.error().message.find("table calls"), std::string::npos);
}

TEST_F(StoreCopyTest, WhoDidWhatIsComparedToo) {
    ASSERT_TRUE(copy(file_, any_.place()).has_value());
    any_.execute("UPDATE acts SET reason = 'another' WHERE delivery = 'g591'");
    const auto again = copy(file_, any_.place());
    ASSERT_TRUE(again.has_error());
    EXPECT_NE(again.error().message.find("table acts"), std::string::npos);
}

TEST_F(StoreCopyTest, NobodyMayWorkOnIt) {
    open();
    const auto refused = copy(file_, any_.place());
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, Errc::busy);
}

}  // namespace
}  // namespace runs_agent::store
