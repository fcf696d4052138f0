// SPDX-License-Identifier: MIT
// What people look for in PostgreSQL: found by indexes among many, and also what a replica of the
// version before has stored. Needs a server: see any_store.hpp.
#include "postgres/connection.hpp"
#include "store/postgres/by_hand.hpp"
#include "store/postgres/deliveries.hpp"
#include "store/postgres/naming.hpp"
#include "store/postgres/searching.hpp"
#include "tests/store/store_fixture.hpp"

#include <atomic>
#include <thread>

namespace runs_agent::store {
namespace {

using postgres::Connection;

class PostgresSearch : public StoreTest {
protected:
    Connection connection() const {
        return {postgres::read_target(any_.place()).value(), postgres::TimeLimits()};
    }
    std::vector<std::string> found(const DeliverySearch& search) {
        const auto page = tests::run(store_->search(search));
        std::vector<std::string> guids;
        for (const DeliveryRow& row : page.value().rows) guids.push_back(row.guid);
        return guids;
    }
};

TEST_F(PostgresSearch, WhatTheVersionBeforeHasStoredIsFoundByItsNamesAfterAWhile) {
    for (const char* const guid : {"a", "b"}) {
        NewDelivery made = delivery(guid);
        run_in(made).head_branch = "feature/x";
        accept(made);
    }
    NewDelivery push = delivery("p");
    push.facts.reset();
    accept(push);
    // As that version writes its rows.
    any_.execute("UPDATE deliveries SET named = 0, branch = NULL WHERE guid <> 'b'");
    DeliverySearch search;
    search.branch = "feature/*";
    EXPECT_EQ(found(search), (std::vector<std::string>{"b"}));
    EXPECT_EQ(*tests::run(store_->prune(start, Retention())), 0);
    EXPECT_EQ(*tests::run(store_->name_some()), 2);
    EXPECT_EQ(found(search), (std::vector<std::string>{"b", "a"}));
    EXPECT_EQ(*tests::run(store_->name_some()), 0);
    any_.execute("UPDATE deliveries SET named = 0, branch = NULL WHERE guid = 'b'");
    EXPECT_EQ(*tests::run(store_->name_some()), 1) << "one that came since, from beside";
    EXPECT_EQ(found(search), (std::vector<std::string>{"b", "a"}));
}

TEST_F(PostgresSearch, NamesAreFilledInDownwardsAndHoldNobodyUp) {
    for (int i = 1; i <= 5; ++i) accept(delivery("d" + std::to_string(i), i));
    any_.execute("UPDATE deliveries SET named = 0, branch = NULL");
    Connection direct = connection();
    direct.execute("BEGIN");
    const Named first = name_some(direct, 7, Named().lowest, 2);
    EXPECT_EQ(first.rows, 2);
    // A call of a delivery that is being named is planned: it asks for that row to stay.
    any_.execute("SELECT 1 FROM deliveries ORDER BY id DESC LIMIT 2 FOR KEY SHARE NOWAIT");
    Connection other = connection();
    other.execute("BEGIN");
    EXPECT_EQ(name_some(other, 7, Named().lowest, 2).rows, 0) << "one replica at a time";
    direct.execute("COMMIT");
    const Named second = name_some(other, 7, first.lowest, 2);
    EXPECT_EQ(second.rows, 2);
    EXPECT_LT(second.lowest, first.lowest);
    other.execute("COMMIT");
    EXPECT_EQ(any_.ask("SELECT count(*) FROM deliveries WHERE branch = 'main'"), "4");
}

TEST_F(PostgresSearch, WhatIsTriedAgainWaitsForTheFirstTryToEnd) {
    Connection first = connection();
    Connection second = connection();
    HandRecord reset;
    reset.act = "reset run";
    first.execute("BEGIN");
    record_act(first, reset, "token", 7);
    std::atomic<bool> over{false};
    std::thread again([&] {
        second.execute("BEGIN");
        record_act(second, reset, "token", 7);
        second.execute("COMMIT");
        over = true;
    });
    const auto waits = [&] {
        return any_.ask(
                   "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                   " AND pid IN (SELECT pid FROM pg_stat_activity WHERE application_name ="
                   " current_setting('application_name'))") != "0";
    };
    const auto end = std::chrono::steady_clock::now() + 3s;
    while (!over && !waits() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(1ms);
    EXPECT_FALSE(over);
    first.execute("COMMIT");
    again.join();
    EXPECT_EQ(any_.ask("SELECT count(*) FROM acts"), "1");
}

TEST_F(PostgresSearch, WhatIsDoneOnceMoreAfterALostCommitIsKeptOnce) {
    accept(delivery("a"));
    decide();
    DeliverySearch all;
    ByHand by;
    by.act = HandAct::drop;
    by.actor = "page: Ada";
    HandRecord elsewhere;
    elsewhere.act = "reset run";
    Connection direct = connection();
    for (int time = 0; time < 2; ++time) {
        direct.execute("BEGIN");
        const auto outcome = store::act(direct, by, all, start, "token of the first", 7);
        ASSERT_TRUE(outcome.has_value());
        EXPECT_EQ(outcome->deliveries, 1);
        EXPECT_EQ(outcome->calls, 1);
        record_act(direct, elsewhere, "token of the second", 7);
        direct.execute("COMMIT");
    }
    EXPECT_EQ(tests::run(store_->acts("", 10))->size(), 2U);
}

/// Many deliveries, few of which are what is looked for.
constexpr const char* many =
    "INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at, run_id,"
    " facts, decided_at, rule, run_lane, workflow, branch, actor, named) SELECT"
    " lpad(CAST(i AS TEXT), 8, '0'), 'workflow_run', 'completed', 'github.com', '',"
    " 'octo/shop' || i % 40, i, i / 2, repeat('x', 500), i, CASE WHEN i % 50 = 0 THEN 'R1' ELSE"
    " 'R5' END, 0, 'e2e', 'main', 'ada', 1 FROM generate_series(1, 40000) i;"
    "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation, rule,"
    " project_id, ci_build_id, only_if_in_progress, reason, state, planned_at, due_at, finished_at,"
    " changed, lane) SELECT CAST(id AS TEXT), id, 'github.com', run_id, 1, '', 'cancel-ci', 'R1',"
    " '', '', 0, '', CASE id % 1000 WHEN 0 THEN 'dead' WHEN 50 THEN 'pending' WHEN 100 THEN"
    " 'dropped' ELSE 'succeeded' END, id, id, id, CASE id % 1000 WHEN 150 THEN 1 ELSE 0 END, 0"
    " FROM deliveries WHERE rule = 'R1';"
    "ANALYZE deliveries; ANALYZE calls";

std::vector<DeliverySearch> searches() {
    std::vector<DeliverySearch> made;
    const auto with = [&made](const auto& change) {
        DeliverySearch search;
        search.since = Time(std::chrono::milliseconds(100));
        change(search);
        made.push_back(search);
    };
    with([](auto&) {});
    with([](auto& s) { s.run_id = 777; });
    with([](auto& s) { s.rule = "R1"; });
    with([](auto& s) { s.did = Did::cancelled; });
    with([](auto& s) { s.before = "00020000"; });
    with([](auto& s) { s.after = "00039000"; });
    with([](auto& s) {
        s.id = "00039";
        s.id += "999";
    });
    with([](auto& s) {
        s.repository = "octo/shop7";
        s.branch = "m*";
        s.workflow = "e2e";
    });
    with([](auto& s) { s.text = {"0003", "ada"}; });
    for (const Standing standing :
         {Standing::undecided, Standing::nothing, Standing::open, Standing::held, Standing::dead,
          Standing::dropped, Standing::done})
        with([standing](auto& s) { s.standing = standing; });
    return made;
}

// The plans that the server would use whatever the values: as prepared statements have them that
// were executed some times.
TEST_F(PostgresSearch, NothingThatPeopleAskForReadsAWholeTable) {
    any_.execute(many);
    Connection direct = connection();
    for (const DeliverySearch& one : searches()) {
        const auto page = store::search(direct, one);
        ASSERT_TRUE(page.has_value()) << page.error().message;
    }
    DeliveryFilter newest;
    ASSERT_TRUE(list(direct, newest).has_value());
    newest.only_dead = true;
    ASSERT_TRUE(list(direct, newest).has_value());
    newest.only_dead = false;
    newest.run_id = 777;
    ASSERT_TRUE(list(direct, newest).has_value());
    count(direct, Time(39'000ms), 100ms, 10);
    acts(direct, "", 5);
    acts(direct, "00000001", 5);
    ASSERT_TRUE(payload(direct, "00000001").has_value());

    struct Prepared {
        std::string name;
        std::string sql;
        std::int64_t parameters;
    };
    std::vector<Prepared> statements;
    {
        auto rows = direct.prepare(
            "SELECT name, statement, cardinality(parameter_types) FROM pg_prepared_statements"
            " WHERE statement LIKE 'SELECT%'");
        while (rows.step()) statements.push_back({rows.text(0), rows.text(1), rows.integer(2)});
    }
    ASSERT_GT(statements.size(), 20U);
    direct.execute("SET plan_cache_mode = force_generic_plan");
    for (const Prepared& one : statements) {
        std::string values;
        for (std::int64_t i = 0; i < one.parameters; ++i) values += i == 0 ? "(NULL" : ", NULL";
        auto plan =
            direct.prepare("EXPLAIN EXECUTE " + one.name + (values.empty() ? "" : values + ")"));
        std::string text;
        while (plan.step()) text += plan.text(0) + "\n";
        EXPECT_EQ(text.find("Seq Scan on deliveries"), std::string::npos) << one.sql << "\n"
                                                                          << text;
        EXPECT_EQ(text.find("Seq Scan on calls"), std::string::npos) << one.sql << "\n" << text;
        if (one.sql.find("d.rule IN (") != std::string::npos) {
            EXPECT_NE(text.find("deliveries_acted"), std::string::npos) << one.sql << "\n" << text;
        }
    }
}

}  // namespace
}  // namespace runs_agent::store
