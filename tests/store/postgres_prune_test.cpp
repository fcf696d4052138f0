// SPDX-License-Identifier: MIT
// How much pruning reads in PostgreSQL, where there may be many millions of rows. Needs a server:
// see any_store.hpp.
#include "postgres/connection.hpp"
#include "store/postgres/deliveries.hpp"
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class PostgresPrune : public testing::Test {
protected:
    /// 20,000 deliveries and attempts, a millisecond after each other.
    void fill() const {
        any_.open().reset();
        any_.execute(
            "INSERT INTO deliveries(guid, event, action, host, hook_id, repository, received_at,"
            " decided_at, run_lane) SELECT 'g' || i, 'workflow_run', 'completed', 'github.com', '',"
            " 'octo/demo', i, i, i FROM generate_series(1, 20000) i");
        any_.execute(
            "INSERT INTO attempts SELECT 'github.com', i, 1, 'g', i, 1, '', i, '', 0, 0, 0, 0, 0, "
            "0,"
            " 0, 0, 0, 0, '', 0 FROM generate_series(1, 20000) i");
        any_.execute("ANALYZE deliveries, attempts");
    }

    AnyStore any_;
};

TEST_F(PostgresPrune, AStepReadsNoTableAsAWhole) {
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
                " WHERE relname IN ('deliveries', 'attempts')");
            ASSERT_TRUE(read.step());
            EXPECT_EQ(read.integer(0), 0) << mode << ", " << old << " old ones";
            connection.execute("ROLLBACK");
        }
}

}  // namespace
}  // namespace runs_agent::store
