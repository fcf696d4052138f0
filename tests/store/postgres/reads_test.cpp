// SPDX-License-Identifier: MIT
// How much pruning and claiming read in PostgreSQL, where there may be many millions of rows. Needs
// a server: see any_store.hpp.
#include "postgres/connection.hpp"
#include "store/postgres/deliveries.hpp"
#include "store/postgres/searching.hpp"
#include "store/postgres/turns.hpp"
#include "tests/store/store_fixture.hpp"

#include <functional>

namespace runs_agent::store {
namespace {

class PostgresReads : public testing::Test {
protected:
    /// 20,000 deliveries and attempts, a millisecond after each other.
    void fill() const {
        any_.open().reset();
        any_.execute(
            "INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at,"
            " decided_at, run_lane, named) SELECT 'g' || i, 'workflow_run', 'completed', "
            "'github.com',"
            " '', 'octo/demo', i, i, i, 1 FROM generate_series(1, 20000) i");
        any_.execute(
            "INSERT INTO attempts SELECT 'github.com', i, 1, 'g', i, 1, '', i, '', 0, 0, 0, 0, 0, "
            "0,"
            " 0, 0, 0, 0, '', 0 FROM generate_series(1, 20000) i");
        any_.execute("ANALYZE deliveries, attempts");
    }

    AnyStore any_;
};

TEST_F(PostgresReads, AStepOfPruningReadsNoTableAsAWhole) {
    fill();
    // As the server plans it once and for all, and as it does for this very time; where there is
    // nothing to prune, and where there is.
    for (const char* const mode : {"force_generic_plan", "force_custom_plan"})
        for (const auto& [old, gone] : {std::pair(0, 0), std::pair(1'000, 1'000)}) {
            postgres::Connection connection(postgres::read_target(any_.place()).value(),
                                            postgres::TimeLimits());
            connection.execute(std::string("SET plan_cache_mode = ") + mode + "; BEGIN");
            const Retention kept;
            EXPECT_EQ(
                prune(connection, 0, Time(kept.rows + std::chrono::milliseconds(old + 1)), kept),
                gone)
                << mode;
            auto read = connection.prepare(
                "SELECT CAST(coalesce(sum(seq_tup_read), 0) AS BIGINT) FROM "
                "pg_stat_xact_user_tables"
                " WHERE relname IN ('deliveries', 'attempts') AND schemaname = current_schema()");
            ASSERT_TRUE(read.step());
            EXPECT_EQ(read.integer(0), 0) << mode << ", " << old << " old ones";
            connection.execute("ROLLBACK");
        }
}

TEST_F(PostgresReads, AfterAnOutageFewOfTheCallsThatWaitAreRead) {
    any_.open().reset();
    any_.execute(
        "INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at,"
        " decided_at, run_lane) SELECT 'g' || i, 'workflow_run', 'completed', 'github.com', '', "
        "'o/d',"
        " 1, 1, 1 FROM generate_series(1, 4000) i");
    const auto add = [&](const std::string& state, int first) {
        any_.execute(
            "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation, "
            "rule,"
            " project_id, ci_build_id, only_if_in_progress, reason, state, planned_at, due_at, "
            "lane)"
            " SELECT 'k' || i, i, 'github.com', i, 1, 'o/d', 'cancel-ci', 'R1', 'p', '', 0, '', '" +
            state + "', 1, 1, i FROM generate_series(" + std::to_string(first) + ", " +
            std::to_string(first + 1999) + ") i");
    };
    // Where the server last looked, no call waited.
    add("succeeded", 1);
    any_.execute("ANALYZE calls, deliveries");
    add("pending", 2001);
    const auto reads = [&](const std::function<void(postgres::Connection&)>& what) {
        postgres::Connection connection(postgres::read_target(any_.place()).value(),
                                        postgres::TimeLimits());
        connection.execute("BEGIN");
        what(connection);
        auto read = connection.prepare(
            "SELECT CAST(seq_tup_read + idx_tup_fetch AS BIGINT) FROM pg_stat_xact_user_tables"
            " WHERE relname = 'calls' AND schemaname = current_schema()");
        EXPECT_TRUE(read.step());
        const std::int64_t count = read.integer(0);
        connection.execute("ROLLBACK");
        return count;
    };
    const auto claim = [](postgres::Connection& connection) {
        Replica self;
        self.id = "me";
        EXPECT_EQ(
            claim_due(connection, self, "c", Time(100s), Time(200s), 10, "Runs API").calls.size(),
            10U);
    };
    const auto show = [](postgres::Connection& connection) {
        DeliveryFilter filter;
        filter.limit = 50;
        EXPECT_EQ(list(connection, filter).value().size(), 50U);
    };
    EXPECT_LT(reads(claim), 5'000);
    EXPECT_LT(reads(show), 5'000);
    any_.execute("UPDATE calls SET refused = 1 WHERE state = 'pending'");
    const auto find_held = [](postgres::Connection& connection) {
        DeliverySearch held;
        held.standing = Standing::held;
        EXPECT_EQ(search(connection, held).value().rows.size(), 50U);
    };
    EXPECT_LT(reads(find_held), 10'000);
}

}  // namespace
}  // namespace runs_agent::store
